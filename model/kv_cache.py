"""The KV cache of one sequence: append-only blocks for global layers, a ring for sliding ones.

Global layers keep one row of numbers per position and KV head, ``[V_rot | V_plain | K_rot]`` (640 instead of 1024
at Gemma 4's sizes): K equals V before the norm's weight and rope, so V is ``row[:H]`` and K is ``row[R:]`` with
the weight folded into the query (see ``model.attention``). Sliding layers keep the last ``window`` positions.

A ring that has moved on cannot be rolled back; what makes going back possible is a ``Snapshot``, a copy of the
rings, which costs a fixed size whatever the context's length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from model.config import TextConfig

BLOCK_TOKENS = 4096
"""Positions in one block of a global layer. Growth adds a block and never copies what is there."""


class GlobalLayerCache:
    """Rows of a global layer: blocks of shape [KV heads, BLOCK_TOKENS, row], in the compute dtype."""

    def __init__(self, kv_heads: int, row: int, dtype: torch.dtype, device: torch.device) -> None:
        self.kv_heads, self.row, self.dtype, self.device = kv_heads, row, dtype, device
        self.length = 0
        self.blocks: list[tuple[Tensor, ...]] = []

    def append(self, rows: Tensor) -> None:
        """Adds ``rows`` [KV heads, T, row] behind what is there."""
        packed = self._pack(rows)
        done, count = 0, rows.shape[1]
        while done < count:
            index, offset = divmod(self.length, BLOCK_TOKENS)
            if index == len(self.blocks):
                self.blocks.append(self._new_block())
            step = min(count - done, BLOCK_TOKENS - offset)
            for stored, new in zip(self.blocks[index], packed, strict=True):
                stored[:, offset : offset + step] = new[:, done : done + step]
            self.length += step
            done += step

    def views(self) -> Iterator[Tensor]:
        """The filled part of each block as rows in the compute dtype, [KV heads, n, row], oldest first."""
        for index, block in enumerate(self.blocks):
            count = min(BLOCK_TOKENS, self.length - index * BLOCK_TOKENS)
            yield self._unpack(tuple(stored[:, :count] for stored in block))

    def truncate(self, length: int) -> None:
        """Forgets everything from position ``length`` on, and gives back blocks that hold nothing any more."""
        assert 0 <= length <= self.length
        self.length = length
        del self.blocks[-(-length // BLOCK_TOKENS) :]

    @property
    def nbytes(self) -> int:
        """Bytes of all blocks, filled or not."""
        return sum(stored.nbytes for block in self.blocks for stored in block)

    def _new_block(self) -> tuple[Tensor, ...]:
        return (torch.empty(self.kv_heads, BLOCK_TOKENS, self.row, dtype=self.dtype, device=self.device),)

    def _pack(self, rows: Tensor) -> tuple[Tensor, ...]:
        return (rows,)

    def _unpack(self, stored: tuple[Tensor, ...]) -> Tensor:
        return stored[0]


class Int8GlobalLayerCache(GlobalLayerCache):
    """The same rows as int8 with one scale per position and KV head: half the bytes of bf16, and two more."""

    def _new_block(self) -> tuple[Tensor, ...]:
        shape = (self.kv_heads, BLOCK_TOKENS)
        return (
            torch.empty(*shape, self.row, dtype=torch.int8, device=self.device),
            torch.empty(*shape, 1, dtype=torch.bfloat16, device=self.device),
        )

    def _pack(self, rows: Tensor) -> tuple[Tensor, ...]:
        # The scale is rounded to bf16 first, and up, so that the largest number still fits into 127 steps.
        largest = rows.float().abs().amax(dim=-1, keepdim=True)
        scale = (largest * (1.004 / 127)).clamp_min(1e-12).to(torch.bfloat16)
        return (rows.float() / scale.float()).round().clamp(-127, 127).to(torch.int8), scale

    def _unpack(self, stored: tuple[Tensor, ...]) -> Tensor:
        return (stored[0] * stored[1].to(self.dtype)).to(self.dtype)


class SlidingLayerCache:
    """The last ``window`` positions of a sliding layer: position p stands in slot ``p % window``."""

    def __init__(self, kv_heads: int, window: int, head_dim: int, dtype: torch.dtype, device: torch.device) -> None:
        self.window = window
        self.length = 0
        self.keys = torch.zeros(kv_heads, window, head_dim, dtype=dtype, device=device)
        self.values = torch.zeros_like(self.keys)

    @property
    def filled(self) -> int:
        """How many slots hold a position."""
        return min(self.length, self.window)

    def positions(self) -> Tensor:
        """The position in each filled slot, int64 [filled]."""
        slots = torch.arange(self.filled, device=self.keys.device)
        return slots + (self.length - 1 - slots).div(self.window, rounding_mode="floor") * self.window

    def append(self, keys: Tensor, values: Tensor) -> None:
        """Adds [KV heads, T, head_dim] each; only the last ``window`` of them stay."""
        count = keys.shape[1]
        kept = min(count, self.window)
        start = self.length + count - kept
        if kept == 1:
            slot = start % self.window
            self.keys[:, slot], self.values[:, slot] = keys[:, -1], values[:, -1]
        else:
            slots = torch.arange(start, start + kept, device=self.keys.device) % self.window
            self.keys[:, slots] = keys[:, count - kept :]
            self.values[:, slots] = values[:, count - kept :]
        self.length += count

    @property
    def nbytes(self) -> int:
        """Bytes of both rings."""
        return self.keys.nbytes + self.values.nbytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The sliding layers at ``length`` positions: the filled slots of each ring, (keys, values) a layer."""

    length: int
    rings: tuple[tuple[Tensor, Tensor], ...]

    @property
    def nbytes(self) -> int:
        """Bytes of the copies."""
        return sum(keys.nbytes + values.nbytes for keys, values in self.rings)


class KVCache:
    """All layers' caches of one sequence. ``int8`` halves what the global layers take."""

    def __init__(self, config: TextConfig, dtype: torch.dtype, device: torch.device, int8: bool = False) -> None:
        self.length = 0
        global_cache = Int8GlobalLayerCache if int8 else GlobalLayerCache
        self.layers: list[GlobalLayerCache | SlidingLayerCache] = [
            global_cache(config.num_global_key_value_heads, config.global_row, dtype, device)
            if kind == "full_attention"
            else SlidingLayerCache(config.num_key_value_heads, config.sliding_window, config.head_dim, dtype, device)
            for kind in config.layer_types
        ]

    def advance(self, count: int) -> None:
        """Called once all layers have appended ``count`` positions."""
        self.length += count
        assert all(layer.length == self.length for layer in self.layers)

    def snapshot(self) -> Snapshot:
        """A copy of what cannot be rolled back, to return to this point later."""
        rings = tuple(
            (layer.keys[:, : layer.filled].clone(), layer.values[:, : layer.filled].clone())
            for layer in self._sliding()
        )
        return Snapshot(self.length, rings)

    def restore(self, snapshot: Snapshot) -> None:
        """Goes back to ``snapshot``, which must have been taken from this sequence, at or before its present end."""
        assert snapshot.length <= self.length
        for layer in self.layers:
            if isinstance(layer, GlobalLayerCache):
                layer.truncate(snapshot.length)
        for layer, (keys, values) in zip(self._sliding(), snapshot.rings, strict=True):
            layer.keys[:, : keys.shape[1]] = keys
            layer.values[:, : values.shape[1]] = values
            layer.length = snapshot.length
        self.length = snapshot.length

    def clear(self) -> None:
        """Forgets everything."""
        for layer in self.layers:
            if isinstance(layer, GlobalLayerCache):
                layer.truncate(0)
            else:
                layer.length = 0
        self.length = 0

    @property
    def nbytes(self) -> int:
        """Bytes that the cache holds, without snapshots."""
        return sum(layer.nbytes for layer in self.layers)

    def _sliding(self) -> list[SlidingLayerCache]:
        return [layer for layer in self.layers if isinstance(layer, SlidingLayerCache)]
