"""The attached files and what is known about each. No Qt: the window draws this, tests read it.

An item is found by ``key``, which never changes; its reading job changes whenever it is read again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from app.chat.evidence.places import Place
from app.chat.plan import first_pages
from app.chat.timed import has_transcript
from app.i18n import number, tr, tr_n, translated
from app.ingest.types import Document, ReadOptions, ReadProgress
from app.text.sizes import size
from app.text.times import clock
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
        self._items: dict[int, Item] = {}
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
        self._items[item.key] = item
        return item

    def move(self, key: int, position: int) -> None:
        """Put an item to another place in the order; what comes first is read first."""
        keys = [other for other in self._items if other != key]
        keys.insert(position, key)
        self._items = {one: self._items[one] for one in keys if one in self._items}

    def remove(self, key: int) -> Item | None:
        """Take an item out of the list."""
        return self._items.pop(key, None)

    def by_path(self, path: Path) -> Item | None:
        """The item of this file, if there is one."""
        return next((item for item in self if item.path == path), None)

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


def residence(report: DocumentReport) -> str:
    """Where a document is cached, as a translated label."""
    match report.state:
        case "resident":
            return tr("In memory")
        case "disk":
            return tr("On disk")
        case _:
            return tr("Unread")


def kind_name(document: Document) -> str:
    """The kind of a document, as a translated label."""
    return document.file_kind.title()


def picture_tokens(document: Document) -> list[int]:
    """What each of the document's pictures costs in the context: soft tokens."""
    shown = [page.picture for page in document.pages if page.picture is not None]
    return [picture.soft_tokens for picture in (*shown, *(frame.picture for frame in document.frames))]


def summary(item: Item) -> str:
    """One line under the item's name."""
    if item.state is ItemState.FAILED:
        return tr("Could not be read")
    if item.state is ItemState.READING or item.document is None:
        return _reading_summary(item.progress)
    facts = [*_document_facts(first_pages(item.document, item.max_pages)), sound_words(item.document, item.hears)]
    return " · ".join(fact for fact in facts if fact)


def sound_words(document: Document, hears: bool | None) -> str:
    """What becomes of a file's sound; empty where it has none, or no model is open. ``hears``: the open model does."""
    if has_transcript(document):
        return tr("with transcript")
    if not document.sound or hears is None:
        return ""
    return tr("sound heard") if hears else tr("not heard: this model does not hear")


def _reading_summary(progress: ReadProgress | None) -> str:
    if progress is None:
        return tr("Waiting to be read…")
    if progress.total <= 0:
        return tr("Opening…")
    done, total = number(min(progress.done + 1, progress.total)), number(progress.total)
    if progress.unit == "page":
        return tr("Reading page {number} of {total}", number=done, total=total)
    if progress.unit == "second":
        return tr("Listening: {done} of {total}", done=clock(progress.done), total=clock(progress.total))
    return tr("Reading frame {number} of {total}", number=done, total=total)


def _document_facts(document: Document) -> list[str]:
    kind = document.file_kind
    facts = [kind_name(document)]
    if kind.paged:
        facts.append(tr_n("{n} page", "{n} pages", len(document.pages)))
    if kind.timed:
        if document.frames:
            facts.append(tr_n("{n} frame", "{n} frames", len(document.frames)))
        if document.duration_s:
            facts.append(clock(document.duration_s))
    tokens = sum(picture_tokens(document))
    if tokens:
        facts.append(tr_n("{n} picture token", "{n} picture tokens", tokens))
    elif kind.paged:
        facts.append(tr("as text"))
    return facts


def changed_words(item: Item) -> str:
    """A notice about a file that was changed behind the conversation's back."""
    return tr(
        "{name} has changed since it was attached; earlier answers are based on the older version.", name=item.name
    )


def gone_message(item: Item) -> Message:
    """A notice about a file that is no longer there."""
    return msg(
        "file.gone",
        "{name} is no longer where it was ({folder}). You can still read the conversation; to ask more about the "
        "file, put it back and choose “Read again”, or add it from its new location.",
        name=item.name,
        folder=item.path.parent,
    )


def remark(item: Item) -> str:
    """What a user should know before trusting an answer: what was left out of the file."""
    if item.document is None:
        return ""
    if item.altered:
        return changed_words(item)
    document = first_pages(item.document, item.max_pages)
    pages = sum(page.state == "skipped" for page in document.pages)
    others = len(document.skipped)
    if pages:
        return tr_n("{n} page left out", "{n} pages left out", pages)
    return tr_n("{n} note about this file", "{n} notes about this file", others) if others else ""


def details(item: Item) -> str:
    """Everything about the item, for its tooltip."""
    lines = [item.name, str(item.path), summary(item)]
    if item.origin is not None and item.origin.page is None and item.origin.time_s is None and item.origin.name:
        lines.append(tr("Attached to {name}", name=item.origin.name))
    if item.error:
        lines.append(translated(item.error))
    if item.altered:
        lines.append(changed_words(item))
    lines += residence_details(item)
    if item.document is not None:
        document = first_pages(item.document, item.max_pages)
        lines += _page_states(document)
        lines += [f"{translated(skipped.where)}: {translated(skipped.why)}" for skipped in document.skipped[:12]]
    return "\n".join(lines)


def _page_states(document: Document) -> list[str]:
    number: Counter[str] = Counter(page.state for page in document.pages)
    lines = {
        "text": tr_n("{n} page as text", "{n} pages as text", number["text"]),
        "image": tr_n("{n} page as picture", "{n} pages as picture", number["image"]),
        "both": tr_n("{n} page as text and picture", "{n} pages as text and picture", number["both"]),
        "skipped": tr_n("{n} page left out", "{n} pages left out", number["skipped"]),
    }
    return [line for state, line in lines.items() if number[state]]


def badge(item: Item) -> str:
    """Where what was read of the file is now, in a word or two; empty while nobody knows."""
    if item.report is None:
        return ""
    word = residence(item.report)
    if not item.pinned:
        return word
    return tr("Pinned") if item.report.state == "resident" else tr("{place} · pinned", place=word)


def tokens(item: Item) -> str:
    """The file's share of the context."""
    return tr_n("{n} token", "{n} tokens", item.report.tokens) if item.report is not None else ""


def standing(item: Item) -> str:
    """What the file takes, and what is being prepared of it."""
    coming = ""
    if item.preparing:
        coming = tr_n("preparing {n} picture", "preparing {n} pictures", item.preparing)
    return " · ".join(words for words in (tokens(item), coming) if words)


def residence_details(item: Item) -> list[str]:
    """Tokens and bytes, for the tooltip and for a screen reader."""
    report = item.report
    if report is None:
        return []
    place = tr("{place}, pinned", place=residence(report)) if item.pinned else residence(report)
    lines = [tr("{place}: {tokens} of the context", place=place, tokens=tokens(item))]
    if report.ram_bytes:
        lines.append(tr("{size} in memory", size=size(report.ram_bytes)))
    if report.disk_bytes:
        lines.append(tr("{size} on disk", size=size(report.disk_bytes)))
    if report.state == "unread":
        lines.append(tr("The model reads it with the next question"))
    return lines
