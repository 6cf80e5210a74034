"""Checking every page behind the window: one page at a time in the model's queue, so that questions go between.

The model works through its requests in order. Only the next page waits there, never the whole document: what the
user asks meanwhile is answered as soon as the page that is being read is done.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

from PySide6.QtCore import QObject, Signal

from app import paths
from app.chat.extract.asking import Reply
from app.chat.extract.run import Run
from app.chat.extract.schema import Schema
from app.chat.extract.store import RunStore
from app.chat.growing import grown
from app.i18n import tr, translated
from app.ingest.types import Document
from model.types import Event, Failed, Finished, ModelInfo, Request, TakenBack, TextDelta

End = Literal["done", "stopped", "failed"]


class Engine(Protocol):
    """What this needs of ``app.engine.model.bridge.EngineBridge``."""

    event: Any
    loaded: Any

    @property
    def info(self) -> ModelInfo | None:
        """The loaded model."""

    def ask(self, request: Request) -> int:
        """Queue a request."""

    def stop(self, request_id: int | None = None) -> None:
        """Stop one request."""


class Extracting(QObject):
    """At most one run. What it finds is kept on disk, page by page."""

    advanced = Signal()
    """A page is done, or the next one was begun."""
    rows_changed = Signal(object)
    """Places in ``run.table.rows`` of rows that are new or have changed."""
    ended = Signal(str)
    """``done``, ``stopped`` or ``failed``; ``run.failure`` says why."""

    def __init__(self, engine: Engine, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        # Without waiting for the disk: a page that is lost with the power is asked about again.
        self._store = RunStore(folder or paths.extractions_dir(), durable=False)
        self.run: Run | None = None
        self._number = 0
        self._text = ""
        self._began = (0.0, 0)
        engine.event.connect(self._on_event)
        engine.loaded.connect(self._on_model)

    @property
    def running(self) -> bool:
        """Whether a page is being read."""
        return self._number != 0

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes, from how long the pages so far took."""
        began, done_before = self._began
        if self.run is None or self.run.done <= done_before:
            return None
        each = (time.monotonic() - began) / (self.run.done - done_before)
        return each * (self.run.total - self.run.done)

    def start(
        self,
        documents: Sequence[Document],
        schema: Schema,
        question: str,
        *,
        merge: bool = True,
        anew: bool = False,
    ) -> bool:
        """Go through the documents, from where an earlier run with the same columns stopped unless ``anew``."""
        info = self._engine.info
        if self.running or info is None or not documents:
            return False
        self.run = Run(documents, schema, question, info, self._store, merge=merge)
        if anew:
            self.run.begin_anew()
        else:
            self.run.resume()
        self._began = (time.monotonic(), self.run.done)
        self._next()
        return True

    def stop(self) -> None:
        """Stop after what is known; the page under way is asked about again next time."""
        if self._number:
            self._engine.stop(self._number)

    def _next(self) -> None:
        assert self.run is not None
        request = self.run.next_request()
        self._tell()
        if request is None:
            self._end("failed" if self.run.failure else "done")
            return
        self._text = ""
        self._number = self._engine.ask(request)
        self.advanced.emit()

    def _on_event(self, number: int, event: Event) -> None:
        if number != self._number or not number or self.run is None:
            return
        match event:
            case TextDelta() | TakenBack():
                self._text, _ = grown(self._text, "", event)
            case Finished(reason="cancelled"):
                self._end("stopped")
            case Finished(reason):
                self._number = 0
                self.run.take(Reply.ended(self._text, reason))
                self._next()
            case Failed(message):
                self._number = 0
                self.run.fail(translated(message))
                self._next()

    def _on_model(self, info: ModelInfo) -> None:
        """Rows of two models do not belong in one table."""
        if self.running and self.run is not None:
            self.run.failure = tr("The model was changed. Run it again to check the pages with the new model.")
            self.stop()
            self._end("failed")

    def _tell(self) -> None:
        assert self.run is not None
        changed, self.run.changed = sorted(set(self.run.changed)), []
        if changed:
            self.rows_changed.emit(changed)
        self.advanced.emit()

    def _end(self, how: End) -> None:
        self._number = 0
        self.ended.emit(how)
