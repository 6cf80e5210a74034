"""A spreadsheet of OpenDocument: every sheet, each cell as it is shown, its formula and its comment beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from app.ingest.formats.laid_out.content import Content, Note
from app.ingest.formats.opendocument.package import DAMAGED, Package, qn
from app.ingest.formats.sheet.grid import Cell, Grid
from app.ingest.formats.sheet.layout import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_SHEETS,
    content_of,
    cut_at,
    too_many_sheets,
)
from model.errors import IngestError
from model.messages import msg

_MAX_CELL = 4000
_MOST_REPEATED = 1000
"""Times that a repeated cell with something in it is laid out; the rest of its row is said to be cut."""

_FIELD = re.compile(r"\}(?:page|sheet-name|title|date|time|file-name)")
_CELL, _COVERED = qn("table:table-cell"), qn("table:covered-table-cell")


def spreadsheet(package: Package) -> Content:
    """The content of all sheets. Raises ``IngestError``."""
    body = package.content.find(f"{qn('office:body')}/{qn('office:spreadsheet')}")
    if body is None:
        raise IngestError(DAMAGED)
    sheets = body.findall(qn("table:table"))
    hidden = {
        style.get(qn("style:name"))
        for style in package.content.iter(qn("style:style"))
        if any(child.get(qn("table:display")) == "false" for child in style)
    }
    grids: list[Grid] = []
    spots: list[str] = []
    notes: list[Note] = []
    room = MAX_CELLS
    for sheet in sheets[:MAX_SHEETS]:
        name = (sheet.get(qn("table:name")) or "Sheet")[:200]
        reading = _Sheet(room)
        reading.read(sheet)
        room -= len(reading.cells)
        if not reading.whole:
            notes.append(cut_at(msg("where.rest-of-sheet", "the rest of sheet {name}", name=name)))
        merged = reading.merged[:30]
        more = f" and {len(reading.merged) - 30} more" if len(reading.merged) > 30 else ""
        said = [f"Merged cells: {', '.join(merged)}{more}"] if merged else []
        grids.append(Grid(name, reading.cells, spots, sheet.get(qn("table:style-name")) in hidden, said))
    if grids:
        grids[0].notes[:0] = _margins(package)
    if len(sheets) > MAX_SHEETS:
        notes.append(too_many_sheets())
    return content_of(grids, spots, notes)


def _margins(package: Package) -> Iterator[str]:
    """What the headers and footers of printed sheets say, without those that only number the pages."""
    seen = set()
    for kind in ("header", "footer"):
        for margin in package.styles.iter(qn(f"style:{kind}")) if package.styles is not None else ():
            plain = (one for one in margin.iter(qn("text:p")) if not any(_FIELD.search(each.tag) for each in one))
            words = " ".join(" ".join("".join(one.itertext()) for one in plain).split())
            if words and words not in seen:
                seen.add(words)
                yield f"{kind.capitalize()}: {words[:_MAX_CELL]}"


class _Sheet:
    """State while one sheet is read."""

    def __init__(self, room: int) -> None:
        self.cells: list[Cell] = []
        self.merged: list[str] = []
        self.whole = True
        self._room = room

    def read(self, sheet: Any) -> None:
        """All cells that hold something, as far as the limits allow."""
        number = 1
        for row in sheet.iter(qn("table:table-row")):
            times = _times(row.get(qn("table:number-rows-repeated")))
            before = len(self.cells)
            self._row(row, number)
            found = self.cells[before:]
            for again in range(1, min(times, _MOST_REPEATED)) if found else ():
                self.cells += [Cell(number + again, one.column, one.text, one.beside) for one in found]
                if len(self.cells) >= self._room:
                    break
            self.whole = self.whole and (not found or times <= _MOST_REPEATED)
            number += times
            if len(self.cells) >= self._room or number > MAX_ROWS:
                rest = row.itersiblings(qn("table:table-row"))
                self.whole = self.whole and not any("".join(one.itertext()).strip() for one in rest)
                del self.cells[self._room :]
                return

    def _row(self, row: Any, number: int) -> None:
        column = 1
        for cell in row:
            if cell.tag not in (_CELL, _COVERED):
                continue
            times = _times(cell.get(qn("table:number-columns-repeated")))
            made = _cell(cell, number, column) if cell.tag == _CELL else None
            if made is not None:
                if column + times - 1 > MAX_COLUMNS:
                    self.whole = False
                last = min(column + min(times, _MOST_REPEATED), MAX_COLUMNS + 1)
                self.cells += [Cell(number, at, made.text, made.beside) for at in range(column, last)]
                self._merge(cell, made)
            column += times

    def _merge(self, cell: Any, made: Cell) -> None:
        across = _times(cell.get(qn("table:number-columns-spanned")))
        down = _times(cell.get(qn("table:number-rows-spanned")))
        if (across > 1 or down > 1) and across < 20_000 and made.column + across < 18_000:
            last = Cell(made.row + down - 1, made.column + across - 1, "")
            self.merged.append(f"{made.address}:{last.address}")


def _cell(cell: Any, row: int, column: int) -> Cell | None:
    paragraphs = [node for node in cell if node.tag == qn("text:p")]
    text = "\n".join("".join(node.itertext()) for node in paragraphs)[:_MAX_CELL].strip()
    if not text and cell.get(qn("office:value-type")) not in (None, "string"):
        text = (cell.get(qn("office:value")) or cell.get(qn("office:date-value")) or "")[:_MAX_CELL]
    beside = []
    formula = cell.get(qn("table:formula"))
    if formula:
        beside.append(f"({_formula(formula)[:_MAX_CELL]}{'' if text else ', without a stored value'})")
    for remark in cell.findall(qn("office:annotation")):
        creator = "".join(remark.xpath("string(*[local-name()='creator'])"))[:100]
        words = " ".join("".join(node.itertext()) for node in remark.iter(qn("text:p")))
        beside.append(f"[comment{f' by {creator}' if creator else ''}: {words[:_MAX_CELL]}]")
    return Cell(row, column, text, " ".join(beside)) if text or beside else None


def _formula(formula: str) -> str:
    """``of:=SUM([.B2:.B4])`` as programs show it: ``=SUM(B2:B4)``."""
    written = formula.partition(":=")[2] if ":=" in formula[:12] else formula.lstrip("=")
    return "=" + written.replace("[.", "").replace(":.", ":").replace("]", "")


def _times(value: str | None) -> int:
    return max(1, int(value)) if value is not None and value.isdecimal() and len(value) < 10 else 1
