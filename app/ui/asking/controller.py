"""Questions on their way to the engine and answers on their way back.

A question that cannot go yet waits here, visibly, and goes by itself. One that may cost much is measured by the
engine first and held for the user's choice; one that is larger than the context never goes. Text is gathered
for a few tens of milliseconds before the window is told, so that drawing never runs behind the model.

Opening another conversation leaves a running answer alone: it goes on into its own conversation, whether that is
shown or not, and a question that is queued there is asked with its own files when its turn comes. Which conversation
an event belongs to is known from the request, which only its sender knows.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from app.chat.plan import Plan
from app.chat.request import AskOptions
from app.chat.tools.uses import ToolUse
from app.engine.model.bridges import ModelBridge
from app.i18n import tr
from app.library.store.records import FileRow
from app.session.conversation import Conversation, Exchange, HoldUp, Readiness, Stage, hold_up, readiness, title_of
from app.session.in_flight import Flights
from app.session.measuring import Held
from app.session.notebook import Notebook
from app.session.recording import conversation_of
from app.session.shown_path import ShownPath
from app.session.turn import Turn
from app.ui.asking.looking_up import LookingUp
from app.ui.asking.residency import Residency
from app.ui.files.attachments import Attachments
from app.ui.history.history import History
from app.ui.models.control import ModelControl
from model.errors import LecternError
from model.messages import msg
from model.types import Event, Failed, Preflight, Request

__all__ = ["Asking", "Held"]

TELL_EVERY_MS = 40
_askers = itertools.count(1)


class Asking(QObject):
    """Owns the conversation that a window shows; the conversation pane draws it."""

    added = Signal(int)
    changed = Signal(int)
    removed = Signal(int)
    cleared = Signal()
    state_changed = Signal()
    opened = Signal()
    """Another conversation is shown, with its draft and its instructions; its exchanges were all ``added``."""
    title_changed = Signal()
    notice = Signal(str)
    """The outcome of a question in a conversation that is not shown."""

    def __init__(
        self,
        engine: ModelBridge,
        model: ModelControl,
        attachments: Attachments,
        residency: Residency,
        history: History | None = None,
    ) -> None:
        """Without a ``history`` nothing is saved."""
        super().__init__()
        self.history = history if history is not None else History(parent=self)
        self.conversation = Conversation()
        self.held: Held | None = None
        self.asker = next(_askers)
        """What the engine tells the windows by whose preflights wait."""
        self._residency, self._check_number = residency, 0
        self._checked: Turn | None = None
        """The question whose costs the engine was asked for."""
        residency.outline = self._outline
        self.thinking = False
        self.tools = True
        """Whether the model may look closer, go to a time and find words by itself."""
        self.max_new_tokens, self.max_thinking_tokens = AskOptions().max_new_tokens, AskOptions().max_thinking_tokens
        self._engine, self._model, self._attachments = engine, model, attachments
        self._notebook = Notebook(self.history.put, attachments.rows)
        self._looking_up = LookingUp(attachments, self._looked_up)
        self._flights = Flights()
        self._path = ShownPath(self.added.emit, self.removed.emit)
        self._closed = False
        self._teller = QTimer(self, singleShot=True, interval=TELL_EVERY_MS)
        self._teller.timeout.connect(self._tell)
        self.history.claim(self.conversation.id, self)
        if self.history.on_disk:
            attachments.abandon = self.history.abandon
        engine.event.connect(self._on_event)
        engine.preflighted.connect(self._on_preflighted)
        model.changed.connect(self._on_model)
        attachments.settled.connect(self._on_files)
        self.history.deleted.connect(self._on_deleted)
        self.history.renamed.connect(self._on_renamed)

    # What a window asks for

    @property
    def readiness(self) -> Readiness:
        """Whether a question can be taken now."""
        return readiness(self._model.state, self._attachments.busy, self.conversation, self.elsewhere)

    @property
    def waits_for(self) -> HoldUp:
        """Why a question would have to wait; empty when it can go now."""
        running = self.conversation.running is not None
        return hold_up(self._model.state, self._attachments.busy, running, self.elsewhere)

    @property
    def busy(self) -> bool:
        """Whether there is something to stop."""
        return self.conversation.running is not None or self.conversation.waiting is not None

    @property
    def elsewhere(self) -> bool:
        """Whether an answer of a conversation that is not shown is still being written."""
        return self._flights.besides(self.conversation)

    @property
    def title(self) -> str:
        """The conversation's name; empty before the first question."""
        return self.conversation.title

    @property
    def instructions(self) -> str:
        """This conversation's instructions for the model, after the application's own."""
        return self.conversation.instructions

    @instructions.setter
    def instructions(self, text: str) -> None:
        if text.strip() != self.conversation.instructions:
            self.conversation.instructions = text.strip()
            self._notebook.head(self.conversation)
            self._notebook.tidy(self.conversation)
            self._check_again()
            self._residency.schedule()
            self._go_on()

    @property
    def draft(self) -> str:
        """The composer's unsent text; set on every edit."""
        return self.conversation.draft

    @draft.setter
    def draft(self, text: str) -> None:
        if text != self.conversation.draft:
            self.conversation.draft = text
            self._notebook.head(self.conversation, growing=True)
            self._notebook.tidy(self.conversation)

    def ask(self, question: str) -> bool:
        """Take a question; false when there is none or it cannot be taken."""
        if not question.strip() or not self.readiness.allowed:
            return False
        self._take(self.conversation.add(question.strip(), time.time()))
        return True

    def ask_again(self, key: int) -> bool:
        """The same question once more; the old answer stays as a branch beside the new one, if there is any."""
        exchange = self.conversation.get(key)
        if exchange is None or not exchange.stage.over or not self.readiness.allowed:
            return False
        if exchange.answer.strip():
            self._take(self.conversation.add_sibling(key, exchange.question, time.time()))
            return True
        exchange.restart()
        self._notebook.write(self.conversation, exchange)
        self.changed.emit(key)
        self._go_on()
        return True

    def edit(self, key: int, text: str) -> bool:
        """Ask something else in this question's place; the old one stays as a branch beside it."""
        exchange = self.conversation.get(key)
        if exchange is None or not exchange.stage.over or not text.strip() or not self.readiness.allowed:
            return False
        self._take(self.conversation.add_sibling(key, text.strip(), time.time()))
        return True

    def branches(self, key: int) -> tuple[int, int]:
        """Which branch this is, counted from 1, and how many there are at this place."""
        return self.conversation.branches(key)

    def switch(self, key: int, step: int) -> bool:
        """Show the branch ``step`` places on (-1: the one before); false when there is none."""
        if not self.conversation.switch(key, step):
            return False
        self._notebook.head(self.conversation)
        self._path.show(self.conversation)
        self._residency.schedule()
        self.state_changed.emit()
        return True

    def stop(self) -> None:
        """Stop the running answer."""
        running = self.conversation.running
        if running is not None and running.request_id is not None:
            self._engine.stop(running.request_id)

    def withdraw(self, key: int) -> str:
        """Take a waiting question back; gives its text, so that it can be changed."""
        exchange = self.conversation.get(key)
        if exchange is None or not exchange.stage.pending:
            return ""
        self.held = None
        self.conversation.remove(key)
        self._path.show(self.conversation)
        self._notebook.take_back(self.conversation, exchange)
        self.state_changed.emit()
        return exchange.question

    def new(self, keep_files: bool = False) -> None:
        """A new conversation, without files or with the attached ones; a running answer continues in the old one."""
        self._leave()
        self._enter(Conversation(), None if keep_files else ())

    def open(self, id: str) -> bool:
        """Show another conversation with its files; false where it is gone, or open in another window."""
        if id == self.conversation.id:
            return True
        stored = self.history.load(id)
        if stored is None or stored.deleted is not None or not self.history.claim(id, self):
            return False
        self._leave()
        talk = self._flights.talk(id) or conversation_of(stored)
        self._notebook.opened(talk)
        self._enter(talk, stored.files)
        return True

    def accept(self) -> None:
        """The user knows what the held question costs: read it."""
        waiting = self.conversation.waiting
        if waiting is not None and self.held is not None and self.held.verdict.kind != "too long":
            waiting.approved = True
            self._send(self._turn(waiting))
            self.state_changed.emit()

    def choose(self, plan: Plan) -> None:
        """Make the held question fit; it goes by itself once the files are read again."""
        waiting = self.conversation.waiting
        if waiting is not None and self.held is not None:
            waiting.approved = True
            self._attachments.apply(plan)

    def close(self) -> None:
        """The window goes: stop whatever runs, keep everything."""
        if self._closed:
            return
        self._leave(closing=True)
        self._closed = True
        for turn in self._flights.queued:
            self._back_to_draft(turn)
        self._teller.stop()
        for number, turn in self._flights:
            self._engine.stop(number)
            self._notebook.update(turn.talk, turn.exchange)
            self.history.release(turn.talk.id, self)
            self.history.mark_writing(turn.talk.id, False)

    # One conversation and another

    def _leave(self, closing: bool = False) -> None:
        """A queued question stays queued with its files; one that waits for files or for a choice becomes the draft."""
        waiting = self.conversation.waiting
        stays = waiting is not None and waiting.stage is not Stage.HELD and not self._attachments.busy and not closing
        if waiting is not None and stays:
            waiting.stage = Stage.WAITING
            self._flights.queued.append(self._turn(waiting))
            self.history.mark_writing(self.conversation.id, True)
        elif waiting is not None:
            self._back_to_draft(self._turn(waiting))
            if not closing:
                self._tell_of_draft(waiting.question)
        self.held = None
        if self.conversation.running is None and not stays:
            self.history.release(self.conversation.id, self)

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

    def _enter(self, talk: Conversation, files: Sequence[FileRow] | None = None) -> None:
        """Show it, with its own files or with those that are there."""
        self.conversation = talk
        if self._flights.take_queued(talk.id) is not None and talk.running is None:
            self.history.mark_writing(talk.id, False)
        self.history.claim(talk.id, self)
        self._path.forget()
        self.cleared.emit()
        if files is not None:
            self._attachments.restore(files)
        self._path.show(self.conversation)
        self._residency.schedule()
        self.opened.emit()
        self.title_changed.emit()
        self._go_on()

    def _take(self, exchange: Exchange) -> None:
        """A new question is there."""
        self._notebook.write(self.conversation, exchange)
        self._path.show(self.conversation)
        self.title_changed.emit()
        self._go_on()

    def _on_deleted(self, id: str) -> None:
        if self._flights.take_queued(id) is not None:
            self.history.mark_writing(id, False)
        for number, turn in self._flights:
            if turn.talk.id == id:
                self._engine.stop(number)
                self._flights.land(number)
                self.history.mark_writing(id, False)
                self._notebook.update(turn.talk, turn.exchange)
        self.history.release(id, self)
        if id == self.conversation.id:
            self._notebook.dropped(self.conversation)
            self._enter(Conversation(), ())

    def _on_renamed(self, id: str, title: str) -> None:
        for talk in (self.conversation, self._flights.talk(id)):
            if talk is not None and talk.id == id:
                talk.title = title
        if id == self.conversation.id:
            self.title_changed.emit()

    # Towards the engine

    def _turn(self, exchange: Exchange) -> Turn:
        """A question of the conversation that is shown, with the files as they are."""
        return Turn(self.conversation, exchange, self._attachments.items.documents())

    def _go_on(self) -> None:
        """Send the question whose turn it is, if nothing blocks it any more."""
        if not self._flights and self._model.ready and not self._closed:
            waiting = self.conversation.waiting
            if self._flights.queued:
                self._check(self._flights.queued[0])
            elif waiting is not None and not self._attachments.busy:
                self._check(self._turn(waiting))
        self.state_changed.emit()

    def _check(self, turn: Turn) -> None:
        """Send the question, unless it may cost much: then the engine estimates the cost first."""
        exchange = turn.exchange
        if exchange.stage is not Stage.WAITING:
            return
        here = turn.talk is self.conversation
        known = self._residency.costs if here and self._residency.fresh else None
        info = self._engine.info
        unmeasured = info is not None and not info.capabilities.preflight
        if unmeasured or turn.is_small(known):
            self._send(turn)
            return
        exchange.stage, self._checked = Stage.CHECKING, turn
        self._check_number = self._engine.preflight(self._request(turn), self.asker)
        if here:
            self.changed.emit(exchange.key)

    def _on_preflighted(self, number: int, costs: Preflight | Failed) -> None:
        turn = self._checked
        if number != self._check_number or turn is None or turn.exchange.stage is not Stage.CHECKING or self._closed:
            return
        here = turn.talk is self.conversation
        if here and isinstance(costs, Preflight):
            self._residency.take(costs)
        held = turn.measure(costs) if isinstance(costs, Preflight) else None
        if held is None:
            self._send(turn)  # where it failed, the engine reports the error in place of the question
        elif here:
            self.held, turn.exchange.stage = held, Stage.HELD
            self.changed.emit(turn.exchange.key)
        else:  # nobody is there to choose
            self._flights.take_queued(turn.talk.id)
            self.history.mark_writing(turn.talk.id, False)
            self._back_to_draft(turn)
            self.history.release(turn.talk.id, self)
            self._tell_of_draft(turn.exchange.question)
            self._go_on()
        self.state_changed.emit()

    def _request(self, turn: Turn) -> Request:
        most, most_thinking = self.max_new_tokens, self.max_thinking_tokens
        options = AskOptions(self.thinking, max_new_tokens=most, max_thinking_tokens=most_thinking)
        return turn.request(self._engine.info, options, self.tools)

    def _outline(self) -> Request | None:
        """The conversation with a question still to come, while nothing else is to be done."""
        talk, items = self.conversation, self._attachments.items
        busy = self._attachments.busy or self._flights or talk.waiting is not None
        if busy or self._closed or not self._model.ready or not (len(talk) or items.documents()):
            return None
        return self._request(self._turn(Exchange(0, "?")))

    def _send(self, turn: Turn) -> None:
        talk, exchange = turn.talk, turn.exchange
        self._flights.take_queued(talk.id)
        turn.begin(self._model.state.info)
        try:
            exchange.request_id = self._engine.ask(self._request(turn), turn.documents)
        except LecternError as error:
            turn.take(Failed(error.message), time.monotonic())
        else:
            self._flights.add(exchange.request_id, turn)
        self.history.mark_writing(talk.id, not exchange.stage.over)
        self._notebook.update(talk, exchange)
        if talk is self.conversation:
            self.held = None
            self.changed.emit(exchange.key)
        elif exchange.stage.over:
            self.history.release(talk.id, self)

    def _on_files(self) -> None:
        """Discard measurements made with other files."""
        self._notebook.files(self.conversation)
        self._check_again()
        self._go_on()
        self._looking_up.look_up_late(self.conversation)

    def _check_again(self, everywhere: bool = False) -> None:
        """The engine's estimate of a question's costs is out of date."""
        waiting = self.conversation.waiting
        self.held = None
        if waiting is not None and waiting.stage is not Stage.WAITING:
            waiting.stage = Stage.WAITING
            self.changed.emit(waiting.key)
        for turn in self._flights.queued if everywhere else ():
            turn.exchange.stage = Stage.WAITING

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
        self.history.mark_writing(talk.id, False)
        self._notebook.write(talk, exchange, here=False)
        if talk is self.conversation:
            self.changed.emit(exchange.key)
        elif self._flights.talk(talk.id) is None:
            self.history.release(talk.id, self)
        self._looking_up.look_up(turn)
        self._go_on()

    def _looked_up(self, talk: Conversation, exchange: Exchange) -> None:
        self._notebook.update(talk, exchange)
        if talk is self.conversation:
            self.changed.emit(exchange.key)

    def _on_model(self) -> None:
        if not self._model.ready:
            self._check_again(everywhere=True)
            self._residency.clear()
            failed = Failed(msg("cancelled.model-changed", "The model was changed before the answer was finished."))
            for number, _ in self._flights:
                self._on_event(number, failed)
        self._go_on()

    def _tell(self) -> None:
        for turn in self._flights.take_grown():
            self._notebook.grow(turn.talk, turn.exchange)
            if turn.talk is self.conversation:
                self.changed.emit(turn.exchange.key)
