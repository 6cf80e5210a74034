"""A page's text layer with line boxes, and what else is on the page, in one run of MuPDF's interpreter.

The fast way takes the structured text as JSON, printed and parsed in C. Only where something in it may be
invisible (no colour, near white, tiny, or a picture that could carry an OCR layer) is the page looked at
character run by character run.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from app.ingest.limits import MAX_LINES, MAX_PAGE_TEXT
from app.ingest.readers.mupdf import mupdf, pymupdf

Box = tuple[float, float, float, float]

_SCALE = 64.0
"""MuPDF prints whole numbers; printing at 64 times the size keeps the fractions of a point."""

_FLAGS = mupdf.FZ_STEXT_PRESERVE_WHITESPACE | mupdf.FZ_STEXT_PRESERVE_IMAGES | mupdf.FZ_STEXT_COLLECT_VECTORS
_DICT_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE
_GARBAGE = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\U000f0000-\U0010ffff]")
_SPAN = re.compile(rb'<span style="[^"]*?font-size:([0-9.]+)pt(?:;color:#([0-9a-f]{6}))?')
_MIN_POINTS = 2.0
_NEAR_WHITE = 225
_MAX_VECTORS = 3000


@dataclass(slots=True)
class Line:
    """One visible line: its text, its box, and the size of its print in points."""

    text: str
    box: Box
    size: float


@dataclass(slots=True)
class Layer:
    """What one page holds, in the page's own view: rotated, cropped, top-left origin."""

    width: float
    height: float
    blocks: list[list[Line]] = field(default_factory=list)
    hidden: int = 0
    garbage: int = 0
    images: list[Box] = field(default_factory=list)
    vectors: list[tuple[Box, bool]] = field(default_factory=list)
    """Box of each drawing, and whether it is a plain rectangle or straight rule."""
    errors: int = 0
    cut: bool = False

    @property
    def characters(self) -> int:
        """Visible characters, line ends not counted."""
        return sum(len(line.text) for block in self.blocks for line in block)


def read_layer(page: pymupdf.Page) -> Layer:
    """Read a page's text and see what else is on it."""
    structured, errors = _run(page)
    layer = Layer(page.rect.width, page.rect.height, errors=errors)
    printed = _print(mupdf.fz_print_stext_page_as_json, structured, _SCALE).decode("utf-8", errors="replace")
    parsed = json.loads(printed, strict=False)
    plain: list[bool] = []
    for block in parsed["blocks"]:
        if block["type"] == "text":
            layer.blocks.append([_line(line) for line in block["lines"]])
        elif block["type"] == "image":
            layer.images.append(_box(block["bbox"]))
        elif block["type"] == "vector":
            plain.append(bool(block["rectangle"]))
    if plain:
        _collect_vectors(structured, plain, layer)
    if layer.blocks and (layer.images or _suspicious(structured)):
        _look_closely(page, layer)
    _finish(layer)
    if not printed.isascii() or "\\u" in printed:
        layer.garbage = sum(len(_GARBAGE.findall(line.text)) for block in layer.blocks for line in block)
    return layer


def _run(page: pymupdf.Page) -> tuple[Any, int]:
    fz_page = page.this if isinstance(page.this, mupdf.FzPage) else page.this.super()
    structured = mupdf.FzStextPage(mupdf.fz_bound_page(fz_page))
    device = mupdf.fz_new_stext_device(structured, mupdf.FzStextOptions(_FLAGS))
    cookie = mupdf.FzCookie()
    mupdf.fz_run_page(fz_page, device, mupdf.FzMatrix(), cookie)
    mupdf.fz_close_device(device)
    return structured, int(cookie.m_internal.errors)


def _print(function: Any, structured: Any, argument: float) -> bytes:
    buffer = mupdf.fz_new_buffer(8192)
    out = mupdf.FzOutput(buffer)
    function(out, structured, argument)
    out.fz_close_output()
    return bytes(mupdf.fz_buffer_extract_copy(buffer))


def _box(bbox: dict[str, float]) -> Box:
    x, y = bbox["x"] / _SCALE, bbox["y"] / _SCALE
    return x, y, x + bbox["w"] / _SCALE, y + bbox["h"] / _SCALE


def _line(line: dict[str, Any]) -> Line:
    return Line(line["text"], _box(line["bbox"]), line["font"]["size"] / _SCALE)


def _collect_vectors(structured: Any, plain: list[bool], layer: Layer) -> None:
    """The JSON names the drawings but not where they are; both have them in the same order."""
    kind = mupdf.FZ_STEXT_BLOCK_VECTOR
    drawings = (block.m_internal for block in structured if block.m_internal.type == kind)
    for inner, is_plain in zip(islice(drawings, _MAX_VECTORS), plain, strict=False):
        box = inner.bbox
        layer.vectors.append(((box.x0, box.y0, box.x1, box.y1), is_plain))


def _suspicious(structured: Any) -> bool:
    """True where some text may be invisible: without colour, near white, or tiny."""
    html = _print(mupdf.fz_print_stext_page_as_html, structured, 0)
    styles = set(_SPAN.findall(html))
    return any(not colour or float(size) < _MIN_POINTS or _near_white(int(colour, 16)) for size, colour in styles)


def _near_white(colour: int) -> bool:
    return min(colour >> 16 & 255, colour >> 8 & 255, colour & 255) >= _NEAR_WHITE


def _look_closely(page: pymupdf.Page, layer: Layer) -> None:
    """Rebuild the lines from what can be seen, and count what cannot."""
    view = _View(page)
    layer.blocks, layer.hidden = [], 0
    for block in page.get_text("dict", flags=_DICT_FLAGS)["blocks"]:
        lines: list[Line] = []
        for line in block.get("lines", ()):
            seen = [span for span in line["spans"] if view.shows(span)]
            layer.hidden += sum(len(span["text"].strip()) for span in line["spans"] if span not in seen)
            if seen:
                box = pymupdf.Rect(seen[0]["bbox"])
                for span in seen[1:]:
                    box |= pymupdf.Rect(span["bbox"])
                size = min(span["size"] for span in seen)
                lines.append(Line("".join(span["text"] for span in seen), view.turned(box), size))
        if lines:
            layer.blocks.append(lines)


class _View:
    """The page as a person sees it: in its rotation, with a small rendering to compare white text against."""

    def __init__(self, page: pymupdf.Page) -> None:
        self._page = page
        self._turn = page.rotation_matrix
        self._pixels: pymupdf.Pixmap | None = None

    def turned(self, box: pymupdf.Rect) -> Box:
        x0, y0, x1, y1 = box * self._turn
        return float(x0), float(y0), float(x1), float(y1)

    def shows(self, span: dict[str, Any]) -> bool:
        if not span["text"].strip():
            return True
        if span["alpha"] == 0 or span["size"] < _MIN_POINTS:
            return False
        if not _near_white(span["color"]):
            return True
        return self._has_contrast(span["bbox"])

    def _has_contrast(self, bbox: Box) -> bool:
        """White text can be read where something darker lies behind it."""
        clip = pymupdf.Rect(bbox) * self._turn & self._page.rect
        if clip.is_empty:
            return False
        zoom = min(2.0, 600 / max(clip.width, clip.height, 1))
        pixels = self._page.get_pixmap(
            matrix=pymupdf.Matrix(zoom, zoom), clip=clip, colorspace=pymupdf.csGRAY, alpha=False
        )
        samples = bytes(pixels.samples)
        return bool(samples) and max(samples) - min(samples) > 48


def _finish(layer: Layer) -> None:
    """Leave out what lies off the page or goes past the limits."""
    left_characters, left_lines = MAX_PAGE_TEXT, MAX_LINES
    blocks: list[list[Line]] = []
    for block in layer.blocks:
        kept: list[Line] = []
        for line in block:
            if not line.text.strip():
                continue
            if _off_page(line.box, layer) or line.size < _MIN_POINTS:
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
    layer.blocks = blocks


def _off_page(box: Box, layer: Layer) -> bool:
    return box[2] <= 0 or box[3] <= 0 or box[0] >= layer.width or box[1] >= layer.height
