"""One helper thread for what touches disks: walking folders, writing screenshots, looking for models.

A network folder can take seconds to list and a 4K screenshot a third of a second to write as PNG; neither
may hold up the event loop. Results come back on the thread that owns the ``Background``, as queued signals.
"""

from __future__ import annotations

import itertools
import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

Result = TypeVar("Result")
_log = logging.getLogger(__name__)


def only_logged(_error: Exception) -> None:
    """For ``Background.run``, where nothing depends on a job that failed: that it did is in the log."""


@dataclass(frozen=True, slots=True)
class _Receivers:
    """Who is told of one job's end."""

    done: Callable[[Any], object]
    failed: Callable[[Exception], object]


class Background(QObject):
    """Runs jobs in order. ``shutdown`` lets the running one end and drops the rest.

    What is to be called with a result stays on this side: the helper thread may not be the last one to hold a widget's
    method, or the widget would be destroyed there.
    """

    _finished = Signal(int, object)
    _failed = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: queue.SimpleQueue[tuple[int, Callable[[], Any]] | None] = queue.SimpleQueue()
        self._receivers: dict[int, _Receivers] = {}
        self._numbers = itertools.count(1)
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._failed.connect(self._deliver_failure, Qt.ConnectionType.QueuedConnection)

    def run(
        self, work: Callable[[], Result], done: Callable[[Result], object], failed: Callable[[Exception], object]
    ) -> None:
        """Do ``work``, which holds no Qt object, over there, then call ``done`` with its result here.

        Where it raises, the log gets the traceback, and ``failed`` is called here with the exception instead.
        """
        if self._closed.is_set():
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="lectern-background", daemon=True)
            self._thread.start()
        number = next(self._numbers)
        self._receivers[number] = _Receivers(done, failed)
        self._jobs.put((number, work))

    def shutdown(self) -> None:
        """End the thread."""
        self._closed.set()
        self._receivers.clear()
        self._jobs.put(None)
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _loop(self) -> None:
        while (job := self._jobs.get()) is not None and not self._closed.is_set():
            number, work = job
            result: object
            signal = self._finished
            try:
                result = work()
            except Exception as error:  # handed over: the owner of the job says it to the person
                _log.warning("A background job failed.", exc_info=True)
                result, signal = error.with_traceback(None), self._failed  # frames may hold on to what is large
            if not self._closed.is_set():
                signal.emit(number, result)
            del job, work, result

    def _deliver(self, number: int, result: object) -> None:
        receivers = self._receivers.pop(number, None)
        if receivers is not None:
            receivers.done(result)

    def _deliver_failure(self, number: int, error: Exception) -> None:
        receivers = self._receivers.pop(number, None)
        if receivers is not None:
            receivers.failed(error)
