"""The columns of a table, chosen by the model behind the window: one short request, which can be stopped."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.chat.extract.suggest import ColumnChoice, can_suggest
from app.engine.model.bridges import AskingBridge
from app.engine.passes.passing import Passing


class Suggesting(QObject):
    """At most one request at a time."""

    changed = Signal()
    """Begun or ended."""
    chosen = Signal(object)
    """A ``Schema``. Nothing comes of a request that failed, was stopped or was not answered with columns."""

    def __init__(self, engine: AskingBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._choice = ColumnChoice("")
        self._passing = Passing(engine, self)
        self._passing.ended.connect(self._end)
        engine.loaded.connect(self.stop)

    @property
    def running(self) -> bool:
        """Whether the model is choosing."""
        return self._passing.running

    def start(self, question: str) -> bool:
        """Ask for the columns of ``question``; false where no model can be asked."""
        self.stop()
        if not question.strip() or not can_suggest(self._engine.info):
            return False
        self._choice = ColumnChoice(question)
        self._passing.start(self._choice)
        self.changed.emit()
        return True

    def stop(self, *_: object) -> None:
        """Take no answer any more."""
        if self.running:
            self._passing.leave()
            self.changed.emit()

    def _end(self, _how: str) -> None:
        self.changed.emit()
        if self._choice.schema is not None:
            self.chosen.emit(self._choice.schema)
