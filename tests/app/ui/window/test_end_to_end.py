"""The whole way without a stand-in: a dropped file, the reader's process, the real engine, the answer on screen.

The model is the tiny one with random weights, so its words are noise; everything else is what a person gets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import paths
from app.engine.media.reading import ReadingBridge
from app.engine.model.bridge import EngineBridge
from app.library.model_ref import SampleModel
from app.library.settings import Settings
from app.session.conversation import Stage
from app.session.items import picture_tokens
from app.ui.window.main_window import MainWindow

ANSWER_TOKENS = 24
PATIENCE_MS = 60_000


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    made = MainWindow(engine=EngineBridge(), reading=ReadingBridge(), settings=Settings())
    made.asking.max_new_tokens = ANSWER_TOKENS
    made.show()
    qtbot.waitExposed(made)
    made.model.load(SampleModel())
    yield made
    made.close()
    made.deleteLater()


def drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(9, 9), copy, data, left, none))
    QApplication.sendEvent(window, QDropEvent(QPointF(9, 9), copy, data, left, none))


def ask(window: MainWindow, qtbot: QtBot, question: str) -> None:
    qtbot.keyClicks(window.composer.edit, question)
    qtbot.keyClick(window.composer.edit, Qt.Key.Key_Return)


def wait_for_answer(window: MainWindow, qtbot: QtBot, number: int) -> None:
    def over() -> bool:
        talk = window.asking.conversation
        return len(talk) == number and talk.last is not None and talk.last.stage.over

    qtbot.waitUntil(over, timeout=PATIENCE_MS)


@pytest.mark.parametrize("name", ["invoice.pdf", "settings.png", "lamp.mp4"])
def test_from_a_dropped_file_to_a_finished_answer(window: MainWindow, qtbot: QtBot, name: str) -> None:
    drop(window, paths.resource("samples", name))
    ask(window, qtbot, "What is this?")  # at once: it waits for the file and for the model
    wait_for_answer(window, qtbot, 1)
    first = window.asking.conversation.last
    assert first is not None and first.stage is Stage.DONE, first.error
    assert first.finished is not None
    (document,) = window.attachments.items.documents()
    assert first.finished.usage.prompt_tokens > sum(picture_tokens(document)) + 20
    assert document.kind == "pdf" or sum(picture_tokens(document)) > 0
    assert 1 <= first.finished.usage.answer_tokens <= ANSWER_TOKENS
    view = window.talk.view.views[first.key]
    assert "tokens read" in view.small_print.text()
    assert bool(first.answer) == bool(view.body.pieces)
    assert window.talk.sample.isVisible()

    ask(window, qtbot, "And then?")
    wait_for_answer(window, qtbot, 2)
    second = window.asking.conversation.last
    assert second is not None and second.finished is not None, second and second.error
    assert second.finished.usage.reused_tokens >= sum(picture_tokens(document)) + 20


def test_a_file_that_nothing_reads_is_an_error_at_its_place(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(bytes(range(256)) * 8)
    drop(window, path)
    qtbot.waitUntil(lambda: bool(window.side.rows), timeout=PATIENCE_MS)
    (row,) = window.side.rows.values()
    qtbot.waitUntil(row.error.isVisible, timeout=PATIENCE_MS)
    assert row.error.text().endswith(".")


def test_closing_while_it_answers_ends_everything(window: MainWindow, qtbot: QtBot) -> None:
    window.asking.max_new_tokens = 100_000
    ask(window, qtbot, "Tell me everything.")
    qtbot.waitUntil(
        lambda: (one := window.asking.conversation.last) is not None and one.stage not in (Stage.WAITING, Stage.SENT),
        timeout=PATIENCE_MS,
    )
    assert window.close()
    engine, reading = window.common.engine, window.common.reading
    assert isinstance(engine, EngineBridge) and isinstance(reading, ReadingBridge)
    assert not engine.running and not reading.running


def badge(window: MainWindow) -> str:
    (row,) = window.side.rows.values()
    return row.badge.text()


def kept_files() -> list[Path]:
    return [path for path in paths.documents_store().iterdir() if path.is_file()]


@pytest.fixture
def make_window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], MainWindow]]:
    """Windows one after the other, as after a restart, with the sample model."""
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    made: list[MainWindow] = []

    def make() -> MainWindow:
        window = MainWindow(engine=EngineBridge(), reading=ReadingBridge(), settings=Settings.load())
        made.append(window)
        window.asking.max_new_tokens = ANSWER_TOKENS
        window.show()
        qtbot.waitExposed(window)
        window.model.load(SampleModel())
        return window

    yield make
    for window in made:
        window.close()
        window.deleteLater()


def test_a_document_is_still_there_after_a_restart_until_it_is_forgotten(
    make_window: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    path = paths.resource("samples", "invoice.pdf")
    window = make_window()
    drop(window, path)
    ask(window, qtbot, "What is the total?")
    wait_for_answer(window, qtbot, 1)
    qtbot.waitUntil(lambda: badge(window) == "In memory", timeout=PATIENCE_MS)
    window.close()
    assert kept_files()

    again = make_window()
    drop(again, path)
    qtbot.waitUntil(lambda: bool(again.side.rows) and badge(again) == "On disk", timeout=PATIENCE_MS)
    assert again.composer.meter.isVisible() and "reused" in again.composer.meter.words.text()
    ask(again, qtbot, "Who wrote it?")
    wait_for_answer(again, qtbot, 1)
    answer = again.asking.conversation.last
    assert answer is not None and answer.finished is not None
    assert answer.finished.usage.reused_tokens > 0.5 * answer.finished.usage.prompt_tokens
    qtbot.waitUntil(lambda: badge(again) == "In memory", timeout=PATIENCE_MS)

    (row,) = again.side.rows.values()
    again.residency.forget(row.item.key)
    qtbot.waitUntil(lambda: badge(again) == "Unread", timeout=PATIENCE_MS)
    assert kept_files() == []
