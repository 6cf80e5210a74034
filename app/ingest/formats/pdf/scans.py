"""The pictures of a PDF's page that may hold words: the page itself, or the pictures on a page whose text is sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from app.ingest.formats.mupdf import open_pdf, pymupdf
from app.ingest.formats.pdf.forms.fields import read_fields
from app.ingest.formats.pdf.text.hidden import within
from app.ingest.formats.pdf.text.layer import Layer, read_layer
from app.ingest.formats.policy import FIGURE, layer_is_sound
from app.ingest.limits import MAX_RENDER_SIDE
from app.ingest.ocr.sheet import Sheet, pixels_for
from app.ingest.types import Box
from model.errors import IngestError
from model.messages import msg

_FINE, _COARSE = 300 / 72, 150 / 72
"""Pixels a point: no more than a scan of 300 dots an inch has, and no fewer than print of 8 points needs."""

_MOST_PARTS = 8
_LEAST_POINTS = 24.0


def sheet_of_page(path: Path, form: str, request: dict[str, Any]) -> Sheet:
    """The page that ``request`` names. Raises ``IngestError``."""
    document = open_pdf(path, request["password"])  # stays open for what is drawn later; the next request closes it
    number = request["page"]
    if not 1 <= number <= document.page_count:
        raise IngestError(msg("pdf.no-such-page", "The PDF has no page {number}.", number=number))
    try:
        page = document[number - 1]
        layer = read_layer(page)
        read_fields(page)  # so that fields are drawn as they are filled in
        return _sheet(page, layer, request)
    except (IngestError, MemoryError):
        raise
    except Exception:
        raise IngestError(
            msg("page.damaged-unread", "Page {number} is damaged and cannot be read.", number=number)
        ) from None


def _sheet(page: pymupdf.Page, layer: Layer, request: dict[str, Any]) -> Sheet:
    def drawn(height: int, width: int) -> Image.Image:
        if max(height, width) > MAX_RENDER_SIDE:
            raise IngestError(
                msg(
                    "page.too-long",
                    "The page is too long for a picture; the limit is {limit} px per side.",
                    limit=MAX_RENDER_SIDE,
                )
            )
        return _drawn(page, (0.0, 0.0, layer.width, layer.height), width, height)

    whole: Box = (0.0, 0.0, layer.width, layer.height)
    sound = bool(layer.characters) and layer_is_sound(layer)
    boxes = [within(box, whole) for box in layer.images] if sound else [whole]
    parts: list[tuple[Image.Image, Box]] = []
    if request["known"] is None:
        scale = _finest(page)
        boxes = sorted(set(boxes), key=lambda box: -_area(box))[:_MOST_PARTS]
        for box in boxes:
            wide, high = box[2] - box[0], box[3] - box[1]
            if not sound or (min(wide, high) >= _LEAST_POINTS and _area(box) >= FIGURE * _area(whole)):
                width, height = pixels_for(wide, high, scale)
                parts.append((_drawn(page, box, width, height), box))
    taken = [line.box for block in layer.blocks for line in block] if sound else []
    return Sheet(layer.width, layer.height, parts, not sound, not sound, drawn, taken)


def _finest(page: pymupdf.Page) -> float:
    """Pixels a point at which the page's sharpest large picture is shown as it is."""
    found = 0.0
    for image in page.get_image_info()[:200]:
        x0, _, x1, _ = image["bbox"]
        turned = abs(image["transform"][1]) > abs(image["transform"][0])
        if x1 - x0 > 0.2 * page.rect.width:
            found = max(found, (image["height"] if turned else image["width"]) / (x1 - x0))
    return min(_FINE, max(_COARSE, found)) if found else 200 / 72


def _drawn(page: pymupdf.Page, box: Box, width: int, height: int) -> Image.Image:
    x0, y0 = page.rect.x0, page.rect.y0
    clip = pymupdf.Rect(x0 + box[0], y0 + box[1], x0 + box[2], y0 + box[3])
    matrix = pymupdf.Matrix(width / (box[2] - box[0]), height / (box[3] - box[1]))
    pixmap = page.get_pixmap(matrix=matrix, clip=clip, colorspace=pymupdf.csRGB, alpha=False)
    image = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
    return image if image.size == (width, height) else image.resize((width, height), Image.Resampling.BICUBIC)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
