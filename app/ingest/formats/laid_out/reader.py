"""Reading a file that was laid out: the messages that describe its pages, and a part of one as an image."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from app.ingest.formats.laid_out.content import without_breaks
from app.ingest.formats.laid_out.pages import LaidOut, structured
from app.ingest.formats.mupdf import pymupdf
from app.ingest.formats.pictures import Spool, SpoolFullError, plain_thumbnail, thumbnail_png
from app.ingest.formats.region import Shares
from app.ingest.limits import MAX_LINES, MAX_PAGE_TEXT, THUMBNAIL_PX
from app.ingest.sizes import picture_size
from app.ingest.types import ReadOptions
from model.errors import IngestError

_BUDGET = 560
"""For pages with pictures on them; their words are read as text."""

_FIGURE = 0.02
_ROW = 4.0
"""Points between two rows of a table at most; paragraphs are further apart."""

_FULL = "The temporary folder may not take more pictures; read the document in parts or at a lower budget."
_AS_ASKED = {
    "text": "Read as text, as asked.",
    "image": "Read as a picture, as asked.",
    "both": "Read as text and as a picture, as asked.",
}

Blocks = list[list[list[Any]]]


def read_laid_out(path: Path, form: str, options: ReadOptions, spool: Spool, start: int) -> Iterator[dict[str, Any]]:
    """The messages that describe the file from its page ``start`` (counted from 0) on. Raises ``IngestError``."""
    yield {"kind": "alive"}
    laid_out = LaidOut(path, form)
    yield {"kind": "opened", "total": laid_out.count, "unit": "page", "duration": None}
    if start == 0:
        for note in laid_out.notes:
            yield {"kind": "skipped", "where": note.where, "why": note.why}
    for index in range(start, laid_out.count):
        yield _page(laid_out, index, options, spool)
    yield {"kind": "thumbnail", "png": base64.b64encode(_thumbnail(laid_out)).decode("ascii")}
    laid_out.close()
    pymupdf.TOOLS.store_shrink(100)


def part_of_page(path: Path, form: str, request: dict[str, Any]) -> tuple[Image.Image, None]:
    """The part of a page that ``request`` names, for a closer look. Raises ``IngestError``."""
    laid_out, number = LaidOut(path, form), request["page"]
    if not 1 <= number <= laid_out.count:
        raise IngestError(f"The file has no page {number}.")
    x0, y0, x1, y1 = _shares(request)
    width, height = laid_out.size
    clip = pymupdf.Rect(x0 * width, y0 * height, x1 * width, y1 * height)
    rows, columns = picture_size(clip.height, clip.width, request["budget"])
    return _drawn(laid_out.page(number - 1), clip, rows, columns), None


def _shares(request: dict[str, Any]) -> Shares:
    x0, y0, x1, y1 = request["box"]
    return x0, y0, x1, y1


def _page(laid_out: LaidOut, index: int, options: ReadOptions, spool: Spool) -> dict[str, Any]:
    page = laid_out.page(index)
    blocks, share, cut = _read(page)
    state, reason = _decided(options, bool(blocks), share)
    if cut:
        reason = f"{reason} Its text was cut: the limits are {MAX_PAGE_TEXT:,} characters and {MAX_LINES:,} lines."
    picture = None
    if state in ("image", "both"):
        budget = options.budget or _BUDGET
        try:
            rows, columns = picture_size(page.rect.height, page.rect.width, budget)
            picture = spool.store(_drawn(page, page.rect, rows, columns), budget)
        except SpoolFullError:
            state, reason = ("text", f"{reason} {_FULL}") if blocks else ("skipped", _FULL)
    return {
        "kind": "page",
        "number": index + 1,
        "width": page.rect.width,
        "height": page.rect.height,
        "blocks": blocks if state in ("text", "both") else [],
        "state": state,
        "reason": reason,
        "hidden": 0,
        "picture": picture,
    }


def _decided(options: ReadOptions, words: bool, share: float) -> tuple[str, str]:
    """How a page is read, and why; ``share`` is how much of it its largest picture covers."""
    match options.mode:
        case "text" if not words:
            return "skipped", "The page has no text, and only text was asked for."
        case "both" if not words:
            return "image", _AS_ASKED["image"]
        case "text" | "image" | "both":
            return options.mode, _AS_ASKED[options.mode]
    if share >= _FIGURE:
        return (
            "both" if words else "image"
        ), "The page also shows a picture." if words else "The page shows a picture."
    return ("text", "The file's own text is read.") if words else ("skipped", "The page is blank.")


def _read(page: pymupdf.Page) -> tuple[Blocks, float, bool]:
    """Lines in blocks, the share of the page that the largest picture covers, and whether the text was cut."""
    found: Blocks = []
    share, letters, lines, cut = 0.0, MAX_PAGE_TEXT, MAX_LINES, False
    area = page.rect.width * page.rect.height
    for block in pymupdf.TextPage(structured(page)).extractDICT()["blocks"]:
        if block["type"] == 1:
            x0, y0, x1, y1 = block["bbox"]
            share = max(share, (x1 - x0) * (y1 - y0) / area)
            continue
        kept: list[list[Any]] = []
        for line in block["lines"]:
            text = without_breaks("".join(span["text"] for span in line["spans"]))
            letters, lines = letters - len(text), lines - 1
            cut = cut or letters < 0 or lines < 0
            if text.strip() and not cut:
                kept.append([text, *(float(edge) for edge in line["bbox"]), ""])
        if kept and found and _goes_on(found[-1][-1], kept[0]):
            found[-1] += kept
        elif kept:
            found.append(kept)
    return found, share, cut


def _goes_on(before: list[Any], line: list[Any]) -> bool:
    """Whether a block is the next row of a table, and no paragraph of its own."""
    return -1.0 <= line[2] - before[4] < _ROW


def _drawn(page: pymupdf.Page, clip: pymupdf.Rect, rows: int, columns: int) -> Image.Image:
    matrix = pymupdf.Matrix(columns / clip.width, rows / clip.height)
    pixmap = page.get_pixmap(matrix=matrix, clip=clip, colorspace=pymupdf.csRGB, alpha=False)
    image = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
    return image if image.size == (columns, rows) else image.resize((columns, rows), Image.Resampling.BICUBIC)


def _thumbnail(laid_out: LaidOut) -> bytes:
    try:
        page = laid_out.page(0)
        scale = THUMBNAIL_PX / max(page.rect.width, page.rect.height)
        rows, columns = max(1, round(page.rect.height * scale)), max(1, round(page.rect.width * scale))
        return thumbnail_png(_drawn(page, page.rect, rows, columns))
    except MemoryError:
        raise
    except Exception:  # MuPDF's errors share no useful base; the pages themselves were read
        return plain_thumbnail()
