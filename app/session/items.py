"""The attached files and what is known about each. No Qt: the window draws this, tests read it.

An item is found by ``key``, which never changes; its reading job changes whenever it is read again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from app.chat.evidence.places import Place
from app.chat.plan import first_pages
from app.ingest.types import Document, ReadOptions, ReadProgress
from app.session.folders import Folder
from model.engine.rates import Rates
from model.messages import NOTHING, Message, msg
from model.types import DocumentReport


class ItemState(Enum):
    """Where an item is on its way."""

    READING = "reading"
    READY = "ready"
    FAILED = "failed"


@dataclass
class Item:
    """An attached file and the state of reading it."""

    key: int
    path: Path
    options: ReadOptions = field(default_factory=ReadOptions)
    state: ItemState = ItemState.READING
    job: int | None = None
    progress: ReadProgress | None = None
    document: Document | None = None
    error: Message = NOTHING
    locked: bool = False
    """It waits for a password; ``wrong``: the last one was wrong."""
    wrong: bool = False
    spooled: bool = False
    max_pages: int | None = None
    """The most pages that go into the question."""
    report: DocumentReport | None = None
    """Where the document is in the engine; ``None`` while nobody knows."""
    rates: Rates | None = None
    """How fast this machine reads with the model, where that was measured."""
    pinned: bool = False
    hears: bool | None = None
    """Whether the open model hears; ``None`` while none is open."""
    preparing: int = 0
    """How many of its pictures are still being encoded ahead."""
    label: str = ""
    """What it is called, where that is not the file's name: a region that was cut out."""
    origin: Place | None = None
    """The place that a region was cut from."""
    expected: str = ""
    """The content's hash when the conversation was saved."""
    kind: str = ""
    """What it was then."""
    stale: bool = False
    """The file has changed on the disk, or has gone, since it was read."""
    folder: int | None = None
    """The key of the folder that it came with."""

    @property
    def name(self) -> str:
        """The item's name."""
        return self.label or self.path.name

    @property
    def altered(self) -> bool:
        """The file is not the one any more that the conversation was about."""
        return bool(self.expected) and self.document is not None and self.document.content_hash != self.expected


class Items:
    """All attached items in the order in which they came."""

    def __init__(self) -> None:
        self.folders: dict[int, Folder] = {}
        """Folders that were added, by their keys, which differ from all files' keys."""
        self._items: dict[int, Item] = {}
        self._by_path: dict[Path, Item] = {}
        self._next_key = 1

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def get(self, key: int) -> Item | None:
        """The item with this key, unless it has been removed."""
        return self._items.get(key)

    def add(self, path: Path, spooled: bool = False) -> Item | None:
        """A new item for ``path``; ``None`` when this very file is attached already."""
        if self.by_path(path) is not None:
            return None
        item = Item(self._next_key, path, spooled=spooled)
        self._next_key += 1
        self._items[item.key] = self._by_path[path] = item
        return item

    def add_folder(self, path: Path) -> Folder | None:
        """A new folder; ``None`` where it is added already."""
        if self.folder_at(path) is not None:
            return None
        folder = self.folders[self._next_key] = Folder(self._next_key, path)
        self._next_key += 1
        return folder

    def folder_at(self, path: Path) -> Folder | None:
        """The folder that was added from there, if one was."""
        return next((folder for folder in self.folders.values() if folder.path == path), None)

    def in_folder(self, key: int) -> tuple[Item, ...]:
        """The files that came with a folder, in order."""
        return tuple(item for item in self if item.folder == key)

    def move(self, key: int, position: int) -> None:
        """Put an item to another place in the order; what comes first is read first."""
        keys = [other for other in self._items if other != key]
        keys.insert(position, key)
        self._items = {one: self._items[one] for one in keys if one in self._items}

    def remove(self, key: int) -> Item | None:
        """Take an item out of the list."""
        item = self._items.pop(key, None)
        if item is not None:
            del self._by_path[item.path]
        return item

    def by_path(self, path: Path) -> Item | None:
        """The item of this file, if there is one."""
        return self._by_path.get(path)

    def by_job(self, job: int) -> Item | None:
        """The item that this reading job belongs to; an outdated job belongs to none."""
        return next((item for item in self if item.job == job), None)

    def twin(self, item: Item) -> Item | None:
        """Another item with the same content under another name."""
        if item.document is None:
            return None
        for other in self:
            same = other.document is not None and other.document.content_hash == item.document.content_hash
            if other is not item and same:
                return other
        return None

    def documents(self) -> tuple[Document, ...]:
        """The documents that have been read, in order."""
        return tuple(first_pages(item.document, item.max_pages) for item in self if item.document is not None)

    @property
    def comparable(self) -> tuple[Item, ...]:
        """The items that have been read and have pages: two of them can be compared."""
        return tuple(item for item in self if item.document is not None and item.document.pages)

    def by_hash(self, content_hash: str) -> Item | None:
        """The item whose content this is."""
        return next((i for i in self if i.document is not None and i.document.content_hash == content_hash), None)

    @property
    def reading(self) -> int:
        """How many items are being read."""
        return sum(item.state is ItemState.READING for item in self)

    @property
    def failed(self) -> int:
        """How many items could not be read."""
        return sum(item.state is ItemState.FAILED for item in self)


def picture_tokens(document: Document) -> list[int]:
    """What each of the document's pictures costs in the context: soft tokens."""
    shown = [page.picture for page in document.pages if page.picture is not None]
    return [picture.soft_tokens for picture in (*shown, *(frame.picture for frame in document.frames))]


def gone_message(item: Item) -> Message:
    """A notice about a file that is no longer there."""
    return msg(
        "file.gone",
        "{name} is no longer where it was ({folder}). You can still read the conversation; to ask more about the "
        "file, put it back and choose “Read again”, or add it from its new location.",
        name=item.name,
        folder=item.path.parent,
    )


def told_apart(one: Item, other: Item) -> tuple[str, str]:
    """The names of two files, with their folders where the names alone are equal."""
    if one.name != other.name:
        return one.name, other.name
    first, second = one.path, other.path
    short = (str(Path(first.parent.name, one.name)), str(Path(second.parent.name, other.name)))
    return short if short[0] != short[1] else (str(first), str(second))
