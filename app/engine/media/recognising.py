"""The one bridge from Qt to text recognition: one thread that waits on the recognising process.

It runs beside reading and showing, so nothing waits for it. Documents come one after the other; of each, what is on the
screen first. Pictures that it makes are in a private folder until ``shutdown``, so it must come after the model's.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.engine.threads.jobs import Job, JobThread
from app.engine.threads.outbox import Outbox
from app.ingest.types import Document, Page, ReadOptions
from model.cancel import Cancel
from model.errors import LecternError
from model.messages import NOTHING, Message, msg

SHUTDOWN_S = 15.0
UNEXPECTED = msg(
    "internal.recognising",
    "Something unexpected went wrong while text was read from pictures; the log has the details.",
)


class Recogniser(Protocol):
    """What this thread needs of ``app.ingest.ocr.recogniser.Recogniser``."""

    def recognise(
        self,
        document: Document,
        options: ReadOptions | None = None,
        *,
        on_card: bool = False,
        first: Callable[[], int | None] = ...,
        on_page: Callable[[Page], None] = ...,
        on_screen: Callable[[Document, float], None] = ...,
        cancel: Cancel | None = None,
    ) -> Document:
        """Read the words on a document's pictures."""
        ...

    def close(self) -> None:
        """End the process and remove its pictures."""
        ...


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages whose words have been read."""

    job_id: int
    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """A video with the text on its frames up to a second."""

    job_id: int
    document: Document
    upto_s: float


@dataclass(frozen=True, slots=True)
class Done:
    """All pages of a document are read."""

    job_id: int
    document: Document


@dataclass(frozen=True, slots=True)
class Ended:
    """The user stopped it (no message), or it failed."""

    job_id: int
    message: Message


News = Pages | Screen | Done | Ended


@dataclass(frozen=True, slots=True)
class _Task:
    document: Document
    options: ReadOptions
    on_card: bool


def _open_recogniser() -> Recogniser:
    from app.ingest.ocr.recogniser import Recogniser as RealRecogniser

    return RealRecogniser()


class RecognitionBridge(QObject):
    """Call ``shutdown`` before it goes."""

    pages = Signal(int, object)
    """(job id, tuple of ``Page``): these are done; more follow."""
    screen = Signal(int, object, float)
    """(job id, ``Document``, second): a video's frames up to that second are done; more follow."""
    done = Signal(int, object)
    """(job id, ``Document``)"""
    failed = Signal(int, object)
    """(job id, one sentence)"""
    cancelled = Signal(int)
    """(job id); each job ends with exactly one of done, failed and cancelled."""

    def __init__(
        self, open_recogniser: Callable[[], Recogniser] = _open_recogniser, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._shown: tuple[str, int] | None = None
        self._outbox: Outbox[News] = Outbox(self._deliver, merge_news, self)
        self._thread = JobThread("lectern-recognising", open_recogniser, self._recognise, self._failed, self._stopped)

    def recognise(self, document: Document, options: ReadOptions | None = None, *, on_card: bool = False) -> int:
        """Queue a document. The job's id."""
        job = Job(next(self._ids), _Task(document, options or ReadOptions(), on_card))
        self._thread.add(job)
        return job.number

    def show(self, content_hash: str, page: int) -> None:
        """This page is on the screen: it is read next, where it waits."""
        with self._lock:
            self._shown = (content_hash, page)

    def cancel(self, job_id: int) -> None:
        """Stop a job, waiting or running. What has been read is cached."""
        self._thread.cancel(job_id)

    def shutdown(self) -> None:
        """Cancel everything, block until thread and process have ended, remove the pictures."""
        self._thread.end(SHUTDOWN_S)
        self._outbox.hand_out()

    def _deliver(self, news: News) -> None:
        match news:
            case Pages(job_id, pages):
                self.pages.emit(job_id, pages)
            case Screen(job_id, document, upto_s):
                self.screen.emit(job_id, document, upto_s)
            case Done(job_id, document):
                self.done.emit(job_id, document)
            case Ended(job_id, message) if message:
                self.failed.emit(job_id, message)
            case Ended(job_id):
                self.cancelled.emit(job_id)

    # On the thread

    def _recognise(self, recogniser: Recogniser, job: Job[_Task]) -> None:
        task = job.work

        def first() -> int | None:
            with self._lock:
                shown = self._shown
            return shown[1] if shown is not None and shown[0] == task.document.content_hash else None

        def on_page(page: Page) -> None:
            self._outbox.post(Pages(job.number, (page,)), urgent=False)

        def on_screen(document: Document, upto_s: float) -> None:
            self._outbox.post(Screen(job.number, document, upto_s), urgent=False)

        document = recogniser.recognise(
            task.document,
            task.options,
            on_card=task.on_card,
            first=first,
            on_page=on_page,
            on_screen=on_screen,
            cancel=job.cancel,
        )
        self._outbox.post(
            Ended(job.number, NOTHING) if job.cancel.is_set() else Done(job.number, document), urgent=True
        )

    def _failed(self, number: int, error: LecternError | None) -> None:
        self._outbox.post(Ended(number, UNEXPECTED if error is None else error.message), urgent=True)

    def _stopped(self, number: int) -> None:
        self._outbox.post(Ended(number, NOTHING), urgent=True)


def merge_news(old: News, new: News) -> News | None:
    """Pages of one job are told together."""
    if isinstance(old, Pages) and isinstance(new, Pages) and old.job_id == new.job_id:
        return Pages(old.job_id, old.pages + new.pages)
    if isinstance(old, Screen) and isinstance(new, Screen) and old.job_id == new.job_id:
        return new
    return None
