"""Attention of the decoder's two kinds of layers, over the KV cache of ``model.cache.kv_cache``.

Letters: T positions of this chunk, S positions attended to, N query heads, KV heads, G = N / KV, H head size,
R rotated dimensions of a global head.

Both kinds see queries as [KV, G, T, H] and keys as [KV, G, S, H] with stride 0 over G, so nothing is repeated in
memory. Parts of a sequence are attended to apart and merged by their log-sum-exp (``attend``, ``merge``): no
mask of chunk × context is ever made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from model.cache.kv_cache import GlobalLayerCache, SlidingLayerCache
from model.family.config import TextConfig
from model.family.layers import Rope, rms_norm, rotate
from model.formats.weights import Linear, WeightSource
from model.kernels.cuda import fused
from model.kernels.native import flash


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
"""Scores that lie there at once where they are written out: 256 MB in float32."""


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


def _grouped(keys: Tensor, groups: int) -> Tensor:
    """[KV, S, H] → [KV, G, S, H] without copying."""
    return keys[:, None].expand(-1, groups, -1, -1)


class SlidingAttention:
    """A layer that sees the last ``window`` positions, and all of a picture from within it."""

    def __init__(self, config: TextConfig, source: WeightSource, prefix: str, rope: Rope) -> None:
        self.eps, self.rope = config.rms_norm_eps, rope
        self.window = config.sliding_window
        self.kv_heads, self.head_dim = config.num_key_value_heads, config.head_dim
        self.groups = config.num_attention_heads // self.kv_heads
        self.bidirectional_vision = config.bidirectional_vision
        self.q_proj: Linear = source.linear(f"{prefix}.q_proj.weight")
        self.k_proj: Linear = source.linear(f"{prefix}.k_proj.weight")
        self.v_proj: Linear = source.linear(f"{prefix}.v_proj.weight")
        self.o_proj: Linear = source.linear(f"{prefix}.o_proj.weight")
        self.q_norm = source.tensor(f"{prefix}.q_norm.weight")
        self.k_norm = source.tensor(f"{prefix}.k_norm.weight")

    def __call__(self, x: Tensor, cache: SlidingLayerCache, picture_ids: Tensor | None) -> Tensor:
        """``x`` [T, D] → [T, D]; appends T positions to ``cache``.

        ``picture_ids`` [T] numbers the picture that a position belongs to, -1 for text; None where there is none.
        """
        tokens = x.shape[0]
        cos, sin = self.rope.cos_sin(cache.length, tokens, x.dtype)
        q = self._rotated(self.q_proj(x).view(tokens, -1, self.head_dim), self.q_norm, cos, sin)
        k = self._rotated(self.k_proj(x).view(tokens, -1, self.head_dim), self.k_norm, cos, sin).transpose(0, 1)
        v = rms_norm(self.v_proj(x).view(tokens, -1, self.head_dim), None, self.eps).transpose(0, 1)
        if tokens == 1:
            cache.append(k, v)
            out = self._attend_ring(q, cache)
        else:
            out = self._attend_chunk(q, k, v, cache, picture_ids)
            cache.append(k, v)
        return self.o_proj(out.reshape(tokens, -1))

    def _rotated(self, x: Tensor, norm: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        x = rms_norm(x, norm, self.eps)
        first, second = x.chunk(2, dim=-1)
        return torch.cat(rotate(first, second, cos, sin), dim=-1)

    def _attend_ring(self, q: Tensor, cache: SlidingLayerCache) -> Tensor:
        """One query over the ring: every slot is inside the window and softmax knows no order, so no mask.

        The G heads of a KV head stand as G rows, which is many times faster than G heads of one row.
        """
        q = q.view(1, self.kv_heads, self.groups, self.head_dim)
        filled = cache.filled
        return attend(q, cache.keys[None, :, :filled], cache.values[None, :, :filled])[0]

    def _attend_chunk(
        self, q: Tensor, k: Tensor, v: Tensor, cache: SlidingLayerCache, picture_ids: Tensor | None
    ) -> Tensor:
        """[T, N, H] queries over the ring and the chunk: (causal or same picture) and inside the window."""
        if flash.takes(q, self.groups):
            return self._attend_ranges(q, k, v, cache, picture_ids)
        tokens = q.shape[0]
        filled = cache.filled
        keys = torch.cat((cache.keys[:, :filled], k), dim=1)
        values = torch.cat((cache.values[:, :filled], v), dim=1)
        mask = self._chunk_mask(tokens, cache, picture_ids)
        q = q.view(tokens, self.kv_heads, self.groups, self.head_dim).permute(1, 2, 0, 3)
        out, _ = attend(q, _grouped(keys, self.groups), _grouped(values, self.groups), mask)
        return out.permute(2, 0, 1, 3)

    def _attend_ranges(
        self, q: Tensor, k: Tensor, v: Tensor, cache: SlidingLayerCache, picture_ids: Tensor | None
    ) -> Tensor:
        """The same by our own kernels: the ring from its oldest position on, then the chunk."""
        filled, oldest = cache.filled, cache.length % self.window if cache.length > self.window else 0
        parts = ((cache.keys, cache.values, oldest, filled), (cache.keys, cache.values, 0, oldest))
        spans = [(keys[:, start:stop], values[:, start:stop]) for keys, values, start, stop in parts if start < stop]
        index = torch.arange(filled, filled + q.shape[0], dtype=torch.int32)
        last = index + 1
        if picture_ids is not None and self.bidirectional_vision:
            last = torch.maximum(last, _stops(picture_ids).to(torch.int32) + filled)
        first = (index + 1 - self.window).clamp_(min=0)
        return flash.attend(q, [*spans, (k, v)], first, last)

    def _chunk_mask(self, tokens: int, cache: SlidingLayerCache, picture_ids: Tensor | None) -> Tensor:
        device = cache.keys.device
        new = torch.arange(cache.length, cache.length + tokens, device=device)
        seen = torch.cat((cache.positions(), new))
        mask = seen <= new[:, None]
        if picture_ids is not None and self.bidirectional_vision:
            same = (picture_ids[:, None] == picture_ids) & (picture_ids >= 0)
            mask[:, -tokens:] |= same
        return mask & (seen > new[:, None] - self.window)


def _stops(picture_ids: Tensor) -> Tensor:
    """Behind which position of the chunk each position's picture ends, 0 for text: [T] → [T]."""
    stops = torch.zeros_like(picture_ids)
    for number in range(int(picture_ids.max()) + 1):
        inside = (picture_ids == number).nonzero()
        stops[inside] = inside.max() + 1
    return stops


class GlobalAttention:
    """A layer that sees everything before it, causally also within pictures, in the K = V form.

    With n = k_proj(x) / rms: V = n and K = rope(w · n). ``proportional`` rope turns only R of a head's H
    dimensions; on the others K = w · V, so w goes into the query there and only K's R rotated numbers are stored
    beside V: a row ``[V_rot | V_plain | K_rot]`` of H + R numbers. Queries are ordered ``[plain | rot]`` to fit
    ``row[R:]``; the output comes as ``[rot | plain]`` and is put back into the head's own order.
    """

    def __init__(self, config: TextConfig, source: WeightSource, prefix: str, rope: Rope) -> None:
        self.eps, self.rope = config.rms_norm_eps, rope
        self.kv_heads, self.head_dim = config.num_global_key_value_heads, config.global_head_dim
        self.groups = config.num_attention_heads // self.kv_heads
        self.rotary, self.angles, self.half = config.global_rotary_dim, rope.angles, config.global_head_dim // 2
        self.q_proj: Linear = source.linear(f"{prefix}.q_proj.weight")
        self.k_proj: Linear = source.linear(f"{prefix}.k_proj.weight")
        self.o_proj: Linear = source.linear(f"{prefix}.o_proj.weight")
        k_norm = source.tensor(f"{prefix}.k_norm.weight")
        q_first, q_second, q_plain = self._split(source.tensor(f"{prefix}.q_norm.weight"))
        k_first, k_second, k_plain = self._split(k_norm)
        self.q_norm_rot = (q_first, q_second)
        self.k_norm_rot = (k_first, k_second)
        # Kept in float32: the product of two bf16 weights would otherwise be rounded once more.
        self.q_norm_plain = q_plain.float() * k_plain.float()

    def __call__(self, x: Tensor, cache: GlobalLayerCache) -> Tensor:
        """``x`` [T, D] → [T, D]; appends T positions to ``cache``."""
        tokens = x.shape[0]
        cos, sin = self.rope.cos_sin(cache.length, tokens, x.dtype)
        q = self._queries(self.q_proj(x).view(tokens, -1, self.head_dim), cos, sin)
        rows = self._rows(self.k_proj(x).view(tokens, -1, self.head_dim), cos, sin).transpose(0, 1)
        out = self._attend_one(q, rows, cache) if tokens == 1 else self._attend_chunk(q, rows, cache)
        return self.o_proj(self._own_order(out).reshape(tokens, -1))

    def _split(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """A head's dimensions as (first of the rotated pairs, second of them, the plain ones)."""
        first, plain_a, second, plain_b = x.split(
            (self.angles, self.half - self.angles, self.angles, self.half - self.angles), dim=-1
        )
        return first, second, torch.cat((plain_a, plain_b), dim=-1)

    def _unit(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """``_split`` of x / rms(x), in float32."""
        return self._split(rms_norm(x.float(), None, self.eps))

    def _queries(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        first, second, plain = self._unit(x)
        rotated = self._rotated(first, second, self.q_norm_rot, cos, sin, x.dtype)
        return torch.cat(((plain * self.q_norm_plain).to(x.dtype), *rotated), dim=-1)

    def _rows(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        first, second, plain = self._unit(x)
        rotated = self._rotated(first, second, self.k_norm_rot, cos, sin, x.dtype)
        values = (part.to(x.dtype) for part in (first, second, plain))
        return torch.cat((*values, *rotated), dim=-1)

    @staticmethod
    def _rotated(
        first: Tensor, second: Tensor, norm: tuple[Tensor, Tensor], cos: Tensor, sin: Tensor, dtype: torch.dtype
    ) -> tuple[Tensor, Tensor]:
        return rotate((first * norm[0].float()).to(dtype), (second * norm[1].float()).to(dtype), cos, sin)

    def _attend_one(self, q: Tensor, rows: Tensor, cache: GlobalLayerCache) -> Tensor:
        """One query over all blocks; the G heads of a KV head stand as G rows (see the sliding layer)."""
        cache.append(rows)
        q = q.view(1, self.kv_heads, self.groups, self.head_dim)
        return merge(attend(q, *self._key_value(block[None])) for block in cache.views())

    def _attend_chunk(self, q: Tensor, rows: Tensor, cache: GlobalLayerCache) -> Tensor:
        """Queries over the past without a mask, and over the chunk causally, merged."""
        if flash.takes(q, self.groups):
            past = [self._key_value(block) for block in cache.views()]
            last = torch.arange(cache.length + 1, cache.length + 1 + q.shape[0], dtype=torch.int32)
            out = flash.attend(q, [*past, self._key_value(cache.as_stored(rows))], torch.zeros_like(last), last)
            cache.append(rows)
            return out
        q = q.view(q.shape[0], self.kv_heads, self.groups, self.head_dim).permute(1, 2, 0, 3)
        out = merge(self._attend_parts(q, cache.as_stored(rows), cache)).permute(2, 0, 1, 3)
        cache.append(rows)
        return out

    def _attend_parts(self, q: Tensor, rows: Tensor, cache: GlobalLayerCache) -> Iterator[tuple[Tensor, Tensor]]:
        yield attend(q, *self._key_value(_grouped(rows, self.groups)), causal=True)
        # All of the past is seen by every query, so the G heads stand as rows: each key is packed once, not G times.
        tokens = q.shape[2]
        flat = q.reshape(self.kv_heads, 1, self.groups * tokens, self.head_dim)
        for block in cache.views():
            out, lse = attend(flat, *self._key_value(block[:, None]))
            yield out.view(q.shape), lse.view(q.shape[:-1])

    def _key_value(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """K and V as two overlapping views of the same rows."""
        return rows[..., self.rotary :], rows[..., : self.head_dim]

    def _own_order(self, out: Tensor) -> Tensor:
        """``[rot | plain]`` back into the order of the head's dimensions that ``o_proj`` expects."""
        rest = self.half - self.angles
        first, second, plain_a, plain_b = out.split((self.angles, self.angles, rest, rest), dim=-1)
        return torch.cat((first, plain_a, second, plain_b), dim=-1)
