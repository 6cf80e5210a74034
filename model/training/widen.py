"""Wider attention heads, and more of them, that begin by doing what the old ones did: a run continues with more room.

A head's numbers keep their rotary frequencies when number ``j`` of each half moves to ``m j``, since frequencies are
powers by ``j`` over the size. New numbers have no effect at first: keys and values are 0 there, and queries nearly. New
heads ask what old ones of their group ask, and hardly write. Where a group is divided, each part begins with its keys
and values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

_QUIET = 0.003
"""What new numbers of queries, and new heads' outputs, begin with, times the old ones: enough for a first gradient."""


@dataclass(frozen=True, slots=True)
class Heads:
    """The attention heads of one layer of the language side."""

    count: int
    groups: int
    """Key and value heads, each of which serves as many query heads."""
    size: int


def heads_of(config: dict[str, Any], layer: int) -> Heads:
    """From a ``config.json``."""
    text = config["text_config"]
    full = text["layer_types"][layer] == "full_attention"
    groups, size = ("num_global_key_value_heads", "global_head_dim") if full else ("num_key_value_heads", "head_dim")
    return Heads(text["num_attention_heads"], text[groups], text[size])


def widen(state: dict[str, Tensor], old: dict[str, Any], new: dict[str, Any]) -> dict[str, Tensor]:
    """Weights of ``old``'s shape in ``new``'s; raises ValueError where there is no whole number of times more."""
    noise = torch.Generator().manual_seed(0)
    out = dict(state)
    for layer in range(len(old["text_config"]["layer_types"])):
        before, after = heads_of(old, layer), heads_of(new, layer)
        if after.size % before.size or after.count % before.count or after.groups % before.groups:
            raise ValueError(f"{before.count} heads of {before.size} cannot become {after.count} of {after.size}.")
        if after != before:
            prefix = f"model.language_model.layers.{layer}.self_attn."
            for name in [name for name in state if name.startswith(prefix)]:
                out[name] = _wider(name.removeprefix(prefix), state[name], before, after, noise)
    return out


def _wider(name: str, weight: Tensor, before: Heads, after: Heads, noise: torch.Generator) -> Tensor:
    half = torch.arange(before.size // 2) * (after.size // before.size)
    places, louder = torch.cat([half, half + after.size // 2]), (after.size // before.size) ** 0.5
    if name in ("q_norm.weight", "k_norm.weight"):  # the same numbers among more are that much louder when normed
        wide = torch.full((after.size,), float(weight.float().mean()) / louder, dtype=weight.dtype)
        wide[places] = weight / louder
        return wide
    spread = float(weight.float().std())
    if name == "o_proj.weight":
        narrow = weight.float().view(len(weight), before.count, before.size)
        wide = torch.randn(len(weight), before.count, after.size, generator=noise) * spread
        wide[..., places] = narrow / louder
        return _more(wide.transpose(0, 1), before, after, _QUIET).transpose(0, 1).to(weight.dtype).flatten(1)
    narrow = weight.float().view(-1, before.size, weight.shape[-1])
    wide = torch.zeros(len(narrow), after.size, weight.shape[-1])
    if name == "q_proj.weight":
        wide.normal_(std=_QUIET * spread, generator=noise)
    wide[:, places] = narrow
    if name == "q_proj.weight":
        wide = _more(wide, before, after, 1.0)
    else:
        wide = wide.repeat_interleave(after.groups // before.groups, dim=0)
    return wide.to(weight.dtype).flatten(0, 1)


def _more(heads: Tensor, before: Heads, after: Heads, share: float) -> Tensor:
    """[count, …] → [more, …]: each group's own heads first, then copies of them, times ``share``."""
    own = heads.unflatten(0, (before.groups, -1))
    copies = [own, *[own * share] * (after.count // before.count - 1)]
    return torch.cat(copies, dim=1).flatten(0, 1)
