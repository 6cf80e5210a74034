"""The characters of a PDF's page with their places, line by line."""

from __future__ import annotations

from typing import Any

from app.ingest.formats.mupdf import mupdf, pymupdf
from app.ingest.formats.pdf.text.glyphs import SOFT_HYPHEN, Glyph, GlyphLine, glyph_lines
from app.ingest.formats.pdf.text.leftwards import LEFTWARDS, rows
from app.ingest.limits import MAX_LINES, MAX_PAGE_TEXT
from app.ingest.types import Box
from app.ingest.view.searching import Line, Lines, loose

_SOFT = SOFT_HYPHEN


def structured(page: pymupdf.Page) -> Any:
    """What MuPDF finds of text on a page, as it is shown: turned and cropped."""
    inner = page.this if isinstance(page.this, mupdf.FzPage) else page.this.super()
    result = mupdf.FzStextPage(mupdf.fz_bound_page(inner))
    device = mupdf.fz_new_stext_device(result, mupdf.FzStextOptions(mupdf.FZ_STEXT_PRESERVE_WHITESPACE))
    mupdf.fz_run_page(inner, device, mupdf.FzMatrix(), mupdf.FzCookie())
    mupdf.fz_close_device(device)
    return result


def loose_text(text_page: Any) -> str:
    """The page's text, folded for a quick look whether words may be on it at all."""
    buffer = mupdf.fz_new_buffer(16384)
    out = mupdf.FzOutput(buffer)
    mupdf.fz_print_stext_page_as_text(out, text_page)
    out.fz_close_output()
    return loose(bytes(mupdf.fz_buffer_extract_copy(buffer)).decode("utf-8", errors="replace")[:MAX_PAGE_TEXT])


def lines_of(text_page: Any, *, logical: bool = False) -> Lines:
    """The lines in the page's own order, bounded in number and length; as they are read where that is leftwards.

    ``logical``: its characters are in the order in which they are read already.

    A line in which the direction changes comes as several, each with the places of characters that follow one another.
    """
    found: list[GlyphLine] = []
    length = 0
    for line in glyph_lines(text_page):
        found.append(line)
        length += len(line.glyphs)
        if len(found) >= MAX_LINES or length > MAX_PAGE_TEXT:
            break
    if logical or not any(LEFTWARDS.search(line.text) for line in found):
        return [made for line in found if (made := _line(line.glyphs, line.block, line.box, int(line.down)))]
    result: Lines = []
    for row in rows(found):
        if isinstance(row, int):
            line = found[row]
            parts = [_line(line.glyphs, line.block, line.box, int(line.down))]
        else:
            tall = (row.box[1], row.box[3])
            parts = [_line(run, row.block, _across(run, *tall), 0) for run in row.runs]
        result += [part for part in parts if part]
    return result[:MAX_LINES]


def _across(run: list[Glyph], top: float, bottom: float) -> Box:
    return min(glyph.left for glyph in run), top, max(glyph.right for glyph in run), bottom


def _line(glyphs: list[Glyph], block: int, box: Box, axis: int) -> Line:
    """Edges are between the characters; where two do not touch, in the middle of the gap. Empty without characters."""
    characters: list[str] = []
    starts: list[float] = []
    ends: list[float] = []
    leftwards = not axis and len(glyphs) > 1 and glyphs[-1].quad[0] < glyphs[0].quad[0]
    for glyph in glyphs:
        start, end = glyph.quad[axis], glyph.quad[2 + axis]
        start, end = (end, start) if leftwards and start < end else (start, end)
        letters = _letters(glyph.text)
        for place, letter in enumerate(letters):
            characters.append(letter)
            starts.append(start + (end - start) * place / len(letters))
            ends.append(start + (end - start) * (place + 1) / len(letters))
    if not characters:
        return []
    edges = [starts[0]]
    edges += [round((end + start) / 2, 2) for end, start in zip(ends[:-1], starts[1:], strict=True)]
    edges.append(ends[-1])
    places = [[round(number, 2) for number in box], [round(edge, 2) for edge in edges]]
    return ["".join(characters), *places, block, axis]


def _letters(text: str) -> str:
    return " " if text.isspace() else "".join(letter for letter in text if letter.isprintable() or letter == _SOFT)
