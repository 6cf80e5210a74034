"""Pages out of a file that has none, by MuPDF's HTML layout: the same ones in every process, for nothing but the file
and this module's style decides.

The text comes from the layout itself and not by way of a PDF, so that every character is the file's own, in any script.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.ingest.filekind import imported
from app.ingest.formats.laid_out.content import Content, Note
from app.ingest.formats.laid_out.objects import left_objects
from app.ingest.formats.mupdf import mupdf, pymupdf
from app.ingest.formats.protected.unlocking import unlocked
from app.ingest.kinds import KINDS
from app.ingest.limits import MAX_PAGES
from model.errors import IngestError
from model.messages import msg

WIDTH, HEIGHT = 595.0, 842.0
"""A4 in points; a landscape page is turned."""

_FONT = 10.0
_MARGIN = 29.0
"""What the style leaves free at the right, less a point for rounding."""

_WIDEST = 4.0
"""Times the width of A4."""

_TRIES = 3
_STYLE = """
@page { margin: 36pt 30pt }
body { font-family: sans-serif; overflow-wrap: break-word }
pre, code { font-family: monospace; font-size: 8.5pt; white-space: pre-wrap; overflow-wrap: break-word }
h1 { font-size: 17pt } h2 { font-size: 14pt } h3, h4, h5, h6 { font-size: 11.5pt }
table { border-collapse: collapse; margin: 4pt 0 }
td, th { border: 0.5pt solid #999; padding: 2pt 7pt; vertical-align: top; text-align: left; overflow-wrap: normal }
blockquote, .aside { color: #444; margin-left: 14pt }
"""
_DAMAGED = msg("file.damaged", "The file is damaged in a way that cannot be read.")


class LaidOut:
    """A file, laid out. Raises ``IngestError`` where there is nothing in it, as a ``LockedError`` about a password."""

    def __init__(self, path: Path, form: str, password: str | None = None) -> None:
        with unlocked(path, form, password) as (readable, inner):
            content: Content = imported(_layout_of(inner))(readable, inner)
            self.notes = (*content.notes, *left_objects(readable, inner))
        self.attached = content.attached
        self.size = (HEIGHT, WIDTH) if content.landscape else (WIDTH, HEIGHT)
        page = f"<html><head><style>{_STYLE}{content.style}</style></head><body>{content.body}</body></html>"
        data = content.data or path.read_bytes() if content.opens else page.encode("utf-8", errors="replace")
        try:
            self.document = pymupdf.open(stream=data, filetype=content.opens or "html")
            if self.document.is_reflowable:
                self._fit(wide=bool(content.opens) or "<table" in page or "<pre" in page)
            count = int(self.document.page_count)
        except MemoryError:
            raise
        except Exception:  # MuPDF's errors share no useful base
            raise IngestError(_DAMAGED) from None
        if count < 1:
            raise IngestError(_DAMAGED)
        self.count = min(count, MAX_PAGES)
        if count > MAX_PAGES:
            why = msg(
                "file.too-many-pages",
                "Only the first {limit} pages are read; split the file to read the rest.",
                limit=MAX_PAGES,
            )
            self.notes = (
                *self.notes,
                Note(msg("where.pages", "pages {first} to {last}", first=str(MAX_PAGES + 1), last=str(count)), why),
            )

        self.spots = content.spots

    def _fit(self, wide: bool) -> None:
        """Lay out on A4, or on wider paper where something does not fit.

        What lies beyond a page's edge would neither be seen nor read.
        """
        size = self.size
        for _ in range(_TRIES):
            self.document.layout(rect=pymupdf.Rect(0, 0, *self.size), fontsize=_FONT)
            beyond = self._right_edge() - (self.size[0] - _MARGIN) if wide else 0.0
            scale = (self.size[0] + beyond) / size[0]
            if beyond <= 1.0 or self.size[0] >= _WIDEST * size[0]:
                return
            scale = min(_WIDEST, scale * 1.01)
            self.size = (size[0] * scale, size[1] * scale)
        self.document.layout(rect=pymupdf.Rect(0, 0, *self.size), fontsize=_FONT)

    def _right_edge(self) -> float:
        """How far to the right anything on any page reaches."""
        edge = 0.0
        for index in range(min(int(self.document.page_count), MAX_PAGES)):
            drawn = mupdf.FzRect(mupdf.FzRect.Fixed_EMPTY)
            device = mupdf.FzDevice(drawn)
            mupdf.fz_run_page(self.page(index).this, device, mupdf.FzMatrix(), mupdf.FzCookie())
            mupdf.fz_close_device(device)
            edge = max(edge, float(drawn.x1))
        return edge

    def sizes(self) -> list[list[float]]:
        """Width and height of each page; 0 × 0 for one that is damaged."""
        if self.document.is_reflowable:
            return [list(self.size)] * self.count
        return [self._size(index) for index in range(self.count)]

    def _size(self, index: int) -> list[float]:
        try:
            rect = self.page(index).rect
        except MemoryError:
            raise
        except Exception:  # MuPDF's errors share no useful base
            return [0.0, 0.0]
        return [rect.width, rect.height]

    def page(self, index: int) -> pymupdf.Page:
        """A page, counted from 0."""
        return self.document.load_page(index)

    def close(self) -> None:
        """Close the document."""
        self.document.close()


def structured(page: pymupdf.Page) -> Any:
    """A page's text and pictures with their places, in the order of the file."""
    result = mupdf.FzStextPage(mupdf.fz_bound_page(page.this))
    flags = mupdf.FZ_STEXT_PRESERVE_WHITESPACE | mupdf.FZ_STEXT_PRESERVE_IMAGES
    device = mupdf.fz_new_stext_device(result, mupdf.FzStextOptions(flags))
    mupdf.fz_run_page(page.this, device, mupdf.FzMatrix(), mupdf.FzCookie())
    mupdf.fz_close_device(device)
    return result


def _layout_of(form: str) -> str:
    return next(kind.layout for kind in KINDS.values() for one in kind.formats if one.form.format == form)
