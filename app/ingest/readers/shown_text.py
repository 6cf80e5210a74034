"""The characters of a page with their places, and words found among them, across line ends and hyphens."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Any

from app.ingest.limits import MAX_LINES, MAX_PAGE_TEXT
from app.ingest.readers.mupdf import mupdf, pymupdf
from app.ingest.viewing_types import MAX_HITS, Box

Line = list[Any]
"""Text, box, edges of its characters, number of its block, axis; see ``ShownLine``."""
Lines = list[Line]

_TOKEN = re.compile(rb'<block |<line bbox="([^"]*)" wmode="\d+" dir="([^"]*)"|<char c="([^"]*)" quad="([^"]*)"')
_HYPHENS = "-\u00ad\u2010\u2011"
_SOFT = "\u00ad"
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
    """The lines in the page's own order, bounded in number and length."""
    printed = _printed(text_page)
    result: Lines = []
    block, length = -1, 0
    characters: list[str] = []
    quads: list[list[float]] = []
    where: tuple[Box, int] | None = None

    def end_line() -> None:
        if where is not None and characters:
            result.append(_line("".join(characters), quads, block, *where))

    for token in _TOKEN.finditer(printed):
        box, direction, character, quad = token.groups()
        if quad is not None:
            for letter in _letters(character):
                characters.append(letter)
                quads.append([float(number) for number in quad.split()])
                length += 1
            if length > MAX_PAGE_TEXT:
                break
            continue
        end_line()
        characters, quads, where = [], [], None
        if len(result) >= MAX_LINES:
            break
        if box is None:
            block += 1
        else:
            across, down = (abs(float(part)) for part in direction.split())
            x0, y0, x1, y1 = (float(number) for number in box.split())
            where = ((x0, y0, x1, y1), int(down > across))
    end_line()
    return result[:MAX_LINES]


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


def _printed(text_page: Any) -> bytes:
    """MuPDF prints characters and quads as XML, in C; taking them one by one through its bindings is far slower."""
    buffer = mupdf.fz_new_buffer(65536)
    out = mupdf.FzOutput(buffer)
    mupdf.fz_print_stext_page_as_xml(out, text_page, 0)
    out.fz_close_output()
    return bytes(mupdf.fz_buffer_extract_copy(buffer))


def _letters(raw: bytes) -> str:
    text = raw.decode("utf-8", errors="replace")
    text = html.unescape(text) if text.startswith("&") else text
    return " " if text.isspace() else "".join(letter for letter in text if letter.isprintable() or letter == _SOFT)


def _line(text: str, quads: list[list[float]], block: int, box: Box, axis: int) -> Line:
    """Edges lie between the characters; where two do not touch, in the middle of the gap."""
    starts, ends = [quad[axis] for quad in quads], [quad[2 + axis] for quad in quads]
    edges = [starts[0]]
    edges += [round((end + start) / 2, 2) for end, start in zip(ends[:-1], starts[1:], strict=True)]
    edges.append(ends[-1])
    return [text, [round(number, 2) for number in box], [round(edge, 2) for edge in edges], max(0, block), axis]


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
        pieces.append("\n")
        origins.append((number, len(text)))
    return "".join(pieces), origins


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
