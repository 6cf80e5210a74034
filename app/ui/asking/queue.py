"""When a question goes to the engine, and what becomes of it there.

A question that cannot go yet waits visibly, and goes by itself. One that may cost much is measured by the engine first
and held for the user's choice; one that is larger than the context never goes. Another conversation being opened leaves
a running answer and a queued question alone: both continue in their own conversation, with its own files.

Which conversation an event belongs to is known from the request, which only its sender knows. Text is gathered for a
few tens of milliseconds before anybody is told, so that drawing never runs behind the model. What a request holds is
the controller's affair. Everything here runs on the main thread.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from app.chat.plan import Plan
from app.chat.relevance.choosing import only
from app.chat.tools.uses import ToolUse
from app.engine.model.bridges import ModelBridge
from app.engine.threads.background import only_logged
from app.i18n import tr
from app.session.conversation import Conversation, Exchange, HoldUp, Readiness, Stage, hold_up, readiness, title_of
from app.session.in_flight import Flights
from app.session.measuring import Held
from app.session.notebook import Notebook
from app.session.relevant import relevant_plan, rest
from app.session.turn import Turn
from app.ui.asking.residency import Residency
from app.ui.files.attachments import Attachments
from app.ui.history.history import History
from app.ui.models.control import ModelControl
from model.errors import LecternError
from model.messages import msg
from model.types import Event, Failed, Preflight, Request

TELL_EVERY_MS = 40
_askers = itertools.count(1)


class QuestionQueue(QObject):
    """One window's questions, from waiting to answered. The conversation that is ``shown`` comes after queued ones."""

    changed = Signal(int)
    """An exchange of the shown conversation."""
    state_changed = Signal()
    landed = Signal(object)
    """A ``Turn`` whose answer is complete, or as complete as it will ever be."""
    notice = Signal(str)
    """The outcome of a question in a conversation that is not shown."""

    def __init__(
        self,
        engine: ModelBridge,
        model: ModelControl,
        attachments: Attachments,
        residency: Residency,
        history: History,
        notebook: Notebook,
        request_of: Callable[[Turn], Request],
        owner: object,
    ) -> None:
        """``owner`` is what the history knows as the one who has this window's conversations open."""
        super().__init__()
        self.shown = Conversation()
        self.held: Held | None = None
        """The shown conversation's question that waits for the user's choice."""
        self._engine, self._model, self._attachments, self._residency = engine, model, attachments, residency
        self._history, self._notebook, self._request_of = history, notebook, request_of
        self._owner = owner
        self._flights = Flights()
        self._asker, self._check_number = next(_askers), 0
        self._checked: Turn | None = None
        """The question whose costs the engine was asked for."""
        self._closed = False
        self._teller = QTimer(self, singleShot=True, interval=TELL_EVERY_MS)
        self._teller.timeout.connect(self._tell)
        engine.event.connect(self._on_event)
        engine.preflighted.connect(self._on_preflighted)
        model.changed.connect(self._on_model)

    # How things stand

    @property
    def readiness(self) -> Readiness:
        """Whether a question can be taken now."""
        return readiness(self._model.state, self._attachments.busy, self.shown, self.elsewhere)

    @property
    def waits_for(self) -> HoldUp:
        """Why a question would have to wait; empty when it can go now."""
        running = self.shown.running is not None
        return hold_up(self._model.state, self._attachments.busy, running, self.elsewhere)

    @property
    def elsewhere(self) -> bool:
        """Whether an answer of a conversation that is not shown is still being written."""
        return self._flights.besides(self.shown)

    @property
    def idle(self) -> bool:
        """Whether nothing waits or runs and the model could be asked."""
        waits = self._attachments.busy or self._flights or self.shown.waiting is not None
        return not (waits or self._closed) and self._model.ready

    def talk(self, id: str) -> Conversation | None:
        """A conversation for which something is running or queued."""
        return self._flights.talk(id)

    def turn(self, exchange: Exchange) -> Turn:
        """A question of the shown conversation, with the files as they are."""
        return Turn(self.shown, exchange, only(self._attachments.items.documents(), exchange.pages))

    # What the controller asks for

    def go_on(self) -> None:
        """Send the question whose turn it is, if nothing blocks it any more."""
        if not self._flights and self._model.ready and not self._closed:
            waiting = self.shown.waiting
            if self._flights.queued:
                self._check(self._flights.queued[0])
            elif waiting is not None and not self._attachments.busy:
                self._check(self.turn(waiting))
        self.state_changed.emit()

    def accept(self) -> None:
        """The user knows what the held question costs: send it."""
        waiting = self.shown.waiting
        if waiting is not None and self.held is not None and self.held.verdict.kind != "too long":
            waiting.approved = True
            self._send(self.turn(waiting))
            self.state_changed.emit()

    def answer_from(self, exchange: Exchange, pages: tuple[tuple[str, tuple[int, ...]], ...]) -> None:
        """Send a question that was held with these pages only, unless it was taken back meanwhile."""
        if self.shown.waiting is not exchange or exchange.stage is not Stage.CHECKING or self._closed:
            return
        exchange.approved = True
        rest(exchange, self._attachments.items.documents(), pages)
        self._send(self.turn(exchange))
        self.state_changed.emit()

    def check_again(self, everywhere: bool = False) -> None:
        """The engine's estimate of a question's costs is out of date."""
        waiting = self.shown.waiting
        self.held = None
        if waiting is not None and waiting.stage is not Stage.WAITING:
            waiting.stage = Stage.WAITING
            self.changed.emit(waiting.key)
        for turn in self._flights.queued if everywhere else ():
            turn.exchange.stage = Stage.WAITING

    def leave(self, closing: bool = False) -> None:
        """A queued question stays queued with its files; one that waits for files or for a choice becomes the draft."""
        waiting = self.shown.waiting
        stays = waiting is not None and waiting.stage is not Stage.HELD and not self._attachments.busy and not closing
        if waiting is not None and stays:
            waiting.stage = Stage.WAITING
            self._flights.queued.append(self.turn(waiting))
            self._history.mark_writing(self.shown.id, True)
        elif waiting is not None:
            self._back_to_draft(self.turn(waiting))
            if not closing:
                self._tell_of_draft(waiting.question)
        self.held = None
        if self.shown.running is None and not stays:
            self._history.release(self.shown.id, self._owner)

    def enter(self, talk: Conversation) -> None:
        """This conversation is the shown one now; a question of its own is no longer queued behind others."""
        self.shown = talk
        self._take_out(talk.id, writing=talk.running is not None)

    def drop(self, id: str) -> None:
        """A conversation was deleted: stop whatever it asked."""
        self._take_out(id)
        for number, turn in self._flights:
            if turn.talk.id == id:
                self._engine.stop(number)
                self._flights.land(number)
                self._history.mark_writing(id, False)
                self._notebook.update(turn.talk, turn.exchange)

    def close(self) -> None:
        """The window closes: queued questions become drafts, and answers end where they are."""
        self.leave(closing=True)
        self._closed = True
        for turn in self._flights.queued:
            self._back_to_draft(turn)
        self._teller.stop()
        for number, turn in self._flights:
            self._engine.stop(number)
            self._notebook.update(turn.talk, turn.exchange)
            self._history.release(turn.talk.id, self._owner)
            self._history.mark_writing(turn.talk.id, False)

    # Towards the engine

    def _check(self, turn: Turn) -> None:
        """Send the question, unless it may cost much: then the engine estimates the cost first."""
        exchange = turn.exchange
        if exchange.stage is not Stage.WAITING:
            return
        here = turn.talk is self.shown
        known = self._residency.costs if here and self._residency.fresh else None
        info = self._engine.info
        unmeasured = info is not None and not info.capabilities.preflight
        if unmeasured or turn.is_small(known):
            self._send(turn)
            return
        exchange.stage, self._checked = Stage.CHECKING, turn
        self._check_number = self._engine.preflight(self._request_of(turn), self._asker)
        if here:
            self.changed.emit(exchange.key)

    def _on_preflighted(self, number: int, costs: Preflight | Failed) -> None:
        turn = self._checked
        if number != self._check_number or turn is None or turn.exchange.stage is not Stage.CHECKING or self._closed:
            return
        here = turn.talk is self.shown
        if here and isinstance(costs, Preflight):
            self._residency.take(costs)
        held = turn.measure(costs) if isinstance(costs, Preflight) else None
        if held is None:
            self._send(turn)  # where it failed, the engine reports the error in place of the question
        elif here:
            self.held, turn.exchange.stage = held, Stage.HELD
            self.changed.emit(turn.exchange.key)
            self._offer_relevant(held, turn)
        else:  # nobody is there to choose
            self._take_out(turn.talk.id)
            self._back_to_draft(turn)
            self._history.release(turn.talk.id, self._owner)
            self._tell_of_draft(turn.exchange.question)
            self.go_on()
        self.state_changed.emit()

    def _offer_relevant(self, held: Held, turn: Turn) -> None:
        """Offer to read only the pages that fit the question, once they are found."""
        work = partial(relevant_plan, turn.exchange.question, turn.documents, held.costs, held.verdict)

        def found(plan: Plan | None) -> None:
            if plan is not None and self.held is held:
                self.held = replace(held, plans=(plan, *held.plans))
                self.changed.emit(turn.exchange.key)
                self.state_changed.emit()

        self._attachments.run(work, found, only_logged)

    def _send(self, turn: Turn) -> None:
        talk, exchange = turn.talk, turn.exchange
        self._flights.take_queued(talk.id)
        turn.begin(self._model.state.info)
        try:
            exchange.request_id = self._engine.ask(self._request_of(turn), turn.documents)
        except LecternError as error:
            turn.take(Failed(error.message), time.monotonic())
        else:
            self._flights.add(exchange.request_id, turn)
        self._history.mark_writing(talk.id, not exchange.stage.over)
        self._notebook.update(talk, exchange)
        if talk is self.shown:
            self.held = None
            self.changed.emit(exchange.key)
        elif exchange.stage.over:
            self._history.release(talk.id, self._owner)

    def _take_out(self, id: str, writing: bool = False) -> None:
        """A conversation's question is not queued any more. ``writing``: an answer of it runs."""
        if self._flights.take_queued(id) is not None and not writing:
            self._history.mark_writing(id, False)

    def _back_to_draft(self, turn: Turn) -> None:
        """The question was not asked; it can be, when its conversation is opened."""
        talk = turn.talk
        talk.remove(turn.exchange.key)
        self._notebook.take_back(talk, turn.exchange)
        talk.draft = talk.draft or turn.exchange.question
        self._notebook.head(talk)

    def _tell_of_draft(self, question: str) -> None:
        words = tr(
            "“{question}” was not asked. It is kept as a draft in its conversation.", question=title_of(question)
        )
        QTimer.singleShot(0, self, lambda: self.notice.emit(words))  # when the other conversation is shown

    # Back from the engine

    def _on_event(self, request_id: int, event: Event | ToolUse) -> None:
        turn = self._flights.get(request_id)
        if turn is None:
            return
        if turn.take(event, time.monotonic()):
            self._land(request_id, turn)
            return
        self._flights.grow(request_id)
        if not self._teller.isActive() and not self._closed:
            self._teller.start()

    def _land(self, request_id: int, turn: Turn) -> None:
        """An answer is there, or what there will ever be of it."""
        talk, exchange = turn.talk, turn.exchange
        self._flights.land(request_id)
        self._history.mark_writing(talk.id, False)
        self._notebook.write(talk, exchange, here=False)
        if talk is self.shown:
            self.changed.emit(exchange.key)
        elif self._flights.talk(talk.id) is None:
            self._history.release(talk.id, self._owner)
        self.landed.emit(turn)
        self.go_on()

    def _on_model(self) -> None:
        if not self._model.ready:
            self.check_again(everywhere=True)
            self._residency.clear()
            failed = Failed(msg("cancelled.model-changed", "The model was changed before the answer was finished."))
            for number, _ in self._flights:
                self._on_event(number, failed)
        self.go_on()

    def _tell(self) -> None:
        for turn in self._flights.take_grown():
            self._notebook.grow(turn.talk, turn.exchange)
            if turn.talk is self.shown:
                self.changed.emit(turn.exchange.key)
