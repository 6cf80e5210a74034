"""The cached data that stays in memory between requests, and how much of it the next request can use.

The KV cache of the last request stays as it is, and snapshots of it are kept at ends of segments. A snapshot
shares the global layers' blocks and copies the sliding layers, and any later prompt can go on from it: the
same question again, another question about the same documents, or documents that were put aside for a
while. The next prompt continues at the latest point, snapshot or the cache's very end, whose whole
sequence it begins with.

With a ``DocumentStore`` the ends of documents are also saved to disk, by ``settle`` once an answer is done, and
come back from there when memory does not hold them, after a restart for example.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from model.cache.document_store import DocumentStore
from model.cache.kv_cache import KVCache, Snapshot, total_bytes
from model.cache.spill import Room
from model.cancel import Cancel
from model.family.decoder import Decoder
from model.prompt.building import Prompt

SNAPSHOTS = 24
"""Kept at most. Each copies the sliding layers: 210 MB at 26B-A4B's sizes in bf16."""
SNAPSHOTS_PER_PROMPT = 6
SPACING = 64
"""A snapshot ends a chunk, and a short chunk costs a pass over nearly all weights: nearer ones do not pay."""
PASSING = 1000
"""Added to a snapshot's rank, which makes it less useful than all others."""
RESIDENT_BYTES = 4 << 30
"""Bytes that the cache and all snapshots may take before snapshots of other conversations are evicted."""


@dataclass(slots=True)
class _Kept:
    """A snapshot, the sequence that leads to it, how useful its place is, and when it was last of use.

    ``documents`` are the keys of all documents before it. ``unsaved`` is True where a document ends here that is
    not on disk yet.
    """

    signature: NDArray[np.int64]
    snapshot: Snapshot
    rank: int
    used: int
    documents: tuple[str, ...]
    unsaved: bool

    def leads_to(self, signature: NDArray[np.int64]) -> bool:
        count = len(self.signature)
        return count <= len(signature) and bool(np.array_equal(self.signature, signature[:count]))


class Residency:
    """The KV cache together with a record of its contents."""

    def __init__(
        self,
        decoder: Decoder,
        *,
        snapshots: int = SNAPSHOTS,
        per_prompt: int = SNAPSHOTS_PER_PROMPT,
        spacing: int = SPACING,
        resident_bytes: int = RESIDENT_BYTES,
        store: DocumentStore | None = None,
        int8: bool = False,
        room: Room | None = None,
    ) -> None:
        assert 0 < per_prompt <= snapshots
        self._decoder = decoder
        self._store, self._int8, self._room = store, int8, room
        self.pinned: set[str] = set()
        """Keys of documents that stay in memory whatever else is asked about."""
        self._documents: dict[int, str] = {}
        self._limit, self._per_prompt, self._limit_bytes = snapshots, per_prompt, resident_bytes
        self._spacing = spacing
        self._cache: KVCache | None = None
        self._signature: list[int] = []
        self._drafted: list[int] = []
        """Drafted tokens in the cache behind the signature, on trial."""
        self._kept: list[_Kept] = []
        self._wanted: tuple[int, ...] = ()
        self._passing = 0
        self._clock = 0

    @property
    def length(self) -> int:
        """Positions in the cache, without those that are on trial."""
        return len(self._signature)

    @property
    def cache(self) -> KVCache:
        """The cache itself; made at first use."""
        if self._cache is None:
            self._cache = self._decoder.new_cache(self._int8, self._room)
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
        """Restores the latest point that ``prompt`` begins with; returns how many tokens that spares.

        At least one token is always left to prefill, because it gives the logits for the answer.
        """
        self.discard()  # an abandoned answer may have left some
        self._clock += 1
        self._wanted = plan_snapshots(prompt, self._per_prompt, self._spacing)
        self._passing = prompt.passing
        self._documents = {document.stop: document.key for document in prompt.documents}
        usable = prompt.signature[:-1]
        for kept in self._kept:
            if kept.leads_to(usable):
                kept.used = self._clock
        point, best = self.reach(prompt)
        if from_disk := self._load(prompt, point):
            point, best = len(from_disk.signature), from_disk
        if best:
            self.cache.restore(best.snapshot)
            self._signature = best.signature.tolist()
        elif not point:
            self.cache.clear()
            self._signature = []
        return point

    def reach(self, prompt: Prompt) -> tuple[int, _Kept | None]:
        """How much of ``prompt`` is in memory, and the snapshot that holds it; None where it is the cache itself."""
        usable = prompt.signature[:-1]
        known = [kept for kept in self._kept if kept.leads_to(usable)]
        best = max(known, key=lambda kept: len(kept.signature), default=None)
        point = len(best.signature) if best else 0
        if point <= self.length <= len(usable):
            own = np.array(self._signature, np.int64)
            if np.array_equal(own, usable[: self.length]):
                return self.length, None
        return point, best

    def reach_on_disk(self, prompt: Prompt, beyond: int = 0) -> int:
        """The end of the last of ``prompt``'s documents that is on disk, where it is behind ``beyond``; else 0."""
        return next(self._saved_ends(prompt, beyond), 0)

    def disk_bytes(self, signature: NDArray[np.int64]) -> int:
        """Bytes on disk of a document that ends where ``signature`` does."""
        return self._store.nbytes(signature) if self._store is not None else 0

    def pin(self, document: str, on: bool) -> None:
        """Whether a document stays whatever else is asked about."""
        for pinned in (self.pinned, self._store.pinned) if self._store is not None else (self.pinned,):
            (pinned.add if on else pinned.discard)(document)

    @torch.inference_mode()
    def record(self, signature: Sequence[int] | NDArray[np.int64], drafted: Sequence[int] = ()) -> None:
        """Called after each forward pass with what it appended; ``drafted`` follows it and may be removed."""
        assert not self._drafted
        self._signature += [int(i) for i in signature]
        self._drafted = list(drafted)
        assert self.cache.length == self.length + len(drafted)
        if self.length in self._wanted:
            own = np.array(self._signature, np.int64)
            if not any(np.array_equal(kept.signature, own) for kept in self._kept):
                self._keep(own, self.cache.snapshot(), unsaved=self.length in self._documents)
            self._make_room()

    def accept(self) -> None:
        """The first drafted position stays."""
        self._signature.append(self._drafted.pop(0))

    @torch.inference_mode()
    def discard(self) -> None:
        """Takes the drafted positions off the cache again."""
        if self._drafted:
            self._drafted = []
            self.cache.roll_back(self.length)

    def settle(self, cancel: Cancel | None = None) -> None:
        """Saves the documents that are not on disk yet, the shortest beginnings first."""
        for kept in sorted(self._kept, key=lambda kept: len(kept.signature)):
            if cancel is not None and cancel.is_set():
                return
            self._save(kept)

    def unload(self, document: str) -> None:
        """Removes a document from memory; its saved data stays on disk."""
        self.settle()
        self._kept = [kept for kept in self._kept if document not in kept.documents]
        if document in self._documents.values():
            self._empty()

    def forget(self, document: str) -> None:
        """Deletes a document from memory and from disk."""
        self.pinned.discard(document)
        self._kept = [kept for kept in self._kept if document not in kept.documents]
        if document in self._documents.values():
            self._empty()
        if self._store is not None:
            self._store.forget(document)

    def drop(self) -> None:
        """Clears everything and frees the memory: after an error the contents of the cache are unknown."""
        self._empty()
        self._kept = []

    def _empty(self) -> None:
        self._cache = None
        self._signature, self._drafted = [], []

    def lighten(self) -> None:
        """Memory is short: keeps only the cache's current contents. Documents that are not on disk are read again."""
        self._kept = []

    def _load(self, prompt: Prompt, beyond: int) -> _Kept | None:
        """From disk, where that spares more than memory does. A damaged record is dropped, an earlier one may do."""
        for stop in self._saved_ends(prompt, beyond):
            assert self._store is not None
            snapshot = self._store.load(prompt.signature[:stop], self.cache)
            if snapshot is not None:
                return self._keep(prompt.signature[:stop], snapshot, unsaved=False)
        return None

    def _saved_ends(self, prompt: Prompt, beyond: int) -> Iterator[int]:
        """Ends of documents that are on disk, the last one first."""
        for document in reversed(prompt.documents):
            if self._store is None or document.stop <= beyond:
                return
            if document.stop < len(prompt) and self._store.has(prompt.signature[: document.stop]):
                yield document.stop

    def _keep(self, signature: NDArray[np.int64], snapshot: Snapshot, unsaved: bool) -> _Kept:
        count = len(signature)
        rank = self._wanted.index(count) if count in self._wanted else len(self._wanted)
        if count > self._passing > 0:
            rank += PASSING  # one page of many: evicted before anything that a conversation continues from
        documents = tuple(key for stop, key in self._documents.items() if stop <= count)
        kept = _Kept(signature, snapshot, rank, self._clock, documents, unsaved)
        self._kept.append(kept)
        return kept

    def _save(self, kept: _Kept) -> None:
        if kept.unsaved and self._store is not None:
            kept.unsaved = False  # a disk that would not take it is not asked again
            parents = [len(other.signature) for other in self._kept if other.leads_to(kept.signature)]
            self._store.save(kept.signature, kept.snapshot, kept.documents, parents)

    def _make_room(self) -> None:
        """Snapshots of other conversations go first: each keeps its most useful ones longest. Pinned ones stay."""
        own = np.array(self._signature, np.int64)
        while len(self._kept) > self._limit or self.nbytes > self._limit_bytes:
            victims = self._others(own)
            if not victims and len(self._kept) > self._limit:
                victims = [kept for kept in self._kept if len(kept.signature) not in self._wanted]
            victims = [kept for kept in victims if not self.pinned.intersection(kept.documents)]
            if not victims:
                return
            victim = min(victims, key=lambda kept: (-kept.rank, kept.used))
            self._save(victim)
            self._kept = [kept for kept in self._kept if kept is not victim]

    def _others(self, own: NDArray[np.int64]) -> list[_Kept]:
        return [kept for kept in self._kept if not kept.leads_to(own)]


def plan_snapshots(prompt: Prompt, limit: int, spacing: int = SPACING) -> tuple[int, ...]:
    """Where to take snapshots, the most useful place first: landmarks, then ends of segments in the largest gaps.

    The first landmark, where the documents end, is always one. The others must be ``spacing`` tokens from those
    before them, and what fills gaps four times as much: it is for the rare conversation that continues after one
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
