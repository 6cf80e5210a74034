"""Recognised lines in the order in which they are read, and in blocks.

An engine's boxes end where ink ends, and its order of columns is a guess; the page's rules about columns and tables
(``app.ingest.reading_order``) want lines on their baselines, so they get those.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from app.ingest.ocr.engine import FoundLine
from app.ingest.reading_order import reading_order
from app.ingest.types import Box

_DESCENDING = frozenset("gjpqyQçşţ,;()[]{}|/$§µ_")
_DESCENT = 0.22
_UNITS = 10.0
"""So high are lines on average where they are sorted, as lines of print are in points."""

_APART = 0.9


@dataclass(slots=True)
class _Placed:
    text: str
    box: Box


def arranged_lines(lines: list[FoundLine]) -> list[list[FoundLine]]:
    """The lines in blocks, in reading order: prose column by column, tables and forms row by row."""
    if not lines:
        return []
    height = median(line.box[3] - line.box[1] for line in lines)
    scale = _UNITS / max(1.0, height)
    placed = [_on_baseline(line, height, scale) for line in lines]
    by_rows = _by_rows(placed)
    order = [by_rows[at] for at in reading_order([placed[number] for number in by_rows])]
    blocks: list[list[int]] = []
    for number in order:
        if blocks and _joins(placed[number].box, [placed[one].box for one in blocks[-1]]):
            blocks[-1].append(number)
        else:
            blocks.append([number])
    return [[lines[number] for number in block] for block in blocks]


def _on_baseline(line: FoundLine, height: float, scale: float) -> _Placed:
    x0, y0, x1, y1 = line.box
    standing = [word.box[3] for word in line.words if not _DESCENDING & set(word.text)]
    base = median(standing) if standing else y1 - _DESCENT * (y1 - y0)
    high = max(y1 - y0, 0.9 * height) if y1 - y0 > 1.5 * height else height
    return _Placed(line.text, (x0 * scale, (base - high) * scale, x1 * scale, base * scale))


def _by_rows(placed: list[_Placed]) -> list[int]:
    """From top to bottom, and along each row from left to right."""
    rows: list[list[int]] = []
    for number in sorted(range(len(placed)), key=lambda number: placed[number].box[3]):
        box = placed[number].box
        if rows and box[3] - placed[rows[-1][0]].box[3] < 0.4 * _UNITS:
            rows[-1].append(number)
        else:
            rows.append([number])
    return [number for row in rows for number in sorted(row, key=lambda number: placed[number].box[0])]


def _joins(box: Box, block: list[Box]) -> bool:
    """Whether a line continues a block: beside its last line, or closely below it."""
    last = block[-1]
    gap = box[1] - last[3]
    return -1.5 * _UNITS < gap < _APART * _UNITS and box[0] < max(one[2] for one in block) + 30 * _UNITS
