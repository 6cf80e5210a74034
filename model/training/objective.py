"""What is trained: the answers' tokens, experts kept busy evenly; and how many answers are wholly right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from model.training.examples import Batch
from model.training.network import hidden_states, logits

BALANCE = 0.01
FIRST_WEIGHT = 3.0
"""The first token of an answer decides where to look; those after it mostly copy."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """The loss, and for each answer whether greedy decoding would have given exactly it, in order."""

    loss: Tensor
    right: Tensor
    first_right: Tensor


def answer_loss(network: nn.Module, batch: Batch, soft: Tensor | None = None, *, train: bool = True) -> Outcome:
    """Cross-entropy of the answers' tokens; ``soft`` instead of the batch's made-up soft tokens."""
    routed: list[tuple[Tensor, Tensor]] = []
    hooks = _watch_routers(network, routed) if train else []
    hidden = hidden_states(network, batch.prefix, batch.ids, batch.pictures, batch.soft if soft is None else soft)
    for hook in hooks:
        hook.remove()
    wanted = batch.target[:, 1:]
    labels = batch.ids[:, 1:][wanted]
    scores = logits(network, hidden[:, :-1][wanted])
    losses = nn.functional.cross_entropy(scores, labels, reduction="none")
    starts = (wanted & ~batch.target[:, :-1])[wanted]
    answer = starts.cumsum(0) - 1
    weights = torch.where(starts, FIRST_WEIGHT, 1.0)
    loss = (losses * weights).sum() / weights.sum()
    hit = scores.argmax(-1) == labels
    right = torch.ones(int(starts.sum()), device=hit.device).scatter_reduce(0, answer, hit.float(), "amin")
    if train:
        loss = loss + BALANCE * sum((_imbalance(*pair) for pair in routed), torch.zeros((), device=loss.device))
    return Outcome(loss, right, hit[starts])


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
