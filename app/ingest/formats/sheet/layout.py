"""What is in a workbook or a file of separated values: every sheet, each cell as it is shown and its formula beside it.

No formula is worked out and no link followed: a value is what the program that saved the file stored.
"""

from __future__ import annotations

import csv
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
from openpyxl.cell.read_only import EMPTY_CELL

from app.ingest.attached import AttachedFile
from app.ingest.formats.laid_out.archive import check_archive, transitional
from app.ingest.formats.laid_out.content import PAGE_BREAK, Content, Note, undrawn
from app.ingest.formats.laid_out.embedded import embedded_in
from app.ingest.formats.sheet import said
from app.ingest.formats.sheet.beside import Beside, beside_cells
from app.ingest.formats.sheet.grid import Cell, Grid
from app.ingest.formats.sheet.values import shown
from app.ingest.formats.text.decoding import decoded
from app.ingest.limits import MIB
from app.ingest.types import WHOLE_FILE
from model.errors import IngestError
from model.messages import Message, msg

MAX_CELLS = 40_000
"""Cells of one file that are laid out."""

MAX_ROWS = 20_000
MAX_COLUMNS = 500
MAX_SHEETS = 200
MAX_CELL = 4000
"""Characters of one cell."""

_WHOLE_XML = 8 * MIB
"""Larger sheets are read row by row, without what is beside their cells."""

_MANY_MERGED = 2000
"""Merged ranges of a sheet; openpyxl's time grows with their square, so a file with more is read as a large one."""

_CSV_BYTES = 32 * MIB
_STYLE = """
body { font-size: 8pt } h2 { font-size: 11pt }
td, th { padding: 2pt 4pt } th { background-color: #eee; font-weight: normal } .short { white-space: nowrap }
"""
DAMAGED = msg("sheet.damaged", "The spreadsheet is damaged and cannot be read; try to get it again from its source.")


def lay_out(path: Path, form: str) -> Content:
    """The file's content. Raises ``IngestError``."""
    if form == "csv":
        return _csv(path)
    check_archive(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _workbook(path)
    except (IngestError, MemoryError):
        raise
    except Exception:  # openpyxl raises nearly anything on damaged data
        raise IngestError(DAMAGED) from None


def content_of(
    grids: list[Grid], spots: list[str], notes: list[Note], attached: tuple[AttachedFile, ...] = ()
) -> Content:
    """The sheets as pages. Raises ``IngestError`` where nothing is in them."""
    if not attached and not any(grid.cells or grid.notes or grid.drawn for grid in grids):
        raise IngestError(msg("sheet.empty", "The spreadsheet is empty."))
    body = PAGE_BREAK.join("".join(grid.html()) for grid in grids)
    return Content(body, tuple(notes), _STYLE, landscape=True, spots=tuple(spots), attached=attached)


def _csv(path: Path) -> Content:
    with path.open("rb") as file:
        data = file.read(_CSV_BYTES + 1)
    text, guessed = decoded(data[:_CSV_BYTES])
    notes = []
    if guessed:
        why = msg(
            "text.encoding-guessed",
            "The file does not say how its characters are encoded; it was read as {encoding}.",
            encoding=guessed,
        )
        notes.append(Note(WHOLE_FILE, why))
    cells: list[Cell] = []
    whole = len(data) <= _CSV_BYTES
    row = 0
    try:
        for row, fields in enumerate(csv.reader(text.splitlines(keepends=True), delimiter=_delimiter(text)), 1):
            kept = fields[:MAX_COLUMNS]
            cells += [Cell(row, at, value.strip()[:MAX_CELL]) for at, value in enumerate(kept, 1) if value.strip()]
            whole = whole and len(fields) <= MAX_COLUMNS and all(len(value) <= MAX_CELL for value in kept)
            if len(cells) > MAX_CELLS or row >= MAX_ROWS:
                whole = False
                break
    except csv.Error:
        whole = False
    if not whole:
        notes.append(cut_at(msg("where.rows-from", "rows from {first} on", first=str(row + 1))))
    spots: list[str] = []
    return content_of([Grid("", cells, spots)], spots, notes)


def _delimiter(text: str) -> str:
    """The sign that is in most of the first lines equally often."""
    lines = [line for line in text[:65_536].splitlines()[:50] if line.strip()]
    counts = {sign: [line.count(sign) for line in lines] for sign in (";", "\t", ",", "|")}
    return max(counts, key=lambda sign: (_common(counts[sign]), sum(counts[sign])))


def _common(counts: list[int]) -> int:
    """How many lines have the count that most of them have, where that is not 0."""
    present = [count for count in counts if count]
    return max((present.count(count) for count in set(present)), default=0)


def cut_at(where: Message) -> Note:
    """The limits of a sheet, where one of them bites."""
    why = msg(
        "sheet.cut",
        "Only {cells} cells, {rows} rows and {columns} columns of a sheet, and {characters} "
        "characters of a cell are read; split the file to read the rest.",
        cells=MAX_CELLS,
        rows=MAX_ROWS,
        columns=MAX_COLUMNS,
        characters=MAX_CELL,
    )
    return Note(where, why)


def too_many_sheets() -> Note:
    """There are more sheets than are read."""
    why = msg(
        "sheet.too-many",
        "Only the first {limit} sheets are read; split the file to read the rest.",
        limit=MAX_SHEETS,
    )
    return Note(WHOLE_FILE, why)


def _workbook(path: Path) -> Content:
    source = transitional(path)
    # A path is refused by openpyxl where it does not end as usual.
    with source.open("rb") if isinstance(source, Path) else source as file:
        return _sheets(path, file)


def _sheets(path: Path, source: BinaryIO) -> Content:
    with zipfile.ZipFile(source) as archive:
        sheets = [one for one in archive.infolist() if "worksheets/" in one.filename and one.filename.endswith(".xml")]
        large = sum(one.file_size for one in sheets) > _WHOLE_XML
        crowded = not large and any(archive.read(one).count(b"mergeCell ref=") > _MANY_MERGED for one in sheets)
        besides = beside_cells(archive)
    large = large or crowded
    values = openpyxl.load_workbook(source, read_only=large, data_only=True, keep_links=False)
    formulas = openpyxl.load_workbook(source, read_only=large, data_only=False, keep_links=False)
    attached, about = embedded_in(path)
    notes = [*about]
    grids: list[Grid] = []
    spots: list[str] = []
    room = MAX_CELLS
    for name in values.sheetnames[:MAX_SHEETS]:
        sheet, written = values[name], formulas[name]
        beside = besides.get(name, Beside())
        hidden = sheet.sheet_state != "visible"
        if not hasattr(sheet, "iter_rows"):
            grids.append(Grid(name, [], spots, hidden, drawn=beside.html))
            continue
        cells, whole = _cells(sheet, written, room, large, beside.threads)
        room -= len(cells)
        if not whole:
            notes.append(cut_at(msg("where.rest-of-sheet", "the rest of sheet {name}", name=name)))
        above = [*_margins(sheet), *_merged(sheet), *_unseen(sheet, cells)]
        grids.append(Grid(name, cells, spots, hidden, above, beside.html))
    lost = sum(beside.undrawn for beside in besides.values())
    notes += [undrawn(lost)] if lost else []
    if len(values.sheetnames) > MAX_SHEETS:
        notes.append(too_many_sheets())
    if large:
        notes.append(
            Note(
                WHOLE_FILE,
                msg("sheet.large", "The sheets are large, so comments and merged cells in them are not read."),
            )
        )
    return content_of(grids, spots, notes, attached)


def _cells(sheet: Any, written: Any, room: int, large: bool, threads: dict[str, str]) -> tuple[list[Cell], bool]:
    """The cells of a sheet that hold something, and whether those are all."""
    if large:  # the sheet sizes that the file declares are not trusted
        sheet.reset_dimensions()
        written.reset_dimensions()
    limits = {"max_row": MAX_ROWS, "max_col": MAX_COLUMNS}
    rows, columns = (MAX_ROWS, MAX_COLUMNS) if large else _used(written)
    bounds = limits if large else {"max_row": min(MAX_ROWS, rows), "max_col": min(MAX_COLUMNS, columns)}
    cells: list[Cell] = []
    whole = rows <= MAX_ROWS and columns <= MAX_COLUMNS
    for row, own in zip(sheet.iter_rows(**bounds), written.iter_rows(**bounds), strict=False):
        for cell, formula in zip(row, own, strict=False):
            if cell is EMPTY_CELL and formula is EMPTY_CELL:
                continue  # of a large sheet most are
            made = _cell(cell, formula, threads)
            if made is None:
                continue
            if len(cells) >= room:
                return cells, False
            whole = whole and len(made.text) < MAX_CELL and not (large and cell.row >= MAX_ROWS)
            cells.append(made)
    return cells, whole


def _used(sheet: Any) -> tuple[int, int]:
    """The last row and column with something in them; cells that are only coloured do not count."""
    filled = [(row, column) for (row, column), cell in sheet._cells.items() if cell.value is not None or cell.comment]
    return max((row for row, _ in filled), default=1), max((column for _, column in filled), default=1)


def _cell(cell: Any, formula: Any, threads: dict[str, str]) -> Cell | None:
    remark = getattr(formula, "comment", None)
    own = formula.value
    if cell.value is None and own is None and remark is None:
        return None
    text = shown(cell.value, str(getattr(cell, "number_format", "") or "General"))[:MAX_CELL]
    beside = []
    if getattr(formula, "data_type", "") == "f":
        beside.append(
            f"({getattr(own, 'text', own)}{'' if cell.value is not None else ', without a stored value'})"[:MAX_CELL]
        )
    thread = threads.get(cell.coordinate) if threads else None
    if thread is not None:
        beside.append(f"[{thread[:MAX_CELL]}]")
    elif remark is not None:
        by = f" by {remark.author}" if remark.author else ""
        beside.append(f"[comment{by}: {str(remark.text)[:MAX_CELL]}]")
    return Cell(cell.row, cell.column, text, " ".join(beside)) if text or beside else None


def _merged(sheet: Any) -> Iterator[str]:
    return said.merged([str(one) for one in getattr(getattr(sheet, "merged_cells", None), "ranges", ())])


def _margins(sheet: Any) -> Iterator[str]:
    """What the sheet's headers and footers say when it is printed."""
    found = []
    for kind in ("header", "footer"):
        for which in ("odd", "even", "first"):
            margin = getattr(sheet, f"{which}{kind.capitalize()}", None)
            parts = [getattr(margin, side).text or "" for side in ("left", "center", "right")] if margin else []
            found.append((kind.capitalize(), " ".join(parts)))
    return said.margins(found)


def _unseen(sheet: Any, cells: list[Cell]) -> Iterator[str]:
    """Hidden rows and columns with something in them."""
    rows = getattr(sheet, "row_dimensions", None)
    hidden = {cell.row for cell in cells if cell.row in rows and rows[cell.row].hidden} if rows is not None else ()
    columns = [one for one in (getattr(sheet, "column_dimensions", None) or {}).values() if one.hidden]
    covered = {number for one in columns for number in range(one.min or 1, min(one.max or 1, MAX_COLUMNS) + 1)}
    return said.hidden(hidden, covered & {cell.column for cell in cells})
