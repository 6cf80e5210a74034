"""Soft tokens of pictures, kept in memory and on disk, so that no picture goes through the vision tower twice."""

from __future__ import annotations

import threading
from collections import OrderedDict

from torch import Tensor

from model.document_store import DocumentStore
from model.errors import LecternError
from model.prompt import picture_key
from model.types import Picture
from model.vision import VisionTower

LIMIT_BYTES = 512 * 1024 * 1024
"""About 90 pictures of 1120 soft tokens at 26B-A4B's width in bf16."""


class FeatureCache:
    """The vision tower with a memory, bounded in bytes; the least recently used goes first.

    What is kept lies in the machine's memory, not the device's: it is small to move and slow to make.
    """

    def __init__(self, tower: VisionTower, limit_bytes: int = LIMIT_BYTES, store: DocumentStore | None = None) -> None:
        self._tower = tower
        self._store = store
        self._limit = limit_bytes
        self._kept: OrderedDict[str, Tensor] = OrderedDict()
        self._bytes = 0

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
        try:
            features = self._tower.encode(picture, cancel).cpu()
        except (OSError, ValueError) as error:
            raise LecternError(f"A picture could not be read any more ({error}); attach its file again.") from error
        self._keep(key, features)
        if self._store is not None and document:  # without an owner it could never be forgotten
            self._store.save_soft_tokens(key, features, document)
        return features

    def clear(self) -> None:
        """Forgets everything."""
        self._kept.clear()
        self._bytes = 0

    def _keep(self, key: str, features: Tensor) -> None:
        if features.nbytes > self._limit:
            return
        self._kept[key] = features
        self._bytes += features.nbytes
        while self._bytes > self._limit:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.nbytes
