"""Files that come back with their conversation: looked for off the event loop, and not read twice in a session."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.ingest.types import Document, ReadOptions

MOST_KEPT = 24
Signature = tuple[int, int, int]


def signature(path: Path) -> Signature | None:
    """What changes when a file does; ``None`` where there is no file."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


def signatures(paths: Iterable[Path]) -> dict[Path, Signature | None]:
    """Of several; a network folder may take its time."""
    return {path: signature(path) for path in paths}


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
