"""Wider attention heads that begin by doing what the narrow ones did, so that a run can go on with more room.

A head's numbers keep their rotary frequencies when number ``j`` of each half moves to ``m j``, since frequencies are
powers by ``j`` over the size. What is new says nothing at first: keys and values are 0 there, and queries nearly.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

_QUIET = 0.003
"""What new numbers of queries begin with, times the old ones: enough for a first gradient."""


def head_size(config: dict[str, Any], layer: int) -> int:
    """Numbers in one head of a layer of the language side."""
    text = config["text_config"]
    full: bool = text["layer_types"][layer] == "full_attention"
    size: int = text["global_head_dim" if full else "head_dim"]
    return size


def widen(state: dict[str, Tensor], old: dict[str, Any], new: dict[str, Any]) -> dict[str, Tensor]:
    """Weights of ``old``'s shape in ``new``'s; raises ValueError where heads are not a whole number of times wider."""
    noise = torch.Generator().manual_seed(0)
    out = dict(state)
    for layer in range(len(old["text_config"]["layer_types"])):
        before, after = head_size(old, layer), head_size(new, layer)
        if after % before:
            raise ValueError(f"Heads of {before} numbers cannot become heads of {after}.")
        if after > before:
            prefix = f"model.language_model.layers.{layer}.self_attn."
            for name in [name for name in state if name.startswith(prefix)]:
                out[name] = _wider(name.removeprefix(prefix), state[name], before, after, noise)
    return out


def moved(before: int, after: int) -> Tensor:
    """Where each of a narrow head's numbers lies in the wide one."""
    half = torch.arange(before // 2) * (after // before)
    return torch.cat([half, half + after // 2])


def _wider(name: str, weight: Tensor, before: int, after: int, noise: torch.Generator) -> Tensor:
    places, louder = moved(before, after), (after // before) ** 0.5
    if name in ("q_norm.weight", "k_norm.weight"):  # the same numbers among more are that much louder when normed
        wide = torch.full((after,), float(weight.float().mean()) / louder, dtype=weight.dtype)
        wide[places] = weight / louder
        return wide
    if name == "o_proj.weight":
        narrow = weight.view(len(weight), -1, before)
        wide = torch.randn(len(weight), narrow.shape[1], after, generator=noise) * float(weight.float().std())
        wide[..., places] = narrow.float() / louder
        return wide.to(weight.dtype).reshape(len(weight), -1)
    narrow = weight.view(-1, before, weight.shape[-1])
    wide = torch.zeros(len(narrow), after, weight.shape[-1])
    if name == "q_proj.weight":
        wide.normal_(std=_QUIET * float(weight.float().std()), generator=noise)
    wide[:, places] = narrow.float()
    return wide.to(weight.dtype).reshape(-1, weight.shape[-1])
