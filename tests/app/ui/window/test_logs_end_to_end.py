"""What the log of a sitting holds: that things went wrong, and no word of a document, a question or a password."""

from __future__ import annotations

import faulthandler
import logging
from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest
from pytestqt.qtbot import QtBot

from app import paths
from app.engine.media.reading import ReadingBridge
from app.engine.model.bridge import EngineBridge
from app.library.logs import start_logging
from app.library.model_ref import SampleModel
from app.library.settings import Settings
from app.session.items import ItemState
from app.ui.history.history import History
from app.ui.window.main_window import MainWindow
from model.family.decoder import Decoder
from tests.files import samples

PATIENCE_MS = 60_000
SECRETS = ("Coelacanth", "Wolpertinger", "Quagga", "Thylacine")
"""In a document, in a question, in the instructions, a password."""


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    was_on, level = faulthandler.is_enabled(), logging.getLogger().level
    logs = start_logging()
    history = History(paths.data_dir() / "conversations", paths.data_dir() / "pasted")
    made = MainWindow(engine=EngineBridge(), reading=ReadingBridge(), settings=Settings(), history=history)
    made.asking.max_new_tokens = 8
    made.show()
    made.model.load(SampleModel())
    yield made
    made.close()
    made.deleteLater()
    logs.close()
    logging.getLogger().setLevel(level)
    if was_on:  # pytest's own
        faulthandler.enable(2)


def letter(path: Path) -> Path:
    with pymupdf.open() as document:
        document.new_page().insert_text((50, 60), [f"The {SECRETS[0]} owes 4711 euros." for _ in range(20)])
        document.save(path)
    return path


def ask(window: MainWindow, qtbot: QtBot, number: int) -> None:
    window.composer.set_text(f"What does the {SECRETS[1]} owe?")
    window.composer.edit.send.emit()
    talk = window.asking

    def over() -> bool:
        last = talk.conversation.last
        return len(talk.conversation) == number and last is not None and last.stage.over

    qtbot.waitUntil(over, timeout=PATIENCE_MS)


def test_the_log_of_a_sitting_has_no_word_of_it(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.asking.instructions = f"Speak like a {SECRETS[2]}."
    locked = samples.encrypted_pdf(tmp_path / "locked.pdf", user=SECRETS[3])
    damaged = tmp_path / "damaged.pdf"
    damaged.write_bytes(letter(tmp_path / "letter.pdf").read_bytes()[:300])
    items = window.attachments.items
    window.add_paths([tmp_path / "letter.pdf", locked, damaged])
    qtbot.waitUntil(lambda: len(items) == 3 and not items.reading, timeout=PATIENCE_MS)
    (key,) = [item.key for item in items if item.path == locked]
    window.attachments.unlock(key, SECRETS[3])
    qtbot.waitUntil(lambda: not items.reading and len(items.documents()) == 2, timeout=PATIENCE_MS)
    (bad,) = [item.key for item in items if item.state is ItemState.FAILED]
    window.attachments.remove(bad)
    ask(window, qtbot, 1)
    with monkeypatch.context() as patch:

        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("something is wrong")

        patch.setattr(Decoder, "forward_steps", broken)
        ask(window, qtbot, 2)
    for record in paths.documents_store().glob("*.json"):
        record.write_text("{}", encoding="utf-8")  # what was kept is damaged
    window.model.load(SampleModel())
    qtbot.waitUntil(lambda: window.model.ready, timeout=PATIENCE_MS)
    ask(window, qtbot, 3)
    window.close()
    written = "".join(path.read_text(encoding="utf-8") for path in paths.log_dir().iterdir() if path.is_file())
    assert "something is wrong" in written and "dropped" in written  # it was logged what happened
    for secret in (*SECRETS, "4711"):
        assert secret not in written
