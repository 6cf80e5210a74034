"""Attention of many queries on an NVIDIA card by PyTorch's memory-efficient kernel, which takes heads of any size.

It is called below ``scaled_dot_product_attention`` because the log-sum-exp is needed, to merge parts of the context. It
is tried once on a card before it is used. Letters as in ``model.family.attention``: B KV heads, G query heads of each,
T queries, S keys, H head size.
"""

from __future__ import annotations

import functools
import logging

import torch
from torch import Tensor

_ALIGN = 16
"""A mask's rows must begin at multiples of this many numbers."""
_CLOSE = 0.02
_log = logging.getLogger(__name__)


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, causal: bool) -> tuple[Tensor, Tensor]:
    """As ``model.family.attention.attend``: the output [B, G, T, H] and the log-sum-exp [B, G, T] in float32."""
    bias = None if mask is None else _bias(mask, q)
    out, lse, _, _ = torch.ops.aten._scaled_dot_product_efficient_attention(
        q, k, v, bias, compute_log_sumexp=True, dropout_p=0.0, is_causal=causal, scale=1.0
    )
    return out, lse[..., : q.shape[-2]]  # its rows are padded to 32 queries


def _bias(mask: Tensor, q: Tensor) -> Tensor:
    """0 where ``mask`` [T, S] is True and -inf elsewhere, seen by all heads: [B, G, T, S]."""
    tokens, keys = mask.shape
    padded = torch.zeros((tokens, -(-keys // _ALIGN) * _ALIGN), dtype=q.dtype, device=q.device)
    bias = padded[:, :keys]
    bias.masked_fill_(~mask, float("-inf"))
    return bias.expand(*q.shape[:2], tokens, keys)


@functools.cache
def works(device: torch.device, dtype: torch.dtype, size: int) -> bool:
    """Whether the kernel takes heads of ``size`` on ``device`` and gives what the formula does."""
    if device.type != "cuda":
        return False
    try:
        error = _error(device, dtype, size)
    except RuntimeError as fault:
        _log.warning("attention goes the plain way on this card: %s", fault)
        return False
    if error > _CLOSE:
        _log.warning("attention goes the plain way on this card: the kernel is off by %.2g", error)
    return error <= _CLOSE


def _error(device: torch.device, dtype: torch.dtype, size: int) -> float:
    """Of keys and values as layers hand them over: overlapping views with stride 0 over the groups, and a mask."""
    random = torch.Generator().manual_seed(0)
    q = torch.randn((2, 3, 37, size), generator=random).mul_(size**-0.5).to(device, dtype)
    rows = torch.randn((2, 45, size + 16), generator=random).to(device, dtype)[:, None].expand(-1, 3, -1, -1)
    k, v = rows[..., 16:], rows[..., :size]
    mask = torch.ones(37, 45, dtype=torch.bool, device=device).tril(5)
    errors = [_difference(q, k, v, mask, attend(q, k, v, mask, causal=False))]
    whole = torch.ones_like(mask)
    errors.append(_difference(q, k, v, whole, attend(q, k, v, None, causal=False)))
    k, v = k[:, :, :37], v[:, :, :37]
    errors.append(_difference(q, k, v, mask[:, :37].tril(), attend(q, k, v, None, causal=True)))
    return max(errors)


def _difference(q: Tensor, k: Tensor, v: Tensor, mask: Tensor, given: tuple[Tensor, Tensor]) -> float:
    scores = (q.float() @ k.float().transpose(-1, -2)).masked_fill(~mask, float("-inf"))
    truth = scores.softmax(-1) @ v.float()
    error = (given[0].float() - truth).abs().max() / truth.abs().max()
    off = (given[1] - scores.logsumexp(-1)).abs().max()
    return float(torch.maximum(error, off))
