"""A table as CSV, as a workbook and as JSON, every row with its file, its page and its quote.

CSV follows RFC 4180. Text that a spreadsheet would take for a formula gets an apostrophe before it: a value in a
document must never run in somebody's spreadsheet.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from app.chat.evidence.places import Place
from app.chat.extract.rows import Row
from app.chat.extract.schema import Schema
from app.chat.extract.values import Cell
from app.text.times import mm_ss
from model.messages import Message

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", "|", "%")
_STRANGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LONGEST = 32_000
"""Characters that a cell of a workbook may hold."""

EXTRA = ("document", "page", "quote", "checked", "also", "problems")
"""Columns that every table has besides its own; where a name is taken, the table's own comes first."""


def to_csv(schema: Schema, rows: Sequence[Row], tell: Callable[[Message], str] = str) -> str:
    """The whole table, with a line of headings. Write it with ``newline=""`` and UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    own = [column.name for column in schema.columns]
    taken = {name.casefold() for name in own}
    writer.writerow([harmless(name) for name in (*own, *(f"_{name}" if name in taken else name for name in EXTRA))])
    for row in rows:
        problems = "; ".join(tell(cell.problem) for cell in row.cells if cell.problem)
        extra = (row.name, where(row.place), row.quote, row.state, "; ".join(map(where, row.places[1:])), problems)
        writer.writerow([*map(_cell, row.cells), *map(harmless, extra)])
    return out.getvalue()


def to_xlsx(schema: Schema, rows: Sequence[Row], tell: Callable[[Message], str] = str) -> bytes:
    """The same table as a workbook: numbers as numbers, each row with its file, page and quotation. No cell is a
    formula, whatever it begins with."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=False)
    sheet = book.active
    sheet.title = "Table"
    own = [column.name for column in schema.columns]
    taken = {name.casefold() for name in own}
    widths: dict[int, int] = {}

    def put(row: int, column: int, value: object) -> None:
        cell = sheet.cell(row, column)
        if isinstance(value, (bool, int, float)):
            cell.value = value
        elif value:
            cell.value = _STRANGE.sub(" ", str(value))[:_LONGEST]
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=len(str(value)) > 60, vertical="top")
        widths[column] = max(widths.get(column, 6), min(60, len(str(value or "")) + 2))

    for at, name in enumerate((*own, *(f"_{name}" if name in taken else name for name in EXTRA)), 1):
        put(1, at, name)
        sheet.cell(1, at).font = Font(bold=True)
    for number, row in enumerate(rows, 2):
        problems = "; ".join(tell(cell.problem) for cell in row.cells if cell.problem)
        page = row.place.page if row.place.time_s is None and row.place.page is not None else where(row.place)
        extra = (row.name, page, row.quote, row.state, "; ".join(map(where, row.places[1:])), problems)
        values = [cell.raw if cell.value is None else cell.value for cell in row.cells]
        for at, value in enumerate((*values, *extra), 1):
            put(number, at, value)
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def to_json(schema: Schema, rows: Sequence[Row], about: dict[str, Any] | None = None) -> str:
    """The rows as objects; values have their columns' types."""
    return json.dumps({**(about or {}), "rows": as_objects(schema, rows)}, ensure_ascii=False, indent=2) + "\n"


def as_objects(schema: Schema, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Each row as plain data."""
    return [
        {
            "values": {column.name: cell.value for column, cell in zip(schema.columns, row.cells, strict=True)},
            "document": row.name,
            "document_hash": row.document,
            "page": row.place.page,
            "time_s": row.place.time_s,
            "quote": row.quote,
            "checked": row.state,
            "also": [{"page": place.page, "time_s": place.time_s} for place in row.places[1:]],
            "problems": [
                {"column": column.name, "written": cell.raw, "why": str(cell.problem)}
                for column, cell in zip(schema.columns, row.cells, strict=True)
                if cell.problem
            ],
        }
        for row in rows
    ]


def where(place: Place) -> str:
    """A page's number or a time."""
    return mm_ss(place.time_s) if place.time_s is not None else str(place.page or "")


def harmless(text: str) -> str:
    """Text that no spreadsheet runs."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cell(cell: Cell) -> str:
    """The value; what could not be read is given as it was written."""
    match cell.value:
        case None:
            return harmless(cell.raw)
        case bool():
            return "true" if cell.value else "false"
        case int() | float():
            return repr(cell.value)
    return harmless(cell.value)
