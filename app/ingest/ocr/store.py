"""What was read from pictures, on disk, so that it is never read twice: page by page, one line each.

One file for each document and each set of languages; its name begins with the document's hash, so that deleting it
finds the file. Whatever is not whole and sound in it is read again. Private: only this user may enter the folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from app.ingest.limits import MIB

FORMAT = 4
"""Goes up whenever the same picture is read otherwise than before."""

SUFFIX = ".jsonl"
MOST_BYTES = 256 * MIB
_MOST_LINE = 16 * MIB


class RecognitionStore:
    """Pages by document in one folder. A disk that refuses costs the caching, nothing else."""

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        """``most_bytes``: above, the files that were not used for the longest time go."""
        self.folder, self._most = folder, most_bytes

    def load(self, document: str, languages: str) -> dict[int, dict[str, Any]]:
        """The messages of the pages that are there, by page number; unchecked, as they came from the child."""
        path = self._path(document, languages)
        pages: dict[int, dict[str, Any]] = {}
        with contextlib.suppress(OSError):
            with path.open("rb") as file:
                for line in iter(lambda: file.readline(_MOST_LINE), b""):
                    message = _parsed(line)
                    if message is not None:
                        pages[message["number"]] = message
            os.utime(path)
        return pages

    def add(self, document: str, languages: str, message: dict[str, Any]) -> None:
        """Keep one page's message, which holds its ``number``."""
        path = self._path(document, languages)
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with path.open("a+b") as file:
                if size := file.seek(0, os.SEEK_END):
                    file.seek(size - 1)
                    if file.read(1) != b"\n":  # a line that a crash has cut
                        file.write(b"\n")
                file.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")

    def trim(self) -> None:
        """Keep the folder within its bounds."""
        files = []
        for path in self.folder.glob(f"*{SUFFIX}"):
            with contextlib.suppress(OSError):
                status = path.stat()
                files.append((status.st_mtime, status.st_size, path))
        total = sum(size for _, size, _ in files)
        for _, size, path in sorted(files):
            if total <= self._most:
                return
            with contextlib.suppress(OSError):
                path.unlink()
                total -= size

    def _path(self, document: str, languages: str) -> Path:
        return self.folder / f"{document}-{languages}{SUFFIX}"


def languages_key(folders: Sequence[Path]) -> str:
    """Names the engine's data: what was read with others is read again."""
    files = sorted((file.name, _size(file)) for folder in folders for file in folder.glob("*.traineddata"))
    return hashlib.sha256(json.dumps([FORMAT, files]).encode()).hexdigest()[:16]


def forget_recognised(folder: Path, documents: Iterable[str] | None = None) -> int:
    """Delete what was read from pictures of these documents (their hashes), or of all; the bytes that this frees."""
    patterns = ["*"] if documents is None else [f"{document}-*" for document in documents if document.isalnum()]
    freed = 0
    for pattern in patterns:
        for path in folder.glob(f"{pattern}{SUFFIX}"):
            with contextlib.suppress(OSError):
                size = path.stat().st_size
                path.unlink()
                freed += size
    return freed


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    sound = isinstance(message, dict) and isinstance(message.get("number"), int)
    return message if sound else None
