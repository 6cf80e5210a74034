"""The panel for going through every page: columns as a list and as JSON, a growing table, places, export."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from app.chat.extract_schema import SchemaError
from app.chat.places import Place
from app.ingest.types import Document, Page, TextLine
from app.ui.extract_columns import NAME, NEEDED, TYPE, WHAT, ColumnsEditor
from app.ui.extract_panel import ExtractPanel
from model.types import Failed
from tests.fakes import FakeEngineBridge, finished, model_info

QUESTION = "Make a table of all invoices with number and total, and whether they are paid"


def page(number: int) -> Page:
    lines = (f"Invoice {number}", f"Total: {number}.00 EUR")
    placed = tuple(TextLine(text, (50, 20 * row, 300, 20 * row + 12)) for row, text in enumerate(lines, 1))
    return Page(number, 595, 842, "\n".join(lines), placed, None, "text", "")


DOCUMENT = Document("a" * 64, Path("a.pdf"), "a.pdf", "pdf", (page(1), page(2), page(3)), (), None, (), b"")


class Stage:
    def __init__(self, qtbot: QtBot, folder: Path, question: str = QUESTION) -> None:
        self.engine = FakeEngineBridge(model_info())
        self.documents: tuple[Document, ...] = (DOCUMENT,)
        self.panel = ExtractPanel(self.engine, lambda: self.documents, question, folder)
        self.panel.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(self.panel)
        self.panel.show()
        qtbot.waitExposed(self.panel)

    def rows(self, *numbers: int, **changes: object) -> None:
        """Answer the page that was asked about last."""
        row = [
            {"quote": f"Invoice {number}", "invoice_number": f"Invoice {number}", "total": f"{number}.00"} | changes
            for number in numbers
        ]
        self.engine.answer(json.dumps(row))

    def shown(self) -> list[list[str]]:
        model = self.panel.model
        return [
            [str(model.index(row, column).data()) for column in range(model.columnCount())]
            for row in range(model.rowCount())
        ]


@pytest.fixture
def stage(qtbot: QtBot, tmp_path: Path) -> Iterator[Stage]:
    yield Stage(qtbot, tmp_path / "runs")


def test_columns_are_suggested_and_rows_come_as_pages_are_read(stage: Stage) -> None:
    assert [column.name for column in stage.panel.columns.schema.columns] == ["invoice_number", "total", "paid"]
    stage.panel.run_button.click()
    assert len(stage.engine.requests) == 1 and not stage.panel.run_button.isEnabled()
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
    assert stage.shown()[0][4] == "⚠ unverified"
    tip = stage.panel.model.index(0, 4).data(Qt.ItemDataRole.ToolTipRole)
    assert "not" in tip


def test_a_click_on_a_row_wants_its_place(stage: Stage, qtbot: QtBot) -> None:
    wanted: list[Place] = []
    stage.panel.place_wanted.connect(wanted.append)
    stage.panel.start()
    stage.rows()
    stage.rows(2)
    index = stage.panel.model.index(0, 0)
    at = stage.panel.table.visualRect(index).center()
    qtbot.mouseClick(stage.panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert [(place.document, place.page) for place in wanted] == [("a" * 64, 2)] and wanted[0].boxes
    stage.panel.table.setCurrentIndex(index)
    stage.panel.table.setFocus()
    qtbot.keyClick(stage.panel.table, Qt.Key.Key_Return)
    assert len(wanted) == 2


def test_stopping_and_going_on(stage: Stage) -> None:
    stage.panel.start()
    stage.rows(1)
    stage.panel.stop_button.click()
    assert stage.engine.stops == [2]
    stage.engine.say(finished("cancelled"))
    assert stage.panel.words.text().startswith("Stopped. 1 row")
    stage.panel.run_button.click()
    assert len(stage.engine.requests) == 3 and stage.shown()[0][0] == "Invoice 1"  # page 1 was not asked again
    stage.rows(2)
    stage.rows(3)
    assert [row[0] for row in stage.shown()] == ["Invoice 1", "Invoice 2", "Invoice 3"]
    stage.panel.anew_button.click()
    assert stage.shown() == [] and len(stage.engine.requests) == 5


def test_remarks_are_shown(stage: Stage) -> None:
    stage.panel.start()
    stage.engine.say(Failed("Broken."))
    assert stage.panel.problems.isVisible() and stage.panel.problems.toPlainText() == "a.pdf, page 1: Broken."
    stage.engine.answer("I see nothing.")
    assert "page 2: The answer about this page was not a table." in stage.panel.problems.toPlainText()


def test_the_table_is_saved_and_copied(stage: Stage, tmp_path: Path) -> None:
    assert not stage.panel.csv_button.isEnabled()
    stage.panel.start()
    for number in (1, 2, 3):
        stage.rows(number)
    stage.panel.save(tmp_path / "t.csv")
    lines = list(csv.reader(io.StringIO((tmp_path / "t.csv").read_text(encoding="utf-8-sig"), newline="")))
    assert [line[0] for line in lines] == ["invoice_number", "Invoice 1", "Invoice 2", "Invoice 3"]
    stage.panel.save(tmp_path / "t.json")
    saved = json.loads((tmp_path / "t.json").read_text())
    assert [row["page"] for row in saved["rows"]] == [1, 2, 3] and saved["pages"] == {"total": 3, "done": 3}
    stage.panel.copy_button.click()
    assert QGuiApplication.clipboard().text().splitlines()[0].startswith("invoice_number,total,paid")


def test_escape_stops_the_run_and_closes_only_then(stage: Stage, qtbot: QtBot) -> None:
    stage.panel.start()
    qtbot.keyClick(stage.panel, Qt.Key.Key_Escape)
    assert stage.engine.stops == [1] and stage.panel.isVisible()
    stage.engine.say(finished("cancelled"))
    qtbot.keyClick(stage.panel, Qt.Key.Key_Escape)
    assert not stage.panel.isVisible()


def test_closing_the_panel_stops_the_run(stage: Stage) -> None:
    stage.panel.start()
    stage.panel.close()
    assert stage.engine.stops == [1] and not stage.panel.isVisible()
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
    cast(QCheckBox, editor.table.cellWidget(3, NEEDED)).setChecked(True)
    made = editor.schema.columns[3]
    assert (made.name, made.type, made.description, made.required) == ("settled", "boolean", "whether it is paid", True)
    editor.table.selectRow(0)
    editor.remove_button.click()
    assert [column.name for column in editor.schema.columns] == ["total", "paid", "settled"]


def test_a_name_that_will_not_do_is_said_and_nothing_runs(stage: Stage, editor: ColumnsEditor) -> None:
    field(editor, 0, NAME).setText("total")
    assert editor.problem.isVisible() and "“total”" in editor.problem.text()
    assert not stage.panel.run_button.isEnabled()
    stage.panel.start()
    assert not stage.engine.requests
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
    for widget in (stage.panel.question, stage.panel.table, stage.panel.bar, stage.panel.problems, editor.json):
        assert widget.accessibleName()
    for row in range(editor.table.rowCount()):
        for place in (NAME, TYPE, WHAT, NEEDED):
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
