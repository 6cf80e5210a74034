"""Comparing two documents beside the event loop, with progress and a way to stop it."""

from __future__ import annotations

import threading
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from app.chat.compare.aligning import Change, compare
from app.engine.threads.background import Background
from app.ingest.types import Document
from model.errors import CancelledError

_LOOK_MS = 100
Changes = tuple[Change, ...]


class _Run:
    """One comparison: what its thread tells, and what it is told."""

    def __init__(self) -> None:
        self.cancel = threading.Event()
        self.share = 0.0

    def tell(self, share: float) -> None:
        """How much is done, 0 to 1."""
        self.share = share


class Comparing(QObject):
    """At most one comparison at a time. Call ``shutdown`` before it goes."""

    advanced = Signal(float)
    found = Signal(object)
    """The differences, a tuple of ``Change``"""
    stopped = Signal()
    failed = Signal(object)
    """The exception"""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run: _Run | None = None
        self._background = Background(self)  # a separate one: long documents must not delay other work
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)

    @property
    def running(self) -> bool:
        """Whether two documents are being compared."""
        return self._run is not None

    def start(self, first: Document, second: Document) -> None:
        """Compare these; of a comparison that is under way nothing more is heard."""
        if self._run is not None:
            self._run.cancel.set()
        self._run = run = _Run()
        self._timer.start()
        self._background.run(partial(_compared, first, second, run), partial(self._done, run), partial(self._fail, run))

    def stop(self) -> None:
        """Stop it; ``stopped`` follows."""
        if self._run is not None:
            self._run.cancel.set()

    def shutdown(self) -> None:
        """Stop it, and end the thread."""
        self.stop()
        self._end()
        self._background.shutdown()

    def _look(self) -> None:
        if self._run is not None:
            self.advanced.emit(self._run.share)

    def _end(self) -> None:
        self._run = None
        self._timer.stop()

    def _done(self, run: _Run, changes: Changes | None) -> None:
        if run is not self._run:
            return
        self._end()
        if changes is None:
            self.stopped.emit()
        else:
            self.found.emit(changes)

    def _fail(self, run: _Run, error: Exception) -> None:
        if run is self._run:
            self._end()
            self.failed.emit(error)


def _compared(first: Document, second: Document, run: _Run) -> Changes | None:
    try:
        return compare(first, second, run.cancel, run.tell)
    except CancelledError:
        return None
