"""A folder of a conversation: what it holds, what of that is read, and what has changed since. No Qt.

A folder is never copied. Its files are ``Item``s like any others, so that questions, evidence, the viewer and the
every-page pass treat them alike; each knows the folder that it came with. Changes are noticed by names, sizes and
times; the hash distinguishes a file that was edited from one that was only touched.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from app.session.collecting import Listing
from app.session.walking import HIDDEN, MAX_SEEN, Refused
from model.messages import NOTHING, Message, msg, msg_n

if TYPE_CHECKING:
    from app.session.items import Item, Items

FOLDER = "folder"
"""The kind of a folder's record in history."""

FILE_GONE = "file.gone"
"""The code of the error of a file that is no longer there."""

TAKEN_OUT = msg("folder.taken-out", "You removed it from this conversation; “Read again” brings it back.")
Standing = Literal["reading", "read", "failed", "aside", "refused", "new"]
"""Of a file in a folder: queued or being read; read; not readable; set aside, as part of the folder but not of the
conversation; of a kind that is not read; new since the folder was last taken in."""


_STANDINGS: dict[str, Standing] = {"reading": "reading", "ready": "read", "failed": "failed"}


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed since the folder was last taken in."""

    added: tuple[Path, ...] = ()
    changed: tuple[Path, ...] = ()
    removed: tuple[Path, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a folder's list."""

    path: Path
    name: str
    """Below the folder, with ``/``."""
    standing: Standing
    why: Message = NOTHING
    item: Item | None = None
    missing: bool = False
    """Whether it was no longer in the folder at the last look."""


@dataclass
class Folder:
    """A folder that was added, and what it held when."""

    key: int
    path: Path
    taken: Listing | None = None
    """What it held when its files were last taken in; ``None`` until it has been looked through."""
    now: Listing | None = None
    """What it holds now."""
    aside: dict[Path, Message] = field(default_factory=dict)
    """Files that are not part of the conversation, with the reason: copies of other files, and removed ones."""
    known: frozenset[Path] = frozenset()
    """For a folder from history: the files that it had then."""

    @property
    def name(self) -> str:
        """Its last part; a whole drive has only its path."""
        return self.path.name or str(self.path)

    @property
    def gone(self) -> bool:
        """Whether it could not be listed the last time."""
        return self.now is not None and not self.now.there

    def name_of(self, path: Path) -> str:
        """A file's path below the folder."""
        return name_below(self.path, path)

    def take(self, listing: Listing) -> None:
        """Make these its files."""
        self.taken = self.now = listing
        self.known = frozenset()
        self.aside = {path: why for path, why in self.aside.items() if path in listing.files}

    def look(self, listing: Listing) -> bool:
        """Note what it holds now; whether that is new. A folder from history takes in the files that history knows."""
        before = self.now
        self.now = listing
        if self.taken is None and listing.there:
            files = {path: one for path, one in listing.files.items() if path in self.known}
            self.taken = Listing(self.path, files, listing.refused, listing.beyond, listing.truncated)
        return before is None or before != listing

    def changes(self, items: Items) -> Changes:
        """What an update would add, read again and remove."""
        taken, now = self.taken, self.now
        if taken is None or now is None or not now.there:
            return Changes()
        touched = [path for path, one in now.files.items() if taken.files.get(path, one) != one]
        added = [path for path in now.files if path not in taken.files and items.by_path(path) is None]
        changed = []
        for path in touched:
            item = items.by_path(path)
            if item is None:
                added += [path] if self.aside.get(path) not in (None, TAKEN_OUT) else []
            elif item.document is None and item.error:
                changed.append(path)
        own = items.in_folder(self.key)
        back = [item for item in own if item.stale or item.error.code == FILE_GONE]
        changed += [item.path for item in back if item.path in now.files]
        removed = [item.path for item in own if item.path not in now.files]
        removed += [path for path in self.aside if path not in now.files]
        return Changes(tuple(dict.fromkeys(added)), tuple(dict.fromkeys(changed)), tuple(removed))

    def names_apart(self) -> dict[Path, str]:
        """Distinct names for files that share a name."""
        return names_apart([self.taken]) if self.taken is not None else {}

    def entries(self, items: Items) -> list[Entry]:
        """Everything in it with its state: first what is read, in order, then the rest."""
        listing = self.taken
        if listing is None:
            return [_entry(self, item) for item in items.in_folder(self.key)]
        found = [one for path in listing.files if (one := self._of_file(path, items)) is not None]
        gone = [_entry(self, item) for item in items.in_folder(self.key) if item.path not in listing.files]
        new = [Entry(path, self.name_of(path), "new") for path in self.changes(items).added]
        refused = [Entry(one.path, self.name_of(one.path), "refused", _why(one)) for one in listing.refused]
        return [*found, *gone, *new, *refused]

    def _of_file(self, path: Path, items: Items) -> Entry | None:
        item = items.by_path(path)
        if item is not None:
            return _entry(self, item)
        why = self.aside.get(path)
        return Entry(path, self.name_of(path), "aside", why) if why is not None else None


def name_below(folder: Path, path: Path) -> str:
    """A file's path below a folder, with ``/``. Fast, since each drawing of a list calls it for every file."""
    below, whole = str(folder).rstrip(os.sep) + os.sep, str(path)
    return whole[len(below) :].replace(os.sep, "/") if whole.startswith(below) else whole


def names_apart(listings: Iterable[Listing]) -> dict[Path, str]:
    """For files in different subfolders with the same name: their paths below the folder."""
    found: dict[Path, str] = {}
    for listing in listings:
        names = Counter(path.name for path in listing.files)
        found |= {path: name_below(listing.path, path) for path in listing.files if names[path.name] > 1}
    return found


def _entry(folder: Folder, item: Item) -> Entry:
    standing = _STANDINGS[item.state.value]
    missing = folder.now is not None and item.path not in folder.now.files
    return Entry(item.path, folder.name_of(item.path), standing, item.error, item, missing)


def _why(refused: Refused) -> Message:
    return refused.why or msg("files.kinds", "Lectern reads documents, pictures, videos and recordings.")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of a folder's files are in each state."""

    files: int = 0
    read: int = 0
    reading: int = 0
    failed: int = 0
    locked: int = 0
    aside: int = 0
    taken_out: int = 0
    """Those set aside that the user removed; the others are copies."""
    refused: int = 0
    hidden: int = 0
    new: int = 0
    pages: int = 0

    @property
    def entries(self) -> int:
        """How many lines the folder's list has."""
        return self.files + self.refused + self.hidden + self.new

    @property
    def unread(self) -> int:
        """How many of them are not part of questions."""
        return self.failed + self.aside + self.refused + self.hidden + self.new


def counts(entries: Sequence[Entry]) -> Counts:
    """Everything that is in a folder is in exactly one of read, reading, failed, aside, refused, hidden and new."""
    number = Counter(one.standing for one in entries)
    hidden = sum(one.why == HIDDEN for one in entries)
    read = [one.item.document for one in entries if one.item is not None and one.item.document is not None]
    return Counts(
        files=number["reading"] + number["read"] + number["failed"] + number["aside"],
        read=number["read"],
        reading=number["reading"],
        failed=number["failed"],
        locked=sum(one.item is not None and one.item.locked for one in entries),
        aside=number["aside"],
        taken_out=sum(one.why == TAKEN_OUT for one in entries),
        refused=number["refused"] - hidden,
        hidden=hidden,
        new=number["new"],
        pages=sum(len(document.pages) for document in read),
    )


def same_as(name: str) -> Message:
    """Why a copy of a file is not part of the conversation."""
    return msg("folder.same", "It has the same content as {name}, so it is read once.", name=name)


def beyond_words(listing: Listing) -> Message:
    """A notice that the folder holds too much; empty where everything was taken in."""
    if listing.beyond:
        return msg_n(
            "folder.beyond",
            "One more file is beyond the limit of {most} files and is not read; add its subfolder separately.",
            "{n} more files are beyond the limit of {most} files and are not read; add subfolders separately.",
            listing.beyond,
            most=len(listing.files),
        )
    if listing.truncated:
        return msg(
            "folder.truncated",
            "It holds too many files: only the first {most} files and folders were looked at; add subfolders "
            "separately.",
            most=MAX_SEEN,
        )
    return NOTHING
