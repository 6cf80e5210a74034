"""Spreadsheets as a kind of file."""

from __future__ import annotations

from typing import BinaryIO

from app.ingest.compound import MAGIC, names_at_top
from app.ingest.filekind import FileKind, Form, Format
from app.ingest.limits import MIB
from model.messages import msg

_BOOKS = frozenset(("Workbook", "Book", "WORKBOOK", "BOOK"))


def _is_older_workbook(file: BinaryIO) -> bool:
    """Whether a compound file is a workbook itself, and not only holds one ([MS-XLS], section 2.1.2)."""
    return bool(_BOOKS & names_at_top(file))


SHEET = FileKind(
    name="sheet",
    title=msg("kind.spreadsheet", "Spreadsheet"),
    noun="spreadsheet",
    icon="pdf",
    formats=(
        Format(
            Form("sheet", "xlsx"),
            (".xlsx", ".xlsm", ".xltx", ".xltm"),
            inside=b"xl/workbook.xml",
            mime=("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",),
            uti=("org.openxmlformats.spreadsheetml.sheet",),
        ),
        Format(
            Form("sheet", "xls"),
            (".xls", ".xlt"),
            (MAGIC,),
            confirms=_is_older_workbook,
            mime=("application/vnd.ms-excel",),
            uti=("com.microsoft.excel.xls",),
        ),
        Format(
            Form("sheet", "csv"),
            (".csv", ".tsv", ".tab"),
            text=True,
            mime=("text/csv", "text/tab-separated-values"),
            uti=("public.comma-separated-values-text", "public.tab-separated-values-text"),
        ),
    ),
    most_bytes=512 * MIB,
    view="pages",
    modes=True,
    layout="app.ingest.formats.sheet.either:lay_out",
    attached="app.ingest.formats.laid_out.embedded:take_out",
)
