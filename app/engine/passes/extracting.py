"""Checking every page behind the window: one run at a time, whose rows come as signals. See ``passing``."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app import paths
from app.chat.extract.run import Run
from app.chat.extract.schema import Schema
from app.chat.extract.store import RunStore
from app.chat.extract.verdicts import Verdicts
from app.engine.model.bridges import AskingBridge
from app.engine.passes.passing import Passing
from app.ingest.types import Document
from model.messages import msg
from model.types import ModelInfo


class Extracting(QObject):
    """At most one run. What it finds is stored on disk, page by page."""

    advanced = Signal()
    """A page is done, or the next one was begun."""
    rows_changed = Signal(object)
    """Places in ``run.table.rows`` of rows that are new or have changed."""
    ended = Signal(str)
    """``done``, ``stopped`` or ``failed``; ``run.failure`` has the reason."""

    def __init__(self, engine: AskingBridge, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._passing = Passing(engine, self)
        # Without waiting for the disk: a page that is lost with the power is asked about again.
        self._store = RunStore(folder or paths.extractions_dir(), durable=False)
        self.run: Run | None = None
        self._began = (0.0, 0)
        self._passing.asked.connect(self._tell)
        self._passing.ended.connect(self._end)
        engine.loaded.connect(self._on_model)

    @property
    def running(self) -> bool:
        """Whether a page is being read."""
        return self._passing.running

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
        each_file: bool = False,
    ) -> bool:
        """Go through the documents, from where an earlier run with the same columns stopped unless ``anew``.

        ``each_file``: one answer for each of them, instead of what each page holds.
        """
        info = self._engine.info
        if self.running or info is None or not documents:
            return False
        if each_file:
            self.run = Verdicts(documents, question, info, self._store)
        else:
            self.run = Run(documents, schema, question, info, self._store, merge=merge)
        if anew:
            self.run.begin_anew()
        else:
            self.run.resume()
        self._began = (time.monotonic(), self.run.done)
        self._passing.start(self.run)
        return True

    def stop(self) -> None:
        """Stop after what is known; the page under way is asked about again next time."""
        self._passing.stop()

    def _on_model(self, info: ModelInfo) -> None:
        """Rows of two models do not belong in one table."""
        if self.running and self.run is not None:
            self.run.failure = msg(
                "table.model-changed", "The model was changed. Run it again to check the pages with the new model."
            )
            self._passing.leave()
            self.ended.emit("failed")

    def _tell(self) -> None:
        assert self.run is not None
        changed, self.run.changed = sorted(set(self.run.changed)), []
        if changed:
            self.rows_changed.emit(changed)
        self.advanced.emit()

    def _end(self, how: str) -> None:
        if how != "stopped":
            self._tell()
        self.ended.emit(how)
