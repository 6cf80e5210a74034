"""The widgets of a page, which are a form's fields as shown on it: which of them have a value, and what is drawn.

Apart from ``pdf_fields``, for the page's text needs to know only what to leave out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from app.ingest.formats.mupdf import mupdf, pymupdf
from app.ingest.formats.pdf import objects

MAX_FIELDS = 1000
"""Fields of one page that are read; further ones are taken as they are drawn."""

_PUSH, _PASSWORD = 1 << 16, 1 << 13

Kind = Literal["drawn", "nothing", "text", "choice", "tick"]
"""``drawn``: it is taken as it is drawn. ``nothing``: a password, or a signature that is yet to be made."""


def run_page(page: pymupdf.Page, device: Any, cookie: Any) -> None:
    """Everything on a page into ``device``, but no field whose value ``read_fields`` gives."""
    inner = _inner(page)
    every = list(widgets_of(page))
    if not every:
        mupdf.fz_run_page(inner, device, mupdf.FzMatrix(), cookie)
        return
    mupdf.fz_run_page_contents(inner, device, mupdf.FzMatrix(), cookie)
    mupdf.fz_run_page_annots(inner, device, mupdf.FzMatrix(), cookie)
    for number, widget in enumerate(every):
        if number >= MAX_FIELDS or kind_of(mupdf.pdf_annot_obj(widget)) == "drawn":
            try:
                mupdf.pdf_run_annot(widget, device, mupdf.FzMatrix(), cookie)
            except MemoryError:
                raise
            except Exception:  # MuPDF's errors share no useful base; only this button is lost
                cookie.m_internal.errors += 1


def widgets_of(page: pymupdf.Page) -> Iterator[Any]:
    """All widgets of a page, in the file's order."""
    widget = mupdf.pdf_first_widget(objects.page_of(page))
    while widget.m_internal:
        yield widget
        widget = mupdf.pdf_next_widget(widget)


def kind_of(item: Any) -> Kind:
    """The sort of field, as far as its value is concerned."""
    match objects.name_of(objects.inherited(item, "FT")):
        case "Tx":
            return "nothing" if flags_of(item) & _PASSWORD else "text"
        case "Ch":
            return "choice"
        case "Btn":
            return "drawn" if flags_of(item) & _PUSH else "tick"
        case "Sig":  # MuPDF draws an invitation into an unsigned one
            return "drawn" if objects.there(objects.inherited(item, "V")) else "nothing"
    return "drawn"


def flags_of(item: Any) -> int:
    """A field's flags (``Ff``), inherited ones included."""
    return int(mupdf.pdf_to_int(objects.inherited(item, "Ff")))


def bound_of(page: pymupdf.Page) -> Any:
    """The page's own rectangle, as everything on it is placed."""
    return mupdf.fz_bound_page(_inner(page))


def _inner(page: pymupdf.Page) -> Any:
    return page.this if isinstance(page.this, mupdf.FzPage) else page.this.super()
