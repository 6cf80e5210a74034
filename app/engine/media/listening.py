"""The bridge from Qt to listening: one thread that waits on the listening process, one utterance at a time.

Nothing is decoded ahead: the next utterance comes when it is asked for, so an hour takes no more memory than a minute.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.engine.threads.jobs import Job, JobThread
from app.engine.threads.outbox import Outbox
from app.ingest.listen.listener import Listener
from app.ingest.listen.types import Over, Silence, Utterance
from model.cancel import Cancel
from model.errors import LecternError
from model.messages import NOTHING, Message, msg

SHUTDOWN_S = 15.0
UNEXPECTED = msg(
    "internal.listening", "Something unexpected went wrong while the sound was read; the log has the details."
)


class Listens(Protocol):
    """What the thread needs of ``app.ingest.listen.listener.Listener``."""

    def open(self, path: Path, start_s: float = ..., cancel: Cancel = ...) -> float:
        """Begin at a second; how long the file says it is."""
        ...

    def next(self, cancel: Cancel = ...) -> Utterance | Silence | Over:
        """What comes next."""
        ...

    def close(self) -> None:
        """End the process."""
        ...


@dataclass(frozen=True, slots=True)
class _Step:
    """Begin with ``path`` at ``start_s``, or, without one, what comes next."""

    path: Path | None = None
    start_s: float = 0.0


@dataclass(frozen=True, slots=True)
class _News:
    """Exactly one of the fields after ``job`` is set; none of them: cancelled."""

    job: int
    opened: float | None = None
    heard: Utterance | Silence | Over | None = None
    failed: Message = NOTHING


class ListeningBridge(QObject):
    """One file at a time. Call ``shutdown`` before it goes."""

    opened = Signal(int, float)
    """(job, seconds that the file says it has)"""
    heard = Signal(int, object)
    """(job, ``Utterance``, ``Silence`` or ``Over``)"""
    failed = Signal(int, object)
    """(job, Message)"""
    cancelled = Signal(int)
    """(job); each job ends with exactly one of opened, heard, failed and cancelled."""

    def __init__(self, open_listener: Callable[[], Listens] = Listener, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._numbers = itertools.count(1)
        self._outbox: Outbox[_News] = Outbox(self._deliver, lambda _old, _new: None, self)
        self._thread = JobThread("lectern-listening", open_listener, self._do, self._failed, self._stopped)

    def open(self, path: Path, start_s: float = 0.0) -> int:
        """Begin with a file. The job's number."""
        return self._add(_Step(path, start_s))

    def next(self) -> int:
        """Ask for what comes next in the file that was opened last. The job's number."""
        return self._add(_Step())

    def cancel(self, number: int) -> None:
        """Stop a job, waiting or running."""
        self._thread.cancel(number)

    def shutdown(self) -> None:
        """Stop everything, wait for thread and process."""
        self._thread.end(SHUTDOWN_S)

    def _add(self, step: _Step) -> int:
        job = Job(next(self._numbers), step)
        self._thread.add(job)
        return job.number

    def _deliver(self, news: _News) -> None:
        if news.opened is not None:
            self.opened.emit(news.job, news.opened)
        elif news.heard is not None:
            self.heard.emit(news.job, news.heard)
        elif news.failed:
            self.failed.emit(news.job, news.failed)
        else:
            self.cancelled.emit(news.job)

    # On the thread

    def _do(self, listener: Listens, job: Job[_Step]) -> None:
        if job.work.path is not None:
            news = _News(job.number, opened=listener.open(job.work.path, job.work.start_s, job.cancel))
        else:
            news = _News(job.number, heard=listener.next(job.cancel))
        self._outbox.post(news, urgent=True)

    def _failed(self, number: int, error: LecternError | None) -> None:
        self._outbox.post(_News(number, failed=UNEXPECTED if error is None else error.message), urgent=True)

    def _stopped(self, number: int) -> None:
        self._outbox.post(_News(number), urgent=True)
