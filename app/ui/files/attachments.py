"""Files on their way in: collect what was dropped, have it read, tell the window what changed.

Progress comes as fast as pages are read, so changes are gathered and reported about 20 times a second; so is what
becomes of a folder's many files. Files belong to the conversation that is open: another one brings its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from app.chat.evidence.places import Place
from app.chat.plan import Plan
from app.engine.threads.background import Background, Result
from app.i18n import tr
from app.ingest.types import Document, ReadOptions, ReadProgress
from app.library.store.records import FileRow
from app.session.collecting import Spool
from app.session.folders import Folder, same_as
from app.session.items import Item, Items, ItemState, gone_message, told_apart
from app.session.recording import file_row_of, file_rows, folder_row_of
from app.ui.asking.bridges import Reading
from app.ui.files.arrivals import Arrivals, Coming
from app.ui.files.coming_back import ComingBack, Removed
from app.ui.files.folder_items import Folders
from app.ui.files.noticing import Noticing
from app.ui.files.words import changed_words
from model.messages import Message, msg

TELL_EVERY_MS = 50
REGION_BUDGET = 1120


class Attachments(QObject):
    """Owns the items; the pane draws them."""

    added = Signal(int)
    changed = Signal(int)
    removed = Signal(int)
    notice = Signal(str)
    coming = Signal()
    """More files are to be added."""
    settled = Signal()

    def __init__(self, reading: Reading, background: Background, spool: Spool) -> None:
        super().__init__()
        self.items = Items()
        self._reading, self._background, self._spool = reading, background, spool
        self.taken: Callable[[Item], None] = lambda _item: None
        """Called with each file that has been read, before any signal is emitted."""
        self.awaited: set[int] = set()
        """Files whose pictures are being read, and for which a question waits."""
        self._dirty: set[int] = set()
        self._unsettled = False
        self.noticing = Noticing(self.items, background, self._mark)
        self.folders = Folders(self.items, self._take_in)
        self.folders.notice.connect(self.notice)
        self.folders.due.connect(self.look_again)
        self._started: dict[int, float] = {}
        self._set = 0
        """Counts the conversations that were opened: what was listed for an earlier one is not for this one."""
        self.abandon: Callable[[Iterable[Path]], None] = self._remove_pictures
        """What happens to pasted pictures that this window no longer shows; history knows which it still needs."""
        self._teller = QTimer(self, singleShot=True, interval=TELL_EVERY_MS)
        self._teller.timeout.connect(self._tell)
        self._coming_back = ComingBack(
            self.items, self.folders, self.noticing, background, self.added.emit, self._come_back
        )
        self._arrivals = Arrivals(background, spool, self._list, self.folders.add)
        self._arrivals.notice.connect(self.notice)
        self._arrivals.coming.connect(self.coming)
        self._arrivals.advanced.connect(self.settled)
        reading.progress.connect(self._on_progress)
        reading.done.connect(self._on_done)
        reading.failed.connect(self._on_failed)
        reading.locked.connect(self._on_locked)

    @property
    def busy(self) -> int:
        """How many files are on their way, those not yet listed included."""
        return self.items.reading + len(self.awaited) + self._arrivals.count + self.folders.coming

    def add_paths(self, paths: Iterable[Path], *, quiet: bool = False) -> None:
        """Files and folders that the user dropped or chose. ``quiet``: a button did, so they may be there already."""
        self._arrivals.add_paths(paths, quiet=quiet)

    def add_image(self, image: QImage) -> None:
        """A picture from the clipboard."""
        self._arrivals.add_image(image)

    def add_region(self, path: Path, origin: Place, name: str) -> None:
        """A part of a page, a picture or a frame that was cut out into the spool, to be looked at closely."""
        self._arrivals.add([Coming(path, True, ReadOptions(budget=REGION_BUDGET), name, origin)])

    def add_made(self, path: Path, origin: Place, name: str) -> int | None:
        """A file that was taken out of another one, into the spool. Its key; ``None`` where it has to wait."""
        self._arrivals.add([Coming(path, True, ReadOptions(), name, origin)])
        item = self.items.by_path(path)
        return item.key if item is not None else None

    def run(
        self, work: Callable[[], Result], done: Callable[[Result], object], failed: Callable[[Exception], object]
    ) -> None:
        """Do ``work`` on the helper thread, then ``done`` with its result here, or ``failed``; see ``Background``."""
        self._background.run(work, done, failed)

    def retry(self, key: int) -> None:
        """Read a failed or changed file again."""
        item = self.items.get(key)
        if item is not None:
            item.expected = ""  # the user has seen that it changed
            self._read(item)
            self.changed.emit(key)

    def unlock(self, key: int, password: str) -> None:
        """Read a file with its password, which is kept as long as the file is attached, and in memory only."""
        item = self.items.get(key)
        if item is not None:
            item.options = replace(item.options, password=password)
            self._read(item)
            self.changed.emit(key)

    def cancel(self, key: int) -> None:
        """Stop reading; the item stays, so that it can be read again."""
        item = self.items.get(key)
        if item is not None and item.job is not None and item.state is ItemState.READING:
            self._reading.cancel(item.job)
            self._fail(item, msg("cancelled.reading-again", "Reading was stopped. Choose “Read again” to start over."))

    def stop_folder(self, key: int) -> None:
        """Stop reading a folder's files; those that are read stay."""
        for item in self.items.in_folder(key):
            self.cancel(item.key)

    def retry_folder(self, key: int) -> None:
        """Read those of a folder's files again that could not be read; passwords are asked for one by one."""
        for item in self.items.in_folder(key):
            if item.state is ItemState.FAILED and not item.locked:
                self.retry(item.key)

    def remove(self, key: int) -> Removed | None:
        """Take a file or a folder out of the conversation; what this gives puts it back."""
        item, folder = self.items.get(key), self.items.folders.get(key)
        keys = [one.key for one in self.items]
        if item is not None:
            home = self.items.folders.get(item.folder or 0)
            removed = Removed((file_row_of(item, home),), keys.index(key), self._set)
            self.folders.take_out(item)
            self._forget(item)
        elif folder is not None:
            inside = self.items.in_folder(key)
            rows = (folder_row_of(folder), *(file_row_of(one, folder) for one in inside))
            removed = Removed(rows, keys.index(inside[0].key) if inside else len(keys), self._set)
            self._forget_folder(folder)
        else:
            return None
        self.settled.emit()
        return removed

    def remove_all(self) -> Removed:
        """Take everything out of the conversation; what this gives puts it back, in this order."""
        removed = Removed(self.rows(), 0, self._set)
        self._forget_all()
        self.settled.emit()
        return removed

    def put_back(self, removed: Removed) -> None:
        """Take a removal back; nothing where another conversation has been opened since."""
        if removed.set == self._set:
            rows = [row for row in removed.rows if self.items.by_path(Path(row.path)) is None]
            self._coming_back.restore(rows, removed.position)

    def update_folder(self, key: int) -> None:
        """Take in what is new in a folder, read what has changed again, and let go of what is gone."""
        folder = self.items.folders.get(key)
        for item in self.folders.update(key):
            if folder is not None and folder.now is not None and item.path in folder.now.files:
                self.retry(item.key)
            else:
                self._forget(item)
        self.settled.emit()

    def rows(self) -> tuple[FileRow, ...]:
        """What history keeps of the files, so that ``restore`` can bring them back."""
        return file_rows(self.items)

    def restore(self, rows: Sequence[FileRow]) -> None:
        """Show the files of another conversation instead. Each is read again, or found to be gone or changed."""
        self._set += 1
        self._arrivals.clear()
        self._forget_all()
        self._coming_back.restore(rows)
        self.settled.emit()

    def _come_back(self, item: Item, there: bool, known: Document | None) -> None:
        if not there:
            self._fail(item, gone_message(item))
        elif known is not None:
            self._take(item, known)
        else:
            self._read(item)

    def look_again(self) -> None:
        """Notice what has changed on the disk since it was read; nothing is read or copied."""
        self.noticing.look()
        self.folders.look_again()

    def set_options(self, key: int, options: ReadOptions) -> None:
        """Another budget or mode: the file is read again with it."""
        item = self.items.get(key)
        if item is None or item.options == options:
            return
        item.options = options
        self._read(item)
        self.changed.emit(key)

    def set_pages(self, key: int, number: int | None) -> None:
        """How many pages of a file go into the question; ``None`` takes all. Nothing is read again."""
        item = self.items.get(key)
        if item is not None and item.max_pages != number:
            item.max_pages = number
            self.changed.emit(key)
            self.settled.emit()

    def apply(self, plan: Plan) -> None:
        """Read files again as a plan asks."""
        for change in plan.changes:
            item = self.items.by_hash(change.key)
            if item is None:
                continue
            if change.max_pages is not None:
                item.max_pages = change.max_pages
                self.changed.emit(item.key)
            now = item.options
            options = replace(
                now,
                budget=change.budget or now.budget,
                mode=change.mode or now.mode,
                max_frames=change.max_frames or now.max_frames,
            )
            self.set_options(item.key, options)
        self.settled.emit()

    def close(self) -> None:
        """The window closes: delete pasted pictures that no saved conversation uses."""
        self._teller.stop()
        self._arrivals.close()
        self.folders.close()
        for item in self.items:
            self._cancel(item)
        self.abandon(self._arrivals.pictures)

    def _remove_pictures(self, paths: Iterable[Path]) -> None:
        for path in paths:
            self._spool.remove(path)

    def _take_in(self, paths: Sequence[Path], folder: Folder) -> None:
        """Files of a folder. Several of one name in different subfolders are called by their paths below it."""
        names = folder.names_apart()
        self._arrivals.add(Coming(path, label=names.get(path, ""), quiet=True, folder=folder.key) for path in paths)

    def _list(self, coming: Coming) -> None:
        item = self.items.add(coming.path, coming.spooled)
        if item is None:
            self._tell_of_same(coming)
            return
        item.options, item.label, item.origin = coming.options, coming.label, coming.origin
        item.folder = coming.folder
        self._read(item)
        self.added.emit(item.key)

    def _tell_of_same(self, coming: Coming) -> None:
        """Worth a word only where a user added by hand what has been there for a while."""
        item = self.items.by_path(coming.path)
        if not coming.quiet and (item is None or item.state is not ItemState.READING):
            self.notice.emit(tr("{name} is attached already.", name=coming.path.name))

    def _read(self, item: Item) -> None:
        self._cancel(item)
        item.state, item.error, item.locked, item.wrong = ItemState.READING, Message(), False, False
        item.stale = False
        self.noticing.forget(item.key)
        item.progress = item.document = item.report = None
        item.job = self._reading.read(item.path, item.options)
        self._started[item.job] = time.time()

    def _cancel(self, item: Item) -> None:
        if item.job is not None and item.state is ItemState.READING:
            self._reading.cancel(item.job)
            self._started.pop(item.job, None)

    def _on_progress(self, job: int, progress: ReadProgress) -> None:
        item = self.items.by_job(job)
        if item is not None and item.state is ItemState.READING:
            item.progress = progress
            self._mark(item)

    def _on_done(self, job: int, document: Document) -> None:
        item = self.items.by_job(job)
        if item is None or item.state is not ItemState.READING:
            return
        self.noticing.remember(item.key, document, item.options, self._started.pop(job, 0.0))
        self._take(item, document)

    def _take(self, item: Item, document: Document) -> None:
        if item.folder is not None and item.label:  # the model has to tell files of one name apart, too
            document = replace(document, name=item.label)
        item.state, item.document, item.progress = ItemState.READY, document, None
        twin = self.items.twin(item)
        folder = self.items.folders.get(item.folder or 0)
        if twin is not None and folder is not None:
            folder.aside[item.path] = same_as(folder.name_of(twin.path))
            self._forget(item)
        elif twin is not None:
            name, other = told_apart(item, twin)
            words = tr("{name} has the same content as {other}, which is attached already.", name=name, other=other)
            self.notice.emit(words)
            self._forget(item)
        else:
            if item.altered and folder is None:
                self.notice.emit(changed_words(item))
            self._mark(item)
            self.taken(item)
        self._settle(item)

    def renew(self, item: Item, document: Document, *, settled: bool) -> None:
        """More is known of a file that has been read; ``settled``: that was the last of it."""
        item.document = document
        self._mark(item)
        if settled:
            self.noticing.prepare((document,))
            self._settle(item)

    def _on_locked(self, job: int, wrong: bool) -> None:
        """Comes before its ``_on_failed``. A wrong password is not kept."""
        item = self.items.by_job(job)
        if item is not None and item.state is ItemState.READING:
            item.locked, item.wrong = True, wrong
            item.options = replace(item.options, password=None)

    def _on_failed(self, job: int, message: Message) -> None:
        item = self.items.by_job(job)
        if item is not None and item.state is ItemState.READING:
            self._fail(item, message)

    def _fail(self, item: Item, message: Message) -> None:
        item.state, item.error, item.progress = ItemState.FAILED, message, None
        self._mark(item)
        self._settle(item)

    def _settle(self, item: Item) -> None:
        """One of many files is there: others hear of that now and then, of the last one at once."""
        if item.folder is None or not self.busy:
            self._unsettled = False
            self.settled.emit()
        else:
            self._unsettled = True
            self._mark(item)

    def _forget_all(self) -> None:
        for folder in list(self.items.folders.values()):
            self._forget_folder(folder)
        for item in list(self.items):
            self._forget(item)

    def _forget_folder(self, folder: Folder) -> None:
        for item in self.items.in_folder(folder.key):
            self._forget(item)
        self._arrivals.drop_folder(folder.key)
        self.folders.forget(folder)

    def _forget(self, item: Item) -> None:
        self._cancel(item)
        self.items.remove(item.key)
        self.noticing.forget(item.key)
        self._dirty.discard(item.key)
        if item.spooled:
            self._arrivals.pictures.add(item.path)  # its file stays: the removal can be taken back
        self.removed.emit(item.key)

    def _mark(self, item: Item) -> None:
        self._dirty.add(item.key)
        if not self._teller.isActive():
            self._teller.start()

    def _tell(self) -> None:
        dirty, self._dirty = self._dirty, set()
        unsettled, self._unsettled = self._unsettled, False
        for key in dirty:
            self.changed.emit(key)
        if unsettled:
            self.settled.emit()
