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
from collections.abc import Callable, Iterator

from app.engine.model import kept
from app.engine.model.faults import NOT_ANSWERED, NOT_LOADED, NOT_MEASURED, reason_of
from app.engine.model.figures import FIGURES
from app.engine.model.news import Costs, Loaded, LoadFailed, Loading, Moved, News, Unloaded
from app.engine.model.protocols import Adaptable, Counting, Engine, Measuring, OpenEngine, Resident
from app.engine.model.queue import NO_MODEL, Job, ModelQueue
from app.engine.model.tooling import Told, Tooling
from app.engine.threads.machine import give_memory_back, lower_priority
from app.library.model_ref import LocalFolder, ModelRef
from model.errors import CancelledError, LecternError
from model.messages import msg
from model.types import Failed, Finished, Preflight

_log = logging.getLogger(__name__)

NO_COSTS = msg(
    "model.no-costs",
    "This model cannot estimate the size and time of a question; ask without an estimate, or choose another model.",
)

ForgetOnDisk = Callable[[list[str]], object]


class ModelWorker(ModelQueue):
    """Start, give jobs, ``end``. ``tell`` is called on the worker thread or on the caller's."""

    def __init__(
        self, open_engine: OpenEngine, tell: Callable[[News], None], forget_on_disk: ForgetOnDisk = kept.forget
    ) -> None:
        super().__init__(tell)
        self._open_engine = open_engine
        self._forget_on_disk = forget_on_disk
        self._engine: Engine | None = None
        self._open_model: ModelRef | None = None
        self._tooling = Tooling()
        self.start()

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

    def _next(self) -> Job | None:
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

    def _do(self, job: Job) -> None:
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

    def _load(self, job: Job) -> None:
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

    def _switches_adapters(self, job: Job) -> bool:
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

    def _ask(self, job: Job) -> None:
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

    def _preflight(self, job: Job) -> Preflight | Failed:
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

    def _do_document(self, job: Job) -> None:
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
