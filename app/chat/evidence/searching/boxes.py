"""Boxes around the words of a match, from the boxes of their lines.

A line's box is cut at its words by the usual widths of letters, scaled to the line's own width: within a letter or two
of the truth in any ordinary typeface, and free.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from app.chat.evidence.searching.stream import Span
from app.ingest.reading_order import reads_leftwards
from app.ingest.types import Box, Page, TextLine, Word

_NARROW = frozenset("iljtfrI.,;:!'|()[]{}/\\-\"` ")
_APART = 2.5
"""Gap, in heights of a scan's line, at which words count as a label and its value, or as cells."""

_WIDE = frozenset("mwMWOQGDHNUCAKRVXY@%&")


def boxes(page: Page, spans: Iterable[Span]) -> tuple[Box, ...]:
    """A box for each line's part that a match takes on ``page``; several where its words are far apart on a scan."""
    return tuple(box for span in spans for box in _parts(page, span))


def _parts(page: Page, span: Span) -> list[Box]:
    line = page.lines[span.line]
    if line.words and line.role != "comment":
        return _of_words(line, span) or [line.box]
    return [_part(line, span)]


def _part(line: TextLine, span: Span) -> Box:
    x0, y0, x1, y1 = line.box
    text = line.text
    if line.role == "comment":
        return line.box  # its words are not printed on the page, only its sign is
    if (y1 - y0) > 1.5 * (x1 - x0) and len(text) > 2:
        return line.box  # it runs up or down the page, and which way is not known
    return _cut(line.box, text, span.start, span.end)


def words_in(line: TextLine, span: Span) -> list[tuple[Word, int]]:
    """The words of a line that a span touches, of a line that was read from a picture, and where each begins."""
    found, at = [], 0
    for word in line.words:
        at = max(at, line.text.find(word.text, at))
        if at < span.end and at + len(word.text) > span.start:
            found.append((word, at))
        at += len(word.text)
    return found


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that encloses all ``boxes``."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def _of_words(line: TextLine, span: Span) -> list[Box]:
    """Around the words that were read there, of which the first and the last may be taken in part."""
    groups: list[list[Box]] = []
    for word, at in words_in(line, span):
        box = _cut(word.box, word.text, span.start - at, span.end - at)
        if groups and _gap(groups[-1][-1], box) < _APART * _height(line):
            groups[-1].append(box)
        else:
            groups.append([box])
    return [around(group) for group in groups]


def _gap(one: Box, other: Box) -> float:
    """How far apart two boxes are, across or down."""
    across = max(one[0], other[0]) - min(one[2], other[2])
    return max(across, max(one[1], other[1]) - min(one[3], other[3]))


def _height(line: TextLine) -> float:
    """Of a line's print, whichever way it runs."""
    return min(line.box[3] - line.box[1], line.box[2] - line.box[0])


def _cut(box: Box, text: str, start: int, end: int) -> Box:
    """The part of a line's or a word's box that some of its characters take."""
    x0, y0, x1, y1 = box
    if (start <= 0 and end >= len(text)) or (y1 - y0) > 1.5 * (x1 - x0):
        return box
    widths = [_width(character) for character in text]
    total = sum(widths) or 1.0
    left = sum(widths[: max(0, start)]) / total
    right = sum(widths[: max(0, end)]) / total
    if reads_leftwards(text):
        left, right = 1 - right, 1 - left
    return x0 + left * (x1 - x0), y0, x0 + right * (x1 - x0), y1


def _width(character: str) -> float:
    if character in _NARROW:
        return 0.3
    if character in _WIDE:
        return 0.75
    if character.isascii():
        return 0.53
    if unicodedata.combining(character):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(character) in "WF" else 0.53
