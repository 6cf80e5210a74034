"""The characters of a page with their places, and words found among them, across line ends and hyphens."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from app.ingest.formats.mupdf import mupdf, pymupdf
from app.ingest.formats.pdf.glyphs import SOFT_HYPHEN, Glyph, GlyphLine, glyph_lines
from app.ingest.formats.pdf.leftwards import LEFTWARDS, rows
from app.ingest.limits import MAX_LINES, MAX_PAGE_TEXT
from app.ingest.view.types import MAX_HITS, Box

Line = list[Any]
"""Text, box, edges of its characters, number of its block, axis; see ``ShownLine``."""
Lines = list[Line]

_HYPHENS = "-\u00ad\u2010\u2011"
_SOFT = SOFT_HYPHEN
_LOOSE = re.compile(rf"[{_HYPHENS}\s]+")
_SPLIT = f"(?:[{_HYPHENS}]\n)?"
_ANY_HYPHEN = f"[{_HYPHENS}]\n?"


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


def loose(text: str) -> str:
    """Without white space and hyphens; capitals and ligatures do not count."""
    return _LOOSE.sub("", _fold(text))


def lines_of(text_page: Any) -> Lines:
    """The lines in the page's own order, bounded in number and length; as they are read where that is leftwards.

    A line in which the direction changes comes as several, each with the places of characters that follow one another.
    """
    found: list[GlyphLine] = []
    length = 0
    for line in glyph_lines(text_page):
        found.append(line)
        length += len(line.glyphs)
        if len(found) >= MAX_LINES or length > MAX_PAGE_TEXT:
            break
    if not any(LEFTWARDS.search(line.text) for line in found):
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


def search(lines: Lines, words: str) -> list[list[Box]]:
    """Each hit as the boxes of its parts; capitals, ligatures, white space and hyphens at line ends do not count."""
    pattern = _pattern(words)
    if pattern is None:
        return []
    folded, origins = _folded(lines)
    hits: list[list[Box]] = []
    for match in pattern.finditer(folded):
        parts = _parts(lines, origins[match.start() : match.end()])
        if parts:
            hits.append(parts)
        if len(hits) >= MAX_HITS:
            break
    return hits


def _line(glyphs: list[Glyph], block: int, box: Box, axis: int) -> Line:
    """Edges lie between the characters; where two do not touch, in the middle of the gap. Empty without characters."""
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


def _pattern(words: str) -> re.Pattern[str] | None:
    """Between any two letters a word may be hyphenated at a line's end."""
    folded = " ".join(_fold(words).split())
    if not folded:
        return None
    parts = []
    for before, letter in zip(" " + folded, folded, strict=False):
        if letter == " ":
            parts.append(r"\s+")
        elif letter in _HYPHENS:
            parts.append(_ANY_HYPHEN)
        else:
            parts.append((_SPLIT if before.isalnum() else "") + re.escape(letter))
    return re.compile("".join(parts))


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text.casefold()).replace("\u2019", "'")


def _folded(lines: Lines) -> tuple[str, list[tuple[int, int]]]:
    """The page's text, one line after the other, and where each of its characters comes from."""
    pieces: list[str] = []
    origins: list[tuple[int, int]] = []
    for number, line in enumerate(lines):
        text: str = line[0]
        folded = _fold(text)
        if len(folded) == len(text):
            pieces.append(folded)
            origins += [(number, place) for place in range(len(text))]
        else:
            for place, letter in enumerate(text):
                several = _fold(letter)
                pieces.append(several)
                origins += [(number, place)] * len(several)
        following = lines[number + 1] if number + 1 < len(lines) else None
        if following is None or not _goes_on(line, following):
            pieces.append("\n")
            origins.append((number, len(text)))
    return "".join(pieces), origins


def _goes_on(line: Line, following: Line) -> bool:
    """Whether the next line is the same row's next run, which reads the other way."""
    one, other = line[1], following[1]
    touching = max(one[0], other[0]) - min(one[2], other[2]) < 0.15 * (one[3] - one[1])
    return bool(line[3] == following[3] and one[1] == other[1] and one[3] == other[3] and touching)


def _parts(lines: Lines, places: list[tuple[int, int]]) -> list[Box]:
    """The boxes of some characters, one per line."""
    spans: dict[int, list[int]] = {}
    for number, place in places:
        if place < len(lines[number][0]):
            spans.setdefault(number, []).append(place)
    return [_box(lines[number], min(span), max(span) + 1) for number, span in spans.items()]


def _box(line: Line, start: int, end: int) -> Box:
    _, (x0, y0, x1, y1), edges, _, axis = line
    low, high = sorted((edges[start], edges[end]))
    return (x0, low, x1, high) if axis else (low, y0, high, y1)
