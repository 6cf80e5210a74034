"""Questions on their way to the engine and answers on their way back.

A question that cannot go yet waits here, visibly, and goes by itself. One that may cost much is measured by the
engine first and held for the person's choice; one that is larger than the context never goes. Text is gathered
for a few tens of milliseconds before the window is told, so that drawing never runs behind the model.

Opening another conversation leaves a running answer alone: it goes on into its own conversation, whether that is
shown or not. Which conversation an event belongs to is known from the request, which only its sender knows.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from app.chat.plan import Plan
from app.chat.request import AskOptions, Turn, build_request
from app.chat.tool_uses import ToolUse
from app.chat.tools import offered
from app.i18n import tr
from app.library.store.records import FileRow
from app.ui.attaching import Attachments
from app.ui.bridges import Engine
from app.ui.flights import Flight, Flights
from app.ui.history import History
from app.ui.looking_up import LookingUp
from app.ui.measuring import Held, decide, is_small
from app.ui.model_control import ModelControl
from app.ui.notebook import Notebook, has_something
from app.ui.recording import conversation_of
from app.ui.residency import Residency
from app.ui.state import Conversation, Exchange, Readiness, Stage, hold_up, readiness
from model.errors import LecternError
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

    def __init__(
        self,
        engine: Engine,
        model: ModelControl,
        attachments: Attachments,
        residency: Residency,
        history: History | None = None,
    ) -> None:
        """Without a ``history`` nothing is kept."""
        super().__init__()
        self.history = history if history is not None else History(parent=self)
        self.conversation = Conversation()
        self.held: Held | None = None
        self.asker = next(_askers)
        """What the engine tells the windows by whose preflights wait."""
        self._residency, self._check_number = residency, 0
        residency.outline = self._outline
        self.thinking = False
        self.tools = True
        """Whether the model may look closer, go to a time and find words by itself."""
        self.max_new_tokens = AskOptions().max_new_tokens
        self._engine, self._model, self._attachments = engine, model, attachments
        self._notebook = Notebook(self.history, attachments)
        self._looking_up = LookingUp(attachments, self._looked_up)
        self._flights = Flights()
        self._shown: list[int] = []
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
    def waits_for(self) -> str:
        """What a question would have to wait for; empty when it can go now."""
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
    def kept(self) -> bool:
        """Whether history has the conversation: something was asked, written or laid down in it."""
        return has_something(self.conversation)

    @property
    def files(self) -> tuple[FileRow, ...]:
        """The attached files, as ``attach`` brings them back."""
        return self._attachments.rows()

    def attach(self, files: Sequence[FileRow]) -> None:
        """Attach files that another conversation had, unless there are others by now."""
        if not len(self._attachments.items):
            self._attachments.restore(files)

    @property
    def untouched(self) -> bool:
        """Nothing was asked, written or attached here yet."""
        return not (self.kept or len(self._attachments.items) or self._attachments.busy)

    @property
    def title(self) -> str:
        """The conversation's name; empty before the first question."""
        return self.conversation.title

    @property
    def instructions(self) -> str:
        """What the model is told in this conversation, after the application's own words."""
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
        """What stands unsent where questions are written; set it as it is written."""
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
        self._show()
        self._residency.schedule()
        self.state_changed.emit()
        return True

    def stop(self) -> None:
        """Stop the answer."""
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
        self._show()
        self._notebook.take_back(self.conversation, exchange)
        self.state_changed.emit()
        return exchange.question

    def new(self, keep_files: bool = False) -> None:
        """A new conversation, without files or with the attached ones; a running answer goes on in the old one."""
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

    def clear(self) -> None:
        """Stop the answer, and begin a new conversation."""
        self.stop()
        self.new()

    def accept(self) -> None:
        """The person knows what the held question costs: read it."""
        waiting = self.conversation.waiting
        if waiting is not None and self.held is not None and self.held.verdict.kind != "too long":
            waiting.approved = True
            self._send(waiting)
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
        self._leave()
        self._closed = True
        self._teller.stop()
        for number, flight in self._flights:
            self._engine.stop(number)
            self._notebook.update(flight.talk, flight.exchange)
            self.history.release(flight.talk.id, self)
            self.history.mark_writing(flight.talk.id, False)

    # One conversation and another

    def _leave(self) -> None:
        """A question that was not sent goes back into the draft: it would wait for files that are no longer there."""
        waiting = self.conversation.waiting
        if waiting is not None:
            question = self.withdraw(waiting.key)
            self.draft = self.draft or question
        self.held = None
        if self.conversation.running is None:
            self.history.release(self.conversation.id, self)

    def _enter(self, talk: Conversation, files: Sequence[FileRow] | None = None) -> None:
        """Show it, with its own files or with those that are there."""
        self.conversation = talk
        self.history.claim(talk.id, self)
        self._shown = []
        self.cleared.emit()
        if files is not None:
            self._attachments.restore(files)
        self._show()
        self._residency.schedule()
        self.opened.emit()
        self.title_changed.emit()
        self.state_changed.emit()

    def _show(self) -> None:
        """Tell the window what is no longer on the path and what is on it now."""
        path = [one.key for one in self.conversation.path()]
        same = sum(
            1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(path, self._shown, strict=False))
        )
        gone, self._shown = self._shown[same:], path
        for key in reversed(gone):
            self.removed.emit(key)
        for key in path[same:]:
            self.added.emit(key)

    def _take(self, exchange: Exchange) -> None:
        """A new question is there."""
        self._notebook.write(self.conversation, exchange)
        self._show()
        self.title_changed.emit()
        self._go_on()

    def _on_deleted(self, id: str) -> None:
        for number, flight in self._flights:
            if flight.talk.id == id:
                self._engine.stop(number)
                self._flights.land(number)
                self.history.mark_writing(id, False)
                self._notebook.update(flight.talk, flight.exchange)
        self.history.release(id, self)
        if id == self.conversation.id:
            self._notebook.dropped(self.conversation)
            self._enter(Conversation(), ())

    def _on_renamed(self, id: str, title: str) -> None:
        for talk in (self.conversation, *(flight.talk for _, flight in self._flights)):
            if talk.id == id:
                talk.title = title
        if id == self.conversation.id:
            self.title_changed.emit()

    # Towards the engine

    def _go_on(self) -> None:
        """Send the waiting question if nothing stands in its way any more."""
        waiting = self.conversation.waiting
        free = not self._attachments.busy and not self._flights
        if waiting is not None and waiting.stage is Stage.WAITING and free and self._model.ready and not self._closed:
            self._check(waiting)
        self.state_changed.emit()

    def _check(self, exchange: Exchange) -> None:
        """Send the question, unless it may cost much: then the engine says first what it will."""
        known = self._residency.costs if self._residency.fresh else None
        if is_small(self.conversation, exchange, known, bool(self._attachments.items.documents())):
            self._send(exchange)
            return
        exchange.stage = Stage.CHECKING
        self._check_number = self._engine.preflight(self._request(exchange), self.asker)
        self.changed.emit(exchange.key)

    def _on_preflighted(self, number: int, costs: Preflight | Failed) -> None:
        waiting = self.conversation.waiting
        if number != self._check_number or waiting is None or waiting.stage is not Stage.CHECKING or self._closed:
            return
        if isinstance(costs, Failed):
            self._send(waiting)  # the engine says at the question's place what is wrong
        else:
            self._residency.take(costs)
            self.held = decide(waiting, costs, self._attachments.items.documents())
            if self.held is None:
                self._send(waiting)
            else:
                waiting.stage = Stage.HELD
                self.changed.emit(waiting.key)
        self.state_changed.emit()

    def _request(self, exchange: Exchange) -> Request:
        documents = self._attachments.items.documents()
        turns = [Turn(question, answer) for question, answer in self.conversation.history(exchange)]
        options = AskOptions(
            thinking=self.thinking,
            max_new_tokens=self.max_new_tokens,
            instructions=self.conversation.instructions,
            tools=offered(self._engine.info, documents, self.tools),
        )
        return build_request(documents, [*turns, Turn(exchange.question)], options)

    def _outline(self) -> Request | None:
        """The conversation with a question still to come, while nothing else is to be done."""
        talk, items = self.conversation, self._attachments.items
        busy = self._attachments.busy or self._flights or talk.waiting is not None
        if busy or self._closed or not self._model.ready or not (len(talk) or items.documents()):
            return None
        return self._request(Exchange(0, "?"))

    def _send(self, exchange: Exchange) -> None:
        self.held = None
        exchange.stage = Stage.SENT
        documents, info = self._attachments.items.documents(), self._model.state.info
        exchange.sources = tuple(document.name for document in documents)
        exchange.model = info.name if info is not None else ""
        try:
            exchange.request_id = self._engine.ask(self._request(exchange), documents)
        except LecternError as error:
            exchange.apply(Failed(str(error)), time.monotonic())
        else:
            self._flights.add(exchange.request_id, Flight(self.conversation, exchange, documents))
            self.history.mark_writing(self.conversation.id, True)
        self._notebook.update(self.conversation, exchange)
        self.changed.emit(exchange.key)

    def _on_files(self) -> None:
        """What was measured with other files does not count."""
        self._notebook.files(self.conversation)
        self._check_again()
        self._go_on()
        self._looking_up.look_up_late(self.conversation)

    def _check_again(self) -> None:
        waiting = self.conversation.waiting
        self.held = None
        if waiting is not None and waiting.stage is not Stage.WAITING:
            waiting.stage = Stage.WAITING
            self.changed.emit(waiting.key)

    # Back from the engine

    def _on_event(self, request_id: int, event: Event | ToolUse) -> None:
        flight = self._flights.get(request_id)
        if flight is None:
            return
        exchange = flight.exchange
        exchange.apply(event, time.monotonic())
        if exchange.stage.over:
            self._land(request_id, flight)
            return
        self._flights.grow(request_id)
        if not self._teller.isActive() and not self._closed:
            self._teller.start()

    def _land(self, request_id: int, flight: Flight) -> None:
        """An answer is there, or what there will ever be of it."""
        talk, exchange = flight.talk, flight.exchange
        self._flights.land(request_id)
        self.history.mark_writing(talk.id, False)
        self._notebook.write(talk, exchange, here=False)
        if talk is self.conversation:
            self.changed.emit(exchange.key)
        else:
            self.history.release(talk.id, self)
        self._looking_up.look_up(talk, exchange, flight.documents)
        self._go_on()

    def _looked_up(self, talk: Conversation, exchange: Exchange) -> None:
        self._notebook.update(talk, exchange)
        if talk is self.conversation:
            self.changed.emit(exchange.key)

    def _on_model(self) -> None:
        if not self._model.ready:
            self._check_again()
            self._residency.clear()
            failed = Failed(tr("The model was changed before the answer was finished."))
            for number, _ in self._flights:
                self._on_event(number, failed)
        self._go_on()

    def _tell(self) -> None:
        for flight in self._flights.take_grown():
            self._notebook.grow(flight.talk, flight.exchange)
            if flight.talk is self.conversation:
                self.changed.emit(flight.exchange.key)
