"""Walks a folder: each file with its size and time, and what is left out, with the reason. No Qt, no parser.

A walk reads names and sizes, never contents, and is repeated to notice changes. It can be slow on a network drive, so
it can be stopped and shows its progress.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from model.cancel import NEVER, Cancel
from model.errors import CancelledError
from model.messages import Message, msg

MAX_SEEN = 20_000
MAX_DEPTH = 8
Signature = tuple[int, int, int]
"""Size, time of the last change in nanoseconds, and number on the disk: what changes when a file does."""

HIDDEN = msg("folder.hidden", "Hidden files and folders are left out; add it separately.")
LINK = msg("folder.link", "It is a link, which is not followed; add what it points to separately.")
CLOSED = msg("folder.closed", "You do not have permission to open this folder; check its permissions.")
BROKEN = msg("folder.broken", "This folder cannot be listed; check the disk or the network drive.")
TOO_DEEP = msg(
    "folder.deep", "It is more than {most} levels below the folder that was added; add it separately.", most=MAX_DEPTH
)
_CANCELLED = msg("cancelled.folder", "Looking through the folder was stopped.")


@dataclass(frozen=True, slots=True)
class Refused:
    """A file or folder that was left out. ``why`` is empty for a file of a kind that is not read."""

    path: Path
    why: Message

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.name


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file, whose content is not known yet."""

    path: Path
    signature: Signature


class Walk:
    """One walk. Any thread may read ``seen``, the number of entries so far."""

    def __init__(self, cancel: Cancel = NEVER) -> None:
        self.seen = 0
        self.truncated = False
        """Whether there were more entries than ``MAX_SEEN``."""
        self.left_out: list[Refused] = []
        self._cancel = cancel

    def files(self, folder: Path) -> Iterator[Found]:
        """Every file below ``folder``, in order of name, a subfolder's where its name is. Raises ``CancelledError``."""
        yield from self._below(folder, 0)

    def _below(self, folder: Path, depth: int) -> Iterator[Found]:
        for entry in self._entries(folder):
            if self._cancel.is_set():
                raise CancelledError(_CANCELLED)
            if self.seen >= MAX_SEEN:
                self.truncated = True
                return
            self.seen += 1
            path = folder / entry.name
            why = _left_out(entry)
            if why is None and _is_folder(entry):
                if depth < MAX_DEPTH:
                    yield from self._below(path, depth + 1)
                    continue
                why = TOO_DEEP
            if why is not None:
                self.left_out.append(Refused(path, why))
                continue
            yield Found(path, _signature(entry))

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as found:
                return sorted(found, key=lambda entry: (entry.name.casefold(), entry.name))
        except PermissionError:
            self.left_out.append(Refused(folder, CLOSED))
        except OSError:
            self.left_out.append(Refused(folder, BROKEN))
        return []


def _left_out(entry: os.DirEntry[str]) -> Message | None:
    """Links are not followed: they may lead anywhere, also in a circle."""
    if entry.name.startswith(".") or _is_hidden(entry):
        return HIDDEN
    try:
        return LINK if entry.is_symlink() or getattr(entry, "is_junction", bool)() else None
    except OSError:
        return BROKEN


def _is_hidden(entry: os.DirEntry[str]) -> bool:
    """Whether Windows' attributes say so."""
    try:
        attributes = getattr(entry.stat(follow_symlinks=False), "st_file_attributes", 0) if os.name == "nt" else 0
    except OSError:
        return False
    return bool(attributes & stat.FILE_ATTRIBUTE_HIDDEN)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _signature(entry: os.DirEntry[str]) -> Signature:
    """All zeros where the file cannot be examined: reading it reports the reason."""
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return 0, 0, 0
    return found.st_size, found.st_mtime_ns, found.st_ino


def signature(path: Path) -> Signature | None:
    """The signature of one file; ``None`` where there is no such file."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino
