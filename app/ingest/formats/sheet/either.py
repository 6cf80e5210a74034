"""A spreadsheet by its format: older workbooks have a reader of their own."""

from __future__ import annotations

from pathlib import Path

from app.ingest.formats.laid_out.content import Content


def lay_out(path: Path, form: str) -> Content:
    """The file's content. Raises ``IngestError``."""
    # Each with its library, which the other does not need.
    if form == "xls":
        from app.ingest.formats.sheet.older import older_workbook

        return older_workbook(path)
    from app.ingest.formats.sheet import layout

    return layout.lay_out(path, form)
