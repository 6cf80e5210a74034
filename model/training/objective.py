"""The training objective: the answers' tokens, experts kept busy evenly; and how many answers are wholly right."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from model.training.data.examples import Batch
from model.training.data.lessons import EARLY, MIDDLE, SLOT_WEIGHT, SLOTS, WEIGHTS
from model.training.looking import ALL, FIRST, LAST, ONE, SECOND, THIRD, Watched, looking_loss, picking_loss, watch
from model.training.network import hidden_states, logits
from model.training.tokenizer import vocabulary

BALANCE = 0.01
FIRST_WEIGHT = 3.0
"""The first token of an answer decides where to look; those after it mostly copy."""
PAGE_WEIGHT = 6.0
"""The page in an answer is one token among thirty, and the only one that cannot be copied from the line that holds
the value."""
LOOKING = {LAST: (0.3, ALL), THIRD: (0.2, ALL), SECOND: (0.4, ONE), FIRST: (0.1, ALL)}
"""The weight of the lesson in where to look in each layer, and which heads have it."""
KNOWING = {FIRST: EARLY, SECOND: MIDDLE, THIRD: WEIGHTS}
"""The lessons for a layer's output."""
PICKING = 0.3
"""The weight of the lesson in picking letters off soft tokens."""
TIME_WEIGHT = 3.0
"""In answers about videos the halves of times decide, and the first of them is nearly always 00."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """The loss, and for each answer whether greedy decoding would have given exactly it, in order."""

    loss: Tensor
    right: Tensor
    first_right: Tensor
    page_right: Tensor
    """For each answer with a page whether its number was right, given all before."""


def answer_loss(network: Any, batch: Batch, soft: Tensor | None = None, *, train: bool = True) -> Outcome:
    """Cross-entropy of the answers' tokens; ``soft`` instead of the batch's made-up soft tokens."""
    routed: list[tuple[Tensor, Tensor]] = []
    known: dict[int, Tensor] = {}
    hooks = [*_watch_routers(network, routed), *_watch_outputs(network, known)] if train else []
    with ExitStack() as stack:
        looked = {layer: stack.enter_context(watch(network, layer)) for layer in LOOKING if train}
        hidden = hidden_states(network, batch.prefix, batch.ids, batch.pictures, batch.soft if soft is None else soft)
    for hook in hooks:
        hook.remove()
    wanted = batch.target[:, 1:]
    labels = batch.ids[:, 1:][wanted]
    scores = logits(network, hidden[:, :-1][wanted])
    losses = nn.functional.cross_entropy(scores, labels, reduction="none")
    starts = (wanted & ~batch.target[:, :-1])[wanted]
    answer = starts.cumsum(0) - 1
    on_number = at_page(batch.ids)[:, 1:][wanted]
    weights = torch.where(starts, FIRST_WEIGHT, torch.where(on_number, PAGE_WEIGHT, 1.0))
    if bool(batch.pictures.any()):
        weights = torch.where(_is_time(labels), TIME_WEIGHT, weights)
    loss = (losses * weights).sum() / weights.sum()
    hit = scores.argmax(-1) == labels
    right = torch.ones(int(starts.sum()), device=hit.device).scatter_reduce(0, answer, hit.float(), "amin")
    if train:
        loss = loss + BALANCE * sum((_imbalance(*pair) for pair in routed), torch.zeros((), device=loss.device))
        loss = loss + _lessons(network, batch, known, looked)
    return Outcome(loss, right, hit[starts], hit[on_number])


def _lessons(network: Any, batch: Batch, known: dict[int, Tensor], looked: dict[int, Watched]) -> Tensor:
    """The losses beside that of the answers."""
    loss = torch.zeros((), device=batch.ids.device)
    for layer, (weight, heads) in LOOKING.items():
        looks = [one.looks.get(layer, ()) for one in batch.examples]
        loss = loss + weight * looking_loss(looked[layer], looks, heads)
    loss = loss + PICKING * picking_loss(looked[LAST], [one.picks for one in batch.examples])
    given = [(name, looked[LAST].held(slot), SLOT_WEIGHT) for slot, name in enumerate(SLOTS)]
    given += [(name, known[layer], weight) for layer, lessons in KNOWING.items() for name, weight in lessons.items()]
    for name, hidden, weight in given:
        loss = loss + weight * _known(network.lessons[name], hidden, batch.labels[name])
    return loss


def _is_time(ids: Tensor) -> Tensor:
    """Whether a token is half of a time."""
    vocab = vocabulary()
    return (ids >= vocab["00"]) & (ids <= vocab["99"])


def at_page(ids: Tensor) -> Tensor:
    """The position of the page's number in ``[page 12: …``: at its first digit and at what follows it."""
    vocab = vocabulary()
    first = torch.zeros_like(ids, dtype=torch.bool)
    first[:, 3:] = (ids[:, :-3] == vocab["["]) & (ids[:, 1:-2] == vocab["page"]) & (ids[:, 2:-1] == vocab["▁"])
    return first | first.roll(1, dims=1)


def _watch_outputs(network: Any, into: dict[int, Tensor]) -> list[Any]:
    """The first three layers' output for the batch; the shared prefix comes first and is overwritten."""

    def note(layer: int, output: Any) -> None:
        into[layer] = output if isinstance(output, Tensor) else output[0]

    layers = network.model.language_model.layers
    return [
        layers[layer].register_forward_hook(lambda _, __, output, layer=layer: note(layer, output)) for layer in KNOWING
    ]


def _known(head: Any, hidden: Tensor, labels: Tensor) -> Tensor:
    """How badly tokens with a label know it."""
    there = labels > 0
    if not bool(there.any()):
        return torch.zeros((), device=hidden.device)
    scores = head(nn.functional.rms_norm(hidden[there], hidden.shape[-1:])).float()
    return nn.functional.cross_entropy(scores, labels[there])


def _watch_routers(network: nn.Module, into: list[tuple[Tensor, Tensor]]) -> list[Any]:
    def note(_: nn.Module, __: Any, output: tuple[Tensor, Tensor, Tensor]) -> None:
        into.append((output[0], output[2]))

    routers = [module for name, module in network.named_modules() if name.endswith(".router")]
    return [module.register_forward_hook(note) for module in routers]


def _imbalance(probabilities: Tensor, chosen: Tensor) -> Tensor:
    """1 where all experts are used alike, more where they are not."""
    experts = probabilities.shape[-1]
    share = torch.bincount(chosen.reshape(-1), minlength=experts).float() / chosen.numel()
    return experts * (share * probabilities.float().mean(0)).sum()
