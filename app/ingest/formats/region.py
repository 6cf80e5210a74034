"""A part of a page, of a picture or of a frame, rendered for itself: what a second, closer look sees.

Boxes are (x0, y0, x1, y1) as shares of the whole, from the top left, as the page or frame is shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from app.ingest.formats.pictures import Spool, SpoolFullError, to_budget
from app.ingest.kinds import Form
from app.ingest.limits import MAX_RENDER_SIDE
from app.ingest.sizes import picture_size
from model.errors import IngestError

Shares = tuple[float, float, float, float]
_FULL = "The temporary folder may not take more pictures; make room on the disk."


def render_region(path: Path, form: Form, request: dict[str, Any], spool: Spool) -> dict[str, Any]:
    """The message about one region's picture. Raises ``IngestError``."""
    box: Shares = tuple(request["box"])
    budget = request["budget"]
    time_s: float | None = None
    if form.kind == "pdf":
        image = _of_page(path, request["password"], request["page"], box, budget)
    elif form.kind == "image":
        from app.ingest.formats.image.reader import load_image

        image = to_budget(_cut(load_image(path, form.format)[0], box), budget)
    else:
        image, time_s = _of_frame(path, form.format, request["time"], box, budget)
    try:
        return {**spool.store(image, budget), "time": time_s}
    except SpoolFullError:
        raise IngestError(_FULL) from None


def _of_page(path: Path, password: str | None, number: int, box: Shares, budget: int) -> Image.Image:
    """Rendered straight into the budget's size: a PDF's letters stay sharp however small the region is."""
    from app.ingest.formats.mupdf import open_pdf, pymupdf
    from app.ingest.formats.pdf.fields import read_fields

    with open_pdf(path, password) as document:
        if not 1 <= number <= document.page_count:
            raise IngestError(f"The PDF has no page {number}.")
        try:
            page = document[number - 1]
            read_fields(page)  # so that fields are drawn as they are filled in
            x0, y0, width, height = page.rect.x0, page.rect.y0, page.rect.width, page.rect.height
            clip = pymupdf.Rect(x0 + box[0] * width, y0 + box[1] * height, x0 + box[2] * width, y0 + box[3] * height)
            rows, columns = picture_size(clip.height, clip.width, budget)
            if max(rows, columns) > MAX_RENDER_SIDE:
                raise IngestError(f"The region is too long for a picture; the limit is {MAX_RENDER_SIDE:,} px a side.")
            matrix = pymupdf.Matrix(columns / clip.width, rows / clip.height)
            pixmap = page.get_pixmap(matrix=matrix, clip=clip, colorspace=pymupdf.csRGB, alpha=False)
            image = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
        except (IngestError, MemoryError):
            raise
        except Exception:
            raise IngestError(f"Page {number} is damaged and cannot be shown.") from None
    if image.size != (columns, rows):
        image = image.resize((columns, rows), resample=Image.Resampling.BICUBIC)
    return image


def _of_frame(path: Path, form: str, time_s: float, box: Shares, budget: int) -> tuple[Image.Image, float]:
    """The frame that is on the screen at ``time_s``, and the time by which to name it."""
    from app.ingest.formats.video.reader import Sampler, duration_of, open_container, video_stream

    with open_container(path, form) as container:
        stream = video_stream(container)
        found = Sampler(container, stream).at(time_s)
        if found is None:
            raise IngestError("There is no frame at this time that can be decoded.")
        image, _ = found.image(stream)
        end = max(found.time, duration_of(container, stream))
    # As for the frames of the whole clip: the frame on the screen at 00:01 is named 00:01, though it begins before.
    return to_budget(_cut(image, box), budget), min(max(0.0, time_s), end)


def _cut(image: Image.Image, box: Shares) -> Image.Image:
    if box == (0.0, 0.0, 1.0, 1.0):
        return image
    left, top = int(box[0] * image.width), int(box[1] * image.height)
    right, bottom = max(left + 1, round(box[2] * image.width)), max(top + 1, round(box[3] * image.height))
    return image.crop((left, top, min(right, image.width), min(bottom, image.height)))
