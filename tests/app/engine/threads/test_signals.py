"""A signal closes the window from the event loop, never in the middle of what the window is doing."""

from __future__ import annotations

import os
import signal

import pytest
from pytestqt.qtbot import QtBot

from app.engine.threads.signals import closing_on_signals


class Window:
    """Counts how often it was closed."""

    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> bool:
        self.closed += 1
        return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_loop_closes_the_window(qtbot: QtBot, number: signal.Signals) -> None:
    window, before = Window(), signal.getsignal(number)
    with closing_on_signals(window):
        os.kill(os.getpid(), number)
        busy = sum(range(10_000))  # Python has run its handlers by the end of this
        assert busy and not window.closed
        qtbot.waitUntil(lambda: window.closed == 1, timeout=60_000)
    assert signal.getsignal(number) is before
