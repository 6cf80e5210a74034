"""Books and other files that MuPDF opens by itself: their pages are as it lays them out, or as they are."""

from __future__ import annotations

from pathlib import Path

from app.ingest.formats.laid_out.archive import check_archive
from app.ingest.formats.laid_out.content import Content

_ARCHIVES = ("epub", "xps", "cbz")


def lay_out(path: Path, form: str) -> Content:
    """The file itself. Raises ``IngestError``."""
    if form in _ARCHIVES:
        check_archive(path)
    return Content("", opens=form)
