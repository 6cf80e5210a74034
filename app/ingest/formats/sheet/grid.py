"""Cells laid out as a spreadsheet prints them: letters above, row numbers beside, wide tables in bands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from app.ingest.formats.laid_out.content import PAGE_BREAK, SPOT, escaped

_BAND = 150
"""Characters that are side by side on a landscape page."""

_WIDEST = 40
_ROWS_EACH = 32
"""Rows under one line of letters: as many as a page holds."""

_LONGEST = 24
"""Letters without a blank that a cell holds before they are broken."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with something in it. ``beside`` is what is not shown in the sheet: its formula, a comment."""

    row: int
    column: int
    text: str
    beside: str = ""

    @property
    def address(self) -> str:
        """The cell's address, as in ``B7``."""
        return f"{get_column_letter(self.column)}{self.row}"


@dataclass(slots=True)
class Grid:
    """One sheet. ``spots`` continues over all sheets of a file."""

    name: str
    cells: list[Cell]
    spots: list[str]
    hidden: bool = False
    notes: list[str] = field(default_factory=list)
    drawn: str = ""
    """HTML of what is on the sheet besides its cells."""

    def html(self) -> Iterator[str]:
        """The sheet's heading and its table, band by band."""
        if self.name:
            yield f"<h2>Sheet “{escaped(self.name)}”{' (hidden)' if self.hidden else ''}</h2>"
        yield from (f'<p class="aside">{escaped(note)}</p>' for note in self.notes)
        if not self.cells and not self.drawn:
            yield "<p>(empty)</p>"
        rows: dict[int, dict[int, Cell]] = {}
        for cell in self.cells:
            rows.setdefault(cell.row, {})[cell.column] = cell
        for band in self._bands():
            numbers = [number for number in sorted(rows) if any(column in rows[number] for column in band)]
            for start in range(0, len(numbers), _ROWS_EACH):
                yield PAGE_BREAK if start else ""
                yield self._table(band, numbers[start : start + _ROWS_EACH], rows)
        yield self.drawn

    def _bands(self) -> Iterator[list[int]]:
        """The columns that are used, as many together as fit."""
        widths: dict[int, int] = {}
        for cell in self.cells:
            widths[cell.column] = max(widths.get(cell.column, 4), min(_WIDEST, len(cell.text) + len(cell.beside)))
        band: list[int] = []
        room = _BAND
        for column in sorted(widths):
            if band and widths[column] + 2 > room:
                yield band
                band, room = [], _BAND
            band.append(column)
            room -= widths[column] + 2
        if band:
            yield band

    def _table(self, band: list[int], numbers: list[int], rows: dict[int, dict[int, Cell]]) -> str:
        head = "".join(f"<th>{get_column_letter(column)}</th>" for column in band)
        lines = [f"<tr><th></th>{head}</tr>"]
        for number in numbers:
            cells = "".join(self._cell(rows[number].get(column)) for column in band)
            lines.append(f"<tr><th>{number}</th>{cells}</tr>")
        return f"<table>{''.join(lines)}</table>"

    def _cell(self, cell: Cell | None) -> str:
        if cell is None:
            return "<td></td>"
        self.spots.append(f"{quoted(self.name)}!{cell.address}" if self.name else cell.address)
        words = "<br/>".join(escaped(line, _LONGEST) for line in cell.text.splitlines()) or "&#160;"
        beside = f" <i>{escaped(cell.beside, _LONGEST)}</i>" if cell.beside else ""
        short = ' class="short"' if len(cell.text) + len(cell.beside) <= _WIDEST else ""
        return f"<td{short}>{SPOT}{words}{beside}</td>"


def quoted(name: str) -> str:
    """A sheet's name as addresses have it: ``'Prices 2026'!B7``."""
    return name if name.replace("_", "").isalnum() else "'" + name.replace("'", "''") + "'"
