"""Files on disk and their documents: read only once in a session, and noticed when they have changed.

What looks at the disk here is for other threads than the event loop's.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.ingest.types import Document, ReadOptions
from app.session.walking import Signature, signature
from model.cancel import NEVER, Cancel

MOST_KEPT = 24
_BLOCK = 1 << 20


def signatures(paths: Iterable[Path]) -> dict[Path, Signature | None]:
    """Of several; a network folder may take its time."""
    return {path: signature(path) for path in paths}


@dataclass(frozen=True, slots=True)
class AsRead:
    """A file as it was when it was read."""

    path: Path
    signature: Signature
    content_hash: str


def noticed(read: Mapping[int, AsRead], cancel: Cancel = NEVER) -> dict[int, Signature | None]:
    """Of files by key: their signature now, or ``None`` where the content is another one or the file is gone.

    Contents are only compared where the size is the same and the time is not. Slow for large files: not for the main
    thread.
    """
    return {key: _now(one, cancel) for key, one in read.items()}


def _now(one: AsRead, cancel: Cancel) -> Signature | None:
    now = signature(one.path)
    if now is None or now == one.signature:
        return now
    same = now[0] == one.signature[0] and content_hash(one.path, cancel) == one.content_hash
    return now if same else None


def content_hash(path: Path, cancel: Cancel = NEVER) -> str:
    """The SHA-256 of a file; empty where it cannot be read, or was not read to its end."""
    digest = hashlib.sha256()
    try:
        with path.open("rb", buffering=0) as file:
            while block := file.read(_BLOCK):
                if cancel.is_set():
                    return ""
                digest.update(block)
    except OSError:
        return ""
    return digest.hexdigest()


@dataclass(frozen=True)
class _Read:
    document: Document
    signature: Signature


class ReadBefore:
    """The documents of this session that were used last, as long as their files stay what they were."""

    def __init__(self) -> None:
        self._read: OrderedDict[tuple[Path, ReadOptions], _Read] = OrderedDict()

    def keep(self, document: Document, options: ReadOptions, found: Signature | None, started: float) -> None:
        """``started``: the unix time at which reading began; a file that was changed since is not remembered."""
        if found is None or found[1] > started * 1e9:
            return
        self._read[document.path, options] = _Read(document, found)
        self._read.move_to_end((document.path, options))
        while len(self._read) > MOST_KEPT:
            self._read.popitem(last=False)

    def get(self, path: Path, options: ReadOptions, found: Signature) -> Document | None:
        """The document, if the file is still the same."""
        read = self._read.get((path, options))
        if read is None or read.signature != found:
            return None
        self._read.move_to_end((path, options))
        return read.document
