"""PDF files, page by page: the text layer where it is sound, a picture where it is needed.

A page that cannot be read costs that page and no other.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from app.ingest.formats.mupdf import open_pdf, pymupdf
from app.ingest.formats.pdf.ahead import Ahead, ReadPage, possible
from app.ingest.formats.pdf.comments import read_comments
from app.ingest.formats.pdf.forms.fields import read_fields
from app.ingest.formats.pdf.forms.labels import add_fields
from app.ingest.formats.pdf.inside import ONLY_ADOBE, STANDS_IN, Inside, inside_of, names_adobe, notes_on, only_adobe
from app.ingest.formats.pdf.text.layer import Layer, read_layer
from app.ingest.formats.pdf.text.lines import Line
from app.ingest.formats.pictures import LARGEST_PICTURE, Spool, SpoolFullError, plain_thumbnail, thumbnail_png
from app.ingest.formats.policy import Decision, decide, holds_more, with_comments, with_scanned, words_in_picture
from app.ingest.limits import MAX_PAGES, MAX_RENDER_SIDE, THUMBNAIL_PX
from app.ingest.process.protocol import encode
from app.ingest.sizes import picture_size
from app.ingest.types import TEXT_CUT, WHOLE_FILE, ReadOptions
from model.errors import IngestError
from model.messages import Message, joined, msg, msg_n

_MAX_POINTS = 1_000_000.0
_MAX_STANDING_IN = 3000
_DIFFERING = msg(
    "page.fields-differ", "Some fields show something other than their stored value; the stored value is used."
)
_FULL = msg(
    "spool.full-pages",
    "The temporary folder has no room for more pictures; read the document in parts or with a lower image detail.",
)


def read_pdf(path: Path, form: str, options: ReadOptions, spool: Spool, start: int) -> Iterator[dict[str, Any] | bytes]:
    """The messages that describe a PDF from its page ``start`` (counted from 0) on; of some pages already as bytes."""
    with open_pdf(path, options.password) as document:
        total = min(document.page_count, MAX_PAGES)
        yield {"kind": "opened", "total": total, "unit": "page", "duration": None}
        if start == 0:
            yield from _notes(document, inside_of(document))
        yield from _pages(document, path, range(start, total), options, spool)
    pymupdf.TOOLS.store_shrink(100)  # decoded pictures and fonts are not kept for the next file


def _pages(
    document: pymupdf.Document, path: Path, pages: range, options: ReadOptions, spool: Spool
) -> Iterator[dict[str, Any] | bytes]:
    """All pages in order and the thumbnail, some from a fork where it helps. After a restart: none."""
    if pages.start or document.is_repaired or not possible(len(pages)):
        yield from (_read_page(document, index, options, spool) for index in pages)
        yield _thumbnail(document)
        return
    room, before = spool.remaining, spool.used()
    half = spool.halve()
    ahead = Ahead(lambda: _opened(path, pages, options, half), pages)
    try:
        for index in pages:
            if spool.remaining < LARGEST_PICTURE and ahead.running:
                ahead.stop()
                spool.remaining = room - (spool.used() - before)
            done = ahead.page(index)
            yield done if done is not None else _read_page(document, index, options, spool)
        yield ahead.page(pages.stop) or _thumbnail(document)
    finally:
        ahead.stop()


def _opened(path: Path, pages: range, options: ReadOptions, spool: Spool) -> ReadPage:
    """In the fork: the file opened anew, for the place in an open file is shared between forks."""
    document = open_pdf(path, options.password)

    def read(index: int) -> bytes | None:
        if index == pages.stop:
            return encode(_thumbnail(document))
        if spool.remaining < LARGEST_PICTURE:
            return None
        return encode(_read_page(document, index, options, spool))

    return read


def _notes(document: pymupdf.Document, inside: Inside) -> Iterator[dict[str, Any]]:
    if document.is_repaired:
        why = msg("pdf.repaired", "The PDF is damaged and was repaired while reading; parts of it may be missing.")
        yield {"kind": "skipped", "where": WHOLE_FILE, "why": why}
    if document.page_count > MAX_PAGES:
        where = msg("where.pages", "pages {first} to {last}", first=str(MAX_PAGES + 1), last=str(document.page_count))
        why = msg(
            "pdf.too-many-pages",
            "Only the first {limit} pages are read; split the PDF to read the rest.",
            limit=MAX_PAGES,
        )
        yield {"kind": "skipped", "where": where, "why": why}
    for where, why in notes_on(inside):
        yield {"kind": "skipped", "where": where, "why": why}
    for number, file in enumerate(inside.files):
        yield {"kind": "attached", "number": number, "name": file.name, "size": file.size}


def _read_page(document: pymupdf.Document, index: int, options: ReadOptions, spool: Spool) -> dict[str, Any]:
    try:
        page = document[index]
        width, height = page.rect.width, page.rect.height
        if not (0 < width < _MAX_POINTS and 0 < height < _MAX_POINTS):
            return skipped_page(
                index,
                msg(
                    "page.impossible-size",
                    "The page has an impossible size ({width} × {height} points).",
                    width=round(width),
                    height=round(height),
                ),
            )
        return _page_message(page, index, options, spool)
    except SpoolFullError:
        return skipped_page(index, _FULL)
    except Exception as error:
        # MuPDF's errors share no useful base, and whatever it was, only this page is lost.
        return skipped_page(index, _unreadable(error))


def _page_message(page: pymupdf.Page, index: int, options: ReadOptions, spool: Spool) -> dict[str, Any]:
    layer = read_layer(page)
    fields = read_fields(page)
    add_fields(page, layer, fields)
    blank = _blank(page, layer)
    decision = decide(layer, options.mode, options.budget, blank)
    if not fields.shown and only_adobe(page.parent):
        decision = _of_adobe(decision, layer)
    recognition = "waiting" if words_in_picture(layer, options.mode, blank) else ""
    if layer.scanned:
        decision = with_scanned(decision, layer, options.mode, options.budget)
        layer.blocks += layer.scanned
    beyond = decision.state == "image" or holds_more(layer)
    comments, more = read_comments(page, layer)
    if comments:
        decision = with_comments(decision, options.mode)
        layer.blocks += comments
    reason = decision.reason
    if decision.state == "skipped" and page.parent.is_repaired:
        reason = joined(reason, msg("page.file-damaged", "The file is damaged, so its contents may be missing."))
    if fields.differing:
        reason = joined(reason, _DIFFERING)
    if more:
        reason = joined(
            reason,
            msg_n(
                "page.more-comments",
                "It has {n} more comment, which is not read.",
                "It has {n} more comments, which are not read.",
                more,
            ),
        )
    if layer.errors or fields.unread:
        reason = joined(reason, msg("page.partly-damaged", "Parts of the page are damaged and may be missing."))
    if layer.cut:
        reason = joined(reason, TEXT_CUT)
    picture = spool.store(_picture(page, decision.budget), decision.budget) if decision.budget else None
    keep_text = decision.state in ("text", "both")
    return {
        "kind": "page",
        "number": index + 1,
        "width": layer.width,
        "height": layer.height,
        "blocks": _blocks(layer) if keep_text else [],
        "state": decision.state,
        "reason": reason,
        "hidden": layer.hidden,
        "beyond": decision.state == "both" and beyond,
        "recognition": recognition,
        "picture": picture,
    }


def _of_adobe(decision: Decision, layer: Layer) -> Decision:
    """A page of an XFA form shows to everybody else a sentence about Adobe Reader, or something in its place."""
    text = " ".join(line.text for block in layer.blocks for line in block)
    if decision.state == "skipped" or (names_adobe(text) and len(text) < _MAX_STANDING_IN):
        return Decision("skipped", None, ONLY_ADOBE)
    return Decision(decision.state, decision.budget, STANDS_IN)


def skipped_page(index: int, why: Message) -> dict[str, Any]:
    """The message for a page that could not be read."""
    return {
        "kind": "page",
        "number": index + 1,
        "width": 0.0,
        "height": 0.0,
        "blocks": [],
        "state": "skipped",
        "reason": why,
        "hidden": 0,
        "picture": None,
    }


def _blocks(layer: Layer) -> list[list[list[Any]]]:
    return [[_line(line) for line in block] for block in layer.blocks]


def _line(line: Line) -> list[Any]:
    """``protocol.blocks_of`` reads it. Nobody knows how sure a scanner's program was of a word."""
    if not line.words:
        return [line.text, *line.box, line.role]
    return [line.text, *line.box, line.role, "picture", [[word, *box, None] for word, box in line.words]]


def _blank(page: pymupdf.Page, layer: Layer) -> bool:
    """Nothing was found on the page, and a small rendering shows one colour only."""
    if layer.blocks or layer.images or layer.vectors or layer.hidden:
        return False
    bands = _render(page, 96, 96).split()
    return all(len(set(band.tobytes())) == 1 for band in bands)


def _picture(page: pymupdf.Page, budget: int) -> Image.Image:
    """The page rendered straight into the budget's size, without any resampling afterwards."""
    height, width = picture_size(page.rect.height, page.rect.width, budget)
    return _render(page, height, width)


def _render(page: pymupdf.Page, height: int, width: int) -> Image.Image:
    """Width and height may be scaled a little apart, as the resize to multiples of 48 px does too."""
    across, down = width / page.rect.width, height / page.rect.height
    if max(height, width) > MAX_RENDER_SIDE:
        raise IngestError(
            msg(
                "page.too-long",
                "The page is too long for a picture; the limit is {limit} px per side.",
                limit=MAX_RENDER_SIDE,
            )
        )
    pixmap = page.get_pixmap(matrix=pymupdf.Matrix(across, down), colorspace=pymupdf.csRGB, alpha=False)
    image = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
    if image.size != (width, height):  # the page's edge may fall just beyond the last pixel
        image = image.resize((width, height), resample=Image.Resampling.BICUBIC)
    return image


def _thumbnail(document: pymupdf.Document) -> dict[str, Any]:
    try:
        page = document[0]
        scale = THUMBNAIL_PX / max(page.rect.width, page.rect.height)
        size = (max(1, round(page.rect.height * scale)), max(1, round(page.rect.width * scale)))
        png = thumbnail_png(_render(page, *size))
    except Exception:
        png = plain_thumbnail()
    return {"kind": "thumbnail", "png": base64.b64encode(png).decode("ascii")}


def _unreadable(error: Exception) -> Message:
    """Why one page is left out; a parser's own words in one short line."""
    if isinstance(error, IngestError):
        return joined(msg("page.unreadable", "The page cannot be read."), error.message)
    if isinstance(error, MemoryError):
        return msg("page.memory", "The page cannot be read: it needs more memory than reading may use.")
    if "exception stack" in str(error):
        return msg("page.nested", "The page cannot be read: it is nested too deeply.")
    words = re.sub(r"^(code=\d+:\s*)+", "", str(error).strip()).splitlines()
    if not words:
        return msg("page.damaged", "The page cannot be read: it is damaged.")
    details = words[0][:120].rstrip(".")
    return msg("page.damaged-details", "The page cannot be read: it is damaged ({details}).", details=details)
