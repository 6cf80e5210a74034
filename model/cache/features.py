"""Soft tokens of pictures, kept in memory and on disk, so that no picture goes through the vision tower twice."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from torch import Tensor

from model.cache.document_store import DocumentStore
from model.errors import CancelledError, LecternError
from model.family.vision import Encoding, VisionTower
from model.prompt.building import picture_key
from model.types import Picture

LIMIT_BYTES = 512 * 1024 * 1024
"""About 90 pictures of 1120 soft tokens at 26B-A4B's width in bf16."""
_BROKEN_OFF = 4
"""Pictures that were broken off and wait to be gone on with; each takes up to 26 MB at 26B-A4B's width."""


class FeatureCache:
    """The vision tower with a memory, bounded in bytes; the least recently used goes first.

    What is kept lies in the machine's memory, not the device's: it is small to move and slow to make.
    """

    def __init__(
        self,
        tower: VisionTower,
        limit_bytes: int = LIMIT_BYTES,
        store: DocumentStore | None = None,
        measured: Callable[[int, float], None] = lambda soft_tokens, seconds: None,
    ) -> None:
        """``measured`` is told of each picture that went through the tower in one go: soft tokens, seconds."""
        self._tower, self._measured = tower, measured
        self._store = store
        self._limit = limit_bytes
        self._kept: OrderedDict[str, Tensor] = OrderedDict()
        self._bytes = 0
        self._begun: OrderedDict[str, Encoding] = OrderedDict()

    def __contains__(self, picture: Picture) -> bool:
        """Whether the tower is spared for ``picture``; brings its soft tokens into memory."""
        key = picture_key(picture)
        if key not in self._kept and self._store is not None:
            shape = (picture.soft_tokens, self._tower.width)
            saved = self._store.load_soft_tokens(key, shape, self._tower.dtype)
            if saved is not None:
                self._keep(key, saved)
        return key in self._kept

    @property
    def nbytes(self) -> int:
        """Bytes that are kept."""
        return self._bytes

    def soft_tokens(self, picture: Picture, document: str = "", cancel: threading.Event | None = None) -> Tensor:
        """[n, D] for ``picture`` of ``document``, kept or from the tower; of no document, in memory only.

        Raises ``LecternError``, and ``CancelledError`` when ``cancel`` stops the tower.
        """
        key = picture_key(picture)
        if picture in self:
            self._kept.move_to_end(key)
            return self._kept[key]
        features = self._encode(key, picture, cancel)
        self._keep(key, features)
        if self._store is not None and document:  # without an owner it could never be forgotten
            self._store.save_soft_tokens(key, features, document)
        return features

    def is_ready(self, picture: Picture) -> bool:
        """Whether the tower is spared for ``picture``, without bringing anything into memory."""
        key = picture_key(picture)
        return key in self._kept or (self._store is not None and self._store.has_soft_tokens(key))

    def can_keep(self, picture: Picture) -> bool:
        """Whether ``picture``, encoded before anybody asks, would be there when somebody does."""
        size = picture.soft_tokens * self._tower.width * self._tower.dtype.itemsize
        return self._store.can_hold(size) if self._store is not None else self._bytes + size <= self._limit

    def clear(self) -> None:
        """Forgets everything."""
        self._kept.clear()
        self._begun.clear()
        self._bytes = 0

    def _encode(self, key: str, picture: Picture, cancel: threading.Event | None) -> Tensor:
        """Through the tower; a picture that was broken off goes on from the layer it had reached."""
        started, begun = time.perf_counter(), self._begun.pop(key, None)
        try:
            encoding = begun or self._tower.begin(picture)
        except (OSError, ValueError) as error:
            raise LecternError(f"A picture could not be read any more ({error}); attach its file again.") from error
        try:
            features = self._tower.finish(encoding, cancel).cpu()
        except CancelledError:
            self._begun[key] = encoding
            while len(self._begun) > _BROKEN_OFF:
                self._begun.popitem(last=False)
            raise
        if begun is None:
            self._measured(picture.soft_tokens, time.perf_counter() - started)
        return features

    def _keep(self, key: str, features: Tensor) -> None:
        if features.nbytes > self._limit:
            return
        self._kept[key] = features
        self._bytes += features.nbytes
        while self._bytes > self._limit:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.nbytes
