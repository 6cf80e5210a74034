"""One helper thread for what touches disks: walking folders, writing screenshots, looking for models.

A network folder can take seconds to list and a 4K screenshot a third of a second to write as PNG; neither
may hold up the event loop. Results come back on the thread that owns the ``Background``, as queued signals.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from app.engine.threads.jobs import Job, JobThread, Nothing
from model.errors import LecternError

SHUTDOWN_S = 5.0
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
        self._receivers: dict[int, _Receivers] = {}
        self._numbers = itertools.count(1)
        self._thread: JobThread[Nothing, Callable[[], object]] = JobThread(
            "lectern-background", Nothing, self._do, _never_failed, _dropped
        )
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._failed.connect(self._deliver_failure, Qt.ConnectionType.QueuedConnection)

    def run(
        self, work: Callable[[], Result], done: Callable[[Result], object], failed: Callable[[Exception], object]
    ) -> None:
        """Do ``work``, which holds no Qt object, over there, then call ``done`` with its result here.

        Where it raises, the log gets the traceback, or only the sentence of a ``LecternError``, and ``failed`` is
        called here with the exception instead.
        """
        if self._thread.ending.is_set():
            return
        number = next(self._numbers)
        self._receivers[number] = _Receivers(done, failed)
        self._thread.add(Job(number, work))

    def shutdown(self) -> None:
        """Stop the thread and wait for it."""
        self._receivers.clear()
        self._thread.end(SHUTDOWN_S)

    def _do(self, _nothing: Nothing, job: Job[Callable[[], object]]) -> None:
        """On the thread. An exception is handed over: the owner of the job shows it to the user."""
        signal, result = self._finished, None
        try:
            result = job.work()
        except LecternError as error:  # a refusal in one clear sentence
            _log.warning("A background job failed: %s", error)
            signal, result = self._failed, error.with_traceback(None)
        except Exception as error:
            _log.warning("A background job failed.", exc_info=True)
            signal, result = self._failed, error.with_traceback(None)  # frames may hold on to what is large
        if not self._thread.ending.is_set():
            signal.emit(job.number, result)

    def _deliver(self, number: int, result: object) -> None:
        receivers = self._receivers.pop(number, None)
        if receivers is not None:
            receivers.done(result)

    def _deliver_failure(self, number: int, error: Exception) -> None:
        receivers = self._receivers.pop(number, None)
        if receivers is not None:
            receivers.failed(error)


def _never_failed(_number: int, _error: object) -> None:
    """``Background._do`` hands over every exception itself."""


def _dropped(_number: int) -> None:
    """Nobody is told of jobs that the end has come before."""
