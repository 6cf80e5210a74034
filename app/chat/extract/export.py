"""A table as CSV and as JSON, every row with its file, its page and its quote.

CSV follows RFC 4180. Text that a spreadsheet would take for a formula gets an apostrophe before it: a value in a
document must never run in somebody's spreadsheet.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from app.chat.evidence.places import Place
from app.chat.extract.rows import Row
from app.chat.extract.schema import Schema
from app.chat.extract.values import Cell
from app.text.times import mm_ss

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", "|", "%")
EXTRA = ("document", "page", "quote", "checked", "also", "problems")
"""Columns that every table has besides its own; where a name is taken, the table's own comes first."""


def to_csv(schema: Schema, rows: Sequence[Row]) -> str:
    """The whole table, with a line of headings. Write it with ``newline=""`` and UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    own = [column.name for column in schema.columns]
    taken = {name.casefold() for name in own}
    writer.writerow([harmless(name) for name in (*own, *(f"_{name}" if name in taken else name for name in EXTRA))])
    for row in rows:
        problems = "; ".join(cell.problem for cell in row.cells if cell.problem)
        extra = (row.name, where(row.place), row.quote, row.state, "; ".join(map(where, row.places[1:])), problems)
        writer.writerow([*map(_cell, row.cells), *map(harmless, extra)])
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
                {"column": column.name, "written": cell.raw, "why": cell.problem}
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
