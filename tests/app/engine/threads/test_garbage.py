"""Windows in reference cycles are destroyed on their own thread, whichever thread allocates or frees memory."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QMainWindow
from pytestqt.qtbot import QtBot

from app.engine.threads.background import Background
from app.engine.threads.garbage import FULL_TICKS, CycleCollector
from model.engine.memory import free_memory


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[CycleCollector]:
    was_enabled = gc.isenabled()
    gc.enable()
    made = CycleCollector(interval_ms=5)
    yield made
    made.stop()
    assert gc.isenabled()  # as it was before
    if not was_enabled:
        gc.disable()


class Window(QMainWindow):
    """Holds itself, as windows do whose signals are connected to their own methods."""

    def __init__(self) -> None:
        super().__init__()
        self.label = QLabel("x", self)
        self.itself = self


def allocate() -> None:
    """Much more than Python lets live before it collects by itself, in every generation."""
    kept: list[list[object]] = [[] for _ in range(200_000)]
    assert kept


@pytest.mark.parametrize("work", [allocate, free_memory])
def test_a_window_among_the_garbage_dies_on_its_own_thread(
    collector: CycleCollector, qtbot: QtBot, work: Callable[[], None]
) -> None:
    died_on: list[threading.Thread] = []
    window = weakref.ref(Window(), lambda _: died_on.append(threading.current_thread()))
    other = threading.Thread(target=work)
    other.start()
    other.join()
    assert window() is not None
    qtbot.waitUntil(lambda: bool(died_on), timeout=60_000)
    assert died_on == [threading.main_thread()]
    assert FULL_TICKS > 1


def test_the_helper_thread_is_never_the_last_to_hold_a_callback(qtbot: QtBot) -> None:
    background = Background()
    died_on: list[threading.Thread] = []
    delivered: list[Any] = []
    going, go_on = threading.Event(), threading.Event()

    def work() -> None:
        going.set()
        assert go_on.wait(60)

    class Receiver:
        def take(self, result: object) -> None:
            delivered.append(result)

    receiver = Receiver()
    weakref.finalize(receiver, lambda: died_on.append(threading.current_thread()))
    background.run(work, receiver.take, delivered.append)
    assert going.wait(60)
    del receiver
    go_on.set()
    qtbot.waitUntil(lambda: bool(delivered), timeout=60_000)
    background.shutdown()
    assert died_on == [threading.main_thread()]
