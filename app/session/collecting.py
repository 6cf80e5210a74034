"""From what a user drops to the files that are read: what is named is taken, and folders are walked.

A file's kind is told by its first bytes, in the reader. Its name only decides in a folder, where much may be
that nobody means to read. No Qt and no parser here.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.ingest.kinds import SHARED_SUFFIXES, SUFFIXES, sniff
from model.errors import IngestError
from model.messages import Message, msg, msg_n

MAX_FILES = 200
MAX_SEEN = 20_000
MAX_DEPTH = 8
MOST_LOOKED_INTO = 500
"""Files of other names in folders whose first bytes are examined to tell their kind: slow disks take time."""

MOST_NAMED = 400
NO_FILE = msg("folder.no-file", "This folder has no files that Lectern can read.")


@dataclass(frozen=True, slots=True)
class Refused:
    """A file in a folder that was not taken. ``why`` is empty where nobody looked into it."""

    name: str
    why: Message


@dataclass(frozen=True)
class Collected:
    """The result of a drop. ``truncated``: there were too many; ``too_deep``: the number of folders not searched."""

    files: tuple[Path, ...]
    refused: tuple[Refused, ...]
    truncated: bool
    too_deep: int = 0
    empty: tuple[str, ...] = ()
    """The names of the folders that were named and have no files."""

    @property
    def unsupported(self) -> tuple[str, ...]:
        """The names of the files that were not taken."""
        return tuple(one.name for one in self.refused)


def collect(paths: Iterable[Path]) -> Collected:
    """Files as they are, whatever they are called; folders walked in order of name.

    In a folder, a file is taken by its name; one of another name is listed with what it is, not dropped.
    """
    files: dict[Path, None] = {}
    refused: list[Refused] = []
    deep: list[Path] = []
    empty: list[str] = []
    for seen, (path, named) in enumerate(_walk_all(paths, deep, empty)):
        if seen >= MAX_SEEN or len(files) >= MAX_FILES:
            return Collected(tuple(files), tuple(refused), True, len(deep), tuple(empty))
        why = None if named else _refusal(path, len(refused) < MOST_LOOKED_INTO)
        if why is None:
            files[path] = None
        elif path not in files:
            refused.append(Refused(path.name, why))
    return Collected(tuple(files), tuple(refused), False, len(deep), tuple(empty))


def _refusal(path: Path, look: bool) -> Message | None:
    """Why a file of a folder is not taken, ``None`` where it is."""
    suffix = path.suffix.lower()
    if suffix in SUFFIXES and suffix not in SHARED_SUFFIXES:
        return None
    if not look:
        return Message()
    try:
        sniff(path)
    except IngestError as error:
        return error.message
    if suffix in SHARED_SUFFIXES:
        return None
    return msg("file.other-name", "Its name does not tell what kind of file it is; add it separately.")


def _walk_all(paths: Iterable[Path], deep: list[Path], empty: list[str]) -> Iterator[tuple[Path, bool]]:
    """Each file, and whether it was named itself. Folders without files are put into ``empty``."""
    for path in paths:
        try:
            resolved = path.resolve()
            is_folder = resolved.is_dir()
        except OSError:
            resolved, is_folder = path, False
        if is_folder:
            seen, deep_before = 0, len(deep)
            for entry in _walk(resolved, 0, deep):
                seen += 1
                yield entry, False
            if not seen and len(deep) == deep_before:
                empty.append(resolved.name or str(resolved))
        else:
            yield resolved, True


def _walk(folder: Path, depth: int, deep: list[Path]) -> Iterator[Path]:
    """Everything below a folder but hidden entries and symbolic links, which may lead anywhere.

    Folders that are too deep are put into ``deep``.
    """
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name.casefold())
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        if entry.is_dir():
            if depth < MAX_DEPTH:
                yield from _walk(entry, depth + 1, deep)
            else:
                deep.append(entry)
        else:
            yield entry


def notice_lines(collected: Collected) -> list[Message]:
    """Notices about a drop: nothing is left out silently."""
    lines = _refused_lines(collected.refused)
    if collected.truncated:
        lines.append(
            msg_n(
                "files.truncated",
                "Only the first file was added; add the others in smaller groups.",
                "Only the first {n} files were added; add the others in smaller groups.",
                len(collected.files),
            )
        )
    if collected.too_deep:
        lines.append(
            msg_n(
                "folder.too-deep",
                "One folder is more than {most} levels deep and was left out; add it separately.",
                "{n} folders are more than {most} levels deep and were left out; add them separately.",
                collected.too_deep,
                most=MAX_DEPTH,
            )
        )
    if collected.empty:
        lines.append(
            msg_n(
                "folder.empty",
                "The folder {names} has no files that Lectern can read.",
                "{n} folders have no files that Lectern can read: {names}.",
                len(collected.empty),
                names=", ".join(collected.empty),
            )
        )
    return lines


def _refused_lines(refused: Sequence[Refused]) -> list[Message]:
    """One line for each reason, with the names of all files that it is true of."""
    names: dict[Message, list[str]] = {}
    for one in refused[:MOST_NAMED]:
        names.setdefault(one.why, []).append(one.name)
    lines = [
        msg("files.not-added", "Not added: {names}. {reason}", names=", ".join(found), reason=why or _other_kind())
        for why, found in names.items()
    ]
    more = len(refused) - MOST_NAMED
    if more > 0:
        lines.append(
            msg_n("files.more-not-added", "One more file was not added.", "{n} more files were not added.", more)
        )
    return lines


def _other_kind() -> Message:
    return msg("files.kinds", "Lectern reads documents, pictures, videos and recordings.")


class Spool:
    """A private folder for pasted screenshots and cut-out regions; each lives as long as a conversation has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def new_path(self, now: float | None = None) -> Path:
        """A name that is free, in a folder that only this user may read."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        stem = time.strftime("Screenshot %Y-%m-%d %H.%M.%S", time.localtime(now))
        number = 1
        while (path := self.folder / f"{stem}{'' if number == 1 else f' ({number})'}.png").exists():
            number += 1
        return path

    def remove(self, path: Path) -> None:
        """Delete a pasted picture that is no longer attached; never anything outside the spool."""
        if path.parent == self.folder:
            path.unlink(missing_ok=True)
