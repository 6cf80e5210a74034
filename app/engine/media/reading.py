"""The one bridge from Qt to reading files: one thread that waits on the reader's process.

Files are read one after the other in the order they came. Pictures of what was read are in the reader's
private folder until ``shutdown``, so it must come after the model's.
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
from app.ingest.attached import AttachedFile
from app.ingest.types import Document, ReadOptions, ReadProgress
from app.ingest.view.types import LockedError
from model.cancel import Cancel
from model.errors import LecternError
from model.messages import Message, msg

SHUTDOWN_S = 15.0
UNEXPECTED = msg(
    "internal.reading", "Something unexpected went wrong while this file was read; the log has the details."
)


class Reader(Protocol):
    """What this thread needs of ``app.ingest.read.reader.Reader``."""

    def read(
        self,
        path: Path,
        options: ReadOptions = ...,
        on_progress: Callable[[ReadProgress], None] | None = None,
        cancel: Cancel | None = None,
    ) -> Document:
        """Read one file."""
        ...

    def take_out(
        self,
        path: Path,
        file: AttachedFile,
        folder: Path | None = None,
        password: str | None = None,
        cancel: Cancel | None = None,
    ) -> Path:
        """Write a file that is inside of another one."""
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
    message: Message
    locked: bool = False
    """A password is missing, or another one than was given."""
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class TakenOut:
    """A file that was inside of another one is a file of its own."""

    job_id: int
    path: Path


@dataclass(frozen=True, slots=True)
class Stopped:
    """The user stopped reading this file."""

    job_id: int


News = Progress | Done | Wrong | TakenOut | Stopped


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    options: ReadOptions


@dataclass(frozen=True, slots=True)
class _Inside:
    path: Path
    file: AttachedFile
    folder: Path
    password: str | None


def _open_reader() -> Reader:
    from app.ingest.read.reader import Reader as RealReader

    return RealReader()


class ReadingBridge(QObject):
    """Call ``shutdown`` before it goes."""

    progress = Signal(int, object)
    """(job id, ReadProgress)"""
    done = Signal(int, object)
    """(job id, Document)"""
    failed = Signal(int, object)
    """(job id, Message)"""
    taken_out = Signal(int, object)
    """(job id, Path)"""
    locked = Signal(int, bool)
    """(job id, whether a wrong password was given); ``failed`` follows."""
    cancelled = Signal(int)
    """(job id); each job ends with exactly one of done, taken out, failed and cancelled."""

    def __init__(self, open_reader: Callable[[], Reader] = _open_reader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ids = itertools.count(1)
        self._outbox: Outbox[News] = Outbox(self._deliver, merge_news, self)
        self._thread = JobThread("lectern-reading", open_reader, self._read, self._failed, self._stopped)

    def read(self, path: Path, options: ReadOptions | None = None) -> int:
        """Queue a file. The job's id."""
        job: Job[_File | _Inside] = Job(next(self._ids), _File(path, options or ReadOptions()))
        self._thread.add(job)
        return job.number

    def take_out(self, path: Path, file: AttachedFile, folder: Path, password: str | None = None) -> int:
        """Queue taking a file out of the file that it is inside of, into ``folder``. The job's id."""
        job: Job[_File | _Inside] = Job(next(self._ids), _Inside(path, file, folder, password))
        self._thread.add(job)
        return job.number

    def cancel(self, job_id: int) -> None:
        """Stop a job, waiting or running."""
        self._thread.cancel(job_id)

    def shutdown(self) -> None:
        """Cancel everything, block until thread and process have ended, remove the pictures."""
        self._thread.end(SHUTDOWN_S)
        self._outbox.hand_out()

    @property
    def running(self) -> bool:
        """Whether the thread runs."""
        return self._thread.running

    def _post(self, news: News) -> None:
        self._outbox.post(news, urgent=not isinstance(news, Progress))

    def _deliver(self, news: News) -> None:
        match news:
            case Progress(job_id, progress):
                self.progress.emit(job_id, progress)
            case Done(job_id, document):
                self.done.emit(job_id, document)
            case TakenOut(job_id, path):
                self.taken_out.emit(job_id, path)
            case Wrong(job_id, message, locked, wrong):
                if locked:
                    self.locked.emit(job_id, wrong)
                self.failed.emit(job_id, message)
            case Stopped(job_id):
                self.cancelled.emit(job_id)

    # On the thread

    def _read(self, reader: Reader, job: Job[_File | _Inside]) -> None:
        if isinstance(job.work, _Inside):
            work = job.work
            path = reader.take_out(work.path, work.file, work.folder, work.password, job.cancel)
            self._post(TakenOut(job.number, path))
            return

        def report(progress: ReadProgress) -> None:
            self._post(Progress(job.number, progress))

        document = reader.read(job.work.path, job.work.options, report, job.cancel)
        self._post(Stopped(job.number) if job.cancel.is_set() else Done(job.number, document))

    def _failed(self, number: int, error: LecternError | None) -> None:
        if isinstance(error, LockedError):
            self._post(Wrong(number, error.message, True, error.wrong))
        else:
            self._post(Wrong(number, UNEXPECTED if error is None else error.message))

    def _stopped(self, number: int) -> None:
        self._post(Stopped(number))


def merge_news(old: News, new: News) -> News | None:
    """Of several progress reports about one job, only the newest counts."""
    same = isinstance(old, Progress) and isinstance(new, Progress) and old.job_id == new.job_id
    return new if same else None
