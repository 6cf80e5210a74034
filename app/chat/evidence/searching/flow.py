"""The order in which a person reads a page's lines: down one column and then the next, past running heads and notes.

A file may hold its lines in another order, and a sentence that crosses pages has one page's foot and the next one's
head in its middle. Only what the pages show is rearranged here; no line of a column's body is ever left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.ingest.reading_order import reading_order
from app.ingest.types import Page, TextLine

_EDGE = 0.15
"""The part of a page at its top and bottom where running heads are."""

_SAME_HEIGHT = 4.0
_SMALL = 0.87
_DIGITS = re.compile(r"\d+")
_FOLIO = re.compile(
    r"[\W_]*(?:page|seite|p|s)?\.?\s*(?:\d{1,5}|[ivxlc]{1,7})(?:\s*(?:of|von|/)\s*\d{1,5})?[\W_]*", re.I
)
_MARK = re.compile(
    r"(?<=[^\W\d_]{3})\d{1,2}(?![\d%°]|[.,:/-]\d)|(?<=[^\W\d_]{3}[.,;:”“\")])\d{1,2}(?=\s|$)|\[\d{1,3}(?:[,–-]\s?\d{1,3})*\]"
)


def body_lines(pages: Sequence[Page], number: int) -> list[int]:
    """A page's lines without running heads, page numbers and the notes at its foot, in the file's order."""
    page = pages[number]
    near = [pages[other] for other in (number - 2, number - 1, number + 1, number + 2) if 0 <= other < len(pages)]
    repeated = {_running(line) for other in near for line in other.lines if _at_edge(other, line)}
    folios = {index for index in _outermost(page) if _FOLIO.fullmatch(page.lines[index].text)}
    body = []
    for index, line in enumerate(page.lines):
        if index not in folios and not (_at_edge(page, line) and _is_among(_running(line), repeated)):
            body.append(index)
    return _without_notes(page, body)


def plain_order(page: Page, lines: list[int]) -> list[int]:
    """As the file has them."""
    return lines


def in_reading_order(page: Page, lines: list[int]) -> list[int]:
    """As a person reads them: the order that the page's text has, found anew for the lines that are left."""
    return [lines[place] for place in reading_order([page.lines[line] for line in lines])]


def without_marks(text: str) -> str:
    """A line with the numbers of notes made invisible, every other character in its place."""
    return _MARK.sub(lambda match: "\u200b" * len(match[0]), text)


def _at_edge(page: Page, line: TextLine) -> bool:
    return line.box[3] < _EDGE * page.height or line.box[1] > (1 - _EDGE) * page.height


def _outermost(page: Page) -> list[int]:
    """The first and the last line of the page, where nothing is beside it."""
    found = []
    for sign in (1, -1):
        by_height = sorted(range(len(page.lines)), key=lambda index: sign * page.lines[index].box[1])
        if len(by_height) < 2:
            continue
        edge, inner = page.lines[by_height[0]].box, page.lines[by_height[1]].box
        if _at_edge(page, page.lines[by_height[0]]) and (edge[3] <= inner[1] or edge[1] >= inner[3]):
            found.append(by_height[0])
    return found


def _running(line: TextLine) -> tuple[str, float]:
    return _DIGITS.sub("0", line.text.casefold().strip()), line.box[1]


def _is_among(running: tuple[str, float], others: set[tuple[str, float]]) -> bool:
    return any(running[0] == text and abs(running[1] - y) < _SAME_HEIGHT for text, y in others)


def _without_notes(page: Page, body: list[int]) -> list[int]:
    """Without the lines at the foot in smaller print than the page's."""
    heights = sorted(page.lines[line].box[3] - page.lines[line].box[1] for line in body)
    if not heights:
        return body
    usual = heights[len(heights) // 2]
    small = {line for line in body if page.lines[line].box[3] - page.lines[line].box[1] < _SMALL * usual}
    foot = max((page.lines[line].box[3] for line in body if line not in small), default=0.0)
    return [line for line in body if line not in small or page.lines[line].box[1] < foot - usual]
