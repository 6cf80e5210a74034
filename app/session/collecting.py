"""From what a user drops to the files that are read: what is named is taken, and folders are walked.

A file's kind is told by its first bytes, in the reader. Its name only decides in a folder, where much may be
that nobody means to read. No Qt and no parser here.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.ingest.kinds import SHARED_SUFFIXES, SUFFIXES, sniff
from app.session.walking import HIDDEN, MAX_DEPTH, TOO_DEEP, Refused, Signature, Walk
from model.cancel import NEVER, Cancel
from model.errors import IngestError
from model.messages import Message, msg, msg_n

MAX_FILES = 1000
"""The most files of one folder, or of one drop: their documents stay in memory."""

MOST_LOOKED_INTO = 500
"""Files of other names in folders whose first bytes are examined to tell their kind: slow disks take time."""

MOST_NAMED = 400
NO_FILE = msg("folder.no-file", "This folder has no files that Lectern can read.")


@dataclass(frozen=True)
class Listing:
    """What a folder holds at one moment."""

    path: Path
    files: Mapping[Path, Signature]
    """Those that are read, by their name or their first bytes; in order."""
    refused: tuple[Refused, ...] = ()
    """What is not read: files of other kinds, hidden ones, links, folders that are closed or too deep."""
    beyond: int = 0
    """How many more files there are beyond the limit."""
    truncated: bool = False
    """There is more in it than is looked at."""
    there: bool = True

    @property
    def empty(self) -> bool:
        """Whether nothing at all was seen in it but hidden files."""
        return self.there and not self.files and all(one.why == HIDDEN for one in self.refused)


@dataclass(frozen=True)
class Collected:
    """The result of a drop. ``truncated``: there were too many."""

    files: tuple[Path, ...]
    refused: tuple[Refused, ...]
    truncated: bool
    empty: tuple[str, ...] = ()
    """The names of the folders that were named and have no files."""
    listings: tuple[Listing, ...] = ()
    """What the folders that were named hold."""

    @property
    def unsupported(self) -> tuple[str, ...]:
        """The names of the files that were not taken."""
        return tuple(one.name for one in self.refused if one.why not in (HIDDEN, TOO_DEEP))

    @property
    def hidden(self) -> int:
        """How many hidden files and folders were left out."""
        return sum(one.why == HIDDEN for one in self.refused)

    @property
    def too_deep(self) -> int:
        """How many folders were not searched."""
        return sum(one.why == TOO_DEEP for one in self.refused)


def collect(paths: Iterable[Path]) -> Collected:
    """Files as they are, whatever they are called; folders walked in order of name.

    In a folder, a file is taken by its name; one of another name is listed with what it is, not dropped.
    """
    files: dict[Path, None] = {}
    listings: list[Listing] = []
    truncated = False
    for path in paths:
        resolved, is_folder = resolve(path)
        if is_folder:
            listings.append(list_folder(resolved))
            files.update(dict.fromkeys(listings[-1].files))
            truncated |= listings[-1].truncated or bool(listings[-1].beyond)
        else:
            files[resolved] = None
    refused = {one.path: one for listing in listings for one in listing.refused if one.path not in files}
    empty = tuple(one.path.name or str(one.path) for one in listings if one.empty)
    truncated |= len(files) > MAX_FILES
    return Collected(tuple(files)[:MAX_FILES], tuple(refused.values()), truncated, empty, tuple(listings))


def resolve(path: Path) -> tuple[Path, bool]:
    """The path without links, and whether it is a folder."""
    try:
        resolved = path.resolve()
        return resolved, resolved.is_dir()
    except (OSError, RuntimeError):  # a circle of links
        return path, False


def list_folder(folder: Path, cancel: Cancel = NEVER, walk: Walk | None = None) -> Listing:
    """What is in a folder now. ``walk`` tells other threads how far it is. Raises ``CancelledError``."""
    walk = walk or Walk(cancel)
    files: dict[Path, Signature] = {}
    refused: list[Refused] = []
    beyond = looked = 0
    for found in walk.files(folder):
        look = looked < MOST_LOOKED_INTO
        why = _refusal(found.path, look)
        looked += why is not None and look
        if why is not None:
            refused.append(Refused(found.path, why))
        elif len(files) < MAX_FILES:
            files[found.path] = found.signature
        else:
            beyond += 1
    closed = any(one.path == folder for one in walk.left_out)
    refused += [one for one in walk.left_out if one.path != folder]
    return Listing(folder, files, tuple(refused), beyond, walk.truncated, not closed)


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


def notice_lines(collected: Collected) -> list[Message]:
    """Notices about a drop: nothing is left out silently."""
    told_apart = (HIDDEN, TOO_DEEP)
    lines = _refused_lines([one for one in collected.refused if one.why not in told_apart])
    if collected.hidden:
        lines.append(
            msg_n(
                "files.hidden",
                "One hidden file or folder was left out.",
                "{n} hidden files and folders were left out.",
                collected.hidden,
            )
        )
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
    lines += [unreachable(one.path) for one in collected.listings if not one.there]
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


def unreachable(folder: Path) -> Message:
    """A notice about a folder that is gone, or that the user may not open."""
    return msg(
        "folder.unreachable",
        "The folder {folder} cannot be opened: check that it is still there, and its permissions.",
        folder=folder,
    )


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
