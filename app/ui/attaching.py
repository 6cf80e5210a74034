"""Files on their way in: collect what was dropped, have it read, tell the window what changed.

Progress comes as fast as pages are read, so changes are gathered and told about 20 times a second.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from app.chat.plan import Plan
from app.ingest.types import Document, ReadOptions, ReadProgress
from app.ui.background import Background
from app.ui.bridges import Reading
from app.ui.files import Collected, Spool, collect, notice_lines
from app.ui.items import Item, Items, ItemState

TELL_EVERY_MS = 50
ADD_AT_ONCE = 8


class Attachments(QObject):
    """Owns the items; the pane draws them."""

    added = Signal(int)
    changed = Signal(int)
    removed = Signal(int)
    notice = Signal(str)
    settled = Signal()

    def __init__(self, reading: Reading, background: Background, spool: Spool) -> None:
        super().__init__()
        self.items = Items()
        self.collecting = 0
        self._reading, self._background, self._spool = reading, background, spool
        self._dirty: set[int] = set()
        self._coming: list[tuple[Path, bool]] = []
        self._teller = QTimer(self, singleShot=True, interval=TELL_EVERY_MS)
        self._teller.timeout.connect(self._tell)
        self._adder = QTimer(self, singleShot=True, interval=0)
        self._adder.timeout.connect(self._add_some)
        reading.progress.connect(self._on_progress)
        reading.done.connect(self._on_done)
        reading.failed.connect(self._on_failed)
        background.run(spool.sweep, lambda _: None)

    @property
    def busy(self) -> int:
        """How many files are on their way, those not yet listed included."""
        return self.items.reading + len(self._coming) + self.collecting

    def add_paths(self, paths: Iterable[Path]) -> None:
        """Files and folders that the person dropped or chose."""
        self.collecting += 1
        self._background.run(partial(collect, tuple(paths)), self._on_collected)

    def add_image(self, image: QImage) -> None:
        """A picture from the clipboard."""
        self.collecting += 1
        self._background.run(partial(_save, image, self._spool), self._on_saved)

    def retry(self, key: int) -> None:
        """Read a file again."""
        item = self.items.get(key)
        if item is not None:
            self._read(item)
            self.changed.emit(key)

    def cancel(self, key: int) -> None:
        """Stop reading; the item stays, so that it can be read again."""
        item = self.items.get(key)
        if item is not None and item.job is not None and item.state is ItemState.READING:
            self._reading.cancel(item.job)
            self._fail(item, "Reading was stopped. Choose “Read again” to start over.")

    def remove(self, key: int) -> None:
        """Take a file out of the conversation."""
        item = self.items.get(key)
        if item is None:
            return
        if item.job is not None and item.state is ItemState.READING:
            self._reading.cancel(item.job)
        self._forget(item)
        self.settled.emit()

    def set_options(self, key: int, options: ReadOptions) -> None:
        """Another budget or mode: the file is read again with it."""
        item = self.items.get(key)
        if item is None or item.options == options:
            return
        if item.job is not None and item.state is ItemState.READING:
            self._reading.cancel(item.job)
        item.options = options
        self._read(item)
        self.changed.emit(key)

    def set_budget(self, key: int, budget: int | None) -> None:
        """The visual budget of one item."""
        item = self.items.get(key)
        if item is not None:
            self.set_options(key, replace(item.options, budget=budget))

    def set_pages(self, key: int, number: int | None) -> None:
        """How many pages of a file go into the question; ``None`` takes all. Nothing is read again."""
        item = self.items.get(key)
        if item is not None and item.max_pages != number:
            item.max_pages = number
            self.changed.emit(key)
            self.settled.emit()

    def apply(self, plan: Plan) -> None:
        """Read files in the way that a plan says."""
        for change in plan.changes:
            item = self.items.by_hash(change.key)
            if item is None:
                continue
            if change.max_pages is not None:
                item.max_pages = change.max_pages
                self.changed.emit(item.key)
            now = item.options
            options = ReadOptions(
                change.budget or now.budget, change.mode or now.mode, change.max_frames or now.max_frames
            )
            self.set_options(item.key, options)
        self.settled.emit()

    def close(self) -> None:
        """The window goes: pasted pictures are not kept."""
        self._teller.stop()
        self._adder.stop()
        for item in self.items:
            if item.spooled:
                self._spool.remove(item.path)

    def _on_collected(self, result: Collected | Exception) -> None:
        self.collecting -= 1
        if isinstance(result, Exception):
            self.notice.emit(f"The files could not be listed: {result}")
        else:
            for line in notice_lines(result):
                self.notice.emit(line)
            self._coming += [(path, False) for path in result.files]
        self._add_some()

    def _on_saved(self, result: Path | Exception) -> None:
        self.collecting -= 1
        if isinstance(result, Exception):
            self.notice.emit(f"The pasted picture could not be saved: {result}")
        else:
            self._coming.append((result, True))
        self._add_some()

    def _add_some(self) -> None:
        """A few rows at a time: a dropped folder of 200 files must not stop the event loop."""
        for path, spooled in self._coming[:ADD_AT_ONCE]:
            item = self.items.add(path, spooled)
            if item is None:
                self.notice.emit(f"{path.name} is attached already.")
                continue
            self._read(item)
            self.added.emit(item.key)
        del self._coming[:ADD_AT_ONCE]
        if self._coming:
            self._adder.start()
        self.settled.emit()

    def _read(self, item: Item) -> None:
        item.state, item.error = ItemState.READING, ""
        item.progress = item.document = item.report = None
        item.job = self._reading.read(item.path, item.options)

    def _on_progress(self, job: int, progress: ReadProgress) -> None:
        item = self.items.by_job(job)
        if item is not None and item.state is ItemState.READING:
            item.progress = progress
            self._mark(item)

    def _on_done(self, job: int, document: Document) -> None:
        item = self.items.by_job(job)
        if item is None or item.state is not ItemState.READING:
            return
        item.state, item.document, item.progress = ItemState.READY, document, None
        twin = self.items.twin(item)
        if twin is not None:
            self.notice.emit(f"{item.name} has the same content as {twin.name}, which is attached already.")
            self._forget(item)
        else:
            self._mark(item)
        self.settled.emit()

    def _on_failed(self, job: int, sentence: str) -> None:
        item = self.items.by_job(job)
        if item is not None and item.state is ItemState.READING:
            self._fail(item, sentence)

    def _fail(self, item: Item, sentence: str) -> None:
        item.state, item.error, item.progress = ItemState.FAILED, sentence, None
        self._mark(item)
        self.settled.emit()

    def _forget(self, item: Item) -> None:
        self.items.remove(item.key)
        self._dirty.discard(item.key)
        if item.spooled:
            self._spool.remove(item.path)
        self.removed.emit(item.key)

    def _mark(self, item: Item) -> None:
        self._dirty.add(item.key)
        if not self._teller.isActive():
            self._teller.start()

    def _tell(self) -> None:
        dirty, self._dirty = self._dirty, set()
        for key in dirty:
            self.changed.emit(key)


def _save(image: QImage, spool: Spool) -> Path:
    path = spool.new_path()
    if not image.save(str(path)):
        raise OSError(f"{path.parent} cannot be written to.")
    return path
