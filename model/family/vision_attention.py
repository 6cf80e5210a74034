"""Attention of every patch of a picture to every other, without a matrix of all scores.

The fast form holds for all but sharp heads. Softmax does not change when a vector is taken from all keys, so their
mean is: then some score of every row is at least 0, and none is above |q| |k|. Where that bound is small, no row's
own maximum is needed to keep the exponentials in range, and one product gives them: oneDNN's logistic function, fused
into it on the float32 sums, is exp(x) to one part in e^16 where x is shifted to -16 at most. The sums that they are
divided by come out of the second product, whose spare columns hold ones. Nothing but the exponentials of some
rows of one head is ever held, in the dtype of the model.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from model.family.vision_layers import blocks

SHARP = 50.0
"""A head in which a score may be above this is attended to by torch's own kernel."""
_SHIFT = 16.0
_BLOCK = 6_000_000
"""Exponentials that are held at a time."""
_PAD = 16
"""Columns of values come in multiples of this; at least 8 of them are for the sums."""
_SUMS = 8
"""Each sums another share of the keys: rounding each to bf16 then weighs less."""

Check = Callable[[], None]


def value_columns(head_dim: int) -> int:
    """Columns that a head's values take: their own, and those for the sums."""
    return -(-(head_dim + _SUMS) // _PAD) * _PAD


def new_values(heads: int, patches: int, head_dim: int, dtype: torch.dtype) -> Tensor:
    """[H, T, columns] with room for the values, and ones that collect the sums: of every eighth key in one column."""
    values = torch.zeros(heads, patches, value_columns(head_dim), dtype=dtype)
    for i in range(_SUMS):
        values[:, i::_SUMS, head_dim + i] = 1
    return values


def attend_plain(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """softmax(q kᵀ) v by torch: ``q`` [H, T, d], ``k`` and ``v`` [G, T, d], → [H, T, d].

    There is no scale: the norms hold it. ``H`` is a multiple of ``G``.
    """
    if len(k) < len(q):
        k, v = (x.repeat_interleave(len(q) // len(x), dim=0) for x in (k, v))
    return F.scaled_dot_product_attention(q[None], k[None], v[None], scale=1.0)[0]


def attend_fused(q: Tensor, k: Tensor, v: Tensor, check: Check) -> Tensor:
    """The same, not yet divided (``divided``): ``k`` in float32, ``v`` [G, T, columns] as ``new_values`` makes it.

    ``k`` is changed. ``check`` is called before each head, and may raise.
    """
    heads, count, size = q.shape
    centred = k.sub_(k.mean(dim=1, keepdim=True))
    bounds = _longest(q).view(len(k), -1) * _longest(centred)[:, None]
    out = torch.empty(heads, count, v.shape[-1], dtype=q.dtype)
    for head, bound in enumerate(bounds.flatten().tolist()):
        check()
        group = head * len(k) // heads
        keys, values = centred[group].to(q.dtype), v[group]
        if bound > SHARP:
            out[head, :, :size] = attend_plain(q[head, None], keys[None], values[None, :, :size])[0]
            out[head, :, size:] = 1 / _SUMS
        else:
            shift = torch.full((count,), -(bound + _SHIFT), dtype=q.dtype)
            for rows in blocks(count, max(1, _BLOCK // count)):
                weights = torch.ops.mkldnn._linear_pointwise(q[head, rows], keys, shift, "sigmoid", [], "")
                torch.mm(weights, values, out=out[head, rows])
    return out


def divided(out: Tensor, size: int) -> Tensor:
    """[H, T, columns] of ``attend_fused`` → [T, H · d]: heads side by side, divided by their sums."""
    heads, count, _ = out.shape
    whole = torch.empty(count, heads, size, dtype=out.dtype)
    for rows in blocks(count):
        block = out[:, rows].float()
        sums = block[..., size : size + _SUMS].sum(-1, keepdim=True)
        whole[rows] = (block[..., :size] / sums).transpose(0, 1)
    return whole.view(count, heads * size)


def _longest(x: Tensor) -> Tensor:
    """[H]: the length of the longest vector of each head of [H, T, d]."""
    squares = [head.to(torch.float32, copy=True).square_().sum(dim=-1).amax() for head in x]
    return torch.stack(squares).sqrt_()
