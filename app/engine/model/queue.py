"""What waits for the model: jobs come from any thread, are taken in turn, and can be stopped. No Qt here.

``app.engine.model.worker`` does them, and tells which goes before which and what stops what.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Literal

from app.engine.model.ahead import Ahead, Wanted
from app.engine.model.fair import WINDOW, Turns
from app.engine.model.news import Answered, Costs, News, Tell
from app.engine.model.pulse import Pulse
from app.engine.model.tooling import Told
from app.engine.threads.worker import Worker
from app.ingest.types import Document
from app.library.model_ref import ModelRef
from model.messages import msg
from model.types import Failed, Finished, Request, Timings, Usage

RESTARTED = msg("model.hung", "The model stopped responding and was restarted; ask again.")
NO_MODEL = msg("model.none", "No model is loaded; choose a model folder first.")
SAVING_SHARE = 2 / 3
"""Of the time that there is at the end; the rest is for what cannot be broken off."""
CANCELLED = Finished("cancelled", Usage(0, 0, 0), Timings(0.0, 0.0, 0.0))

DocumentJob = Literal["pin", "unpin", "unload document", "forget"]


@dataclass(slots=True)
class Job:
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


class ModelQueue(Worker):
    """The model thread as others see it: give it jobs, stop them, ``end``."""

    def __init__(self, tell: Callable[[News], None]) -> None:
        super().__init__("lectern-model")
        self._tell = tell
        self._unsettled = False
        """Whether documents were read that are not saved."""
        self._stop_saving = Pulse()
        self._ahead = Ahead()
        self._jobs: deque[Job] = deque()
        self._turns = Turns()
        self._running: Job | None = None

    def load(self, order: int, model: ModelRef) -> None:
        """Open another model, before anything that waits."""
        self._replace(Job("load", order, model=model))

    def unload(self, order: int) -> None:
        """Let the model go, or stop opening one. Waiting questions then fail."""
        self._replace(Job("unload", order))

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
        return self._append(Job("ask", request_id, request=request, documents=documents, client=client, tell=tell))

    def preflight(self, number: int, request: Request, asker: int = 0, *, tell: Tell | None = None) -> bool:
        """Report what a request would cost, once nobody waits for an answer. Replaces the asker's waiting one.

        With ``tell`` it replaces nothing, and comes before answers that wait: a program wants to know before it asks.
        """
        if tell is None:
            with self._changed:
                self._jobs = deque(
                    job for job in self._jobs if job.kind != "preflight" or job.tell or job.asker != asker
                )
        return self._append(Job("preflight", number, request=request, asker=asker, tell=tell))

    def prepare(self, asker: int, wanted: tuple[Wanted, ...]) -> None:
        """Encode these pictures when there is nothing else to do, in this order. Replaces the asker's earlier ones."""
        with self._changed:
            if not self.ending.is_set():
                self._ahead.want(asker, wanted)
                self._changed.notify()

    def document(self, kind: DocumentJob, document: str) -> None:
        """Pin, unpin or unload a document, or delete its cached data, after the requests that came before."""
        self._append(Job(kind, document=document))

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
    def _is_meant(job: Job, request_id: int | None) -> bool:
        return job.kind == "ask" and (job.tell is None if request_id is None else job.number == request_id)

    def _told(self, job: Job, event: Told) -> None:
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

    def _replace(self, new: Job) -> None:
        with self._changed:
            if self.ending.is_set():
                return
            self._jobs = deque([new, *(job for job in self._jobs if job.kind in ("ask", "forget"))])
            if self._running:
                self._running.cancel.set()
            self._wake()

    def _append(self, new: Job) -> bool:
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

    def _first(self) -> Job:
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


def _to_nobody(_news: News) -> None:
    """Of an abandoned worker nothing is heard."""
