"""The thread that owns the model: one job at a time, in order, until it is told to end. No Qt here.

Jobs are: open a model, let it go, answer a request, estimate what a request would cost, and pin, unload or forget a
document. Questions of the window and of other programs take turns (``app.engine.model.fair``). Opening goes before
waiting questions, so that they are answered by the model that was chosen last; a running answer is stopped for it.
What nobody waits for comes last: costs, of which only each asker's newest question counts, and then, with nothing
else to do, saving the documents that were read. A new job or the end breaks saving off; what is left is saved at the
next quiet moment, at the latest when the thread ends. Last of all, pictures that will be asked about are encoded
ahead (``app.engine.model.ahead``), and any job breaks that off.

What the thread does, and what takes it from one to the next::

                  ┌──────────────── a job comes ────────────────┐
                  v                                             │
    job ──> working ──(no job waits)──> saving ──(all saved)──> preparing ──(all encoded)──> idle
            │  ^  ^                     │    ^                  │                            │
            │  │  └───── a job comes ───┘    └── after an answer│                            │
            │  └─────────────────────── a job comes ────────────┴────────────────────────────┘
            └─(load, unload)─> saving, which jobs do not break off, then the engine is closed: one model at a time

    leave ──> jobs are cancelled, all but "forget" ──> saving ──> the engine is closed ──> ended

Three things stop three things. A job's own ``cancel`` stops that job (``stop``, ``load``, ``leave``). ``_stop_saving``
breaks saving off: a new job does so in a quiet moment, and ``end`` when ``SAVING_SHARE`` of its time is over; ``leave``
clears it, since what a job broke off is saved now or never. ``_ahead.stop`` breaks encoding off. ``abandon`` is for a
thread that hangs in native code and will perhaps never look at any of them: nothing more is heard of it.

Whatever goes wrong inside becomes one sentence for the user and a traceback in the log; the thread lives on.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Literal

from app.engine.model import kept
from app.engine.model.ahead import Ahead, Wanted
from app.engine.model.fair import WINDOW, Turns
from app.engine.model.faults import NOT_ANSWERED, NOT_LOADED, NOT_MEASURED, reason_of
from app.engine.model.figures import FIGURES
from app.engine.model.news import Answered, Costs, Loaded, LoadFailed, Loading, Moved, News, Tell, Unloaded
from app.engine.model.protocols import Adaptable, Counting, Engine, Measuring, OpenEngine, Resident
from app.engine.model.pulse import Pulse
from app.engine.model.tooling import Told, Tooling
from app.engine.threads.machine import give_memory_back, lower_priority
from app.engine.threads.worker import Worker
from app.ingest.types import Document
from app.library.model_ref import LocalFolder, ModelRef
from model.errors import CancelledError, LecternError
from model.messages import msg
from model.types import Failed, Finished, Preflight, Request, Timings, Usage

_log = logging.getLogger(__name__)

RESTARTED = msg("model.hung", "The model stopped responding and was restarted; ask again.")
NO_MODEL = msg("model.none", "No model is loaded; choose a model folder first.")
NO_COSTS = msg(
    "model.no-costs",
    "This model cannot estimate the size and time of a question; ask without an estimate, or choose another model.",
)
SAVING_SHARE = 2 / 3
"""Of the time that there is at the end; the rest is for what cannot be broken off."""
CANCELLED = Finished("cancelled", Usage(0, 0, 0), Timings(0.0, 0.0, 0.0))


ForgetOnDisk = Callable[[list[str]], object]


DocumentJob = Literal["pin", "unpin", "unload document", "forget"]


@dataclass(slots=True)
class _Job:
    """One thing to do. ``number`` is the request's id, or which call of ``load`` or ``unload`` it was."""

    kind: Literal["load", "unload", "ask", "preflight"] | DocumentJob
    number: int = 0
    model: ModelRef | None = None
    request: Request | None = None
    document: str = ""
    documents: tuple[Document, ...] | None = ()
    asker: int = 0
    client: str = WINDOW
    tell: Tell | None = None
    cancel: Pulse = field(default_factory=Pulse)


class ModelWorker(Worker):
    """Start, give jobs, ``end``. ``tell`` is called on the worker thread or on the caller's."""

    def __init__(
        self, open_engine: OpenEngine, tell: Callable[[News], None], forget_on_disk: ForgetOnDisk = kept.forget
    ) -> None:
        super().__init__("lectern-model")
        self._open_engine = open_engine
        self._tell = tell
        self._forget_on_disk = forget_on_disk
        self._unsettled = False
        self._stop_saving = Pulse()
        self._ahead = Ahead()
        self._jobs: deque[_Job] = deque()
        self._turns = Turns()
        self._running: _Job | None = None
        self._engine: Engine | None = None
        self._open_model: ModelRef | None = None
        self._tooling = Tooling()
        self.start()

    def load(self, order: int, model: ModelRef) -> None:
        """Open another model, before anything that waits."""
        self._replace(_Job("load", order, model=model))

    def unload(self, order: int) -> None:
        """Let the model go, or stop opening one. Waiting questions then fail."""
        self._replace(_Job("unload", order))

    def ask(
        self,
        request_id: int,
        request: Request,
        documents: tuple[Document, ...] | None = (),
        *,
        client: str = WINDOW,
        tell: Tell | None = None,
    ) -> bool:
        """Answer a request when it is ``client``'s turn; False where the thread is ending and nothing will come.

        ``documents`` are what its ``tools`` may look at; with ``None`` a call ends the answer, and its result comes
        with the next request. ``tell``: who hears of it instead of the owner, on the same thread.
        """
        return self._append(_Job("ask", request_id, request=request, documents=documents, client=client, tell=tell))

    def preflight(self, number: int, request: Request, asker: int = 0, *, tell: Tell | None = None) -> bool:
        """Report what a request would cost, once nobody waits for an answer. Replaces the asker's waiting one.

        With ``tell`` it replaces nothing, and comes before answers that wait: a program wants to know before it asks.
        """
        if tell is None:
            with self._changed:
                self._jobs = deque(
                    job for job in self._jobs if job.kind != "preflight" or job.tell or job.asker != asker
                )
        return self._append(_Job("preflight", number, request=request, asker=asker, tell=tell))

    def prepare(self, asker: int, wanted: tuple[Wanted, ...]) -> None:
        """Encode these pictures when there is nothing else to do, in this order. Replaces the asker's earlier ones."""
        with self._changed:
            if not self.ending.is_set():
                self._ahead.want(asker, wanted)
                self._changed.notify()

    def document(self, kind: DocumentJob, document: str) -> None:
        """Pin, unpin or unload a document, or delete its cached data, after the requests that came before."""
        self._append(_Job(kind, document=document))

    def stop(self, request_id: int | None) -> None:
        """Stop one request, waiting or running; ``None`` stops all that the owner hears of."""
        with self._changed:
            wanted = [job for job in self._jobs if self._is_meant(job, request_id)]
            for job in wanted:
                self._jobs.remove(job)
            running = self._running
            if running and self._is_meant(running, request_id):
                running.cancel.set()
            for job in wanted:
                self._told(job, CANCELLED)

    @staticmethod
    def _is_meant(job: _Job, request_id: int | None) -> bool:
        return job.kind == "ask" and (job.tell is None if request_id is None else job.number == request_id)

    def _told(self, job: _Job, event: Told) -> None:
        (job.tell or self._tell)(Answered(job.number, event))

    def end(self, timeout_s: float | None = None) -> bool:
        """Cancel everything but deleting, save what was read, and wait; whether the thread has ended in time."""
        self.leave()
        if timeout_s is not None and not self._joined(timeout_s * SAVING_SHARE):
            self._stop_saving.set()
            return self._joined(timeout_s * (1 - SAVING_SHARE))
        return self._joined(timeout_s)

    def _stop(self) -> None:
        for job in self._jobs:
            if job.kind == "ask":
                self._told(job, CANCELLED)
            elif job.tell is not None:
                job.tell(Costs(job.number, Failed(NO_MODEL)))
        self._jobs = deque(job for job in self._jobs if job.kind == "forget")
        self._stop_saving.clear()
        self._ahead.stop.set()
        if self._running:
            self._running.cancel.set()

    def abandon(self) -> None:
        """It hangs: what was asked fails, nothing more is heard of it, and it ends should it ever come back."""
        with self._changed:
            asked = [job for job in (self._running, *self._jobs) if job is not None and (job.kind == "ask" or job.tell)]
            self._jobs.clear()
            tell, self._tell = self._tell, _to_nobody
            self.leave()
            self._stop_saving.set()
        for job in asked:
            end = Failed(RESTARTED)
            (job.tell or tell)(Answered(job.number, end) if job.kind == "ask" else Costs(job.number, end))

    @property
    def sign(self) -> tuple[int, int] | None:
        """Changes as long as the thread works; ``None`` while it has nothing to do."""
        job = self._running
        if job is None:
            busy = self._unsettled or self._ahead.running
            return (0, self._stop_saving.beats + self._ahead.stop.beats) if busy else None
        return id(job), job.cancel.beats + self._stop_saving.beats

    def _replace(self, new: _Job) -> None:
        with self._changed:
            if self.ending.is_set():
                return
            self._jobs = deque([new, *(job for job in self._jobs if job.kind in ("ask", "forget"))])
            if self._running:
                self._running.cancel.set()
            self._wake()

    def _append(self, new: _Job) -> bool:
        with self._changed:
            if self.ending.is_set():
                return False
            self._jobs.append(new)
            self._wake()
            return True

    def _wake(self) -> None:
        """Have the thread look at its jobs. Saving in a quiet moment is broken off, saving before a switch is not."""
        if self._running is None:
            self._stop_saving.set()
            self._ahead.stop.set()
        self._changed.notify()

    # On the thread

    def _work(self) -> None:
        lower_priority()
        while (job := self._next()) is not None:
            try:
                self._do(job)
            except BaseException:  # a job must never take the thread with it
                _log.exception("A job of the model thread (%s) failed", job.kind)
        self._settle()
        self._close_engine()
        self._tooling.close()

    def _next(self) -> _Job | None:
        while True:
            with self._changed:
                self._running = None
                if not self._unsettled:
                    self._changed.wait_for(lambda: self.ending.is_set() or self._jobs or self._can_prepare())
                if self._jobs:
                    self._running = job = self._first()
                    self._jobs.remove(job)
                    return job
                if self.ending.is_set():
                    return None
                self._stop_saving.clear()
                self._ahead.stop.clear()
            if self._unsettled:
                self._settle()
            elif isinstance(self._engine, Resident):
                self._ahead.step(self._engine.prepare, self._tell)

    def _first(self) -> _Job:
        """What somebody waits for goes before what something would cost, and questions go by turns."""
        first = next((job for job in self._jobs if job.kind != "preflight" or job.tell), self._jobs[0])
        if first.kind != "ask":
            return first
        before = takewhile(lambda job: job.kind in ("ask", "preflight"), self._jobs)
        if (quick := next((job for job in before if job.kind == "preflight" and job.tell), None)) is not None:
            return quick
        job = self._turns.next(job for job in self._jobs if job.kind == "ask")
        self._turns.serve(job.client)
        return job

    def _can_prepare(self) -> bool:
        return self._ahead.waiting and isinstance(self._engine, Resident)

    def _settle(self) -> None:
        """Save what was read, until a job comes or the time is up."""
        if not self._unsettled or not isinstance(self._engine, Resident):
            self._unsettled = False
            return
        try:
            self._engine.settle(self._stop_saving)
        except Exception:
            _log.exception("What was read could not be saved")
            self._unsettled = False
            return
        if not self._stop_saving.is_set():
            self._unsettled = False
            self._tell(Moved())
            give_memory_back()

    def _do(self, job: _Job) -> None:
        match job.kind:
            case "load":
                self._load(job)
            case "unload":
                self._save_and_close()
                self._tell(Unloaded(job.number))
            case "ask":
                self._ask(job)
                self._unsettled = True
                self._count()
                self._tell(Moved())
            case "preflight":
                (job.tell or self._tell)(Costs(job.number, self._preflight(job)))
            case _:
                self._do_document(job)

    def _load(self, job: _Job) -> None:
        assert job.model is not None
        if self._switches_adapters(job):
            return
        self._save_and_close()  # never two models in memory
        failure = msg("cancelled.loading", "Loading was stopped.")
        try:
            self._engine = self._open_engine(job.model, lambda at: self._tell(Loading(job.number, at)), job.cancel)
            if not job.cancel.is_set():
                self._open_model = job.model
                self._tell(Loaded(job.number, self._engine.info))
                return
            self._close_engine()
        except CancelledError:
            pass
        except LecternError as error:
            failure = error.message
            _log.warning("The model could not be loaded: %s", failure)
        except BaseException as error:
            _log.exception("The model could not be loaded")
            failure = reason_of(error, NOT_LOADED)
        self._tell(LoadFailed(job.number, failure))

    def _switches_adapters(self, job: _Job) -> bool:
        """Where the wanted model is open already, only its adapters change; False where it has to be opened."""
        engine, before, wanted = self._engine, self._open_model, job.model
        if not (isinstance(before, LocalFolder) and isinstance(wanted, LocalFolder) and isinstance(engine, Adaptable)):
            return False
        if before.path != wanted.path or before.adapters == wanted.adapters:
            return False
        try:
            engine.use_adapters(wanted.adapters)
        except LecternError as error:
            _log.warning("The adapters could not be applied: %s", error)
            self._save_and_close()
            self._tell(LoadFailed(job.number, error.message))
            return True
        self._open_model = wanted
        self._tell(Loaded(job.number, engine.info))
        self._tell(Moved())
        return True

    def _ask(self, job: _Job) -> None:
        assert job.request is not None
        if self._engine is None:
            self._told(job, Failed(NO_MODEL))
            return
        try:
            if job.documents is None:
                events: Iterator[Told] = self._engine.generate(job.request, job.cancel)
            else:
                events = self._tooling.answer(self._engine.generate, job.request, job.documents, job.cancel)
            for event in events:
                if isinstance(event, Finished | Failed):
                    FIGURES.finished(event) if isinstance(event, Finished) else FIGURES.failed()
                    self._told(job, event)
                    return  # exactly one event ends a request
                self._told(job, event)
            _log.error("The engine ended a request without saying how")
            message = NOT_ANSWERED
        except BaseException as error:
            _log.exception("A request failed")
            message = reason_of(error, NOT_ANSWERED)
        FIGURES.failed()
        self._told(job, Failed(message))

    def _preflight(self, job: _Job) -> Preflight | Failed:
        assert job.request is not None
        if self._engine is None:
            return Failed(NO_MODEL)
        if not isinstance(self._engine, Measuring):
            return Failed(NO_COSTS)
        try:
            return self._engine.preflight(job.request)
        except LecternError as error:
            return Failed(error.message)
        except Exception as error:
            _log.exception("What a request would cost could not be found out")
            return Failed(reason_of(error, NOT_MEASURED))

    def _do_document(self, job: _Job) -> None:
        engine, key = self._engine, job.document
        try:
            if isinstance(engine, Resident):
                match job.kind:
                    case "pin" | "unpin":
                        engine.pin(key, job.kind == "pin")
                    case "unload document":
                        engine.unload(key)
                    case _:
                        self._ahead.forget(key)
                        engine.forget(key)
        finally:
            if job.kind == "forget":  # other models' cached data of it is deleted too, and without a model
                self._forget_on_disk([key])
            self._count()
            self._tell(Moved())

    def _count(self) -> None:
        if isinstance(self._engine, Counting):
            FIGURES.cached(self._engine.cached_bytes())
        FIGURES.look(kept.kept_bytes)

    def _save_and_close(self) -> None:
        """Before another model: what was read with this one is saved first."""
        with self._changed:
            if not self.ending.is_set():
                self._stop_saving.clear()
        self._settle()
        self._unsettled = False
        self._close_engine()

    def _close_engine(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            try:
                engine.close()
            except Exception:
                _log.exception("The model could not be closed")


def _to_nobody(_news: News) -> None:
    """Of an abandoned worker nothing is heard."""
