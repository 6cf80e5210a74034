"""Invisible words over a scan, as scanners and programs like OCRmyPDF leave them, so that the scan can be searched.

Anybody can leave invisible words on a page. So a word counts only where the page's picture has marks under it that no
other word has been found for, and all of them count only where most of them do and their letters make sense.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from app.ingest.formats.mupdf import pymupdf
from app.ingest.formats.pdf.text.garbage import doubt, noise
from app.ingest.formats.pdf.text.hidden import MIN_POINTS, around
from app.ingest.formats.pdf.text.leftwards import LEFTWARDS
from app.ingest.formats.pdf.text.lines import Line
from app.ingest.limits import MAX_LINES, MAX_PAGE_TEXT, MAX_WORDS
from app.ingest.reading_order import arranged
from app.ingest.types import Box

_SCALE = 100 / 72
"""Pixels a point: enough to tell print from paper."""

_MOST_PIXELS = 2_000_000
_CONTRAST = 48
_FREE = 0.7
"""So much of a word's place has to lie on a picture, and belong to no other word."""

_MARKED = 0.5
"""The part of a word's slices, of two characters each, that have to hold marks."""

_NARROWEST = 0.08
"""A character's width as a part of its height; what is narrower was squeezed together so that much finds room."""

_EDGE = 20.0
"""Points by which a word's box may go past the page."""

_BACKWARDS = 0.9
"""The least part of a line's way that goes to the left where the page lies upside down."""

_MOST = 0.6
_GARBAGE = 0.05


@dataclass(frozen=True, slots=True)
class OverScan:
    """Lines in their blocks and in reading order, with their words; and how many characters of hidden text they are."""

    blocks: list[list[Line]]
    characters: int


@dataclass(slots=True)
class _Word:
    text: str
    box: Box
    size: float
    down: bool
    marked: bool = False


def invisible(span: dict[str, Any]) -> bool:
    """Whether a run of text is painted with no colour at all, large enough to be read if it were."""
    return span["alpha"] == 0 and span["size"] >= MIN_POINTS


def over_scan(
    page: pymupdf.Page, found: pymupdf.TextPage, pictures: Sequence[Box], seen: Sequence[Box]
) -> OverScan | None:
    """The invisible words over marks in the page's pictures; ``None`` where they say nothing about the scan.

    ``seen`` are the boxes of the lines that the page shows as text: no other word can be there.
    """
    scan = _Scan(page, pictures, seen)
    counted, over = 0, 0
    blocks: list[list[list[_Word]]] = []
    for block in found.extractRAWDICT()["blocks"]:
        blocks.append([])
        for line in block.get("lines", ()):
            spans = [span for span in line["spans"] if invisible(span)]
            length = sum(len("".join(sign["c"] for sign in span["chars"]).strip()) for span in spans)
            counted += length
            over += length if line["dir"][0] < -_BACKWARDS else 0
            blocks[-1].append(list(_words(spans, abs(line["dir"][1]) > abs(line["dir"][0]))))
    words = [word for block in blocks for line in block for word in line]
    if not words or len(words) > MAX_WORDS:
        return None
    for word in words:
        word.marked = scan.shows(word)
    if _characters(words) < _MOST * sum(len(word.text) for word in words):
        return None
    for word in words:  # boxes of graphs' labels lie a little beside them
        word.marked = word.marked or scan.shows(word, loosely=True)
    lines = [[_line(kept) for line in block if (kept := [word for word in line if word.marked])] for block in blocks]
    texts = [line.text for block in lines for line in block]
    if len(texts) + len(seen) > MAX_LINES or _characters(words) > MAX_PAGE_TEXT or not _sound(texts):
        return None
    unmarked = sum(len(word.text) for word in words if not word.marked)
    kept_blocks = [block for block in lines if block]
    width, height = page.rect.width, page.rect.height
    ordered = _upside_down(kept_blocks, width, height) if 2 * over > counted else arranged(kept_blocks)
    return OverScan(ordered, counted - unmarked)


def _upside_down(blocks: list[list[Line]], width: float, height: float) -> list[list[Line]]:
    """The order in which they are read once the page, which lies upside down, has been turned."""
    turned = [[replace(line, box=_half_turned(line.box, width, height)) for line in block] for block in blocks]
    return [[replace(line, box=_half_turned(line.box, width, height)) for line in block] for block in arranged(turned)]


def _half_turned(box: Box, width: float, height: float) -> Box:
    return width - box[2], height - box[3], width - box[0], height - box[1]


def _characters(words: list[_Word]) -> int:
    return sum(len(word.text) for word in words if word.marked)


def _sound(texts: list[str]) -> bool:
    """Whether the letters make sense. Words that are read leftwards lie in no certain order here."""
    text = "\n".join(texts)
    return noise(texts, text.isascii()) <= _GARBAGE * len(text) and not doubt(text) and not LEFTWARDS.search(text)


def _words(spans: list[dict[str, Any]], down: bool) -> Iterator[_Word]:
    signs = [(sign["c"], sign["bbox"], span["size"]) for span in spans for sign in span["chars"]]
    start = 0
    for at in range(len(signs) + 1):
        if at == len(signs) or signs[at][0].isspace():
            if at > start:
                text = "".join(sign for sign, _, _ in signs[start:at])
                box = around([box for _, box, _ in signs[start:at]])
                yield _Word(text, box, min(size for _, _, size in signs[start:at]), down)
            start = at + 1


def _line(words: list[_Word]) -> Line:
    return Line(
        " ".join(word.text for word in words),
        around([word.box for word in words]),
        min(word.size for word in words),
        words=tuple((word.text, word.box) for word in words),
    )


class _Scan:
    """The page as it is painted, small and in grey, and where on it there is a picture with room for words."""

    def __init__(self, page: pymupdf.Page, pictures: Sequence[Box], seen: Sequence[Box]) -> None:
        width, height = page.rect.width, page.rect.height
        self._scale = min(_SCALE, (_MOST_PIXELS / max(1.0, width * height)) ** 0.5)
        matrix = pymupdf.Matrix(self._scale, self._scale)
        pixels = page.get_pixmap(matrix=matrix, colorspace=pymupdf.csGRAY, alpha=False)
        rows = np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.stride)
        self._grey: npt.NDArray[np.uint8] = rows[:, : pixels.width]
        self._free = np.zeros(self._grey.shape, np.bool_)
        for box in pictures:
            self._free[self._place(box)] = True
        for box in seen:
            self._free[self._place(box)] = False

    def shows(self, word: _Word, *, loosely: bool = False) -> bool:
        """Whether there are marks under a word that are no other word's; from then on they are its own.

        ``loosely``: they may also lie at the upper or lower edge of its box.
        """
        place = self._middle(word)
        marks, free = self._grey[self._place(word.box) if loosely else place], self._free[place]
        if not self._on_page(word.box) or not marks.size or not free.size or free.mean() < _FREE:
            return False
        along, across = word.box[2] - word.box[0], word.box[3] - word.box[1]
        if word.down:
            along, across = across, along
        if along < _NARROWEST * across * len(word.text):
            return False
        axis = 0 if word.down else 1
        slices = np.array_split(marks, max(1, min(len(word.text) // 2, marks.shape[axis] // 2)), axis=axis)
        if sum(int(np.ptp(part)) > _CONTRAST for part in slices) < _MARKED * len(slices):
            return False
        self._free[place] = False
        return True

    def _on_page(self, box: Box) -> bool:
        """Whether a box lies on the page, but for a little; one of numbers that are none does not."""
        height, width = (side / self._scale + _EDGE for side in self._grey.shape)
        return -_EDGE <= box[0] <= box[2] <= width and -_EDGE <= box[1] <= box[3] <= height

    def _middle(self, word: _Word) -> tuple[slice, slice]:
        """The middle of a word's box: that is where print is, and where the lines beside it are not."""
        x0, y0, x1, y1 = word.box
        if word.down:
            edge = (x1 - x0) / 6
            return self._place((x0 + edge, y0, x1 - edge, y1))
        edge = (y1 - y0) / 6
        return self._place((x0, y0 + edge, x1, y1 - edge))

    def _place(self, box: Box) -> tuple[slice, slice]:
        """Rows and columns; boxes of damaged files may be endless, or no numbers at all."""
        height, width = self._grey.shape
        x0, y0, x1, y1 = (
            max(0.0, min(limit, edge * self._scale)) for edge, limit in zip(box, 2 * (width, height), strict=True)
        )
        return slice(int(y0), ceil(y1)), slice(int(x0), ceil(x1))
