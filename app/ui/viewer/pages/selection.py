"""Selecting text: from a point to a place between two characters, from two such places to boxes and words. No Qt.

Lines come in the document's own reading order, so that a column is selected before the next one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from app.ingest.types import Box
from app.ingest.view.types import PageText, ShownLine

Texts = Callable[[int], PageText | None]
_DOWN = 3.0
"""How much more a line further up or down counts than one further left or right."""


@dataclass(frozen=True, slots=True, order=True)
class Caret:
    """A place between two characters: line and place count from 0, pages from 1."""

    page: int
    line: int
    place: int


@dataclass(frozen=True, slots=True)
class Span:
    """A selection; ``start`` comes before ``end`` in the document."""

    start: Caret
    end: Caret

    @property
    def empty(self) -> bool:
        """Whether nothing is selected."""
        return self.start == self.end

    @property
    def pages(self) -> range:
        """The pages that it touches."""
        return range(self.start.page, self.end.page + 1)


def span(one: Caret, other: Caret) -> Span:
    """From one place to another, whichever comes first."""
    return Span(min(one, other), max(one, other))


def caret_at(text: PageText, page: int, x: float, y: float) -> Caret | None:
    """The place that is nearest to a point; ``None`` on a page without text."""
    if not text.lines:
        return None
    number = min(range(len(text.lines)), key=lambda index: _distance(text.lines[index].box, x, y))
    return Caret(page, number, _place(text.lines[number], x, y))


def on_text(text: PageText, x: float, y: float) -> bool:
    """Whether there is a line at a point."""
    return any(line.box[0] <= x <= line.box[2] and line.box[1] <= y <= line.box[3] for line in text.lines)


def word_around(text: PageText, caret: Caret) -> Span:
    """The word at a place."""
    words = text.lines[caret.line].text
    place = min(caret.place, max(0, len(words) - 1))
    start = end = place
    if not _joins(words, place) and place > 0 and _joins(words, place - 1):
        start = end = place = place - 1
    while start > 0 and _joins(words, start - 1) and _joins(words, place):
        start -= 1
    while end < len(words) and _joins(words, end):
        end += 1
    return Span(Caret(caret.page, caret.line, start), Caret(caret.page, caret.line, max(end, start + 1)))


def line_around(text: PageText, caret: Caret) -> Span:
    """The whole line at a place."""
    length = len(text.lines[caret.line].text)
    return Span(Caret(caret.page, caret.line, 0), Caret(caret.page, caret.line, length))


def whole_page(text: PageText, page: int) -> Span | None:
    """All of a page's text."""
    if not text.lines:
        return None
    last = len(text.lines) - 1
    return Span(Caret(page, 0, 0), Caret(page, last, len(text.lines[last].text)))


def boxes(text: PageText, page: int, selected: Span) -> list[Box]:
    """The boxes to be marked on one page, one per line."""
    return [text.lines[number].part(start, end) for number, start, end in _parts(text, page, selected) if start < end]


def words(texts: Texts, selected: Span) -> str | None:
    """The selected text; ``None`` while the text of one of its pages has not come."""
    pieces: list[str] = []
    for page in selected.pages:
        text = texts(page)
        if text is None:
            return None
        block: int | None = None
        for number, start, end in _parts(text, page, selected):
            line = text.lines[number]
            if pieces:
                pieces.append("\n" if block == line.block else "\n\n")
            pieces.append(line.text[start:end].rstrip())
            block = line.block
    return "".join(pieces).strip("\n")


def flowing(text: str) -> str:
    """Lines of a paragraph joined, words that were divided at a line's end whole again: for a quotation."""
    paragraphs = []
    for paragraph in text.split("\n\n"):
        joined = ""
        for line in paragraph.split("\n"):
            line = line.strip()
            if joined.endswith(("-", "\u00ad", "\u2010")) and line[:1].islower() and joined[-2:-1].isalpha():
                joined = joined[:-1] + line
            else:
                joined = f"{joined} {line}" if joined else line
        paragraphs.append(joined)
    return "\n\n".join(paragraphs)


def _parts(text: PageText, page: int, selected: Span) -> list[tuple[int, int, int]]:
    """(line, first, last character) of what is selected on a page."""
    if not text.lines or not selected.start.page <= page <= selected.end.page:
        return []
    first = selected.start.line if page == selected.start.page else 0
    last = selected.end.line if page == selected.end.page else len(text.lines) - 1
    result = []
    for number in range(first, min(last, len(text.lines) - 1) + 1):
        length = len(text.lines[number].text)
        start = selected.start.place if (page, number) == (selected.start.page, selected.start.line) else 0
        end = selected.end.place if (page, number) == (selected.end.page, selected.end.line) else length
        result.append((number, min(start, length), min(end, length)))
    return result


def _place(line: ShownLine, x: float, y: float) -> int:
    """The gap between two characters that is nearest to a point."""
    at = y if line.axis else x
    middles = [(one + other) / 2 for one, other in zip(line.edges[:-1], line.edges[1:], strict=True)]
    if line.edges[-1] < line.edges[0]:  # from right to left, or upwards
        return bisect_right([-middle for middle in middles], -at)
    return bisect_right(middles, at)


def _distance(box: Box, x: float, y: float) -> float:
    across = max(box[0] - x, 0.0, x - box[2])
    down = max(box[1] - y, 0.0, y - box[3])
    return across**2 + (_DOWN * down) ** 2


def _joins(text: str, place: int) -> bool:
    return 0 <= place < len(text) and (text[place].isalnum() or text[place] in "_'\u2019\u00ad")
