"""Documents on disk: the KV cache at their ends and their pictures' soft tokens, in one folder with one budget.

Records of all models share one folder; a record's name is made from the model and the content, so that another
model, template or number format never finds it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.cache.kv_cache import KVCache, Snapshot
from model.cache.snapshot_store import SnapshotStore
from model.cache.tensor_store import DroppedError, TensorStore
from model.checkpoint.folder_names import MANIFEST

Signature = NDArray[np.int64]
_SMALL_FILE = 1 << 20
_SAMPLES = 64
_SAMPLE_BYTES = 1 << 16
_log = logging.getLogger(__name__)


class DocumentStore:
    """The documents that one open model has on disk. Disk errors are logged: the app continues without saving."""

    def __init__(self, folder: Path, model: str, limit_bytes: int) -> None:
        self._files = TensorStore(folder, model)
        self._snapshots = SnapshotStore(self._files)
        self._model, self._limit = model, limit_bytes
        self.pinned: set[str] = set()
        self._files.sweep()

    def load(self, signature: Signature, into: KVCache) -> Snapshot | None:
        """The snapshot at the end of ``signature``, None where there is none that is sound."""
        key = self._key("kv", signature.tobytes())
        snapshot = self._snapshots.load(key, into)
        if snapshot is not None:
            self._files.touch(key)
        return snapshot

    def save(self, signature: Signature, snapshot: Snapshot, documents: Sequence[str], parents: Sequence[int]) -> bool:
        """Saves ``snapshot``, which ``signature`` leads to, behind the longest of the beginnings that are there.

        ``parents`` are lengths of beginnings of ``signature`` that may have been saved before.
        """
        parent, start = None, 0
        for length in sorted(parents, reverse=True):
            key = self._key("kv", signature[:length].tobytes())
            if 0 < length < len(signature) and self._files.has(key):
                parent, start = key, length
                self._files.touch(key)
                break
        key = self._key("kv", signature.tobytes())
        saved = self._snapshots.save(key, snapshot, parent, start, documents)
        self._shrink()
        return saved

    def has(self, signature: Signature) -> bool:
        """Whether a snapshot at the end of ``signature`` is there."""
        return self._files.has(self._key("kv", signature.tobytes()))

    def whole(self) -> bool:
        """Whether the loaded record can still be used: its files have not become shorter."""
        return self._files.whole()

    def nbytes(self, signature: Signature | None = None) -> int:
        """Bytes on disk of the snapshot at the end of ``signature``, or of everything."""
        return self._files.nbytes(None if signature is None else self._key("kv", signature.tobytes()))

    def load_soft_tokens(self, picture: str, shape: tuple[int, int], dtype: torch.dtype) -> Tensor | None:
        """The soft tokens of a picture, None where there are none that are sound."""
        key = self._key("picture", picture.encode())
        try:
            manifest = self._files.manifest(key)
            if manifest is None:
                return None
            tensor = self._files.tensors(key, manifest, {"soft_tokens": (dtype, shape)})["soft_tokens"]
        except DroppedError as error:
            _log.warning("saved soft tokens were dropped: %s", error)
            self._files.forget(key)
            return None
        self._files.touch(key)
        return tensor

    def has_soft_tokens(self, picture: str) -> bool:
        """Whether the soft tokens of a picture are there."""
        return self._files.has(self._key("picture", picture.encode()))

    def can_hold(self, size: int) -> bool:
        """Whether this many more bytes fit without anything else being deleted for them."""
        return self._files.nbytes() + size <= self._limit

    def save_soft_tokens(self, picture: str, tensor: Tensor, document: str) -> None:
        """Saves the soft tokens of a picture that belongs to ``document``."""
        key = self._key("picture", picture.encode())
        try:
            self._files.save(key, {"soft_tokens": tensor.cpu().contiguous()}, {"documents": [document]})
        except OSError as error:
            _log.warning("soft tokens were not saved (%s)", error.strerror)
        self._shrink()

    def forget(self, document: str) -> None:
        """Deletes all that holds ``document``."""
        self.pinned.discard(document)
        self._files.forget_documents(document)

    def _shrink(self) -> None:
        if self._files.nbytes() > self._limit:
            keep = {key for document in self.pinned for key in self._files.naming(document)}
            self._files.shrink(self._limit, frozenset(keep))

    def _key(self, kind: str, content: bytes) -> str:
        return hashlib.blake2b(content, digest_size=16, key=f"{kind}:{self._model}".encode()[:64]).hexdigest()


def folder_identity(folder: Path, *form: object) -> str:
    """A key for a model folder's contents and for the number format that ``form`` names.

    Small files count whole: configuration, tokenizer, template, and the manifest of a quantised folder, which
    holds a checksum of every file. Of large files 64 pieces count, spread over the whole: another model differs
    in nearly every piece.
    """
    digest = hashlib.sha256(repr(form).encode())
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        size = path.stat().st_size
        digest.update(f"\0{path.name}\0{size}\0".encode())
        with path.open("rb") as file:
            if size <= _SMALL_FILE or path.name == MANIFEST:
                digest.update(file.read())
                continue
            for number in range(_SAMPLES):
                file.seek((size - _SAMPLE_BYTES) * number // (_SAMPLES - 1))
                digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()[:40]
