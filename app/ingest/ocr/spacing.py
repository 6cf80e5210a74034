"""Adjacent cells on a recognised line are separated by tabs, as in text layers.

An engine returns a row of a form or a table as one line of words, without the borders of its cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from app.ingest.types import TextLine, Word

_APART = 0.9
"""A gap wider than this, in line heights, is more than a space, even in justified text."""

_FAR = 1.6
"""A gap that is always more, however wide the page's spaces are."""

_BLANKS = 2.0
"""A gap wider than this, in the page's usual spaces, is more than one space; a typewriter's spaces are wide."""


def with_tabs(blocks: Sequence[Sequence[TextLine]]) -> list[list[TextLine]]:
    """The lines with a tab instead of a space wherever words are far apart."""
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
    """The height of a line's text, whichever way it runs: its highest word's, since a skewed line's box is higher."""
    across = line.box[2] - line.box[0] >= line.box[3] - line.box[1]
    sizes = [word.box[3] - word.box[1] if across else word.box[2] - word.box[0] for word in line.words]
    return max(sizes, default=0.0)
