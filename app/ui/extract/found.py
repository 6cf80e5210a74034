"""Results of checking every page: the growing table, the notes, and the export as a workbook, CSV or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QPlainTextEdit,
    QTableView,
    QWidget,
)

from app.chat.evidence.places import Checked
from app.chat.extract.export import to_csv, to_json, to_xlsx
from app.chat.extract.run import Run
from app.chat.extract.schema import Schema
from app.i18n import tr, translated
from app.ui.extract.table import RowsModel, checked_words
from app.ui.files.folders import show_in_folder
from app.ui.look.buttons import push_button
from app.ui.look.widgets import ElidedLabel, column
from model import atomic

MOST_PROBLEMS = 200


class FoundPane(QWidget):
    """``place_wanted`` (a ``Place``) when a row is clicked, or Enter is pressed on it."""

    place_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.run: Run | None = None
        self._saved: Path | None = None
        self._make_table()
        self.xlsx_button = push_button(tr("Save as Excel…"), lambda: self._save("xlsx"))
        self.csv_button = push_button(tr("Save as CSV…"), lambda: self._save("csv"))
        self.json_button = push_button(tr("Save as JSON…"), lambda: self._save("json"))
        self.copy_button = push_button(tr("Copy the table"), self.copy)
        self.saved = ElidedLabel(look="small")
        self.saved.setAccessibleName(tr("Saved table"))
        self.folder_button = push_button(tr("Show in folder"), self._show_folder, "link")
        self._lay_out()
        self.show_run(None)

    def _make_table(self) -> None:
        self.model = RowsModel()
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName(tr("Rows found"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setWordWrap(False)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        self.table.clicked.connect(self._want_place)
        self.table.activated.connect(self._want_place)
        self.problems = QPlainTextEdit()
        self.problems.setReadOnly(True)
        self.problems.setMaximumHeight(90)
        self.problems.setAccessibleName(tr("Notes: skipped pages and unreadable values"))
        self.problems.hide()

    def _lay_out(self) -> None:
        layout = column(self, spacing=8)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.problems)
        line = QHBoxLayout()
        for button in (self.xlsx_button, self.csv_button, self.json_button, self.copy_button):
            line.addWidget(button)
        line.addStretch()
        layout.addLayout(line)
        line = QHBoxLayout()
        line.addWidget(self.saved, 1)
        line.addWidget(self.folder_button)
        layout.addLayout(line)

    def begin(self, schema: Schema, *, several_files: bool) -> None:
        """An empty table with these columns, for the run that ``show_run`` brings next."""
        self.show_run(None)
        self.model.begin(schema, (), several_files)

    def show_run(self, run: Run | None) -> None:
        """The run that is shown and saved from now on."""
        if run is not self.run or run is None:
            self.run = run
            self._say_saved("")
        for button in (self.xlsx_button, self.csv_button, self.json_button, self.copy_button):
            button.setEnabled(run is not None)

    def show_rows(self) -> None:
        """Take over all rows: those that an earlier run found are there before the first page is asked about."""
        if self.run is not None:
            self.update_rows(list(range(len(self.run.table.rows))))

    def update_rows(self, changed: list[int]) -> None:
        """Take over rows that are new or have changed."""
        if self.run is None:
            return
        first = not self.model.rows
        self.model.update(self.run.table.rows, changed)
        if first:
            self.table.resizeColumnsToContents()
            widest = max(self.fontMetrics().horizontalAdvance(checked_words(state)) for state in get_args(Checked))
            self.table.setColumnWidth(self.model.columns + 1, widest + 28)

    def show_problems(self) -> None:
        """Show the notes collected so far."""
        said = [translated(problem.said) for problem in self.run.problems] if self.run is not None else []
        if self.problems.blockCount() != max(1, len(said[:MOST_PROBLEMS])) or bool(said) == self.problems.isHidden():
            self.problems.setPlainText("\n".join(said[:MOST_PROBLEMS]))
            self.problems.setVisible(bool(said))

    def copy(self) -> None:
        """The table as a spreadsheet takes it from the clipboard."""
        if self.run is not None:
            QGuiApplication.clipboard().setText(to_csv(self.run.schema, self.run.table.rows, translated))

    def save(self, path: Path) -> None:
        """Write the table: as JSON or a workbook where the name says so, else as CSV. A failure is shown."""
        run = self.run
        assert run is not None
        try:
            if path.suffix.lower() == ".json":
                about = {
                    "question": run.question,
                    "schema": run.schema.as_json(),
                    "pages": {"total": run.total, "done": run.done},
                    "problems": [str(problem.said) for problem in run.problems],
                }
                atomic.write(path, to_json(run.schema, run.table.rows, about))
            elif path.suffix.lower() == ".xlsx":
                atomic.write(path, to_xlsx(run.schema, run.table.rows, translated))
            else:
                atomic.write(path, to_csv(run.schema, run.table.rows, translated).encode("utf-8-sig"))
        except OSError as error:
            why = error.strerror or tr("disk error")
            self._say_saved(tr("{path} could not be written: {why}.", path=path, why=why))
        else:
            self._say_saved(tr("Saved as {path}", path=path), path)

    def _save(self, kind: str) -> None:
        words = {"csv": tr("Table (*.csv)"), "xlsx": tr("Excel workbook (*.xlsx)"), "json": tr("JSON (*.json)")}[kind]
        name, _ = QFileDialog.getSaveFileName(self, tr("Save the table"), f"table.{kind}", words)
        if name:
            path = Path(name)
            self.save(path if path.suffix else path.with_suffix(f".{kind}"))

    def _say_saved(self, words: str, path: Path | None = None) -> None:
        self._saved = path
        self.saved.setText(words)
        self.saved.setToolTip(words)
        self.saved.setVisible(bool(words))
        self.folder_button.setVisible(path is not None)

    def _show_folder(self) -> None:
        if self._saved is not None and not show_in_folder(self._saved):
            self._say_saved(tr("The folder of {path} no longer exists.", path=self._saved))

    def _want_place(self, index: QModelIndex) -> None:
        if index.isValid():
            self.place_wanted.emit(self.model.rows[index.row()].place)
