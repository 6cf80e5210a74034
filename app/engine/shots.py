"""The bridge from Qt to finding scenes: one thread that waits on the finder's process, one clip after the other.

The pictures that were found lie in the finder's private folder until ``shutdown``, so it must come after the model's.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.engine.outbox import Outbox
from app.ingest.shots import ShotFinder, ShotList, ShotOptions, ShotProgress
from model.errors import CancelledError, LecternError

SHUTDOWN_S = 15.0
UNEXPECTED = "Something unexpected went wrong while the scenes were looked for; the log has the details."
_log = logging.getLogger(__name__)


class Finder(Protocol):
    """What the thread needs of ``app.ingest.shots.ShotFinder``."""

    def find(
        self,
        path: Path,
        options: ShotOptions | None = None,
        on_progress: Callable[[ShotProgress], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> ShotList:
        """Find a clip's shots."""
        ...

    def close(self) -> None:
        """End the process and remove its pictures."""
        ...


@dataclass(frozen=True, slots=True)
class _News:
    """Exactly one of the fields after ``job`` is set; none of them: cancelled."""

    job: int
    progress: ShotProgress | None = None
    found: ShotList | None = None
    failed: str = ""


@dataclass(slots=True)
class _Job:
    number: int
    path: Path
    options: ShotOptions
    cancel: threading.Event = field(default_factory=threading.Event)


class ShotsBridge(QObject):
    """Call ``shutdown`` before it goes."""

    progress = Signal(int, object)
    """(job, ShotProgress)"""
    found = Signal(int, object)
    """(job, ShotList)"""
    failed = Signal(int, str)
    """(job, one sentence)"""
    cancelled = Signal(int)
    """(job); each job ends with exactly one of found, failed and cancelled."""

    def __init__(self, open_finder: Callable[[], Finder] = ShotFinder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open_finder = open_finder
        self._numbers = itertools.count(1)
        self._outbox: Outbox[_News] = Outbox(self._deliver, _merge, self)
        self._jobs: deque[_Job] = deque()
        self._running: _Job | None = None
        self._changed = threading.Condition()
        self._ending = False
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def find(self, path: Path, options: ShotOptions | None = None) -> int:
        """Queue a clip. The job's number."""
        job = _Job(next(self._numbers), path, options or ShotOptions())
        with self._changed:
            if not self._ending:
                self._jobs.append(job)
                self._changed.notify()
        if self._thread is None and not self._ending:
            self._thread = threading.Thread(target=self._run, name="lectern-scenes", daemon=True)
            self._thread.start()
        return job.number

    def cancel(self, number: int) -> None:
        """Stop a job, waiting or running."""
        with self._changed:
            if self._running is not None and self._running.number == number:
                self._running.cancel.set()
            waiting = next((job for job in self._jobs if job.number == number), None)
            if waiting is not None:
                self._jobs.remove(waiting)
                self._post(_News(number))

    def shutdown(self) -> None:
        """Stop everything, wait for thread and process, remove the pictures."""
        with self._changed:
            self._ending = True
            self._jobs.clear()
            if self._running is not None:
                self._running.cancel.set()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(SHUTDOWN_S)
            if self._thread.is_alive():
                _log.error("The thread that finds scenes did not end within %g seconds", SHUTDOWN_S)

    def _post(self, news: _News) -> None:
        self._outbox.post(news, urgent=news.progress is None)

    def _deliver(self, news: _News) -> None:
        if news.progress is not None:
            self.progress.emit(news.job, news.progress)
        elif news.found is not None:
            self.found.emit(news.job, news.found)
        elif news.failed:
            self.failed.emit(news.job, news.failed)
        else:
            self.cancelled.emit(news.job)

    # On the thread

    def _run(self) -> None:
        finder: Finder | None = None
        while (job := self._next()) is not None:
            try:
                finder = finder or self._open_finder()
                self._post(self._found(finder, job))
            except BaseException:  # a job must never take the thread with it
                _log.exception("Scenes could not be found")
                self._post(_News(job.number, failed=UNEXPECTED))
        if finder is not None:
            finder.close()

    def _next(self) -> _Job | None:
        with self._changed:
            self._running = None
            self._changed.wait_for(lambda: self._ending or self._jobs)
            if self._ending:
                return None
            self._running = self._jobs.popleft()
            return self._running

    def _found(self, finder: Finder, job: _Job) -> _News:
        def report(progress: ShotProgress) -> None:
            self._post(_News(job.number, progress=progress))

        try:
            return _News(job.number, found=finder.find(job.path, job.options, report, job.cancel))
        except CancelledError:
            return _News(job.number)
        except LecternError as error:
            return _News(job.number, failed=str(error))


def _merge(old: _News, new: _News) -> _News | None:
    """Of several progress reports about one job, only the newest counts."""
    return new if old.progress is not None and new.progress is not None and old.job == new.job else None
