"""The one bridge from Qt to reading files: one thread that waits on the reader's process.

Files are read one after the other in the order they came. Pictures of what was read lie in the reader's
private folder until ``shutdown``, so it must come after the model's.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

from PySide6.QtCore import QObject, Signal

from app.engine.outbox import Outbox
from app.ingest.types import Document, ReadOptions, ReadProgress
from app.ingest.viewing_types import LockedError
from model.errors import CancelledError, LecternError

_log = logging.getLogger(__name__)
SHUTDOWN_S = 15.0
UNEXPECTED = "Something unexpected went wrong while this file was read; the log has the details."


class Reader(Protocol):
    """What this thread needs of ``app.ingest.reader.Reader``."""

    def read(
        self,
        path: Path,
        options: ReadOptions = ...,
        on_progress: Callable[[ReadProgress], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> Document:
        """Read one file."""
        ...

    def close(self) -> None:
        """End the process and remove its pictures."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come."""

    job_id: int
    progress: ReadProgress


@dataclass(frozen=True, slots=True)
class Done:
    """A file has been read."""

    job_id: int
    document: Document


@dataclass(frozen=True, slots=True)
class Wrong:
    """A file could not be read."""

    job_id: int
    message: str
    locked: bool = False
    """A password is missing, or another one than was given."""
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Stopped:
    """The person stopped it."""

    job_id: int


News = Progress | Done | Wrong | Stopped


@dataclass(slots=True)
class _Job:
    job_id: int
    path: Path
    options: ReadOptions
    cancel: threading.Event = field(default_factory=threading.Event)


def _open_reader() -> Reader:
    from app.ingest.reader import Reader as RealReader

    return RealReader()


class ReadingBridge(QObject):
    """Call ``shutdown`` before it goes."""

    progress = Signal(int, object)
    """(job id, ReadProgress)"""
    done = Signal(int, object)
    """(job id, Document)"""
    failed = Signal(int, str)
    """(job id, one sentence)"""
    locked = Signal(int, bool)
    """(job id, whether a wrong password was given); ``failed`` follows."""
    cancelled = Signal(int)
    """(job id); each job ends with exactly one of done, failed and cancelled."""

    def __init__(self, open_reader: Callable[[], Reader] = _open_reader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ids = itertools.count(1)
        self._outbox: Outbox[News] = Outbox(self._deliver, merge_news, self)
        self._thread: _ReadingThread | None = None
        self._open_reader = open_reader
        self._closing = False

    def read(self, path: Path, options: ReadOptions | None = None) -> int:
        """Queue a file. The job's id."""
        job = _Job(next(self._ids), path, options or ReadOptions())
        if not self._closing:
            if self._thread is None:
                self._thread = _ReadingThread(self._open_reader, self._post)
            self._thread.add(job)
        return job.job_id

    def cancel(self, job_id: int) -> None:
        """Stop a job, waiting or running."""
        if self._thread is not None:
            self._thread.cancel(job_id)

    def shutdown(self) -> None:
        """Cancel everything, block until thread and process have ended, remove the pictures."""
        self._closing = True
        if self._thread is not None and not self._thread.end(SHUTDOWN_S):
            _log.error("The reading thread did not end within %g seconds", SHUTDOWN_S)
        self._outbox.hand_out()

    @property
    def running(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.running

    def _post(self, news: News) -> None:
        self._outbox.post(news, urgent=not isinstance(news, Progress))

    def _deliver(self, news: News) -> None:
        match news:
            case Progress(job_id, progress):
                self.progress.emit(job_id, progress)
            case Done(job_id, document):
                self.done.emit(job_id, document)
            case Wrong(job_id, message, locked, wrong):
                if locked:
                    self.locked.emit(job_id, wrong)
                self.failed.emit(job_id, message)
            case Stopped(job_id):
                self.cancelled.emit(job_id)


def merge_news(old: News, new: News) -> News | None:
    """Of several progress reports about one job, only the newest counts."""
    same = isinstance(old, Progress) and isinstance(new, Progress) and old.job_id == new.job_id
    return new if same else None


class _ReadingThread:
    """Owns the reader; ``tell`` is called on its thread or on the caller's."""

    def __init__(self, open_reader: Callable[[], Reader], tell: Callable[[News], None]) -> None:
        self._open_reader = open_reader
        self._tell = tell
        self._jobs: deque[_Job] = deque()
        self._running: _Job | None = None
        self._changed = threading.Condition()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="lectern-reading", daemon=True)
        self._thread.start()

    def add(self, job: _Job) -> Self:
        with self._changed:
            self._jobs.append(job)
            self._changed.notify()
        return self

    def cancel(self, job_id: int) -> None:
        with self._changed:
            if self._running and self._running.job_id == job_id:
                self._running.cancel.set()
            waiting = next((job for job in self._jobs if job.job_id == job_id), None)
            if waiting is not None:
                self._jobs.remove(waiting)
                self._tell(Stopped(job_id))

    def end(self, timeout_s: float | None) -> bool:
        with self._changed:
            self._ending = True
            for job in self._jobs:
                self._tell(Stopped(job.job_id))
            self._jobs.clear()
            if self._running:
                self._running.cancel.set()
            self._changed.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        reader: Reader | None = None
        while (job := self._next()) is not None:
            try:
                reader = reader or self._open_reader()
                self._tell(self._read(reader, job))
            except BaseException:  # a job must never take the thread with it
                _log.exception("A file could not be read")
                self._tell(Wrong(job.job_id, UNEXPECTED))
        if reader is not None:
            reader.close()

    def _next(self) -> _Job | None:
        with self._changed:
            self._running = None
            self._changed.wait_for(lambda: self._ending or self._jobs)
            if self._ending:
                return None
            self._running = self._jobs.popleft()
            return self._running

    def _read(self, reader: Reader, job: _Job) -> News:
        def report(progress: ReadProgress) -> None:
            self._tell(Progress(job.job_id, progress))

        try:
            document = reader.read(job.path, job.options, report, job.cancel)
        except CancelledError:
            return Stopped(job.job_id)
        except LockedError as error:
            return Wrong(job.job_id, str(error), True, error.wrong)
        except LecternError as error:
            return Wrong(job.job_id, str(error))
        return Stopped(job.job_id) if job.cancel.is_set() else Done(job.job_id, document)
