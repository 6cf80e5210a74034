"""What stays in memory between requests, and how much of it the next request can use.

The KV cache of the last request stays as it is, and snapshots of it are kept at ends of segments. A snapshot
shares the global layers' blocks and copies the sliding layers, and any later prompt can go on from it: the
same question again, another question about the same documents, or documents that were put aside for a
while. The next prompt continues at the latest point, snapshot or the cache's very end, whose whole
sequence it begins with.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from model.decoder import Decoder
from model.kv_cache import KVCache, Snapshot, total_bytes
from model.prompt import Prompt

SNAPSHOTS = 6
"""Kept at most. Each copies the sliding layers: 210 MB at 26B-A4B's sizes in bf16."""
SNAPSHOTS_PER_PROMPT = 4
SPACING = 64
"""A snapshot ends a chunk, and a short chunk costs a pass over nearly all weights: nearer ones do not pay."""
RESIDENT_BYTES = 4 << 30
"""What the cache and all snapshots may take together before snapshots of other conversations go."""


@dataclass(slots=True)
class _Kept:
    """A snapshot, the sequence that leads to it, how useful its place is, and when it was last of use."""

    signature: NDArray[np.int64]
    snapshot: Snapshot
    rank: int
    used: int

    def leads_to(self, signature: NDArray[np.int64]) -> bool:
        count = len(self.signature)
        return count <= len(signature) and bool(np.array_equal(self.signature, signature[:count]))


class Residency:
    """The KV cache together with what stands in it."""

    def __init__(
        self,
        decoder: Decoder,
        *,
        snapshots: int = SNAPSHOTS,
        per_prompt: int = SNAPSHOTS_PER_PROMPT,
        spacing: int = SPACING,
        resident_bytes: int = RESIDENT_BYTES,
    ) -> None:
        assert 0 < per_prompt <= snapshots
        self._decoder = decoder
        self._limit, self._per_prompt, self._limit_bytes = snapshots, per_prompt, resident_bytes
        self._spacing = spacing
        self._cache: KVCache | None = None
        self._signature: list[int] = []
        self._kept: list[_Kept] = []
        self._wanted: tuple[int, ...] = ()
        self._clock = 0

    @property
    def length(self) -> int:
        """Positions in the cache."""
        return len(self._signature)

    @property
    def cache(self) -> KVCache:
        """The cache itself; made at first use."""
        if self._cache is None:
            self._cache = self._decoder.new_cache()
        return self._cache

    @property
    def snapshot_count(self) -> int:
        """How many snapshots are kept."""
        return len(self._kept)

    @property
    def nbytes(self) -> int:
        """Bytes of the cache and all snapshots; what they share counts once."""
        return total_bytes((kept.snapshot for kept in self._kept), self._cache)

    @property
    def cuts(self) -> tuple[int, ...]:
        """Positions at which prefill must pause, so that ``record`` can take a snapshot there."""
        return self._wanted

    @torch.inference_mode()
    def continue_with(self, prompt: Prompt) -> int:
        """Goes to the latest point that ``prompt`` begins with, and says how many tokens that spares.

        At least one token is always left to prefill, because it gives the logits for the answer.
        """
        self._clock += 1
        self._wanted = plan_snapshots(prompt, self._per_prompt, self._spacing)
        usable = prompt.signature[:-1]
        known = [kept for kept in self._kept if kept.leads_to(usable)]
        for kept in known:
            kept.used = self._clock
        own = np.array(self._signature, np.int64)
        best = max(known, key=lambda kept: len(kept.signature), default=None)
        point = len(best.signature) if best else 0
        if point <= self.length <= len(usable) and np.array_equal(own, usable[: self.length]):
            return self.length
        if best:
            self.cache.restore(best.snapshot)
            self._signature = best.signature.tolist()
        else:
            self.cache.clear()
            self._signature = []
        return point

    @torch.inference_mode()
    def record(self, signature: Sequence[int] | NDArray[np.int64]) -> None:
        """Called after each forward pass with what it appended."""
        self._signature += [int(i) for i in signature]
        assert self.cache.length == self.length
        if self.length in self._wanted:
            own = np.array(self._signature, np.int64)
            if not any(np.array_equal(kept.signature, own) for kept in self._kept):
                rank = self._wanted.index(self.length)
                self._kept.append(_Kept(own, self.cache.snapshot(), rank, self._clock))
            self._make_room()

    def drop(self) -> None:
        """Forgets everything and gives the memory back: after an error nobody knows what stands in the cache."""
        self._cache = None
        self._signature = []
        self._kept = []

    def _make_room(self) -> None:
        """Snapshots of other conversations go first: each keeps its most useful ones longest."""
        own = np.array(self._signature, np.int64)
        while len(self._kept) > self._limit or (self.nbytes > self._limit_bytes and self._others(own)):
            victims = self._others(own) or [kept for kept in self._kept if len(kept.signature) not in self._wanted]
            victim = min(victims, key=lambda kept: (-kept.rank, kept.used))
            self._kept = [kept for kept in self._kept if kept is not victim]

    def _others(self, own: NDArray[np.int64]) -> list[_Kept]:
        return [kept for kept in self._kept if not kept.leads_to(own)]


def plan_snapshots(prompt: Prompt, limit: int, spacing: int = SPACING) -> tuple[int, ...]:
    """Where to take snapshots, the most useful place first: landmarks, then ends of segments in the largest gaps.

    The first landmark, where the documents end, is always one. The others must be ``spacing`` tokens from those
    before them, and what fills gaps four times as much: it is for the rare conversation that goes on after one
    of its documents was taken out or replaced.
    """
    chosen: list[int] = []
    for position in prompt.landmarks:
        if len(chosen) < limit and all(abs(position - other) >= spacing for other in chosen):
            chosen.append(position)
    ends = [segment.stop for segment in prompt.segments[:-1]]
    while len(chosen) < limit:
        edges = sorted({0, *chosen, len(prompt)})
        gain, position = max(_halving_end(ends, *gap) for gap in pairwise(edges))
        if gain < max(1, 4 * spacing):
            break
        chosen.append(position)
    return tuple(chosen)


def _halving_end(ends: Sequence[int], start: int, stop: int) -> tuple[int, int]:
    """(tokens that it spares at least, position) of the segment end that halves the gap best."""
    middle = bisect_left(ends, (start + stop) / 2)
    near = [end for end in ends[max(0, middle - 1) : middle + 1] if start < end < stop]
    return max(((min(end - start, stop - end), end) for end in near), default=(0, 0))
