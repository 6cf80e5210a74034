"""A part of a PDF's page as an image, for a closer look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from app.ingest.formats.mupdf import open_pdf, pymupdf
from app.ingest.formats.pdf.forms.fields import read_fields
from app.ingest.formats.region import Shares
from app.ingest.limits import MAX_RENDER_SIDE
from app.ingest.sizes import picture_size
from model.errors import IngestError
from model.messages import msg


def part_of_page(path: Path, form: str, request: dict[str, Any]) -> tuple[Image.Image, None]:
    """The part that ``request`` names. Raises ``IngestError``."""
    return _drawn(path, request["password"], request["page"], tuple(request["box"]), request["budget"]), None


def _drawn(path: Path, password: str | None, number: int, box: Shares, budget: int) -> Image.Image:
    """Rendered straight into the budget's size: a PDF's letters stay sharp however small the region is."""
    with open_pdf(path, password) as document:
        if not 1 <= number <= document.page_count:
            raise IngestError(msg("pdf.no-such-page", "The PDF has no page {number}.", number=number))
        try:
            page = document[number - 1]
            read_fields(page)  # so that fields are drawn as they are filled in
            x0, y0, width, height = page.rect.x0, page.rect.y0, page.rect.width, page.rect.height
            clip = pymupdf.Rect(x0 + box[0] * width, y0 + box[1] * height, x0 + box[2] * width, y0 + box[3] * height)
            rows, columns = picture_size(clip.height, clip.width, budget)
            if max(rows, columns) > MAX_RENDER_SIDE:
                raise IngestError(
                    msg(
                        "region.too-long",
                        "The region is too long for a picture; the limit is {limit} px per side.",
                        limit=MAX_RENDER_SIDE,
                    )
                )
            matrix = pymupdf.Matrix(columns / clip.width, rows / clip.height)
            pixmap = page.get_pixmap(matrix=matrix, clip=clip, colorspace=pymupdf.csRGB, alpha=False)
            image = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
        except (IngestError, MemoryError):
            raise
        except Exception:
            raise IngestError(
                msg("page.damaged-number", "Page {number} is damaged and cannot be shown.", number=number)
            ) from None
    if image.size != (columns, rows):
        image = image.resize((columns, rows), resample=Image.Resampling.BICUBIC)
    return image
