"""The characters of a page one by one, each with its place, as MuPDF finds them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.ingest.formats.mupdf import mupdf

_TOKEN = re.compile(rb'<block |<line bbox="([^"]*)" wmode="\d+" dir="([^"]*)"|<char c="([^"]*)" quad="([^"]*)"')
SOFT_HYPHEN = "\u00ad"


@dataclass(slots=True)
class Glyph:
    """The text of one glyph on the page (mostly one character), its corners, and its place along the line.

    ``quad`` is upper left, upper right, lower left, lower right, each with x and y in points.
    """

    text: str
    quad: list[float]

    @property
    def left(self) -> float:
        """Left edge along the line."""
        return self.quad[0]

    @property
    def right(self) -> float:
        """Right edge along the line."""
        return self.quad[2]

    @property
    def middle(self) -> float:
        """Half the way between them."""
        return (self.quad[0] + self.quad[2]) / 2

    def box(self) -> tuple[float, float, float, float]:
        """The upright box around its corners."""
        xs, ys = self.quad[::2], self.quad[1::2]
        return min(xs), min(ys), max(xs), max(ys)


@dataclass(slots=True)
class GlyphLine:
    """One of MuPDF's lines: its glyphs, the number of its block, its box, and whether it runs down the page."""

    glyphs: list[Glyph]
    block: int
    box: tuple[float, float, float, float]
    down: bool

    @property
    def text(self) -> str:
        """The characters of the glyphs, joined."""
        return "".join(glyph.text for glyph in self.glyphs)


def glyph_lines(text_page: Any) -> Iterator[GlyphLine]:
    """The lines in MuPDF's order, those without any characters too."""
    block = -1
    line: GlyphLine | None = None
    for token in _TOKEN.finditer(_printed(text_page)):
        box, direction, character, quad = token.groups()
        if quad is not None:
            if line is not None:
                line.glyphs.append(Glyph(_character(character), [float(number) for number in quad.split()]))
            continue
        if line is not None:
            yield line
            line = None
        if box is None:
            block += 1
        else:
            across, down = (abs(float(part)) for part in direction.split())
            x0, y0, x1, y1 = (float(number) for number in box.split())
            line = GlyphLine([], max(0, block), (x0, y0, x1, y1), down > across)
    if line is not None:
        yield line


def _printed(text_page: Any) -> bytes:
    """MuPDF prints characters and quads as XML, in C; taking them one by one through its bindings is far slower."""
    buffer = mupdf.fz_new_buffer(65536)
    out = mupdf.FzOutput(buffer)
    mupdf.fz_print_stext_page_as_xml(out, text_page, 0)
    out.fz_close_output()
    return bytes(mupdf.fz_buffer_extract_copy(buffer))


def _character(raw: bytes) -> str:
    text = raw.decode("utf-8", errors="replace")
    return html.unescape(text) if text.startswith("&") else text
