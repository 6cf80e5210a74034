"""Attention over parts of a sequence, and their merging: what the layers of ``attention_layers`` are made of.

Letters: T positions of this chunk, S positions attended to, N query heads, KV heads, G = N / KV, H head size.

Both kinds of layers see queries as [KV, G, T, H] and keys as [KV, G, S, H] with stride 0 over G, so nothing is repeated
in memory. Parts of a sequence are attended to apart and merged by their log-sum-exp (``attend``, ``merge``): no
mask of chunk × context is ever made.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from model.kernels.cuda import fused


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, causal: bool = False) -> tuple[Tensor, Tensor]:
    """Softmax attention with scale 1: ``q`` [B, G, T, H] over ``k``, ``v`` [B, G, S, H].

    ``mask`` is True where a query may look, [T, S]. Returns the output [B, G, T, H] and the log-sum-exp of the
    scores in float32 [B, G, T].
    """
    if q.device.type != "cpu":
        if q.shape[-2] > 1 and fused.works(q.device, q.dtype, q.shape[-1]):
            return fused.attend(q, k, v, mask, causal)
        return attend_in_slices(q, k, v, mask, causal)
    bias = None if mask is None else torch.zeros(mask.shape, dtype=q.dtype).masked_fill_(~mask, float("-inf"))
    out, lse = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
        q, k, v, 0.0, causal, attn_mask=bias, scale=1.0
    )
    return out, lse


def attend_plain(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, causal: bool = False
) -> tuple[Tensor, Tensor]:
    """``attend`` written out: the reference for tests, and the path on devices without a kernel for it."""
    scores = q.float() @ k.float().transpose(-1, -2)
    if causal:
        mask = torch.ones(scores.shape[-2:], dtype=torch.bool, device=q.device).tril()
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    lse = torch.logsumexp(scores, dim=-1)
    out = torch.exp(scores - lse[..., None]) @ v.float()
    return out.to(q.dtype), lse


_SLICE = 1 << 26
"""Scores in memory at once where they are written out: 256 MB in float32."""


def attend_in_slices(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, causal: bool = False
) -> tuple[Tensor, Tensor]:
    """``attend_plain`` for a few queries after the other, so that memory does not grow with chunk × context."""
    tokens, keys = q.shape[-2], k.shape[-2]
    if causal:
        mask = torch.ones((tokens, keys), dtype=torch.bool, device=q.device).tril()
    step = max(1, _SLICE // (q.shape[0] * q.shape[1] * keys))
    parts = [
        attend_plain(q[:, :, start : start + step], k, v, None if mask is None else mask[start : start + step])
        for start in range(0, tokens, step)
    ]
    return torch.cat([out for out, _ in parts], dim=2), torch.cat([lse for _, lse in parts], dim=2)


def merge(parts: Iterable[tuple[Tensor, Tensor]]) -> Tensor:
    """One output from attention over several parts of the keys, weighted by their log-sum-exp, one after another."""
    rest = iter(parts)
    first, lse = next(rest)
    merged = first
    for out, other in rest:
        both = torch.logaddexp(lse, other)
        merged = merged.float() * torch.exp(lse - both)[..., None] + out.float() * torch.exp(other - both)[..., None]
        lse = both
    return merged.to(first.dtype)


def grouped(keys: Tensor, groups: int) -> Tensor:
    """[KV, S, H] → [KV, G, S, H] without copying."""
    return keys[:, None].expand(-1, groups, -1, -1)
