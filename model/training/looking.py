"""A lesson in where to look: one of the last layer's heads must look at the value when an answer begins to name it.

The same place is looked at again where the answer names the page: the token there knows its page (``objective``), so
finding it once more is all that is needed. Without this lesson the last layer finds values long before it finds pages.
Earlier layers likewise: a table's cells look at their row's name, and frames at what was shown before them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.training.data.content import RING

Look = tuple[int, int, int]
"""The token from which to look, and the range [from, before) of tokens that it should see."""

FIRST, SECOND, THIRD, LAST = 0, 1, -2, -1
"""The layers that have such lessons. All four are: sliding, full, sliding, full."""

AWAY = (-(1 << 40), -(1 << 40))
"""Where to look when nothing is there to be found: at the very first token of all."""


ALL, ONE = slice(None), slice(0, 1)
"""Any head may look where it should; or the first one must."""


class Watched:
    """Queries and keys of a layer: first the shared prefix's, where there is one, then the batch's."""

    def __init__(self) -> None:
        self.queries: list[Tensor] = []
        self.keys: list[Tensor] = []
        self._turn: list[tuple[Tensor, Tensor]] = []

    def turned(self, states: list[Tensor]) -> list[Tensor]:
        """``states`` with the rotary embedding of their positions applied."""
        from transformers.models.gemma4.modeling_gemma4 import apply_rotary_pos_emb

        pairs = zip(states, self._turn, strict=True)
        return [apply_rotary_pos_emb(state, cos, sin, unsqueeze_dim=2).float() for state, (cos, sin) in pairs]

    def held(self, slot: int) -> Tensor:
        """[B, T, size]: the batch's keys that the head which picks a slot's letters (``picking_loss``) sees."""
        heads, groups = self.queries[-1].shape[2], self.keys[-1].shape[2]
        return self.keys[-1][:, :, max(0, heads - RING + slot) * groups // heads]


@contextmanager
def watch(network: Any, layer: int = LAST) -> Iterator[Watched]:
    """What a layer asks and offers while the network runs."""
    watched = Watched()
    attention = network.model.language_model.layers[layer].self_attn
    hooks = [
        attention.register_forward_pre_hook(
            lambda _, __, given: watched._turn.append(given["position_embeddings"]), with_kwargs=True
        ),
        attention.q_norm.register_forward_hook(lambda _, __, output: watched.queries.append(output)),
        attention.k_norm.register_forward_hook(lambda _, __, output: watched.keys.append(output)),
    ]
    try:
        yield watched
    finally:
        for hook in hooks:
            hook.remove()


def looking_loss(watched: Watched, looks: Sequence[Sequence[Look]], heads: slice = ALL) -> Tensor:
    """How far these heads together are from looking where they should; ``looks`` for each row of the batch."""
    keys = watched.turned(watched.keys)
    queries = watched.turned(watched.queries)[-1]
    before = keys[0][0] if len(keys) > 1 else keys[-1][0, :0]
    losses = [
        _row(queries[row], torch.cat([before, keys[-1][row]]), len(before), wanted, heads)
        for row, wanted in enumerate(looks)
        if wanted
    ]
    return torch.cat(losses).mean() if losses else queries.new_zeros(())


def _row(queries: Tensor, keys: Tensor, before: int, looks: Sequence[Look], heads: slice) -> Tensor:
    """[looks]: minus the logarithm of the chance that at least one head looks there."""
    device = queries.device
    asked, start, stop = (torch.tensor(column, device=device) for column in zip(*looks, strict=True))
    groups = queries.shape[1] // keys.shape[1]
    spread = keys.repeat_interleave(groups, dim=1)[:, heads]
    scores = torch.einsum("nhd,khd->nhk", queries[asked][:, heads], spread)
    places = torch.arange(-before, len(keys) - before, device=device)
    scores = scores.masked_fill((places > asked[:, None])[:, None], float("-inf"))
    start, stop = start.clamp(min=-before), stop.clamp(min=1 - before)
    there = (places >= start[:, None]) & (places < stop[:, None])
    seen = (scores.softmax(-1) * there[:, None]).sum(-1).clamp(max=1 - 1e-4)
    return -torch.log(1 - (1 - seen).prod(dim=1) + 1e-6)


Pick = tuple[int, int, int]
"""The token from which to look, the soft token to look at, and the slot of the letter that is wanted of it."""


def picking_loss(watched: Watched, picks: Sequence[Sequence[Pick]]) -> Tensor:
    """How far the last ``RING`` heads are from picking letters: a slot's own head looks there, the others look away.

    So each head's output needs to know its own slot only, and nothing has to choose among five letters afterwards.
    """
    queries, keys = watched.turned(watched.queries)[-1], watched.turned(watched.keys)
    before = keys[0][0] if len(keys) > 1 else keys[-1][0, :0]
    losses = [queries.new_zeros(0)]
    for row, wanted in enumerate(picks):
        if not wanted or queries.shape[2] <= RING:
            continue
        asked, seen, slot = (torch.tensor(column, device=queries.device) for column in zip(*wanted, strict=True))
        all_keys = torch.cat([before, keys[-1][row]])
        spread = all_keys.repeat_interleave(queries.shape[2] // all_keys.shape[1], dim=1)[:, -RING:]
        scores = torch.einsum("nhd,khd->nhk", queries[row, asked][:, -RING:], spread)
        places = torch.arange(-len(before), len(keys[-1][row]), device=queries.device)
        scores = scores.masked_fill((places > asked[:, None])[:, None], float("-inf"))
        own = torch.arange(RING, device=queries.device) == slot[:, None]
        target = torch.where(own, seen[:, None] + len(before), 0)
        losses.append(torch.nn.functional.cross_entropy(scores.flatten(0, 1), target.flatten()).view(1))
    found = torch.cat(losses)
    return found.mean() if len(found) else queries.new_zeros(())


def find_values(
    tokens: Sequence[str], pages: NDArray[np.int64], evidence: Sequence[tuple[int, str, int, int]]
) -> list[tuple[int, int] | None]:
    """Positions of values in a document's tokens. ``evidence``: page, quote, the value's place in it and length."""
    text = "".join(tokens).replace("\t", " ").replace("\n", " ")
    ends = np.cumsum([len(token) for token in tokens])
    found: list[tuple[int, int] | None] = []
    for page, quote, offset, length in evidence:
        on = np.flatnonzero(pages == page)
        begin, stop = (int(ends[on[0]]) - 1, int(ends[on[-1]])) if len(on) else (0, 0)
        place = text.find(quote, begin, stop) if quote else -1
        if place < 0:
            found.append(None)
            continue
        found.append(tokens_at(ends, place + offset, length))
    return found


def tokens_at(ends: NDArray[np.int64], place: int, length: int) -> tuple[int, int]:
    """The first token of ``length`` characters from ``place`` on, and the one behind them; ``ends`` of all tokens."""
    first, last = (int(np.searchsorted(ends, at, side="right")) for at in (place, place + length - 1))
    return first, last + 1
