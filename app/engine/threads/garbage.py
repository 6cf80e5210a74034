"""Python's cycle collector, kept on the window's thread.

Left to itself the collector runs on whichever thread happens to allocate, the model's more often than any other. A
window or a timer that hangs in a reference cycle is then destroyed there, while Qt allows that on its own thread only:
the process crashes, or stands still for good with Python's lock held. So automatic collection is off wherever there
are windows, and the window's thread collects now and then.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 1000
YOUNG = 2000
"""New objects that are worth a look; Python's own threshold is 700, but it looks at once."""
FULL_TICKS = 15
"""Ticks between two full collections, which take milliseconds, since ``opening`` has frozen what torch brings."""


class CycleCollector(QObject):
    """Collects on the thread that made it, from its event loop, until ``stop``."""

    def __init__(self, parent: QObject | None = None, interval_ms: int = INTERVAL_MS) -> None:
        super().__init__(parent)
        self._ticks = 0
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self, interval=interval_ms)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def stop(self) -> None:
        """Leave collecting to Python again, as it was before."""
        self._timer.stop()
        if self._was_enabled:
            gc.enable()

    def _tick(self) -> None:
        self._ticks += 1
        if self._ticks % FULL_TICKS == 0:
            gc.collect()
        elif gc.get_count()[0] > YOUNG:
            gc.collect(1)
