"""The growing table of checking every page, as a view's model: the columns, then each row's place and quotation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app.chat.evidence.places import Checked
from app.chat.extract.export import where
from app.chat.extract.rows import Row
from app.chat.extract.schema import Schema
from app.i18n import number, tr, translated

Index = QModelIndex | QPersistentModelIndex
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def checked_words(state: Checked) -> str:
    """What became of a row's quote, in a word or two; never only a colour."""
    return {
        "found": tr("✓ found"),
        "scanned": tr("▤ in the picture"),
        "heard": tr("♪ heard"),
        "seen": tr("check yourself"),
        "elsewhere": tr("elsewhere"),
        "unverified": tr("⚠ not found"),
    }[state]


class RowsModel(QAbstractTableModel):
    """Rows come in during the run; a row may still change when another page completes it."""

    def __init__(self) -> None:
        super().__init__()
        self._schema = Schema(())
        self.rows: list[Row] = []
        self._several = False

    @property
    def columns(self) -> int:
        """How many columns are the schema's own."""
        return len(self._schema.columns)

    def begin(self, schema: Schema, rows: Sequence[Row], several_files: bool) -> None:
        """Start another table, with ``rows`` already found."""
        self.beginResetModel()
        self._schema, self.rows, self._several = schema, list(rows), several_files
        self.endResetModel()

    def update(self, rows: Sequence[Row], changed: Sequence[int]) -> None:
        """Take over new and changed rows."""
        known = len(self.rows)
        for place in changed:
            if place < known:
                self.rows[place] = rows[place]
                self.dataChanged.emit(self.index(place, 0), self.index(place, self.columnCount() - 1))
        if len(rows) > known:
            self.beginInsertRows(QModelIndex(), known, len(rows) - 1)
            self.rows += rows[known:]
            self.endInsertRows()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        """The number of rows found so far."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """The schema's columns, the place, the check, the quote."""
        return 0 if parent.isValid() else self.columns + 3

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Columns' names; rows are counted."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return number(section + 1)
        if section < self.columns:
            return self._schema.columns[section].name
        return (tr("Page"), tr("Checked"), tr("Quotation"))[section - self.columns]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, a tooltip with the whole text, alignment; screen readers get the same text."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._text(row, column)
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(row, column)
            case Qt.ItemDataRole.TextAlignmentRole if column < self.columns:
                kind = self._schema.columns[column].type
                return int(RIGHT) if kind in ("number", "integer") else None
        return None

    def _text(self, row: Row, column: int) -> str:
        if column < self.columns:
            cell = row.cells[column]
            if cell.problem:
                return f"⚠ {cell.raw}"
            if isinstance(cell.value, bool):
                return tr("yes") if cell.value else tr("no")
            return "" if cell.value is None else f"{cell.value}"
        return (self._where(row), checked_words(row.state), row.quote)[column - self.columns]

    def _where(self, row: Row) -> str:
        pages = ", ".join(map(where, row.places[:4])) + ("…" if len(row.places) > 4 else "")
        return f"{row.name}, {pages}" if self._several else pages

    def _tip(self, row: Row, column: int) -> str:
        if column < self.columns and row.cells[column].problem:
            return translated(row.cells[column].problem)
        return "\n".join(part for part in (translated(row.reason), row.quote) if part)
