"""Reading a file that was laid out: the messages that describe its pages, and a part of one as an image."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from app.ingest.formats.laid_out.content import SPOT, as_written
from app.ingest.formats.laid_out.pages import LaidOut, structured
from app.ingest.formats.mupdf import pymupdf
from app.ingest.formats.pictures import Spool, SpoolFullError, plain_thumbnail, thumbnail_png
from app.ingest.formats.region import Shares
from app.ingest.limits import MAX_LINES, MAX_PAGE_TEXT, THUMBNAIL_PX
from app.ingest.sizes import picture_size
from app.ingest.types import TEXT_CUT, ReadOptions
from model.errors import IngestError
from model.messages import Message, joined, msg
from model.soft_tokens import VISUAL_BUDGETS

_BUDGET = 560
"""For pages with pictures on them; their words are read as text."""

FIGURE = 0.02
_ROW = 4.0
"""Points between two rows of a table at most; paragraphs are further apart."""

_FULL = msg(
    "spool.full-pages",
    "The temporary folder has no room for more pictures; read the document in parts or with a lower image detail.",
)
_AS_ASKED = {
    "text": msg("page.text-asked", "Read as text, as asked."),
    "image": msg("page.picture-asked", "Read as a picture, as asked."),
    "both": msg("page.both-asked", "Read as text and as a picture, as asked."),
}

Blocks = list[list[list[Any]]]


def read_laid_out(path: Path, form: str, options: ReadOptions, spool: Spool, start: int) -> Iterator[dict[str, Any]]:
    """The messages that describe the file from its page ``start`` (counted from 0) on. Raises ``IngestError``."""
    yield {"kind": "alive"}
    laid_out = LaidOut(path, form, options.password)
    yield {"kind": "opened", "total": laid_out.count, "unit": "page", "duration": None}
    if start == 0:
        for note in laid_out.notes:
            yield {"kind": "skipped", "where": note.where, "why": note.why}
        for file in laid_out.attached:
            yield {"kind": "attached", "number": file.number, "name": file.name, "size": file.size}
    names = _Names(laid_out)
    for index in range(start):
        names.skip(index)
    for index in range(start, laid_out.count):
        try:
            yield _page(laid_out, index, options, spool, names)
        except MemoryError:
            raise
        except Exception:  # MuPDF's errors share no useful base; only this page is lost
            yield _lost(index)
    yield {"kind": "thumbnail", "png": base64.b64encode(_thumbnail(laid_out)).decode("ascii")}
    laid_out.close()
    pymupdf.TOOLS.store_shrink(100)


def part_of_page(path: Path, form: str, request: dict[str, Any]) -> tuple[Image.Image, None]:
    """The part of a page that ``request`` names, for a closer look. Raises ``IngestError``."""
    laid_out, number = LaidOut(path, form, request["password"]), request["page"]
    if not 1 <= number <= laid_out.count:
        raise IngestError(msg("page.no-such", "The file has no page {number}.", number=number))
    x0, y0, x1, y1 = _shares(request)
    try:
        page = laid_out.page(number - 1)
        width, height = page.rect.width, page.rect.height
        clip = pymupdf.Rect(x0 * width, y0 * height, x1 * width, y1 * height)
        rows, columns = picture_size(clip.height, clip.width, request["budget"])
        return drawn(page, clip, rows, columns), None
    except (IngestError, MemoryError):
        raise
    except Exception:  # MuPDF's errors share no useful base
        raise IngestError(
            msg("page.damaged-unread", "Page {number} is damaged and cannot be read.", number=number)
        ) from None


def _shares(request: dict[str, Any]) -> Shares:
    x0, y0, x1, y1 = request["box"]
    return x0, y0, x1, y1


class _Names:
    """The named places, page by page in order; a page on which none begins continues the last one."""

    def __init__(self, laid_out: LaidOut) -> None:
        self._laid_out, self._next = laid_out, 0

    def skip(self, index: int) -> None:
        """Pass a page that was read before."""
        if self._laid_out.spots:
            self._next += len(read_lines(self._laid_out.page(index)).marks)

    def on(self, marks: list[tuple[float, float]]) -> list[list[Any]]:
        """The names of the places that begin at ``marks``, with where they do."""
        spots, first = self._laid_out.spots, self._next
        self._next = min(len(spots), first + len(marks))
        found: list[list[Any]] = [[spots[first - 1], 0.0, 0.0]] if 0 < first <= len(spots) else []
        return found + [[name, x, y] for name, (x, y) in zip(spots[first:], marks, strict=False)]


@dataclass(slots=True)
class ReadPage:
    """What a page holds: lines in blocks, the share of it that its largest picture covers, where named places begin."""

    blocks: Blocks = field(default_factory=list)
    share: float = 0.0
    cut: bool = False
    marks: list[tuple[float, float]] = field(default_factory=list)
    pictures: list[tuple[float, float, float, float]] = field(default_factory=list)


def _page(laid_out: LaidOut, index: int, options: ReadOptions, spool: Spool, names: _Names) -> dict[str, Any]:
    page = laid_out.page(index)
    read = read_lines(page)
    blocks, share, cut = read.blocks, read.share, read.cut
    state, reason = _decided(options, bool(blocks), share)
    if cut:
        reason = joined(reason, TEXT_CUT)
    picture = None
    if state in ("image", "both"):
        budget = options.budget or (_BUDGET if blocks else VISUAL_BUDGETS[-1])
        try:
            rows, columns = picture_size(page.rect.height, page.rect.width, budget)
            picture = spool.store(drawn(page, page.rect, rows, columns), budget)
        except SpoolFullError:
            state, reason = ("text", joined(reason, _FULL)) if blocks else ("skipped", _FULL)
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
        "recognition": "waiting" if share >= FIGURE and picture is not None and options.mode != "image" else "",
        "spots": names.on(read.marks) if laid_out.spots else [],
    }


def _lost(index: int) -> dict[str, Any]:
    about = {"kind": "page", "number": index + 1, "width": 0.0, "height": 0.0, "blocks": [], "state": "skipped"}
    reason = msg("page.damaged-unread", "Page {number} is damaged and cannot be read.", number=index + 1)
    return {**about, "reason": reason, "hidden": 0, "picture": None}


def _decided(options: ReadOptions, words: bool, share: float) -> tuple[str, Message]:
    """How a page is read, and why; ``share`` is how much of it its largest picture covers."""
    match options.mode:
        case "text" if not words:
            return "skipped", msg("page.empty-text-asked", "The page has no text, and only text was asked for.")
        case "both" if not words:
            return "image", _AS_ASKED["image"]
        case "text" | "image" | "both":
            return options.mode, _AS_ASKED[options.mode]
    if share >= FIGURE:
        if words:
            return "both", msg("page.also-picture", "The page also shows a picture.")
        return "image", msg("page.only-picture", "The page shows a picture.")
    return (
        ("text", msg("page.own-text", "The file's own text is read."))
        if words
        else ("skipped", msg("page.blank", "The page is blank."))
    )


def read_lines(page: pymupdf.Page) -> ReadPage:
    """A page's words and pictures, in the order of the file."""
    result = ReadPage()
    letters, lines = MAX_PAGE_TEXT, MAX_LINES
    area = page.rect.width * page.rect.height
    for block in pymupdf.TextPage(structured(page)).extractDICT()["blocks"]:
        if block["type"] == 1:
            x0, y0, x1, y1 = block["bbox"]
            result.pictures.append((x0, y0, x1, y1))
            result.share = max(result.share, (x1 - x0) * (y1 - y0) / area)
            continue
        kept: list[list[Any]] = []
        for line in block["lines"]:
            raw = "".join(span["text"] for span in line["spans"])
            box = [float(edge) for edge in line["bbox"]]
            result.marks += [(box[0], box[1])] * raw.count(SPOT)
            text = as_written(raw)
            letters, lines = letters - len(text), lines - 1
            result.cut = result.cut or letters < 0 or lines < 0
            if text.strip() and not result.cut:
                kept.append([text, *box, ""])
        if kept and result.blocks and _goes_on(result.blocks[-1][-1], kept[0]):
            result.blocks[-1] += kept
        elif kept:
            result.blocks.append(kept)
    return result


def _goes_on(before: list[Any], line: list[Any]) -> bool:
    """Whether a block is the next row of a table, and not a separate paragraph."""
    return -1.0 <= line[2] - before[4] < _ROW


def drawn(page: pymupdf.Page, clip: pymupdf.Rect, rows: int, columns: int) -> Image.Image:
    """A part of a page, drawn in the given number of pixels."""
    matrix = pymupdf.Matrix(columns / clip.width, rows / clip.height)
    pixmap = page.get_pixmap(matrix=matrix, clip=clip, colorspace=pymupdf.csRGB, alpha=False)
    image = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
    return image if image.size == (columns, rows) else image.resize((columns, rows), Image.Resampling.BICUBIC)


def _thumbnail(laid_out: LaidOut) -> bytes:
    try:
        page = laid_out.page(0)
        scale = THUMBNAIL_PX / max(page.rect.width, page.rect.height)
        rows, columns = max(1, round(page.rect.height * scale)), max(1, round(page.rect.width * scale))
        return thumbnail_png(drawn(page, page.rect, rows, columns))
    except MemoryError:
        raise
    except Exception:  # MuPDF's errors share no useful base; the pages themselves were read
        return plain_thumbnail()
