"""Whether a page's letters look like what its text layer calls them.

A font may map its glyphs to wrong characters: the page shows "Phone" and its text says '"7+%-'. What tells is how far
each character's ink reaches above and below the line, compared with the same character in an ordinary font.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from statistics import correlation, pstdev

from app.ingest.formats.mupdf import pymupdf
from app.ingest.formats.pdf.text.garbage import Doubt
from app.ingest.types import Box

_PIXELS_PER_EM = 24.0
_LEAST_PIXELS = 11.0
_MOST_PIXELS = 4_000_000
_TRIES = 5
"""How often a character is examined, and most of them count: a rule under one or a stamp over it proves nothing."""

_OFF = 0.15
"""In sizes of the font: how far a shape's top or bottom may be from where the character's is."""

_ENOUGH, _UNLIKE, _GUESSED_UNLIKE = 8, 0.38, 0.34
"""Characters that have to be compared, and the part of them that looks like others where the text is wrong. Over 392
files of every kind, honest ones stay below 0.3."""

_INK = 70
_STEP = 0.65
_LEVEL = 0.06
"""A font of capitals only, whatever the letters are called, has all its tops at one height."""

_RULE = 0.95
"""A row of ink so wide, beyond the character's own reach, is a rule."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How many different characters were compared, and how many of them look like others."""

    compared: int
    unlike: int

    @property
    def share(self) -> float:
        """The part that looks like something else."""
        return self.unlike / max(1, self.compared)


def seen_doubt(doubt: Doubt, found: Likeness, guessed: bool) -> Doubt:
    """What is left of a doubt once the page has been looked at. ``guessed``: a font does not define its characters."""
    if found.share >= (_GUESSED_UNLIKE if guessed else _UNLIKE) and found.compared >= (3 if guessed else _ENOUGH):
        return "shapes"
    honest = doubt == "signs" and found.compared >= _ENOUGH and found.share < _UNLIKE / 2  # a listing of a program
    return "" if honest else doubt


def likeness(page: pymupdf.Page, text_page: pymupdf.TextPage) -> Likeness:
    """Compare the upright text of ``text_page`` with what ``page`` shows; letters and signs of Latin print only."""
    characters = [found for found in _characters(text_page) if _extent(found[0]) is not None]
    if not characters:
        return Likeness(0, 0)
    sizes = sorted(size for _, _, size, _ in characters)
    picture = _Picture(page, sizes[len(sizes) // 2])
    tries: dict[str, list[bool]] = {}
    tops: list[tuple[float, float]] = []
    for character, origin, size, box in characters:
        own = tries.setdefault(character, [])
        if len(own) < _TRIES:
            reach = picture.reach(character, origin, size, box)
            expected = _extent(character)
            if reach is not None and expected is not None:
                own.append(abs(expected[0] - reach[0]) <= _OFF and abs(expected[1] - reach[1]) <= _OFF)
                tops.append((expected[0], reach[0]))
    judged = [2 * sum(own) >= len(own) for own in tries.values() if own]
    return Likeness(len(judged), 0 if _in_step(tops) else judged.count(False))


def _in_step(tops: list[tuple[float, float]]) -> bool:
    """Whether high characters are high and low ones low, whatever their size: a font of unusual build, or of none."""
    expected, reached = zip(*tops, strict=True) if tops else ((), ())
    if len(set(expected)) < 3 or len(set(reached)) < 3:
        return False
    return pstdev(reached) < _LEVEL or correlation(expected, reached) > _STEP


def _characters(text_page: pymupdf.TextPage) -> Iterator[tuple[str, tuple[float, float], float, Box]]:
    for block in text_page.extractRAWDICT()["blocks"]:
        for line in block.get("lines", ()):
            for span in line["spans"] if line["dir"][0] > 0.99 else ():
                if span["alpha"] and not span["flags"] & pymupdf.TEXT_FONT_ITALIC:  # leans out of its boxes
                    for character in span["chars"]:
                        yield character["c"], character["origin"], span["size"], character["bbox"]


@cache
def _extent(character: str) -> tuple[float, float] | None:
    """How far the character reaches up and down from the line, in sizes of the font; ``None`` where it is unknown."""
    if len(character) != 1 or character.isspace() or not ("!" <= character <= "~" or character.isalpha()):
        return None
    if character > "~" and not unicodedata.name(character, "").startswith("LATIN"):
        return None
    font = pymupdf.Font("helv")
    if not font.has_glyph(ord(character)):
        return None
    box = font.glyph_bbox(ord(character))
    return float(box.y1), float(box.y0)


class _Picture:
    """The page in grey, once."""

    def __init__(self, page: pymupdf.Page, size: float) -> None:
        rect = page.rect
        zoom = min(_PIXELS_PER_EM / max(1.0, size), (_MOST_PIXELS / max(1.0, rect.width * rect.height)) ** 0.5)
        matrix = pymupdf.Matrix(zoom, zoom)
        pixels = page.get_pixmap(matrix=matrix, colorspace=pymupdf.csGRAY, alpha=False)
        self._zoom, self._width, self._height, self._stride = zoom, pixels.width, pixels.height, pixels.stride
        self._samples = bytes(pixels.samples_mv)

    def reach(self, character: str, origin: tuple[float, float], size: float, box: Box) -> tuple[float, float] | None:
        """How far what is there reaches up and down, in sizes of the font; ``None`` where it cannot be told."""
        expected, zoom = _extent(character), self._zoom
        em, inset = size * zoom, 0.08 * (box[2] - box[0])
        left, right = int((box[0] + inset) * zoom) + 1, int((box[2] - inset) * zoom)
        line = origin[1] * zoom
        top, bottom = int(line - em), int(line + 0.35 * em)
        inside = left >= 0 and top >= 0 and right <= self._width and bottom <= self._height
        if expected is None or em < _LEAST_PIXELS or right - left < 2 or not inside:
            return None
        rows = [self._samples[y * self._stride + left : y * self._stride + right] for y in range(top, bottom)]
        paper = max(set(rows[0]), key=rows[0].count)
        high, low = line - (expected[0] + 0.06) * em, line - (expected[1] - 0.06) * em
        inked = []
        for y, row in enumerate(rows, top):
            dark = sum(abs(value - paper) > _INK for value in row)
            if dark and not (dark > _RULE * len(row) and not high <= y <= low):
                inked.append(y)
        if not inked or inked[0] == top:
            return None  # nothing there, or a picture, or another line
        return (line - inked[0]) / em, (line - inked[-1] - 1) / em
