"""Closing the window and coming back, with nothing in between that is not real: engine, reader, disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import paths
from app.engine.media.reading import ReadingBridge
from app.engine.model.bridge import EngineBridge
from app.library.model_ref import SampleModel
from app.library.settings import Settings
from app.session.conversation import Exchange, Stage
from app.session.items import ItemState
from app.ui.history.history import History
from app.ui.window.main_window import MainWindow

PATIENCE_MS = 90_000


class Sessions:
    """One start after the other, each over the same folder."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.open: list[MainWindow] = []

    def start(self) -> MainWindow:
        history = History(paths.data_dir() / "conversations", paths.data_dir() / "pasted")
        window = MainWindow(engine=EngineBridge(), reading=ReadingBridge(), settings=Settings(), history=history)
        window.asking.max_new_tokens = 24
        self.open.append(window)
        window.show()
        self.qtbot.waitUntil(lambda: history.ready, timeout=PATIENCE_MS)
        window.model.load(SampleModel())
        return window

    def ask(self, window: MainWindow, question: str) -> Exchange:
        window.composer.set_text(question)
        window.composer.send_button.click()
        last = window.asking.conversation.last
        assert last is not None and last.question == question
        return last

    def end(self) -> None:
        for window in self.open:
            window.close()
            window.deleteLater()
        self.open.clear()


@pytest.fixture
def sessions(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sessions]:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    made = Sessions(qtbot)
    yield made
    made.end()


def test_everything_is_there_again_after_the_window_was_closed_while_it_answered(sessions: Sessions) -> None:
    until = sessions.qtbot.waitUntil
    window = sessions.start()
    window.add_paths([paths.resource("samples", "invoice.pdf")])
    first = sessions.ask(window, "What is the due date?")
    until(lambda: first.stage.over, timeout=PATIENCE_MS)
    assert first.stage is Stage.DONE and first.answer, first.error
    second = sessions.ask(window, "What is the total?")
    until(lambda: not second.stage.pending, timeout=PATIENCE_MS)
    window.composer.set_text("And the custo")
    sessions.end()  # the second answer is on its way, or just there

    again = sessions.start()
    until(lambda: len(again.library.list.conversations.rows) == 1, timeout=PATIENCE_MS)
    (summary,) = again.library.list.conversations.rows
    assert summary.title == "What is the due date?" and summary.files == ("invoice.pdf",)
    again.library.list.wanted.emit(summary.id)
    assert [one.question for one in again.asking.conversation] == ["What is the due date?", "What is the total?"]
    kept = list(again.asking.conversation)
    assert (kept[0].answer, kept[0].finished, kept[0].model) == (first.answer, first.finished, first.model)
    assert kept[1].stage.over and kept[1].answer == second.answer
    assert again.composer.text == "And the custo"
    until(lambda: [item.state for item in again.attachments.items] == [ItemState.READY], timeout=PATIENCE_MS)
    third = sessions.ask(again, "And the customer number?")
    until(lambda: third.stage.over, timeout=PATIENCE_MS)
    assert third.stage is Stage.DONE, third.error
    until(
        lambda: not again.asking.conversation.all[0].answer or again.asking.conversation.all[0].checked,
        timeout=PATIENCE_MS,
    )
