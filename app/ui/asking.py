"""Questions on their way to the engine and answers on their way back.

A question that cannot go yet waits here, visibly, and goes by itself. Text is gathered for a few tens of
milliseconds before the window is told, so that drawing never runs behind the model.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal

from app.chat.request import AskOptions, Turn, build_request
from app.ui.attaching import Attachments
from app.ui.bridges import Engine
from app.ui.model_control import ModelControl
from app.ui.state import Conversation, Exchange, Readiness, Stage, readiness
from model.errors import LecternError
from model.types import Event, Failed

TELL_EVERY_MS = 40


class Asking(QObject):
    """Owns the conversation; the conversation pane draws it."""

    added = Signal(int)
    changed = Signal(int)
    removed = Signal(int)
    cleared = Signal()
    state_changed = Signal()

    def __init__(self, engine: Engine, model: ModelControl, attachments: Attachments) -> None:
        super().__init__()
        self.conversation = Conversation()
        self.thinking = False
        self.max_new_tokens = AskOptions().max_new_tokens
        self._engine, self._model, self._attachments = engine, model, attachments
        self._dirty: set[int] = set()
        self._closed = False
        self._teller = QTimer(self, singleShot=True, interval=TELL_EVERY_MS)
        self._teller.timeout.connect(self._tell)
        engine.event.connect(self._on_event)
        model.changed.connect(self._on_model)
        attachments.settled.connect(self._go_on)

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
        """Stop the answer; a question that only waits is withdrawn first."""
        waiting, running = self.conversation.waiting, self.conversation.running
        if waiting is not None:
            self.withdraw(waiting.key)
        elif running is not None and running.request_id is not None:
            self._engine.stop(running.request_id)

    def withdraw(self, key: int) -> str:
        """Take a waiting question back; gives its text, so that it can be changed."""
        exchange = self.conversation.get(key)
        if exchange is None or exchange.stage is not Stage.WAITING:
            return ""
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
        self.cleared.emit()
        self.state_changed.emit()

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
        if waiting is not None and free and self._model.ready and not self._closed:
            self._send(waiting)
        self.state_changed.emit()

    def _send(self, exchange: Exchange) -> None:
        documents = self._attachments.items.documents()
        history = [Turn(question, answer) for question, answer in self.conversation.history(exchange)]
        exchange.stage = Stage.SENT
        exchange.sources = tuple(document.name for document in documents)
        try:
            turns = [*history, Turn(exchange.question)]
            request = build_request(
                documents, turns, AskOptions(thinking=self.thinking, max_new_tokens=self.max_new_tokens)
            )
            exchange.request_id = self._engine.ask(request)
        except LecternError as error:
            exchange.apply(Failed(str(error)), time.monotonic())
        self.changed.emit(exchange.key)

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
        if running is not None and not self._model.ready:
            running.apply(Failed("The model was changed before the answer was finished."), time.monotonic())
            self.changed.emit(running.key)
        self._go_on()

    def _tell(self) -> None:
        dirty, self._dirty = self._dirty, set()
        for key in dirty:
            self.changed.emit(key)
