"""Ctrl-C and a polite kill close the window like a click on its cross: threads end, pictures are removed."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

from PySide6.QtCore import QSocketNotifier


class Closable(Protocol):
    """An object with a ``close`` method, such as a window."""

    def close(self) -> bool:
        """Close it; whether it agreed."""
        ...


@contextmanager
def closing_on_signals(window: Closable) -> Iterator[None]:
    """While this lasts, SIGINT and SIGTERM close ``window``.

    Python runs its handlers between bytecodes: of whatever the window is in the middle of, and of nothing while Qt's
    event loop waits. So the signal only writes to a socket, and the loop closes the window when it reads that.
    """
    receiver, sender = socket.socketpair()
    for end in (receiver, sender):
        end.setblocking(False)
    notifier = QSocketNotifier(receiver.fileno(), QSocketNotifier.Type.Read)

    def close() -> None:
        receiver.recv(64)
        window.close()

    notifier.activated.connect(close)

    def on_signal(number: int, frame: FrameType | None) -> None:
        """Nothing: but without a handler of Python's nothing would be written."""

    fd_before = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        signal.set_wakeup_fd(fd_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        notifier.setEnabled(False)
        receiver.close()
        sender.close()
