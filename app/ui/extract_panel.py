"""Go through every page: what is wanted, the columns, the growing table, and out with it as CSV or JSON.

``open_extract_panel`` is all that a window needs. The panel is a window of its own that does not block: questions can
be asked meanwhile, and a click on a row shows its place in the viewer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSplitter,
    QTableView,
    QWidget,
)

from app.chat.extract_export import to_csv, to_json
from app.chat.extract_questions import suggest_schema
from app.chat.extract_schema import Column, Schema, SchemaError
from app.chat.places import Checked
from app.engine.extracting import Engine, Extracting
from app.i18n import number, tr, tr_n
from app.ingest.types import Document
from app.ui.extract_columns import ColumnsEditor
from app.ui.extract_table import RowsModel, checked_words
from app.ui.widgets import column as column_layout
from app.ui.widgets import label

MOST_PROBLEMS = 200
Documents = Callable[[], Sequence[Document]]


def open_extract_panel(
    engine: Engine, documents: Documents, question: str = "", parent: QWidget | None = None
) -> ExtractPanel:
    """Show the panel. Connect ``place_wanted`` (a ``Place``) to the viewer; it deletes itself when it is closed."""
    panel = ExtractPanel(engine, documents, question, parent=parent)
    panel.show()
    return panel


class ExtractPanel(QDialog):
    """``documents`` gives what is attached at the moment when the run begins."""

    place_wanted = Signal(object)

    def __init__(
        self,
        engine: Engine,
        documents: Documents,
        question: str = "",
        folder: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(tr("Go through every page"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._engine, self._documents, self._closing = engine, documents, False
        self.extracting = Extracting(engine, folder, self)
        self._make_question(question)
        self._make_table()
        self._make_progress()
        self._lay_out()
        self._connect()
        self.resize(980, 720)
        self._show_state()

    def _make_question(self, question: str) -> None:
        self.question = QLineEdit(question)
        self.question.setAccessibleName(tr("What is wanted"))
        self.question.setPlaceholderText(tr("What is wanted? For example: all invoices with number, date and total"))
        self.suggest_button = self._button(tr("Suggest columns"), self.suggest)
        self.columns = ColumnsEditor(suggest_schema(question) if question.strip() else _first_columns())
        self.merge = QCheckBox(tr("One row for the same thing on several pages"))
        self.merge.setChecked(True)

    def _make_table(self) -> None:
        self.model = RowsModel()
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName(tr("What was found"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setWordWrap(False)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        self.problems = QPlainTextEdit()
        self.problems.setReadOnly(True)
        self.problems.setMaximumHeight(90)
        self.problems.setAccessibleName(tr("Remarks: pages that were not read, and what could not be understood"))
        self.problems.hide()

    def _make_progress(self) -> None:
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedHeight(5)
        self.bar.setAccessibleName(tr("Pages gone through"))
        self.words = label(look="small", wrap=True)
        self.run_button = self._button(tr("Go through every page"), self.start)
        self.run_button.setProperty("look", "primary")
        self.stop_button = self._button(tr("Stop"), self.extracting.stop)
        self.anew_button = self._button(tr("Start over"), lambda: self.start(anew=True))
        self.anew_button.setToolTip(
            tr("Forget what an earlier run with these columns found, and ask every page again.")
        )
        self.csv_button = self._button(tr("Save as CSV…"), lambda: self._save("csv"))
        self.json_button = self._button(tr("Save as JSON…"), lambda: self._save("json"))
        self.copy_button = self._button(tr("Copy the table"), self.copy)

    def _button(self, words: str, do: Callable[[], object]) -> QPushButton:
        button = QPushButton(words)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: do())
        return button

    def _lay_out(self) -> None:
        asked, found = QWidget(), QWidget()
        above = column_layout(asked, margins=(0, 0, 0, 8), spacing=8)
        below = column_layout(found, margins=(0, 10, 0, 0), spacing=8)
        line = QHBoxLayout()
        line.addWidget(self.question, 1)
        line.addWidget(self.suggest_button)
        above.addLayout(line)
        above.addWidget(self.columns, 1)
        above.addWidget(self.merge)
        line = QHBoxLayout()
        for button in (self.run_button, self.stop_button, self.anew_button):
            line.addWidget(button)
        line.addWidget(self.words, 1)
        below.addLayout(line)
        below.addWidget(self.bar)
        below.addWidget(self.table, 1)
        below.addWidget(self.problems)
        line = QHBoxLayout()
        for button in (self.csv_button, self.json_button, self.copy_button):
            line.addWidget(button)
        line.addStretch()
        below.addLayout(line)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(asked)
        self.splitter.addWidget(found)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setChildrenCollapsible(False)
        column_layout(self, margins=(16, 14, 16, 14), spacing=8).addWidget(self.splitter)

    def _connect(self) -> None:
        self.columns.changed.connect(self._show_state)
        self.extracting.advanced.connect(self._show_progress)
        self.extracting.rows_changed.connect(self._on_rows)
        self.extracting.ended.connect(self._on_ended)
        self.table.clicked.connect(self._open_place)
        self.table.activated.connect(self._open_place)
        self._engine.loaded.connect(self._show_state)

    # What the person does

    def suggest(self) -> None:
        """Columns from the words of the question; they can be changed before the run."""
        self.columns.set_schema(suggest_schema(self.question.text()))

    def take(self, question: str) -> None:
        """Another question, with its columns. What runs goes on as it was asked."""
        if question and question != self.question.text() and not self.extracting.running:
            self.question.setText(question)
            self.suggest()

    def start(self, anew: bool = False) -> None:
        """Begin, or go on where an earlier run with the same columns stopped."""
        try:
            schema = self.columns.schema
        except SchemaError:
            return  # it stands beside the columns already
        documents = tuple(self._documents())
        if not documents:
            self.words.setText(tr("Attach a file first."))
            return
        self.model.begin(schema, (), len(documents) > 1)
        begun = self.extracting.start(documents, schema, self.question.text(), merge=self.merge.isChecked(), anew=anew)
        if begun:
            self._show_state()
            self._show_progress()
        else:
            self.words.setText(tr("No model is loaded; choose a model first."))

    def copy(self) -> None:
        """The table as a spreadsheet takes it from the clipboard."""
        run = self.extracting.run
        if run is not None:
            QGuiApplication.clipboard().setText(to_csv(run.schema, run.table.rows))

    def save(self, path: Path) -> None:
        """Write the table, as JSON where the name ends so, else as CSV. Raises ``OSError``."""
        run = self.extracting.run
        assert run is not None
        if path.suffix.lower() == ".json":
            about = {
                "question": run.question,
                "schema": run.schema.as_json(),
                "pages": {"total": run.total, "done": run.done},
                "problems": [problem.said for problem in run.problems],
            }
            path.write_text(to_json(run.schema, run.table.rows, about), encoding="utf-8")
        else:
            path.write_text(to_csv(run.schema, run.table.rows), encoding="utf-8-sig", newline="")

    def closeEvent(self, event: QCloseEvent) -> None:
        """What was found stays; the page under way is asked about again next time."""
        self._closing = True
        self.extracting.stop()
        super().closeEvent(event)

    def reject(self) -> None:
        """Escape stops a run first."""
        if self.extracting.running and not self._closing:
            self.extracting.stop()
        else:
            super().reject()

    def _save(self, kind: str) -> None:
        words = {"csv": tr("Table (*.csv)"), "json": tr("JSON (*.json)")}[kind]
        name, _ = QFileDialog.getSaveFileName(self, tr("Save the table"), f"table.{kind}", words)
        if not name:
            return
        path = Path(name)
        try:
            self.save(path if path.suffix else path.with_suffix(f".{kind}"))
        except OSError as error:
            why = error.strerror or tr("the disk refused")
            self.words.setText(tr("{path} could not be written: {why}.", path=name, why=why))

    def _open_place(self, index: QModelIndex) -> None:
        if index.isValid():
            self.place_wanted.emit(self.model.rows[index.row()].place)

    # What happens

    def _on_rows(self, changed: list[int]) -> None:
        run = self.extracting.run
        if run is not None:
            first = not self.model.rows
            self.model.update(run.table.rows, changed)
            if first:
                self.table.resizeColumnsToContents()
                widest = max(self.fontMetrics().horizontalAdvance(checked_words(state)) for state in get_args(Checked))
                self.table.setColumnWidth(self.model.columns + 1, widest + 28)

    def _on_ended(self, how: str) -> None:
        self._show_state()
        self._show_progress()
        run = self.extracting.run
        if run is None:
            return
        said = run.summary()
        if how == "stopped":
            said = tr("Stopped. {summary}", summary=said)
        elif how == "failed":
            said = f"{run.failure} {said}"
        self.words.setText(said)

    def _show_progress(self) -> None:
        run = self.extracting.run
        if run is None:
            return
        self.bar.setRange(0, max(1, run.total))
        self.bar.setValue(run.done)
        if self.extracting.running:
            rows = tr_n("{n} row so far", "{n} rows so far", len(run.table.rows))
            done, total = number(run.done + 1), number(run.total)
            where = tr("{done} of {total}: {where}", done=done, total=total, where=run.where)
            left = self.extracting.seconds_left
            self.words.setText(" · ".join(part for part in (where, rows, _left(left)) if part))
        said = [problem.said for problem in run.problems]
        if self.problems.blockCount() != max(1, len(said[:MOST_PROBLEMS])) or bool(said) == self.problems.isHidden():
            self.problems.setPlainText("\n".join(said[:MOST_PROBLEMS]))
            self.problems.setVisible(bool(said))

    def _show_state(self, *_: object) -> None:
        running, ready = self.extracting.running, not self.columns.problem.text()
        for widget in (self.columns, self.question, self.suggest_button, self.merge):
            widget.setEnabled(not running)
        loaded = self._engine.info is not None
        self.run_button.setEnabled(not running and ready and loaded)
        self.anew_button.setEnabled(not running and ready and loaded and self.extracting.run is not None)
        self.stop_button.setEnabled(running)
        for button in (self.csv_button, self.json_button, self.copy_button):
            button.setEnabled(self.extracting.run is not None)


def _first_columns() -> Schema:
    return Schema((Column("item", description=tr("what is looked for"), required=True),))


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 90:
        return tr("about {seconds} s left", seconds=max(1, round(seconds)))
    return tr_n("about {n} minute left", "about {n} minutes left", round(seconds / 60))
