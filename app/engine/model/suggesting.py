"""The columns of a table, chosen by the model behind the window: one short request, which can be stopped."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.chat.extract.suggest import can_suggest, parse_suggestion, suggest_request
from app.chat.growing import grown
from app.engine.model.extracting import Engine
from model.types import Event, Failed, Finished


class Suggesting(QObject):
    """At most one request at a time."""

    changed = Signal()
    """Begun or ended."""
    chosen = Signal(object)
    """A ``Schema``. Nothing comes of a request that failed, was stopped or was not answered with columns."""

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._number = 0
        self._text = ""
        engine.event.connect(self._on_event)
        engine.loaded.connect(self.stop)

    @property
    def running(self) -> bool:
        """Whether the model is choosing."""
        return self._number != 0

    def start(self, question: str) -> bool:
        """Ask for the columns of ``question``; false where no model can be asked."""
        self.stop()
        if not question.strip() or not can_suggest(self._engine.info):
            return False
        self._text = ""
        self._number = self._engine.ask(suggest_request(question))
        self.changed.emit()
        return True

    def stop(self, *_: object) -> None:
        """Take no answer any more."""
        if self._number:
            number, self._number = self._number, 0
            self._engine.stop(number)
            self.changed.emit()

    def _on_event(self, number: int, event: Event) -> None:
        if number != self._number or not number:
            return
        match event:
            case Finished(reason):
                self._end(self._text if reason != "cancelled" else "")
            case Failed():
                self._end("")
            case _:
                self._text, _ = grown(self._text, "", event)

    def _end(self, answer: str) -> None:
        self._number = 0
        schema = parse_suggestion(answer)
        self.changed.emit()
        if schema is not None:
            self.chosen.emit(schema)
