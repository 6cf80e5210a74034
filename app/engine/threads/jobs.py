"""A thread that does jobs one after the other for a bridge, with a process or a file that it opens and closes itself.

Whatever goes wrong inside a job becomes one sentence; the thread lives on. No Qt here.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from app.engine.threads.worker import Worker
from model.errors import CancelledError, LecternError

_log = logging.getLogger(__name__)


class Closable(Protocol):
    """The resource that the thread owns and closes at its end."""

    def close(self) -> None:
        """Release the resource."""
        ...


class Nothing:
    """For jobs that need nothing that stays open from one to the next."""

    def close(self) -> None:
        """Does nothing: there is no resource."""


Owned = TypeVar("Owned", bound=Closable)
Work = TypeVar("Work")


@dataclass(slots=True)
class Job(Generic[Work]):
    """One thing to do; ``cancel`` is set when nobody wants it any more."""

    number: int
    work: Work
    cancel: threading.Event = field(default_factory=threading.Event)


class JobThread(Worker, Generic[Owned, Work]):
    """Starts with its first job. Every job ends by ``do`` returning, or with one call of ``failed`` or ``cancelled``.

    ``do`` and ``failed`` are called on the thread, ``cancelled`` there or on the caller's.
    """

    def __init__(
        self,
        name: str,
        open_owned: Callable[[], Owned],
        do: Callable[[Owned, Job[Work]], None],
        failed: Callable[[int, LecternError | None], None],
        cancelled: Callable[[int], None],
    ) -> None:
        """``do`` may raise anything; ``failed`` gets ``None`` for what nobody thought of, which is in the log then."""
        super().__init__(name)
        self._open_owned, self._do = open_owned, do
        self._failed, self._cancelled = failed, cancelled
        self._jobs: deque[Job[Work]] = deque()
        self._running: Job[Work] | None = None

    def add(self, job: Job[Work]) -> None:
        """Queue a job. After ``end`` it is dropped without a word."""
        with self._changed:
            if self.ending.is_set():
                return
            self._jobs.append(job)
            self._changed.notify()
        self.start()

    def cancel(self, number: int) -> None:
        """Stop a job, waiting or running."""
        with self._changed:
            if self._running is not None and self._running.number == number:
                self._running.cancel.set()
            waiting = next((job for job in self._jobs if job.number == number), None)
            if waiting is not None:
                self._jobs.remove(waiting)
                self._cancelled(number)

    def _stop(self) -> None:
        for job in self._jobs:
            self._cancelled(job.number)
        self._jobs.clear()
        if self._running is not None:
            self._running.cancel.set()

    # On the thread

    def _work(self) -> None:
        owned: Owned | None = None
        while (job := self._next()) is not None:
            try:
                owned = owned or self._open_owned()
                self._do(owned, job)
            except CancelledError:
                self._cancelled(job.number)
            except LecternError as error:
                self._failed(job.number, error)
            except BaseException:  # a job must never take the thread with it
                _log.exception("A job of the thread %s failed", self._name)
                self._failed(job.number, None)
            del job  # the next one may be long in coming, and what this one holds on to goes now
        if owned is not None:
            owned.close()

    def _next(self) -> Job[Work] | None:
        with self._changed:
            self._running = None
            self._changed.wait_for(lambda: self.ending.is_set() or self._jobs)
            if self.ending.is_set():
                return None
            self._running = self._jobs.popleft()
            return self._running
