"""Text that a file holds and its page does not show: invisible, tiny, in the paper's colour, or painted over.

Here the text is looked at run by run, which is slow; ``pdf_text`` does so only where something may be hidden.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.ingest.formats.mupdf import pymupdf
from app.ingest.types import Box

MIN_POINTS = 2.0
NEAR_WHITE = 225
_CONTRAST = 48
_COLOUR_CONTRAST = 20
_WHITE = 240
_ALIKE = 36
_COVERED = 0.85
_MOST_PIXELS = 2_000_000


@dataclass(slots=True)
class Shape:
    """Something painted: its place in the order of painting, its box, and its colour (``None``: a picture)."""

    order: int
    box: Box
    colour: int | None = None

    def covers(self, box: Box) -> bool:
        """Whether it covers most of the middle of ``box``; print fills only the middle of its line's box."""
        quarter = (box[3] - box[1]) / 4
        top, bottom = box[1] + quarter, box[3] - quarter
        width = min(self.box[2], box[2]) - max(self.box[0], box[0])
        height = min(self.box[3], bottom) - max(self.box[1], top)
        return width >= _COVERED * (box[2] - box[0]) > 0 and height >= _COVERED * (bottom - top) > 0


class Shapes:
    """What is painted on a page, found by the height at which it is: a shaded table has thousands of cells."""

    _ROWS = 128

    def __init__(self, shapes: list[Shape], height: float) -> None:
        self._tall = max(1.0, height / self._ROWS)
        self._rows: dict[int, list[Shape]] = {}
        for shape in shapes:
            first, last = self._row(shape.box[1]), self._row(shape.box[3])
            for row in range(first, last + 1):
                self._rows.setdefault(row, []).append(shape)

    def covering(self, box: Box) -> list[Shape]:
        """The shapes that cover or underlie a line of print."""
        if not self._rows:
            return []
        return [shape for shape in self._rows.get(self._row((box[1] + box[3]) / 2), ()) if shape.covers(box)]

    def _row(self, y: float) -> int:
        return max(-1, min(self._ROWS, int(y / self._tall)))


def around(boxes: Sequence[Box]) -> Box:
    """The box around some boxes."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def within(box: Box, outer: Box) -> Box:
    """The part of a box that is in another; without width or height where there is none."""
    left, right = (min(outer[2], max(outer[0], x)) for x in (box[0], box[2]))
    top, bottom = (min(outer[3], max(outer[1], y)) for y in (box[1], box[3]))
    return left, top, right, bottom


def near_white(colour: int) -> bool:
    """Whether a colour can hardly be told from white paper."""
    return min(colour >> 16 & 255, colour >> 8 & 255, colour & 255) >= NEAR_WHITE


class View:
    """The page as a person sees it, with what is painted on it in order."""

    def __init__(self, page: pymupdf.Page, shapes: Shapes) -> None:
        self._page, self._shapes = page, shapes
        self._pixels: pymupdf.Pixmap | None = None
        self._see_through: bool | None = None

    def shows(self, span: dict[str, Any], words: str, order: int) -> bool:
        """Whether a run with the text ``words``, painted as the ``order``-th thing, can be seen."""
        if not words.strip():
            return True
        if span["alpha"] == 0 or span["size"] < MIN_POINTS:
            return False
        box, doubtful = span["bbox"], near_white(span["color"])
        for shape in self._shapes.covering(box):
            if shape.order > order:
                if shape.colour is None and not self._transparent():
                    return False  # under a picture
                doubtful = doubtful or shape.colour is not None
            elif shape.colour is not None and alike(shape.colour, span["color"]):
                doubtful = True
        return not doubtful or self.has_contrast(box)

    def has_contrast(self, box: Box) -> bool:
        """Whether anything shows in the middle of ``box`` on the page as it is painted in the end."""
        pixels = self._painted()
        scale = pixels.width / self._page.rect.width
        quarter = (box[3] - box[1]) / 6
        left, right = max(0, int(box[0] * scale) + 1), min(pixels.width, int(box[2] * scale))
        top = max(0, int((box[1] + quarter) * scale))
        bottom = min(pixels.height, max(int((box[3] - quarter) * scale), top + 2))
        if left >= right or top >= bottom:
            return False
        samples, stride = pixels.samples_mv, pixels.stride
        rows = [bytes(samples[y * stride + 3 * left : y * stride + 3 * right]) for y in range(top, bottom)]
        return _spread(rows) > (_CONTRAST if _on_paper(rows) else _COLOUR_CONTRAST)

    def _painted(self) -> pymupdf.Pixmap:
        if self._pixels is None:
            rect = self._page.rect
            zoom = min(2.0, (_MOST_PIXELS / max(1.0, rect.width * rect.height)) ** 0.5)
            matrix = pymupdf.Matrix(zoom, zoom)
            self._pixels = self._page.get_pixmap(matrix=matrix, colorspace=pymupdf.csRGB, alpha=False)
        return self._pixels

    def _transparent(self) -> bool:
        """Whether the page's pictures may let through what is under them: a mask, or a transparent state."""
        if self._see_through is None:
            self._see_through = _has_masks(self._page) or _has_transparency(self._page)
        return self._see_through


def alike(one: int, other: int) -> bool:
    """Whether two colours can hardly be told apart."""
    return all(abs((one >> shift & 255) - (other >> shift & 255)) < _ALIKE for shift in (16, 8, 0))


def _has_masks(page: pymupdf.Page) -> bool:
    """Whether any picture of the page has its own mask (``smask`` is the second field)."""
    return any(image[1] for image in page.get_images())


def _has_transparency(page: pymupdf.Page) -> bool:
    """Whether the page's resources hold a state that paints see-through or blends."""
    document = page.parent
    kind, states = document.xref_get_key(page.xref, "Resources/ExtGState")
    texts = [states]
    numbers = [
        int(word)
        for word, after in zip(states.split(), states.split()[1:], strict=False)
        if after == "0" and word.isdigit()
    ]
    texts += [document.xref_object(number, compressed=True) for number in numbers[:50]]
    return kind != "null" and any(
        "/ca 0" in text or "/ca ." in text or "/BM/" in text.replace("/BM/Normal", "") for text in texts
    )


def _spread(rows: list[bytes]) -> int:
    """How far apart the colours of a region are, in the channel where they differ most."""
    return max(max(max(row[at::3]) for row in rows) - min(min(row[at::3]) for row in rows) for at in range(3))


def _on_paper(rows: list[bytes]) -> bool:
    """Whether most of a region is white, or of no one colour: on a plain tint, fainter print than on paper is seen."""
    pixels = [row[at : at + 3] for row in rows for at in range(0, len(row), 3)]
    usual, count = Counter(pixels).most_common(1)[0]
    return 2 * count < len(pixels) or (min(usual) >= _WHITE and max(usual) - min(usual) < 8)
