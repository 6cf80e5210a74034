"""One more order in which a page's lines may be read: strictly column by column, whatever the lines look like.

The order that the page's text has (``app.ingest.reading_order``) decides between columns and tables. Where justified
print is painted word by word it can take columns for a table; a quotation is then still found here.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.ingest.reading_order import reads_leftwards
from app.ingest.types import Box, Page

_GUTTER = 7.0
_WIDE = 0.62
"""Lines wider than this share of the page's width span columns."""


def by_columns(page: Page, lines: list[int]) -> list[int]:
    """Bands between lines that run across; in them column by column, each from top to bottom."""
    if len(lines) < 2:
        return lines
    boxes = {line: page.lines[line].box for line in lines}
    columns = _columns(list(boxes.values()), page.width)
    leftwards = reads_leftwards("".join(page.lines[line].text for line in lines[:20]))
    order: list[int] = []
    band: list[tuple[int, int]] = []
    for line in sorted(lines, key=lambda line: (boxes[line][1], line)):
        touched = [at for at, (left, right) in enumerate(columns) if boxes[line][0] < right and boxes[line][2] > left]
        if len(touched) == 1 or len(columns) == 1:
            band.append((touched[0] if touched else 0, line))
            continue
        order += _band(band, boxes, leftwards)
        band = []
        order.append(line)
    return order + _band(band, boxes, leftwards)


def _columns(boxes: Sequence[Box], width: float) -> list[tuple[float, float]]:
    """Stretches across the page that are separated by a gap that no narrow line enters."""
    columns: list[tuple[float, float]] = []
    for left, right in sorted((box[0], box[2]) for box in boxes if box[2] - box[0] < _WIDE * width):
        if columns and left < columns[-1][1] + _GUTTER:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    return columns or [(0.0, width)]


def _band(band: list[tuple[int, int]], boxes: dict[int, Box], leftwards: bool) -> list[int]:
    """The lines of one band; what is side by side in a column is one row."""
    order: list[int] = []
    for column in sorted({column for column, _ in band}, reverse=leftwards):
        row: list[int] = []
        for line in (line for own, line in band if own == column):
            if row and boxes[line][1] > (boxes[row[0]][1] + boxes[row[0]][3]) / 2:
                order += sorted(row, key=lambda line: boxes[line][0], reverse=leftwards)
                row = []
            row.append(line)
        order += sorted(row, key=lambda line: boxes[line][0], reverse=leftwards)
    return order
