"""Workbooks of Excel 5 to 2003 (.xls), by xlrd, as the cells of the same grid as those of newer ones.

Macros are neither read nor run. What xlrd does not give comes from ``records``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlrd
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.cell import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from app.ingest.formats.laid_out.content import Content, Note, escaped
from app.ingest.formats.sheet import said
from app.ingest.formats.sheet.grid import Cell, Grid
from app.ingest.formats.sheet.layout import (
    DAMAGED,
    MAX_CELL,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_SHEETS,
    content_of,
    cut_at,
    too_many_sheets,
)
from app.ingest.formats.sheet.records import At, Written, written_in
from app.ingest.formats.sheet.values import shown
from app.ingest.kinds import too_large
from app.ingest.limits import MIB
from app.ingest.types import WHOLE_FILE
from model.errors import IngestError
from model.messages import Message, msg, msg_n

_MOST_BYTES = 128 * MIB
"""Excel's own files of this kind stay below; all of it is in memory while it is read."""

_LOCAL = (14, 22)
"""Numbers of the formats that every language shows in its own way; what the file says of them is Excel's language."""


def older_workbook(path: Path) -> Content:
    """The file's content. Raises ``IngestError``."""
    if path.stat().st_size > _MOST_BYTES:
        raise IngestError(too_large(_MOST_BYTES))
    # xlrd writes what it finds strange to a file of its own choice.
    try:
        with Path(os.devnull).open("w") as log, _opened(path, log) as book:
            return _content(book)
    except (IngestError, MemoryError):
        raise
    except Exception:  # xlrd raises nearly anything on damaged data
        raise IngestError(DAMAGED) from None


def _opened(path: Path, log: Any) -> Any:
    options = {"logfile": log, "formatting_info": True, "ragged_rows": True, "on_demand": True, "use_mmap": False}
    return xlrd.open_workbook(str(path), **options)


def _content(book: Any) -> Content:
    grids: list[Grid] = []
    spots: list[str] = []
    notes: list[Note] = []
    room, drawn = MAX_CELLS, len(book._all_sheets_map) - book.nsheets
    for number in range(min(book.nsheets, MAX_SHEETS)):
        sheet = book.sheet_by_index(number)
        written = written_in(book, number)
        cells, whole = _cells(book, sheet, written, room)
        room -= len(cells)
        if not whole:
            where = msg("where.rest-of-sheet", "the rest of sheet {name}", name=sheet.name)
            notes.append(cut_at(where))
        drawn += written.drawn
        boxes = (f"<p>{'<br/>'.join(map(escaped, words.splitlines()))}</p>" for words in written.boxes if words)
        above = [*said.margins(written.margins), *said.merged(_merged(sheet)), *_unseen(sheet, cells)]
        grids.append(Grid(sheet.name, cells, spots, bool(sheet.visibility), above, "".join(boxes)))
        book.unload_sheet(number)
    if book.nsheets > MAX_SHEETS:
        notes.append(too_many_sheets())
    if drawn > 0:
        notes.append(Note(WHOLE_FILE, _undrawn(drawn)))
    return content_of(grids, spots, notes)


def _undrawn(count: int) -> Message:
    return msg_n(
        "sheet.older-drawn",
        "{n} chart or picture of this older kind of workbook is not read; save the file as .xlsx to see it.",
        "{n} charts and pictures of this older kind of workbook are not read; save the file as .xlsx to see them.",
        count,
    )


def _cells(book: Any, sheet: Any, written: Written, room: int) -> tuple[list[Cell], bool]:
    """The cells that hold something or are remarked on, in order, and whether those are all."""
    remarks = sheet.cell_note_map
    formats: dict[int, str] = {}
    cells: list[Cell] = []
    whole = True
    beyond: dict[int, list[int]] = {}
    for row, column in remarks:
        beyond.setdefault(row, []).append(column)
    for row in range(max(sheet.nrows, max(beyond, default=-1) + 1)):
        length = sheet.row_len(row) if row < sheet.nrows else 0
        for column in (*range(length), *sorted(one for one in beyond.get(row, ()) if one >= length)):
            at = (row, column)
            kind = sheet.cell_type(row, column) if column < length else xlrd.XL_CELL_EMPTY
            if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK) and at not in remarks and at not in written.formulas:
                continue
            if len(cells) >= room or row >= MAX_ROWS or column >= MAX_COLUMNS:
                return cells, False
            text = _text(book, sheet, at, kind, formats) if column < length else ""
            beside = _beside(written.formulas.get(at), remarks.get(at))
            whole = whole and len(text) <= MAX_CELL
            if text or beside:
                cells.append(Cell(row + 1, column + 1, text[:MAX_CELL], beside))
    return cells, whole


def _text(book: Any, sheet: Any, at: At, kind: int, formats: dict[int, str]) -> str:
    """The value as it is shown."""
    value = sheet.cell_value(*at)
    if kind == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(value, "#ERROR"))
    if kind == xlrd.XL_CELL_BOOLEAN:
        return shown(bool(value), "General")
    number = sheet.cell_xf_index(*at)
    if number not in formats:
        formats[number] = _format(book, number)
    form = formats[number]
    if kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        return shown(_moment(value, form, book.datemode), form)
    return shown(str(value), form) if value != "" else ""


def _moment(value: float, form: str, mode: int) -> object:
    """The number as the date or time that its format makes of it."""
    if not is_date_format(form):
        return int(value) if value == int(value) and abs(value) < 1e15 else value
    epoch = CALENDAR_MAC_1904 if mode else CALENDAR_WINDOWS_1900
    try:
        return from_excel(value, epoch, timedelta=is_timedelta_format(form))
    except (OverflowError, ValueError):
        return value


def _format(book: Any, number: int) -> str:
    try:
        key = book.xf_list[number].format_key
    except IndexError:
        return "General"
    own = book.format_map.get(key)
    return BUILTIN_FORMATS[key] if key in _LOCAL or (own is None and key in BUILTIN_FORMATS) else _string(own)


def _string(form: Any) -> str:
    return str(form.format_str or "General") if form is not None else "General"


def _beside(formula: str | None, remark: Any) -> str:
    parts = [f"({formula})"[:MAX_CELL]] if formula else []
    if remark is not None:
        by = f" by {remark.author}" if remark.author else ""
        parts.append(f"[comment{by}: {str(remark.text)[:MAX_CELL]}]")
    return " ".join(parts)


def _merged(sheet: Any) -> list[str]:
    return [
        f"{get_column_letter(left + 1)}{top + 1}:{get_column_letter(right)}{bottom}"
        for top, bottom, left, right in sheet.merged_cells
        if 0 <= left < right and top < bottom
    ]


def _unseen(sheet: Any, cells: list[Cell]) -> Iterator[str]:
    rows = {cell.row for cell in cells if getattr(sheet.rowinfo_map.get(cell.row - 1), "hidden", 0)}
    columns = {cell.column for cell in cells if getattr(sheet.colinfo_map.get(cell.column - 1), "hidden", 0)}
    return said.hidden(rows, columns)
