"""Long work on model folders, apart from the model that answers: import, quantise, check, remove.

One job at a time, on a thread of its own, with progress and cancel; results come back as signals.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.engine.model.opening import quantise_model
from app.engine.threads.outbox import Outbox
from app.library.importing import import_model, remove_model
from model.errors import CancelledError, LecternError
from model.types import LoadProgress

SHUTDOWN_S = 10.0
_log = logging.getLogger(__name__)
Work = Callable[[Callable[[LoadProgress], None], threading.Event], Path]


@dataclass(frozen=True, slots=True)
class _End:
    """How a job ended: ``error`` is empty when it went well or was stopped."""

    folder: Path | None
    error: str


class ModelJobs(QObject):
    """Call ``shutdown`` before it goes."""

    progress = Signal(object)
    """LoadProgress"""
    ended = Signal(object, str)
    """(the folder that came of it or None, one sentence or nothing)"""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._outbox: Outbox[LoadProgress | _End] = Outbox(self._deliver, _merge, self)
        self._thread: threading.Thread | None = None
        self._cancel = threading.Event()

    @property
    def busy(self) -> bool:
        """Whether a job runs."""
        return self._thread is not None

    def import_model(self, source: Path) -> None:
        """Copy a folder into the person's models folder."""
        self._start(lambda report, cancel: import_model(source, None, report, cancel))

    def quantise(self, folder: Path) -> None:
        """Make the 4-bit form of a published folder."""
        self._start(partial(quantise_model, folder))

    def remove(self, folder: Path) -> None:
        """Delete one of Lectern's own model folders."""

        def work(_report: Callable[[LoadProgress], None], _cancel: threading.Event) -> Path:
            remove_model(folder)
            return folder

        self._start(work)

    def cancel(self) -> None:
        """Stop the job; what can be gone on with later is kept."""
        self._cancel.set()

    def shutdown(self) -> None:
        """Stop, and wait for the thread."""
        self._cancel.set()
        if self._thread is not None:
            self._thread.join(SHUTDOWN_S)
            self._thread = None

    def _start(self, work: Work) -> None:
        if self.busy:
            return
        self._cancel = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(work, self._cancel), name="lectern-model-job", daemon=True
        )
        self._thread.start()

    def _run(self, work: Work, cancel: threading.Event) -> None:
        try:
            end = _End(work(self._outbox.post, cancel), "")
        except CancelledError:
            end = _End(None, "")
        except LecternError as error:
            end = _End(None, str(error))
        except Exception as error:
            _log.exception("A job on a model folder failed")
            end = _End(None, f"Something unexpected went wrong ({type(error).__name__}); the log has the details.")
        self._outbox.post(end, urgent=True)

    def _deliver(self, news: LoadProgress | _End) -> None:
        if isinstance(news, LoadProgress):
            self.progress.emit(news)
            return
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.ended.emit(news.folder, news.error)


def _merge(old: LoadProgress | _End, new: LoadProgress | _End) -> LoadProgress | _End | None:
    return new if isinstance(old, LoadProgress) and isinstance(new, LoadProgress) else None
