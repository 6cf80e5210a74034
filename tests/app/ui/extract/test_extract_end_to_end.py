"""A table of invoices through the window, with the sample model: typed, offered, run, and a row's page beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app import paths
from app.chat.extract.rows import Row
from app.engine.media.reading import ReadingBridge
from app.engine.model.bridge import EngineBridge
from app.library.model_ref import SampleModel
from app.library.settings import Settings
from app.session.items import ItemState
from app.ui.extract.panel import ExtractPanel
from app.ui.history.history import History
from app.ui.window.main_window import MainWindow
from tests.app.invoices import EXAMPLES, is_right, write_invoices

PATIENCE_MS = 120_000


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))


def test_a_table_of_invoices(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "invoices"
    folder.mkdir()
    truth = write_invoices(folder, 4, "in the window")
    history = History(paths.data_dir() / "conversations", paths.data_dir() / "pasted")
    engine, reading = EngineBridge(), ReadingBridge()
    window = MainWindow(engine=engine, reading=reading, settings=Settings(theme="light"), history=history)
    window.show()

    def until(condition: Callable[[], bool]) -> None:
        qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    try:
        until(lambda: history.ready)
        window.model.load(SampleModel())
        until(lambda: window.model.ready)
        window.add_paths([folder])
        items = window.attachments.items
        until(lambda: len(items) == 4 and all(item.state is ItemState.READY for item in items))
        question, columns = list(EXAMPLES.items())[-1]
        QTest.keyClicks(window.composer.edit, question)
        window.talk.everywhere.button.click()
        (panel,) = window.findChildren(ExtractPanel)
        check(panel, columns, truth, until)
        question, columns = list(EXAMPLES.items())[1]
        panel.question.clear()
        QTest.keyClicks(panel.question, question)
        panel.suggest_button.click()
        check(panel, columns, truth, until)
        panel.found.table.clicked.emit(panel.found.model.index(2, 0))
        assert panel.viewer.current is not None and panel.viewer.current.name == "invoice-03.pdf"
        until(lambda: panel.viewer.pdf.marked is not None)
        assert panel.viewer.isVisible()
        panel.close()
    finally:
        window.close()
        window.deleteLater()


def check(
    panel: ExtractPanel, columns: dict[str, str], truth: object, until: Callable[[Callable[[], bool]], None]
) -> None:
    """Run, and hold the table against what stands in the invoices."""
    assert isinstance(truth, dict)
    assert [column.name for column in panel.columns.schema.columns] == list(columns)
    panel.run_button.click()
    until(lambda: not panel.extracting.running)
    rows: list[Row] = panel.found.model.rows
    assert [row.name for row in rows] == sorted(truth)
    for place, label in enumerate(columns.values()):
        right = sum(is_right(row.values[place], label, truth[row.name][label]) for row in rows)
        assert right >= 3, (label, [row.values for row in rows])
