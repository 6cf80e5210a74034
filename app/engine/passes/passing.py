"""A pass over a file behind the window: one request at a time in the model's queue, so that questions go between.

The model works through its requests in order. Only the next part waits there, never the whole document: what the
user asks meanwhile is answered as soon as the part that is being read is done.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Signal

from app.chat.parts import PartReader, Pass
from app.engine.model.bridges import AskingBridge
from model.types import Event

End = Literal["done", "stopped", "failed"]


class Passing(QObject):
    """At most one pass at a time."""

    stepped = Signal(str)
    """A ``Step``: something has come of the request that is under way; after the last one comes ``ended``."""
    asked = Signal()
    """The next request waits in the model's queue."""
    ended = Signal(str)
    """``done``, ``stopped`` or ``failed``; the pass's ``failure`` has the reason."""

    def __init__(self, engine: AskingBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._number = 0
        self._reader: PartReader | None = None
        engine.event.connect(self._on_event)

    @property
    def running(self) -> bool:
        """Whether a request is at the engine."""
        return self._number != 0

    def start(self, work: Pass) -> None:
        """Run ``work``, from its current step."""
        self.leave()
        self._reader = PartReader(work)
        self._next()

    def stop(self) -> None:
        """Stop the request that is under way; ``ended`` follows when the engine has."""
        if self._number:
            self._engine.stop(self._number)

    def leave(self) -> None:
        """Stop it, and hear nothing more of it."""
        number, self._number, self._reader = self._number, 0, None
        if number:
            self._engine.stop(number)

    def _next(self) -> None:
        assert self._reader is not None
        request = self._reader.next_request()
        if request is None:
            self._end("failed" if self._reader.work.failure else "done")
            return
        self._number = self._engine.ask(request)
        self.asked.emit()

    def _on_event(self, number: int, event: Event) -> None:
        reader = self._reader
        if number != self._number or not number or reader is None:
            return
        step = reader.take(event)
        if step is None:
            return
        if step != "grown":
            self._number = 0
        self.stepped.emit(step)
        if step == "grown" or self._reader is not reader:  # a receiver has left it or begun anew
            return
        if step == "stopped":
            self._end("stopped")
        else:
            self._next()

    def _end(self, how: End) -> None:
        self._number = 0
        self.ended.emit(how)
