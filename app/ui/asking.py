"""Questions on their way to the engine and answers on their way back.

A question that cannot go yet waits here, visibly, and goes by itself. One that may cost much is measured by the
engine first and held for the person's choice; one that is larger than the context never goes. Text is gathered
for a few tens of milliseconds before the window is told, so that drawing never runs behind the model.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from app.chat.plan import Plan, Verdict, judge, plans
from app.chat.request import AskOptions, Turn, build_request
from app.ui.attaching import Attachments
from app.ui.bridges import Engine
from app.ui.model_control import ModelControl
from app.ui.residency import Residency
from app.ui.state import Conversation, Exchange, Readiness, Stage, readiness
from model.errors import LecternError
from model.types import Event, Failed, Preflight, Request

TELL_EVERY_MS = 40
SHORT_TALK = 20_000
"""Characters of a conversation without files that is not worth measuring first."""


@dataclass(frozen=True)
class Held:
    """A question that waits for the person: what it costs, and what would make it fit."""

    key: int
    costs: Preflight
    verdict: Verdict
    plans: tuple[Plan, ...]


class Asking(QObject):
    """Owns the conversation; the conversation pane draws it."""

    added = Signal(int)
    changed = Signal(int)
    removed = Signal(int)
    cleared = Signal()
    state_changed = Signal()

    def __init__(self, engine: Engine, model: ModelControl, attachments: Attachments, residency: Residency) -> None:
        super().__init__()
        self.conversation = Conversation()
        self.held: Held | None = None
        self._residency, self._check_number = residency, 0
        residency.outline = self._outline
        self.thinking = False
        self.max_new_tokens = AskOptions().max_new_tokens
        self._engine, self._model, self._attachments = engine, model, attachments
        self._dirty: set[int] = set()
        self._closed = False
        self._teller = QTimer(self, singleShot=True, interval=TELL_EVERY_MS)
        self._teller.timeout.connect(self._tell)
        engine.event.connect(self._on_event)
        engine.preflighted.connect(self._on_preflighted)
        model.changed.connect(self._on_model)
        attachments.settled.connect(self._on_files)

    @property
    def readiness(self) -> Readiness:
        """Whether a question can be taken now."""
        return readiness(self._model.state, self._attachments.busy, self.conversation)

    @property
    def busy(self) -> bool:
        """Whether there is something to stop."""
        return self.conversation.running is not None or self.conversation.waiting is not None

    def ask(self, question: str) -> bool:
        """Take a question; false when there is none or it cannot be taken."""
        if not question.strip() or not self.readiness.allowed:
            return False
        exchange = self.conversation.add(question.strip())
        self.added.emit(exchange.key)
        self._go_on()
        return True

    def ask_again(self, key: int) -> None:
        """The same question once more, in place; only the last one can be asked again."""
        exchange = self.conversation.get(key)
        if exchange is None or exchange is not self.conversation.last or not exchange.stage.over:
            return
        if not self.readiness.allowed:
            return
        exchange.restart()
        self.changed.emit(key)
        self._go_on()

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
        self.removed.emit(key)
        self.state_changed.emit()
        return exchange.question

    def clear(self) -> None:
        """A new conversation; the files stay attached."""
        running = self.conversation.running
        if running is not None and running.request_id is not None:
            self._engine.stop(running.request_id)
        self.conversation.clear()
        self._dirty.clear()
        self.held = None
        self._residency.schedule()
        self.cleared.emit()
        self.state_changed.emit()

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
        """The window goes: stop whatever runs."""
        self._closed = True
        self._teller.stop()
        running = self.conversation.running
        if running is not None and running.request_id is not None:
            self._engine.stop(running.request_id)

    def _go_on(self) -> None:
        """Send the waiting question if nothing stands in its way any more."""
        waiting = self.conversation.waiting
        free = not self._attachments.busy and self.conversation.running is None
        if waiting is not None and waiting.stage is Stage.WAITING and free and self._model.ready and not self._closed:
            self._check(waiting)
        self.state_changed.emit()

    def _check(self, exchange: Exchange) -> None:
        """Send the question, unless it may cost much: then the engine says first what it will."""
        if self._is_small(exchange):
            self._send(exchange)
            return
        exchange.stage = Stage.CHECKING
        self._check_number = self._engine.preflight(self._request(exchange))
        self.changed.emit(exchange.key)

    def _is_small(self, exchange: Exchange) -> bool:
        """Whether nothing needs to be measured: a short talk, or one that was measured while nobody waited."""
        known = self._residency.costs if self._residency.fresh else None
        own = len(exchange.question.encode())  # a token is at least a byte
        if known is not None and own < SHORT_TALK:
            return judge(known).kind == "go" and known.prompt_tokens + own < judge(known).limit
        talk = own + sum(len(question) + len(answer) for question, answer in self.conversation.history(exchange))
        return not self._attachments.items.documents() and talk < SHORT_TALK

    def _on_preflighted(self, number: int, costs: Preflight | Failed) -> None:
        waiting = self.conversation.waiting
        if number != self._check_number or waiting is None or waiting.stage is not Stage.CHECKING or self._closed:
            return
        if isinstance(costs, Failed):
            self._send(waiting)  # the engine says at the question's place what is wrong
        else:
            self._residency.take(costs)
            self._decide(waiting, costs)
        self.state_changed.emit()

    def _decide(self, exchange: Exchange, costs: Preflight) -> None:
        verdict = judge(costs)
        if verdict.kind == "go" or (exchange.approved and verdict.kind != "too long"):
            self._send(exchange)
            return
        found: tuple[Plan, ...] = ()
        if verdict.kind != "large":
            found = plans(self._attachments.items.documents(), costs, verdict.limit)
        exchange.stage = Stage.HELD
        self.held = Held(exchange.key, costs, verdict, found)
        self.changed.emit(exchange.key)

    def _request(self, exchange: Exchange) -> Request:
        documents = self._attachments.items.documents()
        turns = [Turn(question, answer) for question, answer in self.conversation.history(exchange)]
        options = AskOptions(thinking=self.thinking, max_new_tokens=self.max_new_tokens)
        return build_request(documents, [*turns, Turn(exchange.question)], options)

    def _outline(self) -> Request | None:
        """The conversation with a question still to come, while nothing else is to be done."""
        talk, items = self.conversation, self._attachments.items
        busy = self._attachments.busy or talk.running is not None or talk.waiting is not None
        if busy or self._closed or not self._model.ready or not (len(talk) or items.documents()):
            return None
        return self._request(Exchange(0, "?"))

    def _send(self, exchange: Exchange) -> None:
        self.held = None
        exchange.stage = Stage.SENT
        exchange.sources = tuple(document.name for document in self._attachments.items.documents())
        try:
            exchange.request_id = self._engine.ask(self._request(exchange))
        except LecternError as error:
            exchange.apply(Failed(str(error)), time.monotonic())
        self.changed.emit(exchange.key)

    def _on_files(self) -> None:
        """What was measured with other files does not count."""
        self._check_again()
        self._go_on()

    def _check_again(self) -> None:
        waiting = self.conversation.waiting
        self.held = None
        if waiting is not None and waiting.stage is not Stage.WAITING:
            waiting.stage = Stage.WAITING
            self.changed.emit(waiting.key)

    def _on_event(self, request_id: int, event: Event) -> None:
        exchange = self.conversation.by_request(request_id)
        if exchange is None:
            return
        exchange.apply(event, time.monotonic())
        if exchange.stage.over:
            self._dirty.discard(exchange.key)
            self.changed.emit(exchange.key)
            self._go_on()
            return
        self._dirty.add(exchange.key)
        if not self._teller.isActive():
            self._teller.start()

    def _on_model(self) -> None:
        running = self.conversation.running
        if not self._model.ready:
            self._check_again()
            self._residency.clear()
        if running is not None and not self._model.ready:
            running.apply(Failed("The model was changed before the answer was finished."), time.monotonic())
            self.changed.emit(running.key)
        self._go_on()

    def _tell(self) -> None:
        dirty, self._dirty = self._dirty, set()
        for key in dirty:
            self.changed.emit(key)
