"""MuPDF without the parts that we do not use: its layout model writes files and looks up a telemetry host.

Import ``pymupdf`` from here, never directly.
"""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

from app.ingest.view.types import password_error
from model.errors import IngestError
from model.messages import msg

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
for _name in ("pymupdf.layout", "pymupdf4llm"):
    sys.modules.setdefault(_name, None)  # type: ignore[arg-type]

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import pymupdf

mupdf = pymupdf.mupdf
pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)

__all__ = ["mupdf", "open_pdf", "pymupdf"]


def open_pdf(path: Path, password: str | None = None) -> pymupdf.Document:
    """An open PDF that has pages. Raises ``IngestError``, as a ``LockedError`` where a password is missing."""
    try:
        document = pymupdf.open(_name_for_c(path), filetype="pdf")
    except MemoryError:
        raise IngestError(
            msg("pdf.memory", "The PDF needs more memory than reading may use; split it into parts.")
        ) from None
    except Exception:
        # MuPDF raises its own tree of errors, RuntimeError and ValueError on damaged files.
        raise IngestError(
            msg("pdf.damaged", "The PDF is damaged and cannot be repaired; try to get it again.")
        ) from None
    if not document.is_pdf:
        raise IngestError(msg("pdf.not-one", "This file claims to be a PDF but is not one."))
    if document.needs_pass and not _unlocked(document, password):
        raise password_error(password)
    if _page_count(document) < 1:
        raise IngestError(msg("pdf.no-pages", "The PDF has no pages that can be read; it is damaged or incomplete."))
    return document


def _page_count(document: pymupdf.Document) -> int:
    """0 where the file holds an impossible value."""
    try:
        return int(document.page_count)
    except Exception:
        return 0


def _unlocked(document: pymupdf.Document, password: str | None) -> bool:
    """Whether the password opens it, the user's or the owner's. MuPDF's warnings about it are not logged."""
    try:
        return bool(password and document.authenticate(password))
    except Exception:
        return False


def _name_for_c(path: Path) -> str:
    """MuPDF takes UTF-8 names only; on POSIX a name may be any bytes, so such a file is read through its number."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        descriptor = os.open(path, os.O_RDONLY)  # stays open until this short-lived process ends
        return f"/dev/fd/{descriptor}"
    return str(path)
