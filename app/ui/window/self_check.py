"""``lectern doctor --window``: does this installation work? The real window drops, reads, asks and shows what came.

It runs in a temporary home, which is removed afterwards, with the sample files and the sample model; nothing of the
user's is touched. The test of a built folder runs the same.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app import paths
from app.build_info import build_words

Waiter = Callable[[Callable[[], bool], str], None]
"""Waits until something is so, or raises ``TimeoutError`` with what was not."""

PATIENCE_S = 240.0
LOOK_MS = 5
FILES = ("invoice.pdf", "settings.png", "lamp.mp4")
QUESTIONS = (
    ("lamp.mp4", "When does Library appear?", "00:12"),
    ("invoice.pdf", "What is the due date?", "8 April 2026"),
    ("settings.png", "When is the last update?", "14 March 2026"),
)
"""The files in ``resources/samples``."""


def check_window(picture: Path | None) -> dict[str, Any]:
    """Run the check; what it found, with ``ok``. ``picture`` is where the window's picture goes as PNG."""
    with tempfile.TemporaryDirectory(prefix="lectern-check-", ignore_cleanup_errors=True) as home:
        before = os.environ.get(paths.HOME_VARIABLE)
        os.environ[paths.HOME_VARIABLE] = home
        try:
            return _check(picture)
        finally:
            if before is None:
                del os.environ[paths.HOME_VARIABLE]
            else:
                os.environ[paths.HOME_VARIABLE] = before


def _check(picture: Path | None) -> dict[str, Any]:
    from PySide6.QtWidgets import QApplication

    from app.engine.media.reading import ReadingBridge
    from app.engine.model.bridge import EngineBridge
    from app.engine.threads.garbage import CycleCollector
    from app.library.model_ref import SampleModel
    from app.library.settings import Settings
    from app.ui.window.main_window import MainWindow

    application = QApplication.instance() or QApplication([])
    CycleCollector(application)
    start = time.monotonic()
    engine, reading = EngineBridge(), ReadingBridge()
    window = MainWindow(engine=engine, reading=reading, settings=Settings(theme="light"))
    window.resize(1280, 760)
    window.show()
    found: dict[str, Any] = {"lectern": build_words(), "ok": False}
    wait = _waiter(start)
    try:
        window.model.load(SampleModel())
        window.asking.max_new_tokens = 60
        wait(lambda: window.model.ready or bool(window.model.state.error), "the model was not loaded")
        if window.model.state.error:
            return found | {"problem": str(window.model.state.error)}
        # One file at a time: of several at once the sample model knows too little.
        found["asked"] = [_ask_about(window, wait, *asked) for asked in QUESTIONS]
        _drop(window, FILES)
        items = window.attachments.items
        wait(lambda: len(items.documents()) == len(FILES), "the other files were not read")
        found["files"] = {item.name: len(item.document.skipped) for item in items if item.document}
        found["ok"] = all(asked["right"] for asked in found["asked"])
        if picture is not None:
            wait(lambda: window.grab().save(str(picture)), "the picture was not written")
    except TimeoutError as error:
        found["problem"] = f"After {PATIENCE_S:g} seconds {error}."
    finally:
        window.close()
    found["seconds"] = round(time.monotonic() - start, 1)
    return found


def _waiter(start: float) -> Waiter:
    from PySide6.QtCore import QEventLoop, QTimer

    def wait(over: Callable[[], bool], otherwise: str) -> None:
        loop, clock = QEventLoop(), QTimer(interval=LOOK_MS)

        def look() -> None:
            if over() or time.monotonic() - start > PATIENCE_S:
                loop.quit()

        clock.timeout.connect(look)
        clock.start()
        loop.exec()
        clock.stop()
        if not over():
            raise TimeoutError(otherwise)

    return wait


def _drop(window: Any, names: Sequence[str]) -> None:
    """Sample files, as the system hands them over when they are dropped. Those that are there already stay once."""
    from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
    from PySide6.QtGui import QDropEvent

    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(paths.resource("samples", name))) for name in names])
    middle = QPointF(window.rect().center())
    actions, buttons, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(middle, actions, data, buttons, keys))


def _ask_about(window: Any, wait: Waiter, name: str, question: str, answer: str) -> dict[str, Any]:
    """A conversation about one file, and whether the answer to the question holds the right words."""
    items = window.attachments.items
    for item in list(items):
        window.attachments.remove(item.key)
    window.new_conversation()
    _drop(window, [name])
    wait(lambda: [document.name for document in items.documents()] == [name], f"{name} was not read")
    window.composer.set_text(question)
    window.composer.send_button.click()
    talk = window.asking.conversation
    wait(lambda: talk.last is not None and talk.last.stage.over, "no answer came")
    last = talk.last
    return {
        "question": question,
        "answer": last.answer,
        "right": answer in last.answer,
        "error": str(last.error),
        "evidence": [f"{one.state}: {one.quote}" for one in last.evidence],
    }
