"""What a newcomer does first, with the real sample model in the real window: every suggestion is answered rightly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import paths
from app.engine.media.reading import ReadingBridge
from app.engine.model.bridge import EngineBridge
from app.library.settings import Settings
from app.session.conversation import Exchange
from app.ui.history.history import History
from app.ui.transcript.offer import TranscriptOffer
from app.ui.window.main_window import MainWindow

PATIENCE_MS = 120_000
RIGHT = {
    "What is the due date?": "8 April 2026",
    "What is the invoice date?": "9 March 2026",
    "What is the invoice number?": "LB-2041",
    "When is the last update?": "14 March 2026",
    "How long is the retention?": "30 days",
    "What is the status?": "Pending",
    "When does Library appear?": "00:12 [00:12]",
    "What is shown at 00:16?": "Library [00:16]",
    "When does Evening appear?": "00:18 [00:18]",
}
"""What stands in ``resources/samples``."""
HEARD = {
    "What is said at 00:05?": '"library seven" [00:05]',
    "What is said at 00:08?": '"lantern June twelve" [00:08]',
    "What is said at 00:12?": '"umbrella ninety" [00:12]',
}
"""What is said in the recording among them."""


@pytest.fixture
def start(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], MainWindow]]:
    """Lectern is started, as by ``app.__main__``, with what an earlier start has left."""
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    made: list[MainWindow] = []

    def make() -> MainWindow:
        from app.__main__ import _start

        settings = Settings.load()
        history = History(paths.data_dir() / "conversations", paths.data_dir() / "pasted")
        window = MainWindow(engine=EngineBridge(), reading=ReadingBridge(), settings=settings, history=history)
        made.append(window)
        window.asking.max_new_tokens = 60
        window.resize(1280, 720)
        window.show()
        qtbot.waitExposed(window)
        _start(window, settings, [])
        return window

    yield make
    for window in made:
        window.close()
        window.deleteLater()


def ask(window: MainWindow, qtbot: QtBot) -> Exchange:
    """Send what is written, and wait for the answer and its evidence."""
    number = len(window.asking.conversation) + 1
    qtbot.waitUntil(window.composer.send_button.isEnabled, timeout=PATIENCE_MS)
    window.composer.send_button.click()
    talk = window.asking.conversation
    qtbot.waitUntil(lambda: len(talk) == number and talk.last is not None and talk.last.checked, timeout=PATIENCE_MS)
    assert talk.last is not None
    return talk.last


def test_every_suggestion_of_every_sample_is_answered_rightly(start: Callable[[], MainWindow], qtbot: QtBot) -> None:
    window = start()
    empty = window.talk.empty
    window.talk.first_run.sample_button.click()
    asked: dict[str, str] = {}
    for number in range(3):
        qtbot.waitUntil(lambda: len(window.attachments.items.documents()) == 1, timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: window.model.ready and len(empty.suggestions) == 3, timeout=PATIENCE_MS)
        questions = [button.text() for button in empty.suggestions]
        assert window.composer.text == questions[0]
        for question in questions:
            window.composer.set_text(question)
            answered = ask(window, qtbot)
            asked[question] = answered.answer
            states = [one.state for one in answered.evidence]
            assert len(states) == 1 and states != ["unverified"], answered.answer
        if number < 2:
            window.talk.sample.next_button.click()
    assert {question: asked[question][: len(right)] for question, right in RIGHT.items()} == RIGHT
    assert set(asked) == set(RIGHT)


def test_the_recording_is_written_down_and_asked_about(start: Callable[[], MainWindow], qtbot: QtBot) -> None:
    window = start()
    empty, offered = window.talk.empty, window.talk.empty.suggestions
    window.talk.first_run.sample_button.click()
    qtbot.waitUntil(lambda: window.model.ready, timeout=PATIENCE_MS)
    empty.samples["recording"].click()
    qtbot.waitUntil(lambda: [item.name for item in window.attachments.items] == ["words.ogg"], timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: len(window.attachments.items.documents()) == 1, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: window.model.ready, timeout=PATIENCE_MS)
    info = window.model.state.info
    assert info is not None and info.sample and info.capabilities.sound and not offered
    (item,) = window.attachments.items
    window.viewing.show_item(item.key)
    qtbot.waitUntil(lambda: window.findChild(TranscriptOffer) is not None, timeout=PATIENCE_MS)
    offer = window.findChild(TranscriptOffer)
    qtbot.waitUntil(offer.start_button.isEnabled, timeout=PATIENCE_MS)
    offer.start_button.click()
    qtbot.waitUntil(lambda: len(empty.suggestions) == 3, timeout=PATIENCE_MS)
    asked: dict[str, str] = {}
    for button in list(empty.suggestions):
        window.composer.set_text(question := button.text())
        answered = ask(window, qtbot)
        asked[question] = answered.answer
        assert [one.state for one in answered.evidence] == ["heard"], answered.answer
    assert asked == HEARD
    window.files.try_sample_file("pdf")
    qtbot.waitUntil(lambda: window.model.ready and window.model.state.info != info, timeout=PATIENCE_MS)
    info = window.model.state.info
    assert info is not None and info.sample and not info.capabilities.sound


def test_the_sample_model_and_the_conversation_are_there_again_after_a_restart(
    start: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    window = start()
    window.talk.first_run.sample_button.click()
    answered = ask(window, qtbot)
    before = window.asking.conversation.id
    window.close()

    again = start()
    qtbot.waitUntil(lambda: again.asking.conversation.id == before, timeout=PATIENCE_MS)
    assert [(one.question, one.answer) for one in again.asking.conversation] == [(answered.question, answered.answer)]
    assert [item.name for item in again.attachments.items] == ["invoice.pdf"]
    qtbot.waitUntil(lambda: again.model.ready, timeout=PATIENCE_MS)
    assert again.model.state.info is not None and again.model.state.info.sample
    again.new_conversation()
    again.close()

    once_more = start()
    qtbot.waitUntil(lambda: once_more.history.ready, timeout=PATIENCE_MS)
    assert not len(once_more.asking.conversation)
