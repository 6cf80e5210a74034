"""Attention of the decoder's kinds of layers, over the KV cache of ``model.cache.kv_cache``.

Letters: T positions of this chunk, S positions attended to, N query heads, KV heads, G = N / KV, H head size,
R rotated dimensions of a global head.

A layer that shares its KV has only queries. It reads what the last layer of its kind that stores any has computed: from
the cache for one token, and for several from that layer's new rows (``Fresh``), before they are stored in the cache.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Generic, TypeVar

import torch
from torch import Tensor

from model.cache.kv_cache import GlobalLayerCache, SlidingLayerCache
from model.family.attention import attend, grouped, merge
from model.family.config import TextConfig
from model.family.inventory import TEXT
from model.family.layers import Rope, rms_norm, rotate
from model.formats.weights import Linear, WeightSource
from model.kernels.native import flash

Cache = TypeVar("Cache", SlidingLayerCache, GlobalLayerCache)
Rows = tuple[Tensor, ...]
"""The rows that a layer adds to its cache for the positions of a chunk: ``cache.append(*rows)``."""


class Fresh:
    """Rows of this chunk that layers which share KV still need, by kind of layer, not yet in the cache."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[SlidingLayerCache | GlobalLayerCache, Rows]] = {}

    def keep(self, kind: str, cache: SlidingLayerCache | GlobalLayerCache, rows: Rows) -> None:
        """Keep ``rows``, which are to go into ``cache``."""
        self._rows[kind] = cache, rows

    def rows(self, kind: str) -> Rows | None:
        """The new rows; ``None`` where they are in the cache already."""
        return self._rows[kind][1] if kind in self._rows else None

    def store(self) -> None:
        """Put everything into the cache."""
        for cache, rows in self._rows.values():
            cache.append(*rows)
        self._rows.clear()


class Attention(ABC, Generic[Cache]):
    """The part common to all kinds of layers: queries against the layer's cache and the chunk's own rows, and back."""

    kv_heads: int
    groups: int
    head_dim: int

    def __init__(self, config: TextConfig, source: WeightSource, index: int, rope: Rope) -> None:
        self.eps, self.rope, self.kind = config.rms_norm_eps, rope, config.layer_types[index]
        self.prefix = f"{TEXT}.layers.{index}.self_attn"
        stored_by = config.kv_layer(index)
        self.stored_by = f"{TEXT}.layers.{stored_by}.self_attn"
        """The layer whose keys and values these queries meet."""
        self.shares = stored_by != index
        self.is_shared = not self.shares and index in config.shared_kv_layers
        self.q_proj: Linear = source.linear(f"{self.prefix}.q_proj.weight")
        self.o_proj: Linear = source.linear(f"{self.prefix}.o_proj.weight")

    def __call__(
        self, x: Tensor, cache: Cache, start: int, picture_ids: Tensor | None = None, fresh: Fresh | None = None
    ) -> Tensor:
        """``x`` [T, D] → [T, D] for the positions from ``start`` on; a layer that stores KV appends T to ``cache``.

        ``picture_ids`` [T] numbers the picture that a position belongs to, -1 for text; None where there is none.
        """
        tokens = x.shape[0]
        q = self._queries(x, start)
        rows = self._new_rows(x, start) if not self.shares else fresh.rows(self.kind) if fresh is not None else None
        if tokens == 1 and not self.shares:
            assert rows is not None
            cache.append(*rows)
            rows = None
        if rows is None:
            assert tokens == 1
            out = self._attend_all(q, cache)
        else:
            out = self._attend_chunk(q, rows, cache, picture_ids)
            if self.is_shared and fresh is not None:
                fresh.keep(self.kind, cache, rows)
            elif not self.shares:
                cache.append(*rows)
        return self.o_proj(self._own_order(out).reshape(tokens, -1))

    @abstractmethod
    def _queries(self, x: Tensor, start: int) -> Tensor:
        """[T, D] → [T, N, H], through norm and rope."""

    @abstractmethod
    def _new_rows(self, x: Tensor, start: int) -> Rows:
        """[T, D] → the rows to store, each [KV, T, …]."""

    @abstractmethod
    def _attend_all(self, q: Tensor, cache: Cache) -> Tensor:
        """One query over everything that is in the cache, itself included."""

    @abstractmethod
    def _attend_chunk(self, q: Tensor, rows: Rows, cache: Cache, picture_ids: Tensor | None) -> Tensor:
        """[T, N, H] queries over the cache and the chunk, whose ``rows`` are not in it yet."""

    def _own_order(self, out: Tensor) -> Tensor:
        """The order of a head's dimensions that ``o_proj`` expects."""
        return out


class SlidingAttention(Attention[SlidingLayerCache]):
    """A layer that sees the last ``window`` positions, and all of a picture from within it."""

    def __init__(self, config: TextConfig, source: WeightSource, index: int, rope: Rope) -> None:
        super().__init__(config, source, index, rope)
        self.window = config.sliding_window
        self.kv_heads, self.head_dim = config.num_key_value_heads, config.head_dim
        self.groups = config.num_attention_heads // self.kv_heads
        self.bidirectional_vision = config.bidirectional_vision
        self.q_norm = source.tensor(f"{self.prefix}.q_norm.weight")
        if not self.shares:
            self.k_proj: Linear = source.linear(f"{self.prefix}.k_proj.weight")
            self.v_proj: Linear = source.linear(f"{self.prefix}.v_proj.weight")
            self.k_norm = source.tensor(f"{self.prefix}.k_norm.weight")

    def _queries(self, x: Tensor, start: int) -> Tensor:
        return self._rotated(self.q_proj(x), self.q_norm, start)

    def _new_rows(self, x: Tensor, start: int) -> Rows:
        values = rms_norm(self.v_proj(x).view(len(x), -1, self.head_dim), None, self.eps)
        return self._rotated(self.k_proj(x), self.k_norm, start).transpose(0, 1), values.transpose(0, 1)

    def _rotated(self, x: Tensor, norm: Tensor, start: int) -> Tensor:
        cos, sin = self.rope.cos_sin(start, len(x), x.dtype)
        first, second = rms_norm(x.view(len(x), -1, self.head_dim), norm, self.eps).chunk(2, dim=-1)
        return torch.cat(rotate(first, second, cos, sin), dim=-1)

    def _attend_all(self, q: Tensor, cache: SlidingLayerCache) -> Tensor:
        """One query over the ring: every slot is inside the window and softmax knows no order, so no mask.

        The G heads of a KV head become G rows, which is many times faster than G heads of one row.
        """
        q = q.view(1, self.kv_heads, self.groups, self.head_dim)
        filled = cache.filled
        return attend(q, cache.keys[None, :, :filled], cache.values[None, :, :filled])[0]

    def _attend_chunk(self, q: Tensor, rows: Rows, cache: SlidingLayerCache, picture_ids: Tensor | None) -> Tensor:
        """[T, N, H] queries over the ring and the chunk: (causal or same picture) and inside the window."""
        k, v = rows
        if flash.takes(q, self.groups):
            return self._attend_ranges(q, k, v, cache, picture_ids)
        tokens = q.shape[0]
        filled = cache.filled
        keys = torch.cat((cache.keys[:, :filled], k), dim=1)
        values = torch.cat((cache.values[:, :filled], v), dim=1)
        mask = self._chunk_mask(tokens, cache, picture_ids)
        q = q.view(tokens, self.kv_heads, self.groups, self.head_dim).permute(1, 2, 0, 3)
        out, _ = attend(q, grouped(keys, self.groups), grouped(values, self.groups), mask)
        return out.permute(2, 0, 1, 3)

    def _attend_ranges(
        self, q: Tensor, k: Tensor, v: Tensor, cache: SlidingLayerCache, picture_ids: Tensor | None
    ) -> Tensor:
        """The same by the native kernels: the ring from its oldest position on, then the chunk."""
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


class GlobalAttention(Attention[GlobalLayerCache]):
    """A layer that sees everything before it, causally also within pictures.

    A cache row begins with V, and from its number R on it is K (``_key_value``): in how far the two overlap is the
    subclass's affair.
    """

    rotary: int
    """R: where K begins in a row."""

    def __init__(self, config: TextConfig, source: WeightSource, index: int, rope: Rope) -> None:
        super().__init__(config, source, index, rope)
        self.kv_heads, self.head_dim = config.num_global_key_value_heads, config.global_head_dim
        self.groups = config.num_attention_heads // self.kv_heads
        self.angles, self.half = rope.angles, config.global_head_dim // 2
        if not self.shares:
            self.k_proj: Linear = source.linear(f"{self.prefix}.k_proj.weight")

    def _split(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """A head's dimensions as (first of the rotated pairs, second of them, the plain ones)."""
        first, plain_a, second, plain_b = x.split(
            (self.angles, self.half - self.angles, self.angles, self.half - self.angles), dim=-1
        )
        return first, second, torch.cat((plain_a, plain_b), dim=-1)

    def _attend_all(self, q: Tensor, cache: GlobalLayerCache) -> Tensor:
        """One query over all blocks; the G heads of a KV head become G rows (see the sliding layer)."""
        q = q.view(1, self.kv_heads, self.groups, self.head_dim)
        return merge(attend(q, *self._key_value(block[None])) for block in cache.views())

    def _attend_chunk(self, q: Tensor, rows: Rows, cache: GlobalLayerCache, picture_ids: Tensor | None) -> Tensor:
        """Queries over the past without a mask, and over the chunk causally, merged."""
        new = cache.as_stored(rows[0])
        if flash.takes(q, self.groups):
            past = [self._key_value(block) for block in cache.views()]
            last = torch.arange(cache.length + 1, cache.length + 1 + q.shape[0], dtype=torch.int32)
            return flash.attend(q, [*past, self._key_value(new)], torch.zeros_like(last), last)
        q = q.view(q.shape[0], self.kv_heads, self.groups, self.head_dim).permute(1, 2, 0, 3)
        return merge(self._attend_parts(q, new, cache)).permute(2, 0, 1, 3)

    def _attend_parts(self, q: Tensor, rows: Tensor, cache: GlobalLayerCache) -> Iterator[tuple[Tensor, Tensor]]:
        yield attend(q, *self._key_value(grouped(rows, self.groups)), causal=True)
        # All of the past is seen by every query, so the G heads become rows: each key is packed once, not G times.
        tokens = q.shape[2]
        flat = q.reshape(self.kv_heads, 1, self.groups * tokens, self.head_dim)
        for block in cache.views():
            out, lse = attend(flat, *self._key_value(block[:, None]))
            yield out.view(q.shape), lse.view(q.shape[:-1])

    def _key_value(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """K and V as two overlapping views of the same rows."""
        return rows[..., self.rotary :], rows[..., : self.head_dim]


class SharedRowAttention(GlobalAttention):
    """A global layer in the K = V form.

    With n = k_proj(h) / rms: V = n and K = rope(w · n). ``proportional`` rope turns only R of a head's H
    dimensions; on the others K = w · V, so w is applied to the query there and only K's R rotated numbers are stored
    beside V: a row ``[V_rot | V_plain | K_rot]`` of H + R numbers. Queries are ordered ``[plain | rot]`` to fit
    ``row[R:]``; the output comes as ``[rot | plain]`` and is put back into the head's own order.
    """

    def __init__(self, config: TextConfig, source: WeightSource, index: int, rope: Rope) -> None:
        super().__init__(config, source, index, rope)
        self.rotary = config.global_rotary_dim
        k_norm = source.tensor(f"{self.stored_by}.k_norm.weight")
        q_first, q_second, q_plain = self._split(source.tensor(f"{self.prefix}.q_norm.weight"))
        k_first, k_second, k_plain = self._split(k_norm)
        self.q_norm_rot = (q_first, q_second)
        self.k_norm_rot = (k_first, k_second)
        # Kept in float32: the product of two bf16 weights would otherwise be rounded once more.
        self.q_norm_plain = q_plain.float() * k_plain.float()

    def _unit(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """``_split`` of x / rms(x), in float32, head by head."""
        return self._split(rms_norm(x.view(len(x), -1, self.head_dim).float(), None, self.eps))

    def _queries(self, x: Tensor, start: int) -> Tensor:
        first, second, plain = self._unit(self.q_proj(x))
        rotated = self._rotated(first, second, self.q_norm_rot, start, x.dtype)
        return torch.cat(((plain * self.q_norm_plain).to(x.dtype), *rotated), dim=-1)

    def _new_rows(self, x: Tensor, start: int) -> Rows:
        first, second, plain = self._unit(self.k_proj(x))
        rotated = self._rotated(first, second, self.k_norm_rot, start, x.dtype)
        values = (part.to(x.dtype) for part in (first, second, plain))
        return (torch.cat((*values, *rotated), dim=-1).transpose(0, 1),)

    def _rotated(
        self, first: Tensor, second: Tensor, norm: tuple[Tensor, Tensor], start: int, dtype: torch.dtype
    ) -> tuple[Tensor, Tensor]:
        cos, sin = self.rope.cos_sin(start, len(first), dtype)
        return rotate((first * norm[0].float()).to(dtype), (second * norm[1].float()).to(dtype), cos, sin)

    def _own_order(self, out: Tensor) -> Tensor:
        """``[rot | plain]`` back into the order of the head's dimensions that ``o_proj`` expects."""
        rest = self.half - self.angles
        first, second, plain_a, plain_b = out.split((self.angles, self.angles, rest, rest), dim=-1)
        return torch.cat((first, plain_a, second, plain_b), dim=-1)


class OwnValuesAttention(GlobalAttention):
    """A global layer with values of their own: a row is ``[V | K]``, both in the head's own order."""

    def __init__(self, config: TextConfig, source: WeightSource, index: int, rope: Rope) -> None:
        super().__init__(config, source, index, rope)
        self.rotary = self.head_dim
        self.q_norm = source.tensor(f"{self.prefix}.q_norm.weight")
        if not self.shares:
            self.v_proj: Linear = source.linear(f"{self.prefix}.v_proj.weight")
            self.k_norm = source.tensor(f"{self.prefix}.k_norm.weight")

    def _queries(self, x: Tensor, start: int) -> Tensor:
        return self._rotated(self.q_proj(x), self.q_norm, start)

    def _new_rows(self, x: Tensor, start: int) -> Rows:
        values = rms_norm(self.v_proj(x).view(len(x), -1, self.head_dim), None, self.eps)
        return (torch.cat((values, self._rotated(self.k_proj(x), self.k_norm, start)), dim=-1).transpose(0, 1),)

    def _rotated(self, x: Tensor, norm: Tensor, start: int) -> Tensor:
        cos, sin = self.rope.cos_sin(start, len(x), x.dtype)
        normed = rms_norm(x.view(len(x), -1, self.head_dim), norm, self.eps)
        rest = self.half - self.angles
        first, plain_a, second, plain_b = normed.split((self.angles, rest, self.angles, rest), dim=-1)
        first, second = rotate(first, second, cos, sin)
        return torch.cat((first, plain_a, second, plain_b), dim=-1)


def attention_of(
    config: TextConfig, source: WeightSource, index: int, rope: Rope
) -> SlidingAttention | SharedRowAttention | OwnValuesAttention:
    """The attention of layer ``index``."""
    if config.layer_types[index] == "sliding_attention":
        return SlidingAttention(config, source, index, rope)
    return (SharedRowAttention if config.attention_k_eq_v else OwnValuesAttention)(config, source, index, rope)
