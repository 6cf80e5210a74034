"""Notices when the model's thread is busy and yet shows no sign of work, for longer than any honest step takes.

A native call that does not come back can be neither asked nor broken off from here. The sign that work continues is
that the thread looks at its ``cancel``: between layers, between tokens, between blocks of a file. Time is counted in
ticks of the event loop and not by a clock, so that neither a suspended machine nor a clock that jumps looks like it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from PySide6.QtCore import QObject, QTimer, Signal

TICK_MS = 5000
PATIENCE = 36
"""Ticks: 3 minutes. A cold start's imports, or a layer of the vision tower on a slow processor, take less than one."""


class Watchdog(QObject):
    """Compares signs of work, tick by tick."""

    stuck = Signal()
    """No sign for too long; reported once, and again when the user has waited as long in vain."""
    recovered = Signal()

    def __init__(
        self,
        sign: Callable[[], Hashable | None],
        parent: QObject | None = None,
        *,
        tick_ms: int = TICK_MS,
        patience: int = PATIENCE,
    ) -> None:
        """``sign`` gives something that changes as long as work continues, ``None`` while there is none to do."""
        super().__init__(parent)
        self._sign, self._patience = sign, patience
        self._last: Hashable | None = None
        self._silent = 0
        self._said = False
        self._timer = QTimer(self, interval=tick_ms)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Start checking."""
        self._timer.start()

    def stop(self) -> None:
        """Stop checking."""
        self._timer.stop()

    def wait_longer(self) -> None:
        """The user would rather wait."""
        self._silent = 0

    def _tick(self) -> None:
        sign = self._sign()
        if sign is None or sign != self._last:
            self._last, self._silent = sign, 0
            if self._said:
                self._said = False
                self.recovered.emit()
            return
        self._silent += 1
        if self._silent == self._patience:
            self._said = True
            self.stuck.emit()
