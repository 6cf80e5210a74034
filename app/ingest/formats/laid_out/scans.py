"""The pictures on a page that was laid out, in which words may be read: the page itself where it has no text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from app.ingest.formats.laid_out.pages import LaidOut
from app.ingest.formats.laid_out.reader import FIGURE, drawn, read_lines
from app.ingest.formats.mupdf import pymupdf
from app.ingest.ocr.sheet import Sheet, pixels_for
from model.errors import IngestError
from model.messages import msg

_SCALE = 200 / 72
_MOST_PARTS = 8


def sheet_of_page(path: Path, form: str, request: dict[str, Any]) -> Sheet:
    """The page that ``request`` names. Raises ``IngestError``."""
    laid_out, number = LaidOut(path, form, request["password"]), request["page"]
    if not 1 <= number <= laid_out.count:
        raise IngestError(msg("page.no-such", "The file has no page {number}.", number=number))
    page = laid_out.page(number - 1)
    width, height = page.rect.width, page.rect.height
    read = read_lines(page)
    boxes = (
        [box for box in read.pictures if _share(box, width, height) >= FIGURE] if read.blocks else [tuple(page.rect)]
    )
    parts: list[tuple[Image.Image, tuple[float, float, float, float]]] = []
    if request["known"] is None:
        for x0, y0, x1, y1 in boxes[:_MOST_PARTS]:
            columns, rows = pixels_for(x1 - x0, y1 - y0, _SCALE)
            parts.append((drawn(page, pymupdf.Rect(x0, y0, x1, y1), rows, columns), (x0, y0, x1, y1)))

    def whole(rows: int, columns: int) -> Image.Image:
        return drawn(page, page.rect, rows, columns)

    taken = [(line[1], line[2], line[3], line[4]) for block in read.blocks for line in block]
    return Sheet(width, height, parts, not read.blocks, not read.blocks, whole, taken)


def _share(box: tuple[float, ...], width: float, height: float) -> float:
    return (box[2] - box[0]) * (box[3] - box[1]) / (width * height)
