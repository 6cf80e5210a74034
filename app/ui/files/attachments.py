"""Files on their way in: collect what was dropped, have it read, tell the window what changed.

Progress comes as fast as pages are read, so changes are gathered and reported about 20 times a second. Files belong to
the conversation that is open: another one brings its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from app.chat.evidence.checking import prepare
from app.chat.evidence.places import Place
from app.chat.plan import Plan
from app.engine.threads.background import Background, Result, only_logged
from app.i18n import tr, translated
from app.ingest.types import Document, ReadOptions, ReadProgress
from app.library.store.records import FileRow
from app.session.collecting import Collected, Spool, collect, notice_lines
from app.session.items import Item, Items, ItemState, gone_message
from app.session.recording import file_row_of, options_of, origin_of
from app.session.restoring import ReadBefore, Signature, signature, signatures
from app.ui.asking.bridges import Reading
from app.ui.files.words import changed_words
from model.messages import Message, msg

TELL_EVERY_MS = 50
ADD_AT_ONCE = 8
REGION_BUDGET = 1120


@dataclass(frozen=True)
class _Coming:
    """A file that is about to be listed."""

    path: Path
    spooled: bool = False
    options: ReadOptions = field(default_factory=ReadOptions)
    label: str = ""
    origin: Place | None = None
    quiet: bool = False
    """Nothing is told where it is attached already: the user did not choose it by hand."""


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
        self.collecting = 0
        self._reading, self._background, self._spool = reading, background, spool
        self.taken: Callable[[Item], None] = lambda _item: None
        """Called with each file that has been read, before any signal is emitted."""
        self.awaited: set[int] = set()
        """Files whose pictures are being read, and for which a question waits."""
        self._dirty: set[int] = set()
        self._coming: list[_Coming] = []
        self._read_before = ReadBefore()
        self._as_read: dict[int, Signature] = {}
        """What the files were on the disk when they were read, by the item's key."""
        self._started: dict[int, float] = {}
        self._set = 0
        """Counts the conversations that were opened: what was listed for an earlier one is not for this one."""
        self.abandon: Callable[[Iterable[Path]], None] = self._remove_pictures
        """What happens to pasted pictures that this window no longer shows; history knows which it still needs."""
        self._pictures: set[Path] = set()
        self._teller = QTimer(self, singleShot=True, interval=TELL_EVERY_MS)
        self._teller.timeout.connect(self._tell)
        self._adder = QTimer(self, singleShot=True, interval=0)
        self._adder.timeout.connect(self._add_some)
        reading.progress.connect(self._on_progress)
        reading.done.connect(self._on_done)
        reading.failed.connect(self._on_failed)
        reading.locked.connect(self._on_locked)

    @property
    def busy(self) -> int:
        """How many files are on their way, those not yet listed included."""
        return self.items.reading + len(self.awaited) + len(self._coming) + self.collecting

    def add_paths(self, paths: Iterable[Path], *, quiet: bool = False) -> None:
        """Files and folders that the user dropped or chose. ``quiet``: a button did, so they may be there already."""
        self.coming.emit()
        self.collecting += 1
        self._background.run(
            partial(collect, tuple(paths)),
            partial(self._on_collected, self._set, quiet),
            partial(self._on_not_collected, self._set),
        )

    def add_image(self, image: QImage) -> None:
        """A picture from the clipboard."""
        self.coming.emit()
        self.collecting += 1
        self._background.run(
            partial(_save, image, self._spool),
            partial(self._on_saved, self._set),
            partial(self._on_not_saved, self._set),
        )

    def add_region(self, path: Path, origin: Place, name: str) -> None:
        """A part of a page, a picture or a frame that was cut out into the spool, to be looked at closely."""
        self._pictures.add(path)
        self._coming.append(_Coming(path, True, ReadOptions(budget=REGION_BUDGET), name, origin))
        self._add_some()

    def add_made(self, path: Path, origin: Place, name: str) -> int | None:
        """A file that was taken out of another one, into the spool. Its key; ``None`` where it has to wait."""
        self._pictures.add(path)
        self._coming.append(_Coming(path, True, ReadOptions(), name, origin))
        self._add_some()
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

    def remove(self, key: int) -> Removed | None:
        """Take a file out of the conversation; what this gives puts it back."""
        item = self.items.get(key)
        if item is None:
            return None
        removed = Removed(file_row_of(item), [one.key for one in self.items].index(key), self._set)
        self._forget(item)
        self.settled.emit()
        return removed

    def remove_all(self) -> list[Removed]:
        """Take every file out of the conversation; what this gives puts them back, in this order."""
        removed = [Removed(file_row_of(item), number, self._set) for number, item in enumerate(self.items)]
        for item in list(self.items):
            self._forget(item)
        self.settled.emit()
        return removed

    def put_back(self, *removed: Removed) -> None:
        """Take removals back; nothing where another conversation has been opened since."""
        for one in removed:
            if one.set == self._set and self.items.by_path(Path(one.row.path)) is None:
                self._restore([one.row], one.position)

    def rows(self) -> tuple[FileRow, ...]:
        """What history keeps of the files, so that ``restore`` can bring them back."""
        return tuple(file_row_of(item) for item in self.items)

    def restore(self, rows: Sequence[FileRow]) -> None:
        """Show the files of another conversation instead. Each is read again, or found to be gone or changed."""
        self._set += 1
        self._coming.clear()
        self.collecting = 0
        for item in list(self.items):
            self._forget(item)
        self._restore(rows)
        self.settled.emit()

    def _restore(self, rows: Sequence[FileRow], position: int | None = None) -> None:
        found = []
        for row in rows:
            item = self.items.add(Path(row.path), row.spooled)
            if item is None:
                continue
            if position is not None:
                self.items.move(item.key, position)
            item.options, item.max_pages, item.expected, item.kind = (
                options_of(row),
                row.max_pages,
                row.content_hash,
                row.kind,
            )
            item.label, item.origin = row.name if row.name != item.path.name else "", origin_of(row)
            found.append(item)
            self.added.emit(item.key)
        looked = partial(self._on_looked, [item.key for item in found])
        self._background.run(partial(signatures, [item.path for item in found]), looked, lambda _: looked(None))

    def _on_looked(self, keys: Sequence[int], found: dict[Path, Signature | None] | None) -> None:
        """Which of the files are still there, and which of them need not be read again; with ``None`` all are read."""
        for item in filter(None, map(self.items.get, keys)):
            now = found.get(item.path) if found is not None else (0, 0, 0)
            known = self._read_before.get(item.path, item.options, now) if now is not None else None
            if item.state is not ItemState.READING or item.job is not None:
                continue
            if now is None:
                self._fail(item, gone_message(item))
            elif known is not None:
                self._take(item, known)
            else:
                self._read(item)

    def look_again(self) -> None:
        """Notice which of the files have changed on the disk since they were read; nothing is read or copied."""
        read = [item for item in self.items if item.state is ItemState.READY and item.key in self._as_read]
        if read:
            paths = [item.path for item in read]
            self._background.run(partial(signatures, paths), self._on_looked_again, only_logged)

    def _on_looked_again(self, found: dict[Path, Signature | None]) -> None:
        for item in self.items:
            known = self._as_read.get(item.key)
            if item.state is not ItemState.READY or known is None or item.path not in found:
                continue
            stale = found[item.path] != known
            if stale is not item.stale:
                item.stale = stale
                self._mark(item)

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
        self._adder.stop()
        for item in self.items:
            self._cancel(item)
        self.abandon(self._pictures)

    def _remove_pictures(self, paths: Iterable[Path]) -> None:
        for path in paths:
            self._spool.remove(path)

    def _on_collected(self, set: int, quiet: bool, result: Collected) -> None:
        if set == self._set:
            self._arrived(
                [_Coming(path, quiet=quiet) for path in result.files], "\n".join(map(translated, notice_lines(result)))
            )

    def _on_not_collected(self, set: int, error: Exception) -> None:
        if set == self._set:
            self._arrived([], tr("The files could not be listed: {reason}", reason=error))

    def _on_saved(self, set: int, path: Path) -> None:
        self._pictures.add(path)
        if set == self._set:
            self._arrived([_Coming(path, True)])

    def _on_not_saved(self, set: int, error: Exception) -> None:
        if set == self._set:
            self._arrived([], tr("The pasted picture could not be saved: {reason}", reason=error))

    def _arrived(self, coming: list[_Coming], words: str = "") -> None:
        """Take the files of one drop or paste, and report problems with it."""
        self.collecting -= 1
        if words:
            self.notice.emit(words)
        self._coming += coming
        self._add_some()

    def _add_some(self) -> None:
        """A few rows at a time: a dropped folder of 200 files must not stop the event loop."""
        for coming in self._coming[:ADD_AT_ONCE]:
            item = self.items.add(coming.path, coming.spooled)
            if item is None:
                self._tell_of_same(coming)
                continue
            item.options, item.label, item.origin = coming.options, coming.label, coming.origin
            self._read(item)
            self.added.emit(item.key)
        del self._coming[:ADD_AT_ONCE]
        if self._coming:
            self._adder.start()
        self.settled.emit()

    def _tell_of_same(self, coming: _Coming) -> None:
        """Worth a word only where a user added by hand what has been there for a while."""
        item = self.items.by_path(coming.path)
        if not coming.quiet and (item is None or item.state is not ItemState.READING):
            self.notice.emit(tr("{name} is attached already.", name=coming.path.name))

    def _read(self, item: Item) -> None:
        self._cancel(item)
        item.state, item.error, item.locked, item.wrong = ItemState.READING, Message(), False, False
        item.stale = False
        self._as_read.pop(item.key, None)
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
        self._remember(item.key, document, item.options, self._started.pop(job, 0.0))
        self._take(item, document)

    def _take(self, item: Item, document: Document) -> None:
        item.state, item.document, item.progress = ItemState.READY, document, None
        twin = self.items.twin(item)
        if twin is not None:
            name, other = _told_apart(item, twin)
            words = tr("{name} has the same content as {other}, which is attached already.", name=name, other=other)
            self.notice.emit(words)
            self._forget(item)
        else:
            if item.altered:
                self.notice.emit(changed_words(item))
            self._mark(item)
            self.taken(item)
        self.settled.emit()

    def renew(self, item: Item, document: Document, *, settled: bool) -> None:
        """More is known of a file that has been read; ``settled``: that was the last of it."""
        item.document = document
        self._mark(item)
        if settled:
            self._background.run(partial(prepare, document), _nothing, only_logged)
            self.settled.emit()

    def _remember(self, key: int, document: Document, options: ReadOptions, started: float) -> None:
        """It need not be read again in this session; and looking quotations up in it takes a moment the first time."""

        def keep(found: Signature | None) -> None:
            self._read_before.keep(document, options, found, started)
            if found is not None and found[1] <= started * 1e9:
                self._as_read[key] = found

        self._background.run(partial(signature, document.path), keep, only_logged)
        self._background.run(partial(prepare, document), _nothing, only_logged)

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
        self.settled.emit()

    def _forget(self, item: Item) -> None:
        self._cancel(item)
        self.items.remove(item.key)
        self._as_read.pop(item.key, None)
        self._dirty.discard(item.key)
        if item.spooled:
            self._pictures.add(item.path)  # its file stays: the removal can be taken back
        self.removed.emit(item.key)

    def _mark(self, item: Item) -> None:
        self._dirty.add(item.key)
        if not self._teller.isActive():
            self._teller.start()

    def _tell(self) -> None:
        dirty, self._dirty = self._dirty, set()
        for key in dirty:
            self.changed.emit(key)


@dataclass(frozen=True)
class Removed:
    """A file that was taken out, with its position, and in which conversation."""

    row: FileRow
    position: int
    set: int


def _nothing(_result: object) -> None:
    """Receiver of jobs whose result is not needed."""


def _save(image: QImage, spool: Spool) -> Path:
    path = spool.new_path()
    if not image.save(str(path)):
        raise OSError(f"{path.parent} cannot be written to.")
    return path


def _told_apart(one: Item, other: Item) -> tuple[str, str]:
    """The names of two files, with their folders where the names alone are equal."""
    if one.name != other.name:
        return one.name, other.name
    first, second = one.path, other.path
    short = (str(Path(first.parent.name, one.name)), str(Path(second.parent.name, other.name)))
    return short if short[0] != short[1] else (str(first), str(second))
