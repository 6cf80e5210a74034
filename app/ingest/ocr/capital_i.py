"""A lone "I" without serifs is read as "|". A bar is longer than a capital letter, so their ink is measured."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

import numpy as np
import numpy.typing as npt
from PIL import Image

from app.ingest.ocr.engine import FoundLine, FoundWord
from app.ingest.types import Box

_BAR = re.compile(r"\|(?=['’](?:m|ll|ve|d)\b|[.,;:!?)]*$)")
_HIGH = re.compile(r"[A-Zbdfhkl0-9ÄÖÜß]")
_LOW = re.compile(r"[gjpqyQ,;()\[\]{}|/$§µç_]")

_INK = 128
_OFF = 0.15
"""How far its ends may be from those of the neighbouring letters, as a share of a capital letter's height."""

_THIN = 0.45


def with_capital_i(lines: Sequence[FoundLine], image: Image.Image) -> list[FoundLine]:
    """The lines with an "I" for each bar that is as high as the letters beside it. ``image``: dark print on white."""
    if not any(_BAR.match(word.text) for line in lines for word in line.words):
        return list(lines)
    ink = np.asarray(image) < _INK
    return [_mended(line, ink) if any(_BAR.match(word.text) for word in line.words) else line for line in lines]


def _mended(line: FoundLine, ink: npt.NDArray[np.bool_]) -> FoundLine:
    others = [word for word in line.words if "|" not in word.text]
    tops = [rows[0] for word in others if _HIGH.search(word.text) and (rows := _rows(ink, word.box))]
    bases = [rows[1] for word in others if not _LOW.search(word.text) and (rows := _rows(ink, word.box))]
    if not tops or not bases or (high := median(bases) - median(tops)) <= 0:
        return line
    words = []
    for number, word in enumerate(line.words):
        strokes = _strokes(ink, _place(line.words, number)) if _BAR.match(word.text) else ()
        letters = [stroke for stroke in strokes if _is_letter(stroke, median(tops), median(bases), high)]
        words.append(_letter(word, letters[0]) if letters else word)
    return replace(line, words=words)


def _is_letter(stroke: Box, top: float, base: float, high: float) -> bool:
    x0, y0, x1, y1 = stroke
    return x1 - x0 <= _THIN * high and abs(y0 - top) <= _OFF * high and abs(y1 - base) <= _OFF * high


def _letter(word: FoundWord, stroke: Box) -> FoundWord:
    box = stroke if len(word.text) == 1 else word.box
    return replace(word, text=f"I{word.text[1:]}", box=box)


def _place(words: Sequence[FoundWord], number: int) -> Box:
    """Where to look for a bar's ink: up to its neighbours, since the engine's box of so thin a word may miss it."""
    x0, y0, x1, y1 = words[number].box
    if len(words[number].text) > 1:
        return x0, y0, x1, y1
    left = words[number - 1].box[2] if number else x0
    right = words[number + 1].box[0] if number + 1 < len(words) else x1
    return min(x0, left), y0, max(x1, right), y1


def _rows(ink: npt.NDArray[np.bool_], box: Box) -> tuple[int, int] | None:
    """The first row with ink in a box, and the one after the last."""
    x0, y0, x1, y1 = (int(side) for side in box)
    rows = np.flatnonzero(ink[y0:y1, x0:x1].any(axis=1))
    return (y0 + int(rows[0]), y0 + int(rows[-1]) + 1) if len(rows) else None


def _strokes(ink: npt.NDArray[np.bool_], box: Box) -> Iterator[Box]:
    """The smallest boxes around the ink in a box, from gap to gap; a neighbour's edge may be among them."""
    x0, y0, x1, y1 = (int(side) for side in box)
    part = ink[y0:y1, x0:x1]
    steps = np.diff(np.concatenate(([False], part.any(axis=0), [False])).astype(np.int8))
    for first, last in zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1), strict=True):
        rows = np.flatnonzero(part[:, first:last].any(axis=1))
        yield float(x0 + first), float(y0 + rows[0]), float(x0 + last), float(y0 + rows[-1] + 1)
