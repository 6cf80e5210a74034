"""Long work on model folders, apart from the model that answers: download, import, quantise, check, remove.

One job at a time, on its own thread, with progress and cancel; results come back as signals.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.engine.folders.getting import get_model
from app.engine.folders.importing import import_any
from app.engine.model.opening import quantise_model
from app.engine.threads.jobs import Job, JobThread, Nothing
from app.engine.threads.outbox import Outbox
from app.fetch.catalogue import Offer, host
from app.fetch.fetching import DOWNLOADING
from app.library.importing import remove_model
from model.cancel import Cancel
from model.errors import LecternError
from model.messages import NOTHING, Message, msg
from model.types import LoadProgress

SHUTDOWN_S = 10.0
UNEXPECTED = msg("internal.unexpected", "Something unexpected went wrong; the log has the details.")
Work = Callable[[Callable[[LoadProgress], None], Cancel], Path]


@dataclass(frozen=True, slots=True)
class _End:
    """How a job ended: ``error`` is empty when it went well or was stopped."""

    folder: Path | None
    error: Message


class ModelJobs(QObject):
    """Call ``shutdown`` before it goes."""

    progress = Signal(object)
    """LoadProgress"""
    ended = Signal(object, object)
    """(the folder that came of it or None, a Message, empty where nothing went wrong)"""
    got = Signal(object)
    """The folder of a model that was downloaded, after ``ended``"""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._outbox: Outbox[LoadProgress | _End] = Outbox(self._deliver, _merge, self)
        self._numbers = itertools.count(1)
        self._number = 0
        self.offer: Offer | None = None
        """The model that is being downloaded and imported; in ``ended``, the one that was."""
        self.connected = ""
        """The host that Lectern is connected to; empty at all other times."""
        self._thread: JobThread[Nothing, Work] = JobThread(
            "lectern-model-job", Nothing, self._do, self._failed, self._cancelled
        )

    @property
    def busy(self) -> bool:
        """Whether a job is running."""
        return self._number != 0

    def import_model(self, source: Path) -> None:
        """Copy a folder into the user's models folder, or make a folder there from a GGUF file."""
        self._start(lambda report, cancel: import_any(source, None, report, cancel))

    def get(self, offer: Offer) -> None:
        """Download a model, and import it. The only one of these jobs that opens a connection."""
        if not self.busy:
            self.offer, self.connected = offer, host()
            self._start(partial(get_model, offer))

    def quantise(self, folder: Path) -> None:
        """Make the 4-bit form of a published folder."""
        self._start(partial(quantise_model, folder))

    def remove(self, folder: Path) -> None:
        """Delete one of Lectern's own model folders."""

        def work(_report: Callable[[LoadProgress], None], _cancel: Cancel) -> Path:
            remove_model(folder)
            return folder

        self._start(work)

    def cancel(self) -> None:
        """Stop the job; partial results stay for resuming."""
        self._thread.cancel(self._number)

    def shutdown(self) -> None:
        """Stop, and wait for the thread."""
        self._thread.end(SHUTDOWN_S)

    def _start(self, work: Work) -> None:
        if not self.busy:
            self._number = next(self._numbers)
            self._thread.add(Job(self._number, work))

    # On the thread

    def _do(self, _nothing: Nothing, job: Job[Work]) -> None:
        self._end(job.work(self._outbox.post, job.cancel))

    def _failed(self, _number: int, error: LecternError | None) -> None:
        self._end(None, UNEXPECTED if error is None else error.message)

    def _cancelled(self, _number: int) -> None:
        self._end(None)

    def _end(self, folder: Path | None, error: Message = NOTHING) -> None:
        self._outbox.post(_End(folder, error), urgent=True)

    # On the event loop

    def _deliver(self, news: LoadProgress | _End) -> None:
        if isinstance(news, LoadProgress):
            if news.stage.code != DOWNLOADING:
                self.connected = ""
            self.progress.emit(news)
            return
        self._number = 0
        self.connected = ""
        self.ended.emit(news.folder, news.error)
        offer, self.offer = self.offer, None
        if offer is not None and news.folder is not None:
            self.got.emit(news.folder)


def _merge(old: LoadProgress | _End, new: LoadProgress | _End) -> LoadProgress | _End | None:
    return new if isinstance(old, LoadProgress) and isinstance(new, LoadProgress) else None
