"""The panel for going through every page: columns as a list and as JSON, a growing table, places, export."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFont, QGuiApplication
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from app.chat.evidence.places import Place
from app.chat.extract.schema import Column, Schema, SchemaError
from app.ingest.read.reader import Reader
from app.ingest.types import Document, Page, TextLine
from app.session.items import Item, ItemState
from app.ui.extract.columns import NAME, REQUIRED, TYPE, WHAT, ColumnsEditor
from app.ui.extract.panel import ExtractPanel
from app.ui.viewer import ViewerPane
from model.messages import NOTHING, plain
from model.types import Failed, ModelInfo, Request, TextDelta
from tests.app.ui.viewer.pages.grid import grid_pdf
from tests.fakes import FakeEngineBridge, finished, model_info

QUESTION = "Make a table of all invoices with number and total, and whether they are paid"


def page(number: int) -> Page:
    lines = (f"Invoice {number}", f"Total: {number}.00 EUR")
    placed = tuple(TextLine(text, (50, 20 * row, 300, 20 * row + 12)) for row, text in enumerate(lines, 1))
    return Page(number, 595, 842, "\n".join(lines), placed, None, "text", NOTHING)


DOCUMENT = Document("a" * 64, Path("a.pdf"), "a.pdf", "pdf", (page(1), page(2), page(3)), (), None, (), b"")


class Stage:
    def __init__(self, qtbot: QtBot, folder: Path, question: str = QUESTION, info: ModelInfo | None = None) -> None:
        self.engine = FakeEngineBridge(info or model_info())
        self.documents: tuple[Document, ...] = (DOCUMENT,)
        self.items: dict[str, Item] = {}
        self.panel = ExtractPanel(
            self.engine, lambda: self.documents, question, folder, viewer=ViewerPane(), find=self.items.get
        )
        self.panel.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(self.panel)
        self.panel.show()
        qtbot.waitExposed(self.panel)

    @property
    def pages(self) -> list[Request]:
        """What was asked about pages."""
        return [request for request in self.engine.requests if request.shared_system]

    def rows(self, *numbers: int, **changes: object) -> None:
        """Answer the page that was asked about last."""
        row = [
            {"quote": f"Invoice {number}", "invoice_number": f"Invoice {number}", "total": f"{number}.00"} | changes
            for number in numbers
        ]
        self.engine.answer(json.dumps(row))

    def shown(self) -> list[list[str]]:
        model = self.panel.found.model
        return [
            [str(model.index(row, column).data()) for column in range(model.columnCount())]
            for row in range(model.rowCount())
        ]


@pytest.fixture
def stage(qtbot: QtBot, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(qtbot, tmp_path / "runs")
    stage.engine.answer("I do not know.")  # which columns; those of the question's words stay
    yield stage


def test_columns_are_suggested_and_rows_come_as_pages_are_read(stage: Stage) -> None:
    assert [column.name for column in stage.panel.columns.schema.columns] == ["invoice_number", "total", "paid"]
    stage.panel.run_button.click()
    assert len(stage.pages) == 1 and not stage.panel.run_button.isEnabled()
    assert not stage.panel.columns.isEnabled() and stage.panel.stop_button.isEnabled()
    stage.rows(1)
    assert stage.shown() == [["Invoice 1", "1", "", "1", "✓ found", "Invoice 1"]]
    assert "2 of 3" in stage.panel.words.text() and "1 row so far" in stage.panel.words.text()
    stage.rows()
    stage.rows(3, total="much")
    assert [row[1] for row in stage.shown()] == ["1", "⚠ much"]
    assert stage.panel.words.text() == "2 rows · 3 of 3 pages checked"
    assert stage.panel.run_button.isEnabled() and stage.panel.bar.value() == 3


def test_what_is_not_on_the_page_is_marked_in_words(stage: Stage) -> None:
    stage.panel.start()
    stage.rows(7)
    assert stage.shown()[0][4] == "⚠ not found"
    tip = stage.panel.found.model.index(0, 4).data(Qt.ItemDataRole.ToolTipRole)
    assert "not" in tip


def test_a_click_on_a_row_wants_its_place(stage: Stage, qtbot: QtBot) -> None:
    wanted: list[Place] = []
    stage.panel.found.place_wanted.connect(wanted.append)
    stage.panel.start()
    stage.rows()
    stage.rows(2)
    index = stage.panel.found.model.index(0, 0)
    at = stage.panel.found.table.visualRect(index).center()
    qtbot.mouseClick(stage.panel.found.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert [(place.document, place.page) for place in wanted] == [("a" * 64, 2)] and wanted[0].boxes
    stage.panel.found.table.setCurrentIndex(index)
    stage.panel.found.table.setFocus()
    qtbot.keyClick(stage.panel.found.table, Qt.Key.Key_Return)
    assert len(wanted) == 2


def test_stopping_and_going_on(stage: Stage) -> None:
    stage.panel.start()
    stage.rows(1)
    stage.panel.stop_button.click()
    assert stage.engine.stops == [3]
    stage.engine.say(finished("cancelled"))
    assert stage.panel.words.text().startswith("Stopped. 1 row")
    stage.panel.run_button.click()
    assert len(stage.pages) == 3 and stage.shown()[0][0] == "Invoice 1"  # page 1 was not asked again
    stage.rows(2)
    stage.rows(3)
    assert [row[0] for row in stage.shown()] == ["Invoice 1", "Invoice 2", "Invoice 3"]
    stage.panel.anew_button.click()
    assert stage.shown() == [] and len(stage.pages) == 5


def test_remarks_are_shown(stage: Stage) -> None:
    stage.panel.start()
    stage.engine.say(Failed(plain("Broken.")))
    assert (
        stage.panel.found.problems.isVisible() and stage.panel.found.problems.toPlainText() == "a.pdf, page 1: Broken."
    )
    stage.engine.answer("I see nothing.")
    assert "page 2: The answer about this page was not a table." in stage.panel.found.problems.toPlainText()


def test_the_table_is_saved_and_copied(stage: Stage, tmp_path: Path) -> None:
    assert not stage.panel.found.csv_button.isEnabled()
    stage.panel.start()
    for number in (1, 2, 3):
        stage.rows(number)
    stage.panel.found.save(tmp_path / "t.csv")
    lines = list(csv.reader(io.StringIO((tmp_path / "t.csv").read_text(encoding="utf-8-sig"), newline="")))
    assert [line[0] for line in lines] == ["invoice_number", "Invoice 1", "Invoice 2", "Invoice 3"]
    stage.panel.found.save(tmp_path / "t.json")
    saved = json.loads((tmp_path / "t.json").read_text())
    assert [row["page"] for row in saved["rows"]] == [1, 2, 3] and saved["pages"] == {"total": 3, "done": 3}
    stage.panel.found.copy_button.click()
    assert QGuiApplication.clipboard().text().splitlines()[0].startswith("invoice_number,total,paid")


def test_escape_stops_the_run_and_closes_only_then(stage: Stage, qtbot: QtBot) -> None:
    stage.panel.start()
    qtbot.keyClick(stage.panel, Qt.Key.Key_Escape)
    assert stage.engine.stops == [2] and stage.panel.isVisible()
    stage.engine.say(finished("cancelled"))
    qtbot.keyClick(stage.panel, Qt.Key.Key_Escape)
    assert not stage.panel.isVisible()


def test_closing_the_panel_stops_the_run(stage: Stage) -> None:
    stage.panel.start()
    stage.panel.close()
    assert stage.engine.stops == [2] and not stage.panel.isVisible()
    stage.engine.say(finished("cancelled"))


def test_without_model_or_files_it_says_so(stage: Stage) -> None:
    stage.documents = ()
    stage.panel.start()
    assert stage.panel.words.text() == "Attach a file first."
    stage.documents = (DOCUMENT,)
    stage.engine.info = None
    stage.panel.start()
    assert "choose a model" in stage.panel.words.text()
    stage.engine.become(model_info())
    assert stage.panel.run_button.isEnabled()


@pytest.fixture
def editor(stage: Stage) -> ColumnsEditor:
    return stage.panel.columns


def field(editor: ColumnsEditor, row: int, place: int) -> QLineEdit:
    return cast(QLineEdit, editor.table.cellWidget(row, place))


def test_columns_are_edited_in_the_list(stage: Stage, editor: ColumnsEditor) -> None:
    editor.add_button.click()
    field(editor, 3, NAME).setText("settled")
    field(editor, 3, WHAT).setText("whether it is paid")
    cast(QComboBox, editor.table.cellWidget(3, TYPE)).setCurrentText("Yes or no")
    cast(QCheckBox, editor.table.cellWidget(3, REQUIRED)).setChecked(True)
    made = editor.schema.columns[3]
    assert (made.name, made.type, made.description, made.required) == ("settled", "boolean", "whether it is paid", True)
    editor.table.selectRow(0)
    editor.remove_button.click()
    assert [column.name for column in editor.schema.columns] == ["total", "paid", "settled"]


def chosen(stage: Stage) -> list[str]:
    return [column.name for column in stage.panel.columns.schema.columns]


OTHER = '{"type": "object", "properties": {"supplier": {"type": "string"}, "paid": {"type": "boolean"}}}'


def test_the_model_chooses_columns_while_those_of_the_question_are_shown(qtbot: QtBot, tmp_path: Path) -> None:
    stage = Stage(qtbot, tmp_path)
    assert chosen(stage) == ["invoice_number", "total", "paid"] and stage.panel.choosing.isVisible()
    assert stage.panel.choosing.text() == "Choosing columns…"
    stage.engine.answer(OTHER)
    assert chosen(stage) == ["supplier", "paid"] and not stage.panel.choosing.isVisible()
    stage.panel.question.setText("number and date of all orders")
    stage.panel.suggest_button.click()
    assert chosen(stage) == ["order_number", "date"] and stage.panel.choosing.isVisible()
    stage.engine.say(Failed(plain("Broken.")))
    assert chosen(stage) == ["order_number", "date"] and not stage.panel.choosing.isVisible()


@pytest.mark.parametrize("how", ["edited", "kept", "begun", "closed"])
def test_what_was_edited_or_begun_is_not_replaced(how: str, qtbot: QtBot, tmp_path: Path) -> None:
    stage = Stage(qtbot, tmp_path)
    before = chosen(stage)
    match how:
        case "edited":
            field(stage.panel.columns, 0, NAME).setText("mine")
            before[0] = "mine"
        case "kept":
            stage.panel.keep_button.click()
        case "begun":
            stage.panel.run_button.click()
        case _:
            stage.panel.close()
    assert stage.engine.stops[0] == 1 and not stage.panel.choosing.isVisible()
    stage.engine.event.emit(1, TextDelta(OTHER))
    stage.engine.event.emit(1, finished())
    assert chosen(stage) == before


def test_the_sample_model_is_not_asked_for_columns(qtbot: QtBot, tmp_path: Path) -> None:
    stage = Stage(qtbot, tmp_path, info=model_info(sample=True))
    assert chosen(stage) == ["invoice_number", "total", "paid"] and not stage.engine.requests


def test_an_empty_table_says_why_and_is_loosened_by_a_button(stage: Stage) -> None:
    cast(QCheckBox, stage.panel.columns.table.cellWidget(0, REQUIRED)).setChecked(True)
    stage.panel.start()
    for _ in range(3):
        stage.engine.answer('[{"quote": "Total", "total": 1}]')
    assert "“invoice_number” is required, but no page has it." in stage.panel.words.text()
    button = stage.panel.loosen_button
    assert button.isVisible() and button.text() == "Make “invoice_number” optional and run again"
    button.click()
    assert not button.isVisible() and stage.panel.extracting.running
    assert not any(column.required for column in stage.panel.columns.schema.columns)
    stage.rows(1)
    assert len(stage.shown()) == 1
    for number in (2, 3):
        stage.rows(number)
    assert not button.isVisible()


def test_an_empty_table_without_required_columns_says_what_would_help(stage: Stage) -> None:
    stage.panel.start()
    for _ in range(3):
        stage.rows()
    assert "Nothing was found." in stage.panel.words.text() and not stage.panel.loosen_button.isVisible()


def test_a_row_shows_its_page_in_the_panel(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    with Reader() as reader:
        read = reader.read(grid_pdf(tmp_path / "grid.pdf", pages=3))
    stage.documents, panel = (read,), stage.panel
    stage.items[read.content_hash] = Item(1, read.path, state=ItemState.READY, document=read)
    panel.start()
    stage.rows()
    quote = read.pages[1].lines[0].text
    stage.engine.answer(json.dumps([{"quote": quote, "invoice_number": quote}]))
    stage.rows()
    width = panel.width()
    panel.found.table.setCurrentIndex(panel.found.model.index(0, 0))
    panel.found.table.setFocus()
    qtbot.keyClick(panel.found.table, Qt.Key.Key_Return)
    assert panel.viewer.isVisible() and panel.viewer.current is stage.items[read.content_hash]
    qtbot.waitUntil(lambda: panel.viewer.pdf.page == 2, timeout=10_000)
    qtbot.waitUntil(lambda: panel.viewer.pdf.marked is not None, timeout=10_000)
    assert panel.found.table.isVisible() and panel.width() >= width and not panel.viewer.geometry().isEmpty()
    qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert not panel.viewer.isVisible() and panel.isVisible()


def test_a_file_that_was_removed_is_said(stage: Stage) -> None:
    stage.panel.start()
    stage.rows(1)
    stage.panel.found.table.clicked.emit(stage.panel.found.model.index(0, 0))
    assert stage.panel.words.text() == "This file is no longer attached." and not stage.panel.viewer.isVisible()


def test_saving_says_where_and_shows_the_folder(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = stage.panel.found
    stage.panel.start()
    assert not found.folder_button.isVisible()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "t"), ""))
    found.csv_button.click()
    assert (tmp_path / "t.csv").exists() and found.saved.text() == f"Saved as {tmp_path / 't.csv'}"
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    assert found.folder_button.isVisible()
    found.folder_button.click()
    assert [url.toLocalFile() for url in opened] == [str(tmp_path)] or sys.platform in ("win32", "darwin")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "gone" / "t.csv"), ""))
    found.csv_button.click()
    assert "could not be written" in found.saved.text() and not found.folder_button.isVisible()


def test_a_name_that_will_not_do_is_said_and_nothing_runs(stage: Stage, editor: ColumnsEditor) -> None:
    field(editor, 0, NAME).setText("total")
    assert editor.problem.isVisible() and "“total”" in editor.problem.text()
    assert not stage.panel.run_button.isEnabled()
    stage.panel.start()
    assert not stage.pages
    with pytest.raises(SchemaError):
        _ = editor.schema
    field(editor, 0, NAME).setText("invoice")
    assert not editor.problem.isVisible() and stage.panel.run_button.isEnabled()


def test_list_and_json_say_the_same(stage: Stage, editor: ColumnsEditor) -> None:
    field(editor, 0, WHAT).setText("as printed")
    editor.tabs.setCurrentIndex(1)
    written = json.loads(editor.json.toPlainText())
    assert written["properties"]["invoice_number"]["description"] == "as printed"
    written["properties"]["kind"] = {"type": "string", "enum": ["a", "b"]}
    written["x-key"] = ["total"]
    editor.json.setPlainText(json.dumps(written))
    editor.tabs.setCurrentIndex(0)
    assert editor.table.rowCount() == 4
    assert editor.schema.columns[3].choices == ("a", "b") and editor.schema.key == ("total",)


def test_json_that_is_no_schema_says_where_and_stays_open(stage: Stage, editor: ColumnsEditor) -> None:
    editor.tabs.setCurrentIndex(1)
    editor.json.setPlainText('{"properties": {"a": {"type": "colour"}}}')
    assert "“a”" in editor.problem.text() and not stage.panel.run_button.isEnabled()
    editor.tabs.setCurrentIndex(0)
    assert editor.tabs.currentIndex() == 1  # it cannot be shown as a list


def test_every_control_has_a_name(stage: Stage, editor: ColumnsEditor) -> None:
    for widget in (
        stage.panel.question,
        stage.panel.found.table,
        stage.panel.bar,
        stage.panel.found.problems,
        editor.json,
    ):
        assert widget.accessibleName()
    for row in range(editor.table.rowCount()):
        for place in (NAME, TYPE, WHAT, REQUIRED):
            assert editor.table.cellWidget(row, place).accessibleName()


def test_the_names_of_kinds_are_not_cut_off(qtbot: QtBot, tmp_path: Path) -> None:
    usual = QApplication.font()
    QApplication.setFont(QFont(usual.family(), 22))
    try:
        stage = Stage(qtbot, tmp_path, "List all items with quantity and price")
        table = stage.panel.columns.table
        kinds = [cast(QComboBox, table.cellWidget(line, TYPE)) for line in range(table.rowCount())]
        assert len(kinds) == 3
        assert all(kind.width() >= kind.sizeHint().width() - 1 for kind in kinds)
    finally:
        QApplication.setFont(usual)


def test_what_an_earlier_window_checked_is_shown_at_once(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    stage.panel.start()
    for number in (1, 2, 3):
        stage.rows(number)
    rows = stage.shown()
    later = Stage(qtbot, tmp_path / "runs")
    later.engine.answer("I do not know.")
    later.panel.run_button.click()
    assert not later.pages and later.panel.words.text() == "3 rows · 3 of 3 pages checked"
    assert later.shown() == rows and len(rows) == 3
    later.panel.columns.set_schema(Schema((Column("total"),)))
    later.panel.run_button.click()
    assert later.shown() == [] and len(later.pages) == 1


def test_what_was_checked_before_it_was_stopped_is_shown_at_once(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    stage.panel.start()
    stage.rows(1)
    later = Stage(qtbot, tmp_path / "runs")
    later.engine.answer("I do not know.")
    later.panel.run_button.click()
    assert [row[0] for row in later.shown()] == ["Invoice 1"] and len(later.pages) == 1
