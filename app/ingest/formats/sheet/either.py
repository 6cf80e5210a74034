"""A spreadsheet by its format: older workbooks have a reader of their own."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from app.ingest.formats.laid_out.content import Content
from model.errors import IngestError
from model.messages import msg


def lay_out(path: Path, form: str) -> Content:
    """The file's content. Raises ``IngestError``."""
    # Each with its library, which the other does not need.
    if form == "xls":
        if importlib.util.find_spec("xlrd") is None:
            raise IngestError(
                msg(
                    "sheet.older",
                    "This is an Excel workbook from before 2007, which this copy of Lectern cannot read; save it as "
                    ".xlsx first.",
                )
            )
        from app.ingest.formats.sheet.older import older_workbook

        return older_workbook(path)
    from app.ingest.formats.sheet import layout

    return layout.lay_out(path, form)
