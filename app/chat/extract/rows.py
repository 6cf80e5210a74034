"""Rows with where they come from: checked against the page, and merged where several pages hold the same one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.chat.evidence.checking import check
from app.chat.evidence.places import Checked, Place
from app.chat.extract.answers import Said
from app.chat.extract.schema import Column, Schema
from app.chat.extract.values import Cell, Value, read_cell
from app.ingest.cues import given
from app.ingest.types import Document
from model.messages import NOTHING, Message, msg

_ORDER: dict[Checked, int] = {
    "found": 0,
    "scanned": 1,
    "heard": 1,
    "seen": 2,
    "elsewhere": 3,
    "unverified": 4,
}
_NEUTRAL_NAME = "document.pdf"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a cell for each column, the words that it rests on, and the place where they are.

    ``places`` are all pages that hold it, the first one first; ``reason`` tells why the quote is unverified.
    """

    document: str
    name: str
    cells: tuple[Cell, ...]
    quote: str
    state: Checked
    places: tuple[Place, ...]
    reason: Message = NOTHING

    @property
    def place(self) -> Place:
        """Where to go on a click."""
        return self.places[0]

    @property
    def sure(self) -> bool:
        """Whether its words are at the place it names, as far as the application can tell."""
        return self.state in ("found", "scanned", "heard", "seen")

    @property
    def values(self) -> tuple[Value, ...]:
        """The cells' values, in the order of the columns."""
        return tuple(cell.value for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Segment:
    """What one request covers: a page, or a stretch of a video or recording: some of its frames and its words.

    ``cues`` are the first and the last but one of ``app.ingest.cues.given``, as ``frames`` are of the frames.
    """

    document: Document
    page: int | None = None
    frames: tuple[int, int] = (0, 0)
    cues: tuple[int, int] = (0, 0)

    @property
    def time_s(self) -> float | None:
        """When a stretch of a video or recording begins."""
        if self.page is not None:
            return None
        if self.frames[1]:
            return self.document.frames[self.frames[0]].time_s
        return given(self.document.cues)[self.cues[0]].start_s

    def alone(self) -> Document:
        """The segment as a separate document: the page keeps its number, frames and words their times."""
        if self.page is not None:
            return replace(self.document, pages=(self.document.pages[self.page - 1],), skipped=())
        frames = self.document.frames[self.frames[0] : self.frames[1]]
        said = given(self.document.cues)[self.cues[0] : self.cues[1]]
        return replace(self.document, frames=frames, cues=said, sound=(), skipped=())

    @property
    def place(self) -> Place:
        """The segment as a place."""
        return Place(self.document.content_hash, self.page, self.time_s)


@dataclass(frozen=True, slots=True)
class SegmentResult:
    """What came of one segment. ``problems`` are for the user; ``read`` is false where it was skipped.

    ``lacking`` are the required columns without which a row of this segment was left out.
    """

    place: Place
    rows: tuple[Row, ...] = ()
    problems: tuple[Message, ...] = ()
    read: bool = True
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that lacks a required value: the column's name, and a sentence."""

    column: str
    sentence: Message


def checked_row(segment: Segment, schema: Schema, said: Said) -> Row | LeftOut | None:
    """``said`` as a row; ``LeftOut`` where a required value is missing or wrong, ``None`` where it holds nothing."""
    names = {key.casefold(): value for key, value in said.values.items()}
    cells = tuple(read_cell(column, names.get(column.name.casefold())) for column in schema.columns)
    if all(cell == Cell() for cell in cells):
        return None
    for column, cell in zip(schema.columns, cells, strict=True):
        if column.required and cell.value is None:
            sentence = cell.problem or msg(
                "table.row-left-out", "A row without “{column}” was left out.", column=column.label
            )
            return LeftOut(column.name, sentence)
    state, place, reason = look_up(segment, said.quote)
    if state in ("found", "scanned", "heard") and (missing := _not_quoted(schema.columns, cells, segment)):
        state, reason = "unverified", missing
    return Row(segment.document.content_hash, segment.document.name, cells, said.quote, state, (place,), reason)


def look_up(segment: Segment, quote: str) -> tuple[Checked, Place, Message]:
    """Whether the words are in the segment, and where."""
    if not quote:
        return "unverified", segment.place, msg("table.nothing-quoted", "Nothing was quoted for this row.")
    if segment.page is None:
        return _look_up_said(segment, quote)
    page = segment.document.pages[segment.page - 1]
    # The page as a separate document: only it was shown, and its index is made in no time.
    alone = replace(
        segment.document,
        content_hash=f"{segment.document.content_hash}#{segment.page}",
        name=_NEUTRAL_NAME,
        pages=(replace(page, number=1),),
    )
    words = quote.replace("\u201c", "'").replace("\u201d", "'").replace('"', "'")
    evidence = next((e for e in check(f"\u201c{words}\u201d ({_NEUTRAL_NAME}, page 1)", (alone,)) if e.quote), None)
    if evidence is not None and evidence.state == "found":
        boxes = evidence.place.boxes if evidence.place is not None else ()
        return "found", replace(segment.place, boxes=boxes), NOTHING
    if evidence is not None and evidence.state == "scanned":
        boxes = evidence.place.boxes if evidence.place is not None else ()
        reason = msg(
            "table.from-picture",
            "Read from the picture of page {page}; compare it with the picture.",
            page=str(segment.page),
        )
        return "scanned", replace(segment.place, boxes=boxes), reason
    if evidence is not None and evidence.state == "seen":
        return (
            "seen",
            segment.place,
            msg(
                "table.picture", "Page {page} was read as a picture; please check it yourself.", page=str(segment.page)
            ),
        )
    return (
        "unverified",
        segment.place,
        msg("table.quotation-not-found", "This quotation was not found on page {page}.", page=str(segment.page)),
    )


def _look_up_said(segment: Segment, quote: str) -> tuple[Checked, Place, Message]:
    """Whether the words are said in a stretch of a video or recording; what is on its frames can only be shown."""
    name = segment.document.content_hash
    alone = replace(segment.alone(), content_hash=f"{name}#{segment.time_s}", name=_NEUTRAL_NAME)
    words = quote.replace("\u201c", "'").replace("\u201d", "'").replace('"', "'")
    found = check(f"\u201c{words}\u201d ({_NEUTRAL_NAME})", (alone,)) if alone.cues else ()
    evidence = next((one for one in found if one.quote and one.state in ("found", "heard", "scanned")), None)
    if evidence is not None and evidence.place is not None:
        heard = msg("table.heard", "A model heard this; listen to that place.")
        reason = NOTHING if evidence.state == "found" else heard
        return evidence.state, Place(name, time_s=evidence.place.time_s), reason
    if segment.frames[1]:
        why = msg("table.not-said", "Not found in the transcript; please check the video yourself.")
        return "seen", segment.place, why
    why = msg("table.not-in-transcript", "This quotation was not found in the transcript.")
    return "unverified", segment.place, why


def _not_quoted(columns: Sequence[Column], cells: Sequence[Cell], segment: Segment) -> Message:
    """A value that is not on the page at all, whatever is quoted beside it; empty where all do."""
    if segment.page is None:  # what the words do not say may be on a frame
        return NOTHING
    page = segment.document.pages[segment.page - 1]
    if page.state != "text":
        return NOTHING
    text = _folded(page.text)
    for column, cell in zip(columns, cells, strict=True):
        if column.type == "string" and not column.choices and cell.raw and _folded(cell.raw) not in text:
            return msg(
                "table.value-not-there", "“{value}” is not on page {page}.", value=cell.raw[:80], page=str(segment.page)
            )
    return NOTHING


def occurrences(segment: Segment, quote: str) -> int:
    """How often the words are on the segment's page: two equal lines of a list are two rows."""
    words = _folded(quote)
    if segment.page is None or not words:
        return 0
    return _folded(segment.document.pages[segment.page - 1].text).count(words)


def _folded(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


@dataclass
class Table:
    """The rows of all segments so far, merged."""

    schema: Schema
    rows: list[Row] = field(default_factory=list)
    merge: bool = True
    """Whether the same row on another page is the same thing; else every occurrence counts."""
    _by_key: dict[tuple[Any, ...], list[int]] = field(default_factory=dict)
    _by_first: dict[tuple[str, Value], list[int]] = field(default_factory=dict)
    """By file and first cell."""

    def add(self, rows: Iterable[Row]) -> list[int]:
        """Take in rows; the places in ``rows`` of those that are new or have changed."""
        touched = []
        for row in rows:
            touched.append(self._add(row))
        return touched

    def _add(self, row: Row) -> int:
        key = self._key(row)
        for place in self._candidates(key, row) if self.merge else ():
            if row.place.page is not None and any(known.page == row.place.page for known in self.rows[place].places):
                continue  # two equal lines of one page
            merged = _merged(self.rows[place], row)
            if merged is not None:
                self.rows[place] = merged
                return self._learn(self._key(merged), place)
        self.rows.append(row)
        self._by_key.setdefault(key, []).append(len(self.rows) - 1)
        self._by_first.setdefault(_first(row), []).append(len(self.rows) - 1)
        return len(self.rows) - 1

    def _key(self, row: Row) -> tuple[Any, ...]:
        """What tells this row from others of its file: the key's columns, else all of them."""
        chosen = [
            _folded_value(cell)
            for column, cell in zip(self.schema.columns, row.cells, strict=True)
            if not self.schema.key or column.name in self.schema.key
        ]
        if all(value in (None, "") for value in chosen):
            return row.document, id(row)
        return row.document, *chosen

    def _learn(self, key: tuple[Any, ...], place: int) -> int:
        """A row that was completed is found by all its cells from now on."""
        known = self._by_key.setdefault(key, [])
        if place not in known:
            known.append(place)
        return place

    def _candidates(self, key: tuple[Any, ...], row: Row) -> Iterator[int]:
        """The rows that may be the same thing: those of the same key, or, where no key is chosen, the only one with
        the same first cell that has all cells of ``row`` and more, or some of them and no other.
        """
        same = self._by_key.get(key, [])
        yield from same
        if self.schema.key or not _filled(row.cells[0]):
            return
        parts = [
            place
            for place in self._by_first.get(_first(row), ())
            if place not in same and (_part(row, self.rows[place]) or _part(self.rows[place], row))
        ]
        if len(parts) == 1:  # of several it could be either
            yield parts[0]

    @property
    def sure(self) -> int:
        """How many rows are checked."""
        return sum(row.sure for row in self.rows)


def _folded_value(cell: Cell) -> Value:
    value = cell.value if cell.value is not None else cell.raw
    return value.casefold() if isinstance(value, str) else value


def _filled(cell: Cell) -> bool:
    return _folded_value(cell) != ""


def _first(row: Row) -> tuple[str, Value]:
    return row.document, _folded_value(row.cells[0])


def _part(one: Row, other: Row) -> bool:
    """Whether each cell of ``one`` is empty or as in ``other``."""
    return all(
        not _filled(a) or _folded_value(a) == _folded_value(b) for a, b in zip(one.cells, other.cells, strict=True)
    )


def _merged(one: Row, other: Row) -> Row | None:
    """Two rows of one key as one; ``None`` where they contradict each other. The better checked one leads."""
    if any(_differ(a, b) for a, b in zip(one.cells, other.cells, strict=True)):
        return None
    first, second = (one, other) if _ORDER[one.state] <= _ORDER[other.state] else (other, one)
    cells = tuple(a if a.value is not None else b for a, b in zip(first.cells, second.cells, strict=True))
    pages = {(place.document, place.page, place.time_s) for place in first.places}
    more = tuple(place for place in second.places if (place.document, place.page, place.time_s) not in pages)
    return replace(first, cells=cells, places=(*first.places, *more))


def _differ(one: Cell, other: Cell) -> bool:
    if one.value is None or other.value is None:
        return False
    if isinstance(one.value, str) and isinstance(other.value, str):
        return one.value.casefold() != other.value.casefold()
    return one.value != other.value
