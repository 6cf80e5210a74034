"""Check every page: what to extract, the columns, the growing table, and the page of a row beside it.

``open_extract_panel`` is all that a window needs. The panel is a separate window that does not block: questions can
be asked meanwhile. A click on a row shows its page in the panel itself, with the quotation marked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QProgressBar, QSplitter, QWidget

from app.chat.evidence.places import Place
from app.chat.extract.questions import suggest_schema
from app.chat.extract.schema import Column, Schema, SchemaError
from app.chat.extract.verdicts import ANSWER
from app.engine.model.bridges import AskingBridge
from app.engine.passes.extracting import Extracting
from app.engine.passes.suggesting import Suggesting
from app.i18n import number, tr, tr_n, translated
from app.ingest.types import Document
from app.session.items import Item
from app.ui.extract.columns import ColumnsEditor
from app.ui.extract.found import FoundPane
from app.ui.look.buttons import push_button
from app.ui.look.status import time_left
from app.ui.look.widgets import column as column_layout
from app.ui.look.widgets import label
from app.ui.look.work_window import WorkWindow
from app.ui.viewer import ViewerPane

WIDTH, HEIGHT = 980, 720
PREVIEW_WIDTH = 460
Documents = Callable[[], Sequence[Document]]
Find = Callable[[str], Item | None]
"""The attached file with this content."""


def open_extract_panel(
    engine: AskingBridge, documents: Documents, question: str, viewer: ViewerPane, find: Find, parent: QWidget
) -> ExtractPanel:
    """Show the panel. ``viewer`` becomes its own; the panel deletes itself when it is closed."""
    panel = ExtractPanel(engine, documents, question, viewer=viewer, find=find, parent=parent)
    panel.show()
    return panel


class ExtractPanel(WorkWindow):
    """``documents`` gives what is attached at the moment when the run begins."""

    def __init__(
        self,
        engine: AskingBridge,
        documents: Documents,
        question: str = "",
        folder: Path | None = None,
        *,
        viewer: ViewerPane,
        find: Find,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Check every page"), parent)
        self._engine, self._documents, self._find = engine, documents, find
        self.extracting = Extracting(engine, folder, self)
        self.suggesting = Suggesting(engine, self)
        self.viewer, self.found = viewer, FoundPane()
        self._make_question(question)
        self._make_progress()
        self._lay_out()
        self._connect()
        self.resize(WIDTH, HEIGHT)
        if question.strip():
            self.suggest()
        self._show_state()

    def _make_question(self, question: str) -> None:
        self.question = QLineEdit(question)
        self.question.setAccessibleName(tr("What to extract"))
        self.question.setPlaceholderText(tr("What to extract, for example: all invoices with number, date and total"))
        self.suggest_button = push_button(tr("Suggest columns"), self.suggest)
        self.choosing = label(tr("Choosing columns…"), "small")
        self.keep_button = push_button(tr("Keep these"), self.suggesting.stop, "link")
        self.keep_button.setToolTip(tr("Keep the columns below, and stop the model from choosing others."))
        self.columns = ColumnsEditor(_first_columns())
        self.merge = QCheckBox(tr("Merge the same item from several pages"))
        self.merge.setChecked(True)
        self.each_file = QCheckBox(tr("One answer for each file"))
        self.each_file.setToolTip(tr("Asks the question about one file after another, and makes a row for each."))
        self.each_file.toggled.connect(self._show_state)

    def _make_progress(self) -> None:
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedHeight(5)
        self.bar.setAccessibleName(tr("Pages checked"))
        self.words = label(look="small", wrap=True)
        self.run_button = push_button(tr("Check every page"), self.start, "primary")
        self.stop_button = push_button(tr("Stop"), self.extracting.stop)
        self.anew_button = push_button(tr("Start over"), lambda: self.start(anew=True))
        self.anew_button.setToolTip(
            tr("Delete what an earlier run with these columns found, and check every page again.")
        )
        self.loosen_button = push_button("", self.loosen)
        self.loosen_button.hide()

    def _lay_out(self) -> None:
        asked, found = QWidget(), QWidget()
        above = column_layout(asked, margins=(0, 0, 0, 8), spacing=8)
        below = column_layout(found, margins=(0, 10, 0, 0), spacing=8)
        line = QHBoxLayout()
        line.addWidget(self.question, 1)
        for widget in (self.choosing, self.keep_button, self.suggest_button):
            line.addWidget(widget)
        above.addLayout(line)
        above.addWidget(self.columns, 1)
        above.addWidget(self.merge)
        above.addWidget(self.each_file)
        line = QHBoxLayout()
        for button in (self.run_button, self.stop_button, self.anew_button):
            line.addWidget(button)
        line.addWidget(self.words, 1)
        line.addWidget(self.loosen_button)
        below.addLayout(line)
        below.addWidget(self.bar)
        below.addWidget(self.found, 1)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(asked)
        self.splitter.addWidget(found)
        self.splitter.setStretchFactor(1, 1)
        self.across = QSplitter(Qt.Orientation.Horizontal)
        self.across.addWidget(self.splitter)
        self.across.addWidget(self.viewer)
        for splitter in (self.splitter, self.across):
            splitter.setChildrenCollapsible(False)
        self.viewer.hide()
        column_layout(self, margins=(16, 14, 16, 14), spacing=8).addWidget(self.across)

    def _connect(self) -> None:
        self.columns.changed.connect(self._on_columns)
        self.suggesting.changed.connect(self._show_state)
        self.suggesting.chosen.connect(self._on_chosen)
        self.extracting.advanced.connect(self._show_progress)
        self.extracting.rows_changed.connect(self.found.update_rows)
        self.extracting.ended.connect(self._on_ended)
        self.found.place_wanted.connect(self.show_place)
        self.viewer.closed.connect(self._hide_viewer)
        self.question.returnPressed.connect(self.suggest)
        self._engine.loaded.connect(self._show_state)

    # What the user does

    def suggest(self) -> None:
        """Columns read out of the question at once, and the model's choice when it comes, unless they were edited."""
        self.columns.set_schema(suggest_schema(self.question.text()))
        self.suggesting.start(self.question.text())

    def take(self, question: str) -> None:
        """Another question, with its columns. A running extraction continues unchanged."""
        if question and question != self.question.text() and not self.extracting.running:
            self.question.setText(question)
            self.suggest()

    def start(self, anew: bool = False) -> None:
        """Begin, or go on where an earlier run with the same columns stopped."""
        self.suggesting.stop()
        each = self.each_file.isChecked()
        try:
            schema = ANSWER if each else self.columns.schema
        except SchemaError:
            return  # the sentence is beside the columns already
        if each and not self.question.text().strip():
            self.words.setText(tr("Write a question first."))
            return
        documents = tuple(self._documents())
        if not documents:
            self.words.setText(tr("Attach a file first."))
            return
        if self._engine.info is None:
            self.words.setText(tr("No model is loaded; choose a model first."))
            return
        self.found.begin(schema, several_files=len(documents) > 1)
        merge, question = self.merge.isChecked(), self.question.text()
        self.extracting.start(documents, schema, question, merge=merge, anew=anew, each_file=each)
        self._show_state()
        self.found.show_rows()
        self._show_progress()

    def loosen(self) -> None:
        """Let the required column that kept every row out be empty, and run again."""
        run = self.extracting.run
        if run is not None and run.blocking:
            self.columns.set_schema(run.schema.loosened([run.blocking[0].name]))
            self.start()

    def show_place(self, place: Place) -> None:
        """The page of a row beside the table, with its quotation marked; a video at its second."""
        item = self._find(place.document)
        if item is None:
            self.words.setText(tr("This file is no longer attached."))
            return
        if self.viewer.isHidden():
            self.viewer.show()
            self._make_room()
        self.viewer.show_place(item, place)

    def _end(self) -> None:
        self.suggesting.stop()
        self.extracting.stop()
        self.viewer.shutdown()

    def _stop_first(self) -> bool:
        running = self.extracting.running
        if running:
            self.extracting.stop()
        return running

    def _hide_first(self) -> bool:
        shown = self.viewer.isVisible()
        if shown:
            self._hide_viewer()
        return shown

    # What happens

    def _make_room(self) -> None:
        """Wider, as far as the screen goes, so that the table keeps its width."""
        screen = self.screen().availableGeometry()
        wanted = min(max(self.width(), WIDTH + PREVIEW_WIDTH), screen.width())
        if not self.isMaximized() and wanted > self.width():
            self.resize(wanted, self.height())
            if self.frameGeometry().right() > screen.right():
                self.move(max(screen.left(), screen.right() - self.frameGeometry().width()), self.y())
        shown = min(PREVIEW_WIDTH, wanted // 2)
        self.across.setSizes([wanted - shown, shown])

    def _hide_viewer(self) -> None:
        had_focus = self.viewer.isAncestorOf(self.focusWidget() or self)
        self.viewer.hide()
        self.viewer.clear()
        if had_focus:
            self.found.table.setFocus()

    def _on_columns(self) -> None:
        if self.columns.touched:
            self.suggesting.stop()
        self._show_state()

    def _on_chosen(self, schema: Schema) -> None:
        if not self.columns.touched and not self.extracting.running:
            self.columns.set_schema(schema)

    def _on_ended(self, how: str) -> None:
        self._show_state()
        self._show_progress()
        run = self.extracting.run
        if run is None:
            return
        said = " · ".join(map(translated, run.summary()))
        if how == "stopped":
            said = tr("Stopped. {summary}", summary=said)
        elif how == "failed":
            said = f"{translated(run.failure)} {said}"
        elif why := run.why_empty():
            said = f"{translated(why)} {said}"
            if run.blocking:
                words = tr("Make “{column}” optional and run again", column=run.blocking[0].name)
                self.loosen_button.setText(words.replace("&", "&&"))
                self.loosen_button.show()
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
            where = tr("{done} of {total}: {where}", done=done, total=total, where=translated(run.where))
            left = self.extracting.seconds_left
            self.words.setText(" · ".join(part for part in (where, rows, time_left(left)) if part))
        self.found.show_problems()

    def _show_state(self, *_: object) -> None:
        running, each = self.extracting.running, self.each_file.isChecked()
        ready = each or not self.columns.problem.text()
        for asked in (self.question, self.each_file):
            asked.setEnabled(not running)
        for widget in (self.columns, self.suggest_button, self.merge):
            widget.setEnabled(not running and not each)
        self.choosing.setVisible(self.suggesting.running)
        self.keep_button.setVisible(self.suggesting.running)
        loaded = self._engine.info is not None
        self.run_button.setEnabled(not running and ready and loaded)
        self.anew_button.setEnabled(not running and ready and loaded and self.extracting.run is not None)
        self.stop_button.setEnabled(running)
        self.loosen_button.hide()
        self.found.show_run(self.extracting.run)


def _first_columns() -> Schema:
    return Schema((Column("item", description=tr("what to look for")),))
