"""Cells beside each other on a recognised line are told apart by tabs, as in text layers.

An engine gives a form's or a table's row as one line of words, from which nobody can tell where a cell ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from app.ingest.types import TextLine, Word

_APART = 0.9
"""Heights of a line between two words that are more than a blank, even in justified print."""

_FAR = 1.6
"""Heights that are always more, however wide the page's blanks are."""

_BLANKS = 2.0
"""A page's usual blanks between words that are more than one: those of typewriters are wide."""


def with_tabs(blocks: Sequence[Sequence[TextLine]]) -> list[list[TextLine]]:
    """The lines with a tab instead of the blank wherever the words are far apart."""
    lines = [line for block in blocks for line in block]
    if not lines:
        return [list(block) for block in blocks]
    height = median(map(_height, lines))
    gaps = [gap for line in lines for gap in _gaps(line.words)]
    usual = min(_FAR * height, _BLANKS * median(gaps)) if gaps else 0.0
    return [[_tabbed(line, height, usual) for line in block] for block in blocks]


def _tabbed(line: TextLine, height: float, usual: float) -> TextLine:
    wide = max(_APART * max(height, _height(line)), usual)
    gaps = _gaps(line.words)
    if not any(gap >= wide for gap in gaps):
        return line
    signs = ["\t" if gap >= wide else " " for gap in gaps]
    text = line.words[0].text + "".join(sign + word.text for sign, word in zip(signs, line.words[1:], strict=True))
    return replace(line, text=text)


def _gaps(words: Sequence[Word]) -> list[float]:
    """How far each word is from the one before it, whichever way the line runs."""
    return [
        max(
            max(one.box[0], other.box[0]) - min(one.box[2], other.box[2]),
            max(one.box[1], other.box[1]) - min(one.box[3], other.box[3]),
        )
        for one, other in pairwise(words)
    ]


def _height(line: TextLine) -> float:
    """Of a line's print, whichever way it runs: its highest word's, as a line that lies askew has a high box."""
    across = line.box[2] - line.box[0] >= line.box[3] - line.box[1]
    sizes = [word.box[3] - word.box[1] if across else word.box[2] - word.box[0] for word in line.words]
    return max(sizes, default=0.0)
