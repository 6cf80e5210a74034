"""A page's text layer with line boxes, and what else is on the page, in one run of MuPDF's interpreter.

The fast way takes the structured text as JSON, printed and parsed in C. Only where something in it may be
invisible (no colour, near white, tiny, painted over, clipped away, or a picture that could carry an OCR layer) is the
page looked at run by run.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from app.ingest.formats.mupdf import mupdf, pymupdf
from app.ingest.formats.pdf.forms.widgets import bound_of, run_page
from app.ingest.formats.pdf.text.fonts import guessed
from app.ingest.formats.pdf.text.garbage import SHORT, Doubt, doubt, noise
from app.ingest.formats.pdf.text.glyphs import GlyphLine, glyph_lines
from app.ingest.formats.pdf.text.hidden import MIN_POINTS, Shape, Shapes, View, around, near_white
from app.ingest.formats.pdf.text.lines import Line, glyphs_of, needs_glyphs, put_right
from app.ingest.formats.pdf.text.overscan import OverScan, invisible, over_scan
from app.ingest.formats.pdf.text.shapes import likeness, seen_doubt
from app.ingest.formats.pdf.text.stacks import stacks
from app.ingest.limits import MAX_LINES, MAX_PAGE_TEXT
from app.ingest.reading_order import arranged
from app.ingest.types import Box

_SCALE = 64.0
"""MuPDF prints whole numbers; printing at 64 times the size keeps the fractions of a point."""

_FLAGS = mupdf.FZ_STEXT_PRESERVE_WHITESPACE | mupdf.FZ_STEXT_PRESERVE_IMAGES | mupdf.FZ_STEXT_COLLECT_VECTORS
_SPAN = re.compile(rb"font-size:([0-9.]+)pt(?:;color:#([0-9a-f]{6}))?")
_CLIP = re.compile(rb"\bW\*?\s+n\b")
_MAX_VECTORS = 3000
_SEEN_POINTS = 4.0
"""Shapes thinner than this hide no print."""


@dataclass(slots=True)
class Layer:
    """The content of one page, in the page's own view: rotated, cropped, top-left origin."""

    width: float
    height: float
    blocks: list[list[Line]] = field(default_factory=list)
    hidden: int = 0
    garbage: int = 0
    doubt: Doubt = ""
    """What speaks against the text, though it holds no noise."""
    scanned: list[list[Line]] = field(default_factory=list)
    """What a scanner's program read from the page's picture and left there, invisible; not among ``blocks``."""
    images: list[Box] = field(default_factory=list)
    vectors: list[tuple[Box, bool]] = field(default_factory=list)
    """Box of each drawing, and whether it is a plain rectangle or straight rule."""
    unclear: bool = False
    """Whether something is filled in or ticked whose label is not in the text."""
    errors: int = 0
    cut: bool = False

    @property
    def characters(self) -> int:
        """Visible characters, line ends not counted."""
        return sum(len(line.text) for block in self.blocks for line in block)


def read_layer(page: pymupdf.Page) -> Layer:
    """Read a page's text and see what else is on it."""
    structured, errors = _run(page, _FLAGS)
    structured, lost = _without_clipped(page, structured)
    layer = Layer(page.rect.width, page.rect.height, hidden=lost, errors=errors)
    printed = _print(mupdf.fz_print_stext_page_as_json, structured, _SCALE).decode("utf-8", errors="replace")
    shapes, orders = _sort_out(json.loads(printed, strict=False)["blocks"], structured, layer)
    fine = needs_glyphs(layer.blocks, layer.width, layer.height)
    glyphs: list[GlyphLine] = []
    scanned: OverScan | None = None
    if layer.blocks and (layer.images or _may_cover(shapes, orders, layer) or _suspicious(structured)):
        glyphs, scanned = _look_closely(page, shapes, _Orders(layer.blocks, orders), layer, lost > 0, fine)
    elif fine:
        glyphs = list(glyph_lines(structured))
    if fine:
        layer.blocks, beyond = put_right(layer.blocks, glyphs, layer.width, layer.height)
        layer.hidden += beyond
    _finish(layer)
    plain = printed.isascii() and "\\u" not in printed
    if not plain or "(cid:" in printed:
        layer.garbage = noise((line.text for block in layer.blocks for line in block), plain)
    text = "\n".join(line.text for block in layer.blocks for line in block)
    layer.doubt = doubt(text)
    if text and layer.doubt in ("", "letters", "signs") and (layer.doubt or len(text) < SHORT or guessed(page)):
        layer.doubt = seen_doubt(layer.doubt, likeness(page, pymupdf.TextPage(_run(page, 0)[0])), guessed(page))
    if scanned is not None and not layer.garbage and not layer.doubt:
        layer.scanned = scanned.blocks
        layer.hidden -= scanned.characters
    return layer


def _run(page: pymupdf.Page, flags: int) -> tuple[Any, int]:
    structured = mupdf.FzStextPage(bound_of(page))
    device = mupdf.fz_new_stext_device(structured, mupdf.FzStextOptions(flags))
    cookie = mupdf.FzCookie()
    run_page(page, device, cookie)
    mupdf.fz_close_device(device)
    return structured, int(cookie.m_internal.errors)


def _without_clipped(page: pymupdf.Page, structured: Any) -> tuple[Any, int]:
    """The page's text without what a clipping path cuts away, and how many characters that is."""
    contents = page.read_contents()
    if b"W" not in contents or not _CLIP.search(contents):
        return structured, 0
    clipped, _ = _run(page, _FLAGS | mupdf.FZ_STEXT_CLIP)
    lost = _letters(structured) - _letters(clipped)
    return (clipped, lost) if lost > 0 else (structured, 0)


def _letters(structured: Any) -> int:
    text = _print(mupdf.fz_print_stext_page_as_text, structured).decode("utf-8", errors="replace")
    return len("".join(text.split()))


def _print(function: Any, structured: Any, *arguments: float) -> bytes:
    buffer = mupdf.fz_new_buffer(8192)
    out = mupdf.FzOutput(buffer)
    function(out, structured, *arguments)
    out.fz_close_output()
    return bytes(mupdf.fz_buffer_extract_copy(buffer))


def _box(bbox: dict[str, float]) -> Box:
    x, y = bbox["x"] / _SCALE, bbox["y"] / _SCALE
    return x, y, x + bbox["w"] / _SCALE, y + bbox["h"] / _SCALE


def _line(line: dict[str, Any]) -> Line:
    return Line(line["text"], _box(line["bbox"]), line["font"]["size"] / _SCALE)


def _sort_out(blocks: list[dict[str, Any]], structured: Any, layer: Layer) -> tuple[Shapes, list[int]]:
    """Text, pictures and drawings into the layer; what can hide text, and each text block's place in the order."""
    shapes: list[Shape] = []
    orders: list[int] = []
    drawings: list[tuple[int, dict[str, Any]]] = []
    for order, block in enumerate(blocks):
        if block["type"] == "text":
            layer.blocks.append([_line(line) for line in block["lines"]])
            orders.append(order)
        elif block["type"] == "image":
            layer.images.append(_box(block["bbox"]))
            shapes.append(Shape(order, layer.images[-1]))
        elif block["type"] == "vector":
            drawings.append((order, block))
    if drawings:
        _collect_vectors(structured, drawings, layer, shapes)
    return Shapes(shapes, layer.height), orders


def _collect_vectors(
    structured: Any, drawings: list[tuple[int, dict[str, Any]]], layer: Layer, shapes: list[Shape]
) -> None:
    """The JSON gives the drawings' kinds but not their places; both list them in the same order."""
    kind = mupdf.FZ_STEXT_BLOCK_VECTOR
    inners = (block.m_internal for block in structured if block.m_internal.type == kind)
    for inner, (order, drawing) in zip(islice(inners, _MAX_VECTORS), drawings, strict=False):
        bbox = inner.bbox
        box = (bbox.x0, bbox.y0, bbox.x1, bbox.y1)
        plain = bool(drawing["rectangle"])
        layer.vectors.append((box, plain))
        opaque = plain and not drawing["stroked"] and drawing["argb"] >> 24 & 255 > 250
        if opaque and min(box[2] - box[0], box[3] - box[1]) > _SEEN_POINTS:
            shapes.append(Shape(order, box, drawing["argb"] & 0xFFFFFF))


def _may_cover(shapes: Shapes, orders: list[int], layer: Layer) -> bool:
    """Whether a filled rectangle covers a line, or a coloured one under it."""
    for order, block in zip(orders, layer.blocks, strict=True):
        for line in block:
            for shape in shapes.covering(line.box):
                # White under a line hides white print only, which its colour gives away.
                if shape.order > order or shape.colour is None or not near_white(shape.colour):
                    return True
    return False


def _suspicious(structured: Any) -> bool:
    """True where some text may be invisible: without colour, near white, or tiny."""
    html = _print(mupdf.fz_print_stext_page_as_html, structured, 0)
    styles = set(_SPAN.findall(html))
    return any(not colour or float(size) < MIN_POINTS or near_white(int(colour, 16)) for size, colour in styles)


class _Orders:
    """When each line was painted, found by its place: a second run without pictures may group lines otherwise."""

    def __init__(self, blocks: list[list[Line]], orders: list[int]) -> None:
        self._rows: dict[int, list[tuple[Box, int]]] = {}
        for order, block in zip(orders, blocks, strict=True):
            for line in block:
                self._rows.setdefault(round(line.box[1] / 4), []).append((line.box, order))

    def of(self, box: Box) -> int:
        """The place in the order of painting; the last one where the line is not known, so that it counts as seen."""
        middle, row = (box[0] + box[2]) / 2, round(box[1] / 4)
        near = [pair for at in (row, row - 1, row + 1) for pair in self._rows.get(at, ())]
        found = [
            order for known, order in near if known[0] - 1 <= middle <= known[2] + 1 and abs(known[3] - box[3]) < 2
        ]
        return max(found, default=1 << 30)


def _look_closely(
    page: pymupdf.Page, shapes: Shapes, orders: _Orders, layer: Layer, clipped: bool, fine: bool
) -> tuple[list[GlyphLine], OverScan | None]:
    """Rebuild the lines from what can be seen, and count what cannot. ``fine``: give the lines' glyphs too.

    Words that a scanner's program left over a picture are counted as well, and given beside the glyphs.
    """
    view = View(page, shapes)
    flags = _FLAGS & ~mupdf.FZ_STEXT_PRESERVE_IMAGES | (mupdf.FZ_STEXT_CLIP if clipped else 0)
    found = pymupdf.TextPage(_run(page, flags)[0])
    layer.blocks = []
    glyphs: list[GlyphLine] = []
    over_picture = False
    for block in (found.extractRAWDICT() if fine else found.extractDICT())["blocks"]:
        lines: list[Line] = []
        for line in block.get("lines", ()):
            seen = _seen(line, view, orders, layer)
            over_picture = over_picture or (bool(layer.images) and any(map(invisible, line["spans"])))
            if seen:
                box = around([span["bbox"] for span in seen])
                lines.append(Line("".join(map(_words, seen)), box, min(span["size"] for span in seen)))
                if fine:
                    glyphs.append(glyphs_of(line, seen, len(layer.blocks)))
        if lines:
            layer.blocks.append(lines)
    if not over_picture:
        return glyphs, None
    printed = [line.box for block in layer.blocks for line in block if line.text.strip()]
    return glyphs, over_scan(page, found, layer.images, printed)


def _seen(line: dict[str, Any], view: View, orders: _Orders, layer: Layer) -> list[dict[str, Any]]:
    """A line's visible runs; the characters of the others are counted."""
    order = orders.of(line["bbox"])
    seen = []
    for span in line["spans"]:
        words = _words(span)
        if view.shows(span, words, order):
            seen.append(span)
        else:
            layer.hidden += len(words.strip())
    return seen


def _words(span: dict[str, Any]) -> str:
    return str(span["text"]) if "text" in span else "".join(character["c"] for character in span["chars"])


def _finish(layer: Layer) -> None:
    """Leave out what is off the page or goes past the limits; the rest in reading order."""
    left_characters, left_lines = MAX_PAGE_TEXT, MAX_LINES
    blocks: list[list[Line]] = []
    for block in layer.blocks:
        kept: list[Line] = []
        for line in block:
            if not line.text.strip():
                continue
            if _off_page(line.box, layer) or line.size < MIN_POINTS:
                layer.hidden += len(line.text.strip())
                continue
            left_characters -= len(line.text)
            left_lines -= 1
            if left_characters < 0 or left_lines < 0:
                layer.cut = True
                break
            kept.append(line)
        if kept:
            blocks.append(kept)
    layer.blocks = arranged(_with_stacks(blocks))


def _with_stacks(blocks: list[list[Line]]) -> list[list[Line]]:
    """What runs down the page one character a line becomes one line each."""
    lines = [line for block in blocks for line in block]
    if sum(len(line.text) < 3 for line in lines) < 3:
        return blocks
    found = stacks([line.text for line in lines], [line.box for line in lines])
    for run in found:
        first, members = lines[run[0]], [lines[number] for number in run]
        first.text = "".join(line.text.strip() for line in members)
        first.box = around([line.box for line in members])
        for line in members[1:]:
            line.text = ""
    return [kept for block in blocks if (kept := [line for line in block if line.text])] if found else blocks


def _off_page(box: Box, layer: Layer) -> bool:
    return box[2] <= 0 or box[3] <= 0 or box[0] >= layer.width or box[1] >= layer.height
