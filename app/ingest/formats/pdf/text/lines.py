"""Lines of a page put right glyph by glyph, where whole lines are too coarse.

That is where a line goes past the page's edge, and where any of it is read from right to left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.ingest.formats.pdf.text.glyphs import Glyph, GlyphLine
from app.ingest.formats.pdf.text.hidden import around
from app.ingest.formats.pdf.text.leftwards import LEFTWARDS, Row, rows
from app.ingest.types import Box, Role

_EDGE = 1.0
"""Points that a line's box may reach past the page; boxes are a little larger than print."""


_PART = 0.1
"""The share of a glyph that has to be on the page for it to be seen."""


@dataclass(slots=True)
class Line:
    """One line: its text, its box, and the size of its print in points.

    ``words``, with their boxes, are given where a scanner's program read them from the page's picture.
    """

    text: str
    box: Box
    size: float
    role: Role = ""
    words: tuple[tuple[str, Box], ...] = ()


def needs_glyphs(blocks: Sequence[Sequence[Line]], width: float, height: float) -> bool:
    """Whether any line of the page has to be looked at glyph by glyph."""
    for block in blocks:
        for line in block:
            box = line.box
            if box[0] < -_EDGE or box[1] < -_EDGE or box[2] > width + _EDGE or box[3] > height + _EDGE:
                return True
            if not line.text.isascii() and LEFTWARDS.search(line.text):
                return True
    return False


def put_right(
    blocks: Sequence[Sequence[Line]], glyphs: Sequence[GlyphLine], width: float, height: float
) -> tuple[list[list[Line]], int]:
    """The lines as they are read and as far as they are on the page, and how many characters are off it.

    ``glyphs`` are those of the blocks' lines, in their order.
    """
    lines = [line for block in blocks for line in block]
    owners = [number for number, block in enumerate(blocks) for _ in block]
    if len(lines) != len(glyphs):
        return [list(block) for block in blocks], 0
    lost = 0
    for number, own in enumerate(glyphs):
        if not _inside(own.box, width, height):
            cut, lines[number] = _cut(own, lines[number], width, height)
            lost += cut
    result: list[list[Line]] = [[] for _ in blocks]
    for row in rows(glyphs):
        line = lines[row] if isinstance(row, int) else _read(row, lines)
        if line.text.strip():
            result[owners[row if isinstance(row, int) else row.members[0]]].append(line)
    return [block for block in result if block], lost


def glyphs_of(line: dict[str, Any], spans: Sequence[dict[str, Any]], block: int) -> GlyphLine:
    """The glyphs of some runs of a line, as PyMuPDF's dictionary with characters has them."""
    across, down = (abs(part) for part in line["dir"])
    found = []
    for span in spans:
        for character in span["chars"]:
            x0, y0, x1, y1 = character["bbox"]
            found.append(Glyph(character["c"], [x0, y0, x1, y0, x0, y1, x1, y1]))
    return GlyphLine(found, block, around([span["bbox"] for span in spans]), down > across)


def _inside(box: Box, width: float, height: float) -> bool:
    return box[0] >= -_EDGE and box[1] >= -_EDGE and box[2] <= width + _EDGE and box[3] <= height + _EDGE


def _cut(glyphs: GlyphLine, line: Line, width: float, height: float) -> tuple[int, Line]:
    """The line without the glyphs that are almost entirely off the page."""
    kept, lost = [], 0
    for glyph in glyphs.glyphs:
        x0, y0, x1, y1 = glyph.box()
        across, down = _PART * (x1 - x0), _PART * (y1 - y0)
        if x1 > across and y1 > down and x0 < width - across and y0 < height - down:
            kept.append(glyph)
        else:
            lost += len(glyph.text.strip())
    glyphs.glyphs = kept
    if not kept:
        return lost, Line("", line.box, line.size)
    x0, y0, x1, y1 = around([glyph.box() for glyph in kept])
    glyphs.box = (max(0.0, x0), max(0.0, y0), min(width, x1), min(height, y1))
    return lost, Line(glyphs.text, glyphs.box, line.size)


def _read(row: Row, lines: Sequence[Line]) -> Line:
    text = "".join(glyph.text for run in row.runs for glyph in run)
    return Line(text, row.box, min(lines[number].size for number in row.members))
