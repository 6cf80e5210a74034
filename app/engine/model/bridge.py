"""The one bridge from Qt to the model. Commands go down as calls, events come up as signals.

Everything here belongs to the thread that made the bridge (the window's); the model belongs to the worker
thread. Text is handed out about every 30 ms, whole and in order; what ends a request is handed out at once.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from app.engine.model.ahead import Coming, Wanted
from app.engine.model.news import Answered, Costs, Loaded, LoadFailed, Loading, Moved, News, Unloaded
from app.engine.model.opening import open_engine
from app.engine.model.protocols import OpenEngine
from app.engine.model.queue import DocumentJob
from app.engine.model.tooling import Told
from app.engine.model.watchdog import PATIENCE, TICK_MS, Watchdog
from app.engine.model.worker import ModelWorker
from app.engine.threads.outbox import Outbox
from app.ingest.types import Document
from app.library.model_ref import ModelRef
from model.types import (
    EncodeProgress,
    Failed,
    Finished,
    ModelInfo,
    PrefillProgress,
    Request,
    TextDelta,
    ThoughtDelta,
)

SHUTDOWN_S = 15.0
"""A long native call, such as one chunk of a large model on a slow processor, cannot be broken off."""
_log = logging.getLogger(__name__)


class EngineBridge(QObject):
    """Call ``shutdown`` before it goes."""

    loading = Signal(object)
    """LoadProgress"""
    loaded = Signal(object)
    """ModelInfo"""
    load_failed = Signal(object)
    unloaded = Signal()
    event = Signal(int, object)  # type: ignore[assignment]  # hides QObject.event, which nothing here overrides
    """(request id, Event or ToolUse); each request ends with exactly one Finished or Failed."""
    preflighted = Signal(int, object)
    """(number, Preflight or Failed); of an asker's calls that still wait only the newest is answered."""
    residency_changed = Signal()
    """Documents may have come, gone or been saved: after answers, and after ``pin``, ``unload`` and ``forget``."""

    preparing = Signal(object)
    """Coming: pictures that are encoded ahead."""
    stuck = Signal()
    """Busy, and no sign of work for minutes: ``wait_longer`` or ``restart``."""
    recovered = Signal()
    """A model that seemed to hang works again."""

    def __init__(
        self,
        open_engine: OpenEngine = open_engine,
        parent: QObject | None = None,
        *,
        tick_ms: int = TICK_MS,
        patience: int = PATIENCE,
    ) -> None:
        super().__init__(parent)
        self.info: ModelInfo | None = None
        self._ids = itertools.count(1)
        self._order = 0
        self._outbox: Outbox[News] = Outbox(self._deliver, merge_news, self)
        self._worker: ModelWorker | None = None
        self._open_engine = open_engine
        self._closing = False
        self._wanted: ModelRef | None = None
        self._abandoned: list[ModelWorker] = []
        self._watchdog = Watchdog(self._sign, self, tick_ms=tick_ms, patience=patience)
        self._watchdog.stuck.connect(self.stuck)
        self._watchdog.recovered.connect(self.recovered)

    def load(self, model: ModelRef) -> None:
        """Open ``model``. A running answer or load is stopped."""
        self.info = None
        self._wanted = model
        self._order += 1
        if (worker := self._started()) is not None:
            worker.load(self._order, model)

    def unload(self) -> None:
        """Let the model go; also stops a load that is under way."""
        self.info = self._wanted = None
        self._order += 1
        if self._worker is not None:
            self._worker.unload(self._order)

    def ask(self, request: Request, documents: Sequence[Document] = ()) -> int:
        """Queue a request; it may be asked while a model is still being loaded. The request's id.

        ``documents`` are what the model may look at by itself, where the request offers it ``tools``.
        """
        request_id = next(self._ids)
        if (worker := self._started()) is not None:
            worker.ask(request_id, request, tuple(documents))
        return request_id

    def stop(self, request_id: int | None = None) -> None:
        """Stop one request, waiting or running; without an id all of them."""
        if self._worker is not None:
            self._worker.stop(request_id)

    def preflight(self, request: Request, asker: int = 0) -> int:
        """Find out what a request would cost, when nobody waits for an answer. The number of the report.

        Of an asker's calls that still wait only the newest is answered; each window is one.
        """
        number = next(self._ids)
        if (worker := self._started()) is not None:
            worker.preflight(number, request, asker)
        return number

    def prepare(self, wanted: Sequence[Wanted], asker: int = 0) -> None:
        """Have these pictures encoded while there is nothing else to do, in this order; replaces the asker's others.

        Starts no thread: without a model there is nothing to prepare.
        """
        if self._worker is not None and not self._closing:
            self._worker.prepare(asker, tuple(wanted))

    def pin(self, key: str, on: bool) -> None:
        """Whether the document with this key stays in memory whatever else is asked about."""
        self._document("pin" if on else "unpin", key)

    def unload_document(self, key: str) -> None:
        """Take a document out of memory; it stays on disk."""
        self._document("unload document", key)

    def forget(self, key: str) -> None:
        """Delete a document's cached data, in memory and on disk, by this model and by others."""
        self._document("forget", key)

    def shutdown(self) -> None:
        """Cancel everything, save what was read, and block until the thread has ended. Last events are delivered."""
        self._closing = True
        self._watchdog.stop()
        if self._worker is not None and not self._worker.end(SHUTDOWN_S):
            _log.error("The model's thread did not end within %g seconds", SHUTDOWN_S)
        self._outbox.hand_out()

    def wait_longer(self) -> None:
        """The user would rather wait for a model that seems to hang."""
        self._watchdog.wait_longer()

    def restart(self) -> None:
        """Leave a thread that hangs to itself, fail what was asked of it, and open the model on a new one.

        A thread cannot be killed. What it holds is given back should it ever go on, else with the process.
        """
        old, self._worker = self._worker, None
        if old is None or self._closing:
            return
        _log.error("The model's thread hangs and is replaced")
        self._abandoned = [*(one for one in self._abandoned if one.running), old]
        old.abandon()
        self.info = None
        if self._wanted is not None:
            self.load(self._wanted)

    @property
    def worker(self) -> ModelWorker | None:
        """The model's thread, for the API, whose questions go into the same queue; for any thread."""
        return self._worker

    @property
    def running(self) -> bool:
        """Whether the thread runs; still true after ``shutdown`` where a native call does not come back."""
        workers = [*self._abandoned, *([self._worker] if self._worker is not None else [])]
        return any(worker.running for worker in workers)

    def _document(self, kind: DocumentJob, key: str) -> None:
        if (worker := self._started()) is not None:
            worker.document(kind, key)

    def _started(self) -> ModelWorker | None:
        """The worker, started at its first use; none after the shutdown."""
        if self._worker is None and not self._closing:
            self._worker = ModelWorker(self._open_engine, self._post)
            self._watchdog.start()
        return None if self._closing else self._worker

    def _sign(self) -> tuple[int, int] | None:
        return self._worker.sign if self._worker is not None else None

    def _post(self, news: News) -> None:
        ends = isinstance(news, Answered) and isinstance(news.event, Finished | Failed)
        self._outbox.post(news, urgent=ends or isinstance(news, Loaded | LoadFailed | Unloaded))

    def _deliver(self, news: News) -> None:
        if isinstance(news, Answered):
            self.event.emit(news.request_id, news.event)
        elif isinstance(news, Costs):
            self.preflighted.emit(news.number, news.found)
        elif isinstance(news, Moved):
            self.residency_changed.emit()
        elif isinstance(news, Coming):
            self.preparing.emit(news)
        elif news.order == self._order:  # what a newer load has replaced is no longer news
            self._deliver_model(news)

    def _deliver_model(self, news: Loading | Loaded | LoadFailed | Unloaded) -> None:
        match news:
            case Loading(_, progress):
                self.loading.emit(progress)
            case Loaded(_, info):
                self.info = info
                self.loaded.emit(info)
            case LoadFailed(_, message):
                self.load_failed.emit(message)
            case Unloaded():
                self.unloaded.emit()


def merge_news(old: News, new: News) -> News | None:
    """One piece of news for two neighbours, where nothing is lost by it."""
    match old, new:
        case Moved(), Moved():
            return new
        case Coming(first, _), Coming(second, _) if first == second:
            return new
        case Loading(first, _), Loading(second, _) if first == second:
            return new
        case Answered(first, before), Answered(second, after) if first == second:
            event = _merge_events(before, after)
            return None if event is None else Answered(first, event)
    return None


def _merge_events(old: Told, new: Told) -> Told | None:
    match old, new:
        case (TextDelta(before), TextDelta(after)):
            return TextDelta(before + after)
        case (ThoughtDelta(before), ThoughtDelta(after)):
            return ThoughtDelta(before + after)
        case (PrefillProgress(), PrefillProgress()) | (EncodeProgress(), EncodeProgress()):
            return new
    return None
