"""The columns of a table, edited as a list or as JSON text; both always agree."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTableWidget,
    QTabWidget,
    QWidget,
)

from app.chat.extract.schema import TYPES, Column, ColumnType, Schema, SchemaError, make_schema, parse_schema_text
from app.i18n import tr, translated
from app.ui.look.widgets import column as column_layout
from app.ui.look.widgets import label

NAME, TYPE, WHAT, REQUIRED = range(4)


def type_words(kind: ColumnType) -> str:
    """A type in plain words."""
    return {
        "string": tr("Text"),
        "number": tr("Number"),
        "integer": tr("Whole number"),
        "boolean": tr("Yes or no"),
        "date": tr("Date"),
    }[kind]


class ColumnsEditor(QWidget):
    """``changed`` with every change; ``schema`` raises ``SchemaError`` while what is written is not a schema."""

    changed = Signal()

    def __init__(self, schema: Schema) -> None:
        super().__init__()
        self._schema = schema
        self._key: tuple[str, ...] = ()
        self._rest: dict[str, Column] = {}
        self.touched = False
        """Whether the columns were edited since they were set."""
        self._make_list()
        self.json = QPlainTextEdit()
        self.json.setProperty("look", "mono")
        self.json.setAccessibleName(tr("The columns as a JSON schema"))
        self.json.setTabChangesFocus(True)
        self.json.textChanged.connect(self._edited)
        self.tabs = QTabWidget()
        self.tabs.addTab(self._list_page, tr("Columns"))
        self.tabs.addTab(self.json, tr("JSON schema"))
        self.tabs.currentChanged.connect(self._switched)
        self.problem = label(look="error", wrap=True)
        self.problem.setAccessibleName(tr("Problems with the columns"))
        layout = column_layout(self, spacing=6)
        layout.addWidget(self.tabs)
        layout.addWidget(self.problem)
        self._quiet = False
        self._shown = 0
        self.set_schema(schema)

    @property
    def schema(self) -> Schema:
        """The schema as edited. Raises ``SchemaError``."""
        return self._written_in(self.tabs.currentIndex())

    def _written_in(self, tab: int) -> Schema:
        if self.tabs.widget(tab) is self.json:
            return parse_schema_text(self.json.toPlainText())
        found = [self._column(row) for row in range(self.table.rowCount())]
        columns = [one for one in found if one.name]
        names = {one.name for one in columns}
        return make_schema(columns, [name for name in self._key if name in names])

    def set_schema(self, schema: Schema) -> None:
        """Show the columns of another schema."""
        self._show(schema)
        self.touched = False
        self._check()

    def _show(self, schema: Schema) -> None:
        self._quiet = True
        self._key = schema.key
        self._rest = {column.name: column for column in schema.columns}
        self.table.setRowCount(0)
        for column in schema.columns:
            self._add(column)
        self.json.setPlainText(json.dumps(schema.as_json(), ensure_ascii=False, indent=2))
        self._quiet = False

    def add_column(self) -> None:
        """One more, empty, with the keys in it."""
        self._add(Column(""))
        self.table.cellWidget(self.table.rowCount() - 1, NAME).setFocus()
        self._edited()

    def remove_column(self) -> None:
        """Remove the selected column."""
        row = self.table.currentRow()
        if row >= 0:
            self.table.removeRow(row)
            self._edited()

    def _make_list(self) -> None:
        self.table = QTableWidget(0, 4)
        self.table.setAccessibleName(tr("Columns"))
        self.table.setHorizontalHeaderLabels([tr("Name"), tr("Type"), tr("What to look for"), tr("Required")])
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(34)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(WHAT, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(NAME, 170)
        self.table.setColumnWidth(TYPE, 130)
        self.table.setColumnWidth(REQUIRED, 90)
        self.add_button = QPushButton(tr("Add column"))
        self.remove_button = QPushButton(tr("Remove column"))
        for button, do in ((self.add_button, self.add_column), (self.remove_button, self.remove_column)):
            button.setAutoDefault(False)
            button.clicked.connect(do)
        self._list_page = QWidget()
        layout = column_layout(self._list_page, margins=(8, 8, 8, 8), spacing=6)
        layout.addWidget(self.table)
        line = QHBoxLayout()
        line.addWidget(self.add_button)
        line.addWidget(self.remove_button)
        line.addStretch()
        layout.addLayout(line)

    def _add(self, column: Column) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        name, what = QLineEdit(column.name), QLineEdit(column.description)
        name.setAccessibleName(tr("Name of column {number}", number=row + 1))
        what.setAccessibleName(tr("What to look for in column {number}", number=row + 1))
        what.setPlaceholderText(column.title or tr("a description or a question"))
        kind, required = QComboBox(), QCheckBox()
        for one in TYPES:
            kind.addItem(type_words(one), one)
        kind.setCurrentIndex(TYPES.index(column.type))
        kind.setAccessibleName(tr("Type of column {number}", number=row + 1))
        required.setChecked(column.required)
        required.setAccessibleName(tr("Column {number} is required", number=row + 1))
        required.setToolTip(tr("Rows without this value are left out."))
        kind.ensurePolished()
        self.table.setColumnWidth(TYPE, max(self.table.columnWidth(TYPE), kind.sizeHint().width()))
        for place, widget in ((NAME, name), (TYPE, kind), (WHAT, what), (REQUIRED, required)):
            self.table.setCellWidget(row, place, widget)
        for field in (name, what):
            field.textChanged.connect(self._edited)
        kind.currentIndexChanged.connect(self._edited)
        required.toggled.connect(self._edited)

    def _column(self, row: int) -> Column:
        """A line of the list; properties that only the JSON text shows are preserved."""
        name = cast(QLineEdit, self.table.cellWidget(row, NAME)).text().strip()
        what = " ".join(cast(QLineEdit, self.table.cellWidget(row, WHAT)).text().split())
        kind = cast(ColumnType, cast(QComboBox, self.table.cellWidget(row, TYPE)).currentData())
        required = cast(QCheckBox, self.table.cellWidget(row, REQUIRED)).isChecked()
        known = self._rest.get(name)
        choices: Sequence[str] = known.choices if known is not None and kind == "string" else ()
        return Column(name, kind, what, required, tuple(choices), known.title if known is not None else "")

    def _edited(self, *_: object) -> None:
        if not self._quiet:
            self.touched = True
            self._check()

    def _check(self) -> None:
        try:
            self._schema = self.schema
            self.problem.setText("")
        except SchemaError as error:
            self.problem.setText(translated(error.message))
        self.problem.setVisible(bool(self.problem.text()))
        self.changed.emit()

    def _switched(self, shown: int) -> None:
        """The other way of writing shows what was written last; what is no schema yet cannot be shown in a list."""
        if self._quiet or shown == self._shown:
            return
        try:
            schema = self._written_in(self._shown)
        except SchemaError:
            self._quiet = True
            self.tabs.setCurrentIndex(self._shown)
            self._quiet = False
            return
        self._shown = shown
        self._show(schema)
        self._check()
