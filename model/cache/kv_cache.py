"""The KV cache of one sequence: append-only blocks for global layers, a ring for sliding ones; none where KV is shared.

Global layers keep one row of numbers per position and KV head, ``[V_rot | V_plain | K_rot]`` (640 instead of 1024
at Gemma 4's sizes): K equals V before the norm's weight and rope, so V is ``row[:H]`` and K is ``row[R:]`` with
the weight folded into the query (see ``model.family.attention_layers``). Where values have a matrix of their own, a row
is ``[V | K]``. Sliding layers keep the last ``window`` positions.

A ring that has moved on cannot be rolled back. What makes going back possible is a ``Snapshot``: a copy of the
rings, which costs a fixed size whatever the context's length, and the blocks of the global layers, which are
shared and not copied. Any number of sequences can continue from one snapshot: a block is only ever written behind
what has been written before.

A few positions that may not stay, such as drafted tokens, need no copy of the rings: ``KVCache.mark`` keeps only the
rows that they will overwrite, and ``KVCache.roll_back`` takes any number of the last positions since then off again,
exactly. No snapshot can have seen them: taking one ends the mark. So removed positions have never been shared.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from model.cache.spill import Room
from model.family.config import TextConfig

BLOCK_TOKENS = 4096
"""Most positions in one block of a global layer. Growth adds a block and never copies existing rows."""
SMALL_BLOCK_TOKENS = 256
"""Fewest positions in one block, so that a short question behind a snapshot does not cost a large one."""


class Block:
    """Room for ``capacity`` positions, of which the first ``filled`` are written and never change again."""

    def __init__(self, tensors: tuple[Tensor, ...], capacity: int) -> None:
        self.tensors, self.capacity = tensors, capacity
        self.filled = 0

    @property
    def nbytes(self) -> int:
        """Bytes of the whole block, filled or not."""
        return sum(tensor.nbytes for tensor in self.tensors)


class GlobalLayerCache:
    """Rows of a global layer in blocks of shape [KV heads, capacity, row], in the compute dtype."""

    def __init__(self, kv_heads: int, row: int, dtype: torch.dtype, room: Room) -> None:
        self.kv_heads, self.row, self.dtype, self.device = kv_heads, row, dtype, room.device
        self._room = room
        self.length = 0
        self.parts: list[tuple[Block, int]] = []
        """The blocks of this sequence, and how many positions of each belong to it."""

    def append(self, rows: Tensor) -> None:
        """Adds ``rows`` [KV heads, T, row] behind the existing ones."""
        packed = self._pack(rows)
        done, count = 0, rows.shape[1]
        while done < count:
            block, used = self._writable(count - done)
            step = min(count - done, block.capacity - used)
            for stored, new in zip(block.tensors, packed, strict=True):
                stored[:, used : used + step] = new[:, done : done + step]
            block.filled = used + step
            self.parts[-1] = (block, block.filled)
            self.length += step
            done += step

    def reserve(self, count: int) -> list[tuple[Block, int, int]]:
        """Adds ``count`` positions whose rows the caller writes: every block, how many it had and how many are new."""
        before = self.parts
        old = len(before)
        self.parts = list(before)
        fresh: list[tuple[Block, int, int]] = [(block, used, 0) for block, used in before]
        while count:
            block, used = self._writable(count)
            step = min(count, block.capacity - used)
            block.filled = used + step
            self.parts[-1] = (block, block.filled)
            del fresh[len(self.parts) - 1 :]
            fresh.append((block, used, step))
            self.length += step
            count -= step
        assert len(fresh) == len(self.parts) >= old
        return fresh

    def views(self) -> Iterator[Tensor]:
        """The sequence as rows in the compute dtype, [KV heads, n, row] from each block, oldest first."""
        for block, used in self.parts:
            yield self._unpack(tuple(stored[:, :used] for stored in block.tensors))

    def share(self, parts: Iterable[tuple[Block, int]]) -> None:
        """Becomes the sequence that ``parts`` hold, without copying it."""
        self.parts = list(parts)
        self.length = sum(used for _, used in self.parts)

    def take_off(self, count: int) -> None:
        """Removes the last ``count`` positions, which no other sequence may hold: their rows are written anew."""
        while count:
            block, used = self.parts.pop()
            assert block.filled == used, "another sequence has gone on behind these positions"
            step = min(count, used)
            if used > step:
                block.filled = used - step
                self.parts.append((block, block.filled))
            self.length -= step
            count -= step

    def stored_form(self) -> tuple[tuple[torch.dtype, int], ...]:
        """Of each tensor in a block: its dtype and its last dimension."""
        return ((self.dtype, self.row),)

    def _writable(self, wanted: int) -> tuple[Block, int]:
        """The last block where its end is still free to write, else a new one."""
        if self.parts:
            block, used = self.parts[-1]
            if used == block.filled < block.capacity:
                return block, used
        capacity = min(BLOCK_TOKENS, -(-wanted // SMALL_BLOCK_TOKENS) * SMALL_BLOCK_TOKENS)
        self.parts.append((Block(self._allocate(capacity), capacity), 0))
        return self.parts[-1]

    def _allocate(self, capacity: int) -> tuple[Tensor, ...]:
        return tuple(self._room.empty((self.kv_heads, capacity, width), dtype) for dtype, width in self.stored_form())

    def as_stored(self, rows: Tensor) -> Tensor:
        """``rows`` as ``views`` will give them, so that nothing depends on where chunks end."""
        return self._unpack(self._pack(rows))

    def _pack(self, rows: Tensor) -> tuple[Tensor, ...]:
        return (rows,)

    def _unpack(self, stored: tuple[Tensor, ...]) -> Tensor:
        return stored[0]


class Int8GlobalLayerCache(GlobalLayerCache):
    """The same rows as int8 with one scale per position and KV head: half the bytes of bf16, and two more."""

    def stored_form(self) -> tuple[tuple[torch.dtype, int], ...]:
        """The numbers, and their scales."""
        return ((torch.int8, self.row), (torch.bfloat16, 1))

    def _pack(self, rows: Tensor) -> tuple[Tensor, ...]:
        # The scale is rounded to bf16 first, and up, so that the largest number still fits into 127 steps.
        largest = rows.float().abs().amax(dim=-1, keepdim=True)
        scale = (largest * (1.004 / 127)).clamp_min(1e-12).to(torch.bfloat16)
        return (rows.float() / scale.float()).round().clamp(-127, 127).to(torch.int8), scale

    def _unpack(self, stored: tuple[Tensor, ...]) -> Tensor:
        return (stored[0] * stored[1].to(self.dtype)).to(self.dtype)


class SlidingLayerCache:
    """The last ``window`` positions of a sliding layer: position p is in slot ``p % window``."""

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

    def without_oldest(self) -> SlidingLayerCache:
        """A copy without the oldest position, in no order, where every slot is filled; else this one."""
        if self.filled < self.window:
            return self
        oldest = self.length % self.window
        others = torch.cat((torch.arange(oldest), torch.arange(oldest + 1, self.window))).to(self.keys.device)
        less = copy.copy(self)
        less.keys, less.values = self.rows(others)
        less.window = less.length = self.window - 1
        return less

    def rows(self, slots: Tensor) -> tuple[Tensor, Tensor]:
        """Copies of the keys and values in ``slots``, each [KV heads, n, head_dim]."""
        slots = slots.to(self.keys.device)
        return self.keys.index_select(1, slots), self.values.index_select(1, slots)

    def put_back(self, slots: Tensor, keys: Tensor, values: Tensor) -> None:
        """Writes copies that ``rows`` gave into their slots again."""
        slots = slots.to(self.keys.device)
        self.keys.index_copy_(1, slots, keys)
        self.values.index_copy_(1, slots, values)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A sequence at ``length`` positions: copies of the rings, and the blocks of the global layers, shared."""

    length: int
    rings: tuple[tuple[Tensor, Tensor], ...]
    parts: tuple[tuple[tuple[Block, int], ...], ...]

    @property
    def ring_bytes(self) -> int:
        """Bytes of the copies. What the blocks take is shared: see ``total_bytes``."""
        return sum(keys.nbytes + values.nbytes for keys, values in self.rings)


@dataclass(frozen=True, slots=True)
class _Mark:
    """A point to roll back to: its length, how many positions may follow, and the rows that they overwrite.

    ``overwritten`` holds, for each ring, the rows of the positions from ``first`` on, less the window.
    """

    length: int
    room: int
    first: int
    overwritten: tuple[tuple[Tensor, Tensor], ...]


def total_bytes(snapshots: Iterable[Snapshot], cache: KVCache | None = None) -> int:
    """Bytes that snapshots, and a cache where there is one, hold together; a shared block counts once."""
    snapshots = list(snapshots)
    layers = [parts for snapshot in snapshots for parts in snapshot.parts]
    if cache is not None:
        layers += [tuple(layer.parts) for layer in cache.global_layers()]
    blocks = {id(block): block.nbytes for parts in layers for block, _ in parts}
    rings = sum(snapshot.ring_bytes for snapshot in snapshots)
    return sum(blocks.values()) + rings + (cache.ring_bytes if cache is not None else 0)


class KVCache:
    """All layers' caches of one sequence. ``int8`` halves what the global layers take; ``room`` holds their rows.

    ``devices`` are those of the layers where they are not all on ``device``.
    """

    def __init__(
        self,
        config: TextConfig,
        dtype: torch.dtype,
        device: torch.device,
        int8: bool = False,
        room: Room | None = None,
        devices: Sequence[torch.device] = (),
    ) -> None:
        self.length = 0
        self.device, self.window = device, config.sliding_window
        self._mark: _Mark | None = None
        rooms = {device: room or Room(device)}
        global_cache = Int8GlobalLayerCache if int8 else GlobalLayerCache
        self.layers: list[GlobalLayerCache | SlidingLayerCache] = [
            global_cache(
                config.num_global_key_value_heads, config.global_row, dtype, rooms.setdefault(where, Room(where))
            )
            if kind == "full_attention"
            else SlidingLayerCache(config.num_key_value_heads, config.sliding_window, config.head_dim, dtype, where)
            for kind, where in zip(
                config.layer_types[: config.num_kv_layers], devices or [device] * config.num_kv_layers, strict=True
            )
        ]
        """Of the layers that store any, first to last."""

    def advance(self, count: int) -> None:
        """Called once all layers have appended ``count`` positions."""
        self.length += count
        assert all(layer.length == self.length for layer in self.layers)

    def seen_from_behind(self, layers: Collection[int]) -> KVCache:
        """For reading only: this cache as a query at the next position sees it, which is not in it.

        Of ``layers`` the rings that are full come without their oldest position, which has just left the window.
        """
        seen = copy.copy(self)
        seen.layers = [
            layer.without_oldest() if number in layers and isinstance(layer, SlidingLayerCache) else layer
            for number, layer in enumerate(self.layers)
        ]
        return seen

    def mark(self, count: int) -> None:
        """Makes the next ``count`` positions, at most ``window``, removable by ``roll_back``."""
        assert count <= self.window
        first = max(self.length, self.window)  # before that, slots are free
        slots = self._slots(first, self.length + count)
        rings = self.sliding_layers() if len(slots) else ()
        self._mark = _Mark(self.length, count, first, tuple(ring.rows(slots) for ring in rings))

    def roll_back(self, length: int) -> None:
        """Truncates to the first ``length`` positions, at least as many as there were at the mark."""
        mark = self._mark
        assert mark is not None and mark.length <= length <= self.length <= mark.length + mark.room
        for layer in self.global_layers():
            layer.take_off(self.length - length)
        begin = max(length, mark.first)
        slots = self._slots(begin, self.length)
        if len(slots):
            part = slice(begin - mark.first, self.length - mark.first)
            for ring, (keys, values) in zip(self.sliding_layers(), mark.overwritten, strict=True):
                ring.put_back(slots, keys[:, part], values[:, part])
        for ring in self.sliding_layers():
            ring.length = length
        self.length = length

    def _slots(self, start: int, stop: int) -> Tensor:
        """The rings' slots of positions [start, stop), int64; none where ``stop`` is before ``start``."""
        return torch.arange(start, max(start, stop), device=self.device) % self.window

    def snapshot(self) -> Snapshot:
        """This point of the sequence, to return to later, however far it has gone on by then."""
        self._mark = None
        rings = tuple(
            (layer.keys[:, : layer.filled].clone(), layer.values[:, : layer.filled].clone())
            for layer in self.sliding_layers()
        )
        return Snapshot(self.length, rings, tuple(tuple(layer.parts) for layer in self.global_layers()))

    def restore(self, snapshot: Snapshot) -> None:
        """Becomes the sequence at ``snapshot``, whatever this cache held before."""
        self._mark = None
        for layer, parts in zip(self.global_layers(), snapshot.parts, strict=True):
            layer.share(parts)
        for ring, (keys, values) in zip(self.sliding_layers(), snapshot.rings, strict=True):
            ring.keys[:, : keys.shape[1]] = keys
            ring.values[:, : values.shape[1]] = values
            ring.length = snapshot.length
        self.length = snapshot.length

    def clear(self) -> None:
        """Removes all positions."""
        self._mark = None
        for layer in self.global_layers():
            layer.share(())
        for ring in self.sliding_layers():
            ring.length = 0
        self.length = 0

    @property
    def nbytes(self) -> int:
        """Bytes that the cache holds, without snapshots."""
        return total_bytes((), self)

    @property
    def ring_bytes(self) -> int:
        """Bytes of the sliding layers' rings, a fixed size."""
        return sum(ring.keys.nbytes + ring.values.nbytes for ring in self.sliding_layers())

    def global_layers(self) -> list[GlobalLayerCache]:
        """The global layers, first to last."""
        return [layer for layer in self.layers if isinstance(layer, GlobalLayerCache)]

    def sliding_layers(self) -> list[SlidingLayerCache]:
        """The sliding layers, first to last."""
        return [layer for layer in self.layers if isinstance(layer, SlidingLayerCache)]
