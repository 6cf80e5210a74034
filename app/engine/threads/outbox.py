"""From a worker thread to the Qt event loop: in order, nothing lost, and not more often than needed.

A worker posts items; the loop hands them out about every 30 ms, at once when the last time was longer ago
or the item cannot wait. Neighbouring items may be merged on the way (text deltas are joined, of several
progress reports only the newest counts). However fast the worker is, the loop is woken once per hand-out.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

INTERVAL_MS = 30
Item = TypeVar("Item")


class Outbox(QObject, Generic[Item]):
    """Lives in the thread that receives; only ``post`` may be called from others."""

    _wake = Signal()
    _wake_now = Signal()

    def __init__(
        self, deliver: Callable[[Item], None], merge: Callable[[Item, Item], Item | None], parent: QObject | None = None
    ) -> None:
        """``merge(old, new)`` gives one item for two neighbours, or ``None`` to keep both."""
        super().__init__(parent)
        self._deliver = deliver
        self._merge = merge
        self._items: deque[Item] = deque()
        self._ready: deque[Item] = deque()
        self._lock = threading.Lock()
        self._woken = self._urgent = False
        self._last = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.hand_out)
        self._wake.connect(self._schedule, Qt.ConnectionType.QueuedConnection)
        self._wake_now.connect(self.hand_out, Qt.ConnectionType.QueuedConnection)

    def post(self, item: Item, *, urgent: bool = False) -> None:
        """Take in an item, from any thread."""
        with self._lock:
            merged = self._merge(self._items[-1], item) if self._items else None
            if merged is not None:
                self._items[-1] = merged
            else:
                self._items.append(item)
            wake = not self._woken
            wake_now = urgent and not self._urgent
            self._woken = True
            self._urgent = self._urgent or urgent
        if wake_now:
            self._wake_now.emit()
        elif wake:
            self._wake.emit()

    @Slot()
    def _schedule(self) -> None:
        left = self._last + INTERVAL_MS / 1000 - time.monotonic()
        if left <= 0:
            self.hand_out()
        elif not self._timer.isActive():
            self._timer.start(max(1, round(left * 1000)))

    @Slot()
    def hand_out(self) -> None:
        """Deliver everything that has been posted so far, in order. Only in the receiving thread."""
        self._timer.stop()
        with self._lock:
            self._ready += self._items
            self._items.clear()
            self._woken = self._urgent = False
        self._last = time.monotonic()
        # A receiver may open a dialog, whose own event loop comes here again: it continues after this event.
        while self._ready:
            self._deliver(self._ready.popleft())
