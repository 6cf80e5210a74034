"""Books and other files that MuPDF opens by itself: their pages are as it lays them out, or as they are."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from app.ingest.formats.laid_out.archive import BOMB, check_archive
from app.ingest.formats.laid_out.content import Content
from app.ingest.limits import MIB
from model.errors import IngestError
from model.messages import msg

_ARCHIVES = ("epub", "xps", "cbz", "fbz")
_MOST_BOOK = 256 * MIB
_DAMAGED = msg("file.incomplete", "The file is damaged or incomplete; try to get it again from its source.")


def lay_out(path: Path, form: str) -> Content:
    """The file itself. Raises ``IngestError``."""
    if form in _ARCHIVES:
        check_archive(path)
    if form == "fbz":
        return Content("", opens="fb2", data=_only_part(path))
    return Content("", opens=form)


def _only_part(path: Path) -> bytes:
    """The book in the archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            (book,) = archive.infolist()
            if book.file_size > _MOST_BOOK:
                raise IngestError(BOMB)
            return archive.read(book)
    except (zipfile.BadZipFile, zlib.error, EOFError, IndexError, NotImplementedError, ValueError, OSError):
        raise IngestError(_DAMAGED) from None
