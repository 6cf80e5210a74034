"""A file that was laid out, to be looked at: its pages are drawn and searched as a PDF's are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.ingest.formats.laid_out.pages import LaidOut
from app.ingest.formats.mupdf import pymupdf
from app.ingest.view.searching import Lines
from app.ingest.view.shown_pdf import ShownPdf
from app.ingest.view.shown_text import lines_of


class ShownLaidOut(ShownPdf):
    """Without fields and comments; its text is in logical order already."""

    def __init__(self, path: Path, form: str, password: str | None) -> None:
        self._laid_out = LaidOut(path, form, password)
        super().__init__(path, form, password)

    def _opened(self, path: Path, password: str | None) -> pymupdf.Document:
        return self._laid_out.document

    def sheets(self) -> dict[str, Any]:
        """The sizes of the pages, as a message."""
        return {"view": "pages", "sizes": self._laid_out.sizes(), "total": self._count}

    def _settle(self, page: pymupdf.Page) -> None:
        """There are no fields to be drawn as they are filled in."""

    def _remarked(self, page: pymupdf.Page) -> bool:
        return False

    def _lines(self, page: pymupdf.Page, found: Any) -> Lines:
        return lines_of(found, logical=True)
