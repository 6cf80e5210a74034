"""Cached data of documents on disk, without a model: its size, and deleting it for good.

Records of all models are side by side, and a user who deletes a document's cached data means all of them. Torch is
imported by what deletes by name, on the thread that calls.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app import paths
from app.chat.extract.store import forget_runs
from app.chat.scenes.store import forget_scenes
from app.ingest.listen.store import forget_transcripts
from app.ingest.ocr.store import forget_recognised
from app.library.budgets import folder_bytes
from model.engine.rates import Rates


@dataclass(frozen=True, slots=True)
class Speed:
    """The speeds measured with one model."""

    identity: str
    rates: Rates


def file_key(path: Path) -> str:
    """The key of a file's document: the SHA-256 of its bytes. Raises ``OSError``."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def kept_bytes() -> int:
    """Bytes on disk of all documents, of all models."""
    return folder_bytes(paths.documents_store())


def forget(keys: Iterable[str]) -> int:
    """Delete the cached data of the documents with these keys; returns the bytes freed."""
    keys = list(keys)
    forget_runs(paths.extractions_dir(), keys)
    forget_scenes(paths.scenes_dir(), keys)
    freed = forget_transcripts(paths.transcripts_dir(), keys)
    freed += forget_recognised(paths.recognised_dir(), keys)
    folder = paths.documents_store()
    if not folder.is_dir():
        return freed
    from model.cache.tensor_store import TensorStore

    before, store = folder_bytes(folder), TensorStore(folder, "")
    for key in keys:
        store.forget_documents(key)
    return freed + before - folder_bytes(folder)


def forget_all() -> int:
    """Delete all cached data of documents; returns the bytes freed. Raises ``OSError``."""
    forget_runs(paths.extractions_dir())
    forget_scenes(paths.scenes_dir())
    freed = forget_transcripts(paths.transcripts_dir())
    freed += forget_recognised(paths.recognised_dir())
    folder = paths.documents_store()
    before = freed + folder_bytes(folder)
    if folder.is_dir():
        for entry in folder.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another Lectern was quicker
                entry.unlink()
    return before


def speeds() -> list[Speed]:
    """Every speed that was measured on this machine."""
    found = []
    for path in sorted((paths.engine_cache() / "speeds").glob("*.json")):
        try:
            found.append(Speed(path.stem, Rates.parse(json.loads(path.read_text(encoding="utf-8")))))
        except (OSError, ValueError, OverflowError, RecursionError):
            continue
    return found
