"""Soft tokens, kept in memory and on disk, so that nothing is encoded twice."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from model.cache.document_store import DocumentStore
from model.cancel import Cancel
from model.errors import CancelledError
from model.family.encoder import Encoder
from model.prompt.spans import Source

LIMIT_BYTES = 512 * 1024 * 1024
"""About 90 pictures of 1120 soft tokens at 26B-A4B's width in bf16."""
_BROKEN_OFF = 4
"""Sources that were interrupted and wait to be resumed; a picture takes up to 26 MB at 26B-A4B's width."""


class FeatureCache:
    """Encoders with a cache, bounded in bytes; the least recently used entry is evicted first.

    Entries are in the machine's memory, not the device's: they are small to move and slow to make.
    """

    def __init__(
        self,
        encoders: Mapping[str, Encoder],
        limit_bytes: int = LIMIT_BYTES,
        store: DocumentStore | None = None,
        measured: Mapping[str, Callable[[int, float], None]] | None = None,
    ) -> None:
        """Both by kind; ``measured`` is told of what went through an encoder in one go: soft tokens, seconds."""
        self.encoders, self._measured = encoders, measured or {}
        self._store = store
        self._limit = limit_bytes
        self._kept: OrderedDict[str, Tensor] = OrderedDict()
        self._bytes = 0
        self._begun: OrderedDict[str, Any] = OrderedDict()

    def __contains__(self, source: Source) -> bool:
        """Whether ``source`` need not be encoded; brings its soft tokens into memory."""
        key = source.key
        if key not in self._kept and self._store is not None:
            encoder = self.encoders[source.kind]
            saved = self._store.load_soft_tokens(key, (source.soft_tokens, encoder.width), encoder.dtype)
            if saved is not None:
                self._keep(key, saved)
        return key in self._kept

    @property
    def nbytes(self) -> int:
        """Bytes of all cached soft tokens."""
        return self._bytes

    def soft_tokens(self, source: Source, document: str = "", cancel: Cancel | None = None) -> Tensor:
        """[n, D] for ``source`` in ``document``, kept or made now; of no document, in memory only.

        Raises ``LecternError``, and ``CancelledError`` when ``cancel`` stops the encoder.
        """
        key = source.key
        if source in self:
            self._kept.move_to_end(key)
            return self._kept[key]
        features = self._encode(key, source, cancel)
        self._keep(key, features)
        if self._store is not None and document:  # without an owner it could never be deleted
            self._store.save_soft_tokens(key, features, document)
        return features

    def is_ready(self, source: Source) -> bool:
        """Whether ``source`` need not be encoded, without bringing anything into memory."""
        key = source.key
        return key in self._kept or (self._store is not None and self._store.has_soft_tokens(key))

    def can_keep(self, source: Source) -> bool:
        """Whether ``source``, encoded before anybody asks, would be there when somebody does."""
        encoder = self.encoders[source.kind]
        size = source.soft_tokens * encoder.width * encoder.dtype.itemsize
        return self._store.can_hold(size) if self._store is not None else self._bytes + size <= self._limit

    def clear(self) -> None:
        """Removes all entries from memory."""
        self._kept.clear()
        self._begun.clear()
        self._bytes = 0

    def _encode(self, key: str, source: Source, cancel: Cancel | None) -> Tensor:
        """Encodes; an interrupted picture continues from the layer it had reached."""
        started, begun, encoder = time.perf_counter(), self._begun.pop(key, None), self.encoders[source.kind]
        encoding = begun if begun is not None else encoder.begin(source)
        try:
            features = encoder.finish(encoding, cancel).cpu()
        except CancelledError:
            self._begun[key] = encoding
            while len(self._begun) > _BROKEN_OFF:
                self._begun.popitem(last=False)
            raise
        if begun is None and source.kind in self._measured:
            self._measured[source.kind](source.soft_tokens, time.perf_counter() - started)
        return features

    def _keep(self, key: str, features: Tensor) -> None:
        if features.nbytes > self._limit:
            return
        self._kept[key] = features
        self._bytes += features.nbytes
        while self._bytes > self._limit:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.nbytes
