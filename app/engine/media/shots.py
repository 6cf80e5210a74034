"""The bridge from Qt to finding scenes: one thread that waits on the finder's process, one video after the other.

The pictures that were found are in the finder's private folder until ``shutdown``, so it must come after the model's.
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
from app.ingest.shots.finder import ShotFinder, ShotList, ShotOptions, ShotProgress
from model.cancel import Cancel
from model.errors import LecternError
from model.messages import NOTHING, Message, msg

SHUTDOWN_S = 15.0
UNEXPECTED = msg(
    "internal.scenes", "Something unexpected went wrong while the scenes were being found; the log has the details."
)


class Finder(Protocol):
    """What the thread needs of ``app.ingest.shots.finder.ShotFinder``."""

    def find(
        self,
        path: Path,
        options: ShotOptions | None = None,
        on_progress: Callable[[ShotProgress], None] | None = None,
        cancel: Cancel | None = None,
    ) -> ShotList:
        """Find a video's shots."""
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
    failed: Message = NOTHING


@dataclass(frozen=True, slots=True)
class _Video:
    path: Path
    options: ShotOptions


class ShotsBridge(QObject):
    """Call ``shutdown`` before it goes."""

    progress = Signal(int, object)
    """(job, ShotProgress)"""
    found = Signal(int, object)
    """(job, ShotList)"""
    failed = Signal(int, object)
    """(job, Message)"""
    cancelled = Signal(int)
    """(job); each job ends with exactly one of found, failed and cancelled."""

    def __init__(self, open_finder: Callable[[], Finder] = ShotFinder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._numbers = itertools.count(1)
        self._outbox: Outbox[_News] = Outbox(self._deliver, _merge, self)
        self._thread = JobThread("lectern-scenes", open_finder, self._find, self._failed, self._stopped)

    @property
    def running(self) -> bool:
        """Whether the thread runs."""
        return self._thread.running

    def find(self, path: Path, options: ShotOptions | None = None) -> int:
        """Queue a video. The job's number."""
        job = Job(next(self._numbers), _Video(path, options or ShotOptions()))
        self._thread.add(job)
        return job.number

    def cancel(self, number: int) -> None:
        """Stop a job, waiting or running."""
        self._thread.cancel(number)

    def shutdown(self) -> None:
        """Stop everything, wait for thread and process, remove the pictures."""
        self._thread.end(SHUTDOWN_S)

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

    def _find(self, finder: Finder, job: Job[_Video]) -> None:
        def report(progress: ShotProgress) -> None:
            self._post(_News(job.number, progress=progress))

        self._post(_News(job.number, found=finder.find(job.work.path, job.work.options, report, job.cancel)))

    def _failed(self, number: int, error: LecternError | None) -> None:
        self._post(_News(number, failed=UNEXPECTED if error is None else error.message))

    def _stopped(self, number: int) -> None:
        self._post(_News(number))


def _merge(old: _News, new: _News) -> _News | None:
    """Of several progress reports about one job, only the newest counts."""
    return new if old.progress is not None and new.progress is not None and old.job == new.job else None
