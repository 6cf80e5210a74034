"""The folders of a conversation: looked through on a thread of their own, watched, and brought up to date on demand.

A network drive may take minutes to list, so nothing else waits for it. What a folder holds comes in as files like any
others; what has changed since is only told, until the user wants it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from app.engine.threads.background import Background
from app.i18n import tr, translated
from app.session.collecting import Collected, Listing, list_folder, notice_lines
from app.session.folders import TAKEN_OUT, Folder
from app.session.items import Item, Items
from app.session.walking import Walk

LOOK_EVERY_S = 15.0
REST = 20
"""A look is followed by a rest of at least this many times what it took."""


@dataclass
class _Look:
    cancel: threading.Event = field(default_factory=threading.Event)
    started: float = field(default_factory=time.monotonic)
    again: bool = False
    """Somebody wants to know what is there now, and not when it began."""
    walk: Walk = field(init=False)

    def __post_init__(self) -> None:
        self.walk = Walk(self.cancel)


class Folders(QObject):
    """Owns the looking; the folders themselves are the items' (``Items.folders``)."""

    added = Signal(int)
    changed = Signal(int)
    removed = Signal(int)
    notice = Signal(str)
    due = Signal()
    """It is time to look at the files again."""

    def __init__(self, items: Items, take_in: Callable[[Sequence[Path], Folder], None]) -> None:
        """``take_in`` adds files of a folder, which are then read."""
        super().__init__()
        self._items, self._take_in = items, take_in
        self._background = Background(self)
        self._looks: dict[int, _Look] = {}
        self._timer = QTimer(self, singleShot=True, interval=round(1000 * LOOK_EVERY_S))
        self._timer.timeout.connect(self._on_timer)

    @property
    def coming(self) -> int:
        """How many folders are looked through for the first time."""
        return sum(folder.taken is None and folder.key in self._looks for folder in self._items.folders.values())

    def seen(self, key: int) -> int | None:
        """How much of a folder has been seen, while it is looked through."""
        look = self._looks.get(key)
        return look.walk.seen if look is not None else None

    def add(self, path: Path) -> Folder | None:
        """Add a folder; ``None`` where it is there already."""
        folder = self._items.add_folder(path)
        if folder is None:
            self.notice.emit(tr("{name} is attached already.", name=path.name or str(path)))
            return None
        self.added.emit(folder.key)
        self.look(folder)
        return folder

    def look_again(self) -> None:
        """Notice what has changed in the folders since their files were taken in."""
        for folder in self._items.folders.values():
            self.look(folder)

    def look(self, folder: Folder) -> None:
        """Look through one of them; while that is being done, once more behind it."""
        running = self._looks.get(folder.key)
        if running is not None:
            running.again = True
            return
        look = self._looks[folder.key] = _Look()
        work = partial(list_folder, folder.path, look.cancel, look.walk)
        done = partial(self._on_looked, folder, look)
        self._background.run(work, done, partial(self._on_failed, folder, look))
        if folder.taken is None:  # it may take a while: the card tells how far it is
            self.changed.emit(folder.key)

    def _on_looked(self, folder: Folder, look: _Look, listing: Listing) -> None:
        if not self._ended(folder, look):
            return
        if folder.taken is None and not folder.known:
            if listing.files:
                folder.take(listing)
                self._take_in(tuple(listing.files), folder)
            else:
                self.forget(folder)
                self._tell_of_nothing(listing)
                return
        elif not folder.look(listing):
            return
        self.changed.emit(folder.key)

    def _on_failed(self, folder: Folder, look: _Look, _error: Exception) -> None:
        """It was stopped, or something unexpected is in the log: what was known of it stays."""
        if self._ended(folder, look):
            if folder.taken is None and not folder.known:
                self.forget(folder)
                self.notice.emit(translated(notice_lines(_nothing_of(Listing(folder.path, {}, there=False)))[0]))
            else:
                self.changed.emit(folder.key)

    def _ended(self, folder: Folder, look: _Look) -> bool:
        """Whether the look still counts; the next one comes after a rest."""
        if self._looks.get(folder.key) is not look:
            return False
        del self._looks[folder.key]
        rest = max(LOOK_EVERY_S, REST * (time.monotonic() - look.started))
        if not self._timer.isActive():
            self._timer.start(round(1000 * rest))
        if look.again:
            QTimer.singleShot(0, self, partial(self._look_once_more, folder))
        return True

    def _look_once_more(self, folder: Folder) -> None:
        if folder.key in self._items.folders:
            self.look(folder)

    def _tell_of_nothing(self, listing: Listing) -> None:
        self.notice.emit("\n".join(map(translated, notice_lines(_nothing_of(listing)))))

    def _on_timer(self) -> None:
        """Nobody looks while the user is elsewhere: coming back to the window does."""
        if self._items.folders and QGuiApplication.applicationState() is Qt.ApplicationState.ApplicationActive:
            self.due.emit()

    def update(self, key: int) -> tuple[Item, ...]:
        """Take in what is new and let go of what is gone; gives the files that have to be read again or forgotten."""
        folder = self._items.folders.get(key)
        if folder is None or folder.now is None:
            return ()
        changes = folder.changes(self._items)
        for path in changes.added:
            folder.aside.pop(path, None)
        folder.take(folder.now)
        if changes.added:
            self._take_in(changes.added, folder)
        found = [self._items.by_path(path) for path in (*changes.changed, *changes.removed)]
        self.changed.emit(key)
        return tuple(item for item in found if item is not None)

    def take_out(self, item: Item) -> None:
        """One of a folder's files was removed by the user: it does not come back by itself."""
        folder = self._items.folders.get(item.folder or 0)
        if folder is not None:
            folder.aside[item.path] = TAKEN_OUT

    def take_back(self, key: int, path: Path) -> None:
        """Read a file that was set aside after all."""
        folder = self._items.folders.get(key)
        if folder is not None and path in folder.aside:
            del folder.aside[path]
            self._take_in((path,), folder)

    def forget(self, folder: Folder) -> None:
        """It is no longer part of the conversation; its files are let go elsewhere."""
        self.stop(folder.key)
        self._items.folders.pop(folder.key, None)
        self.removed.emit(folder.key)

    def stop(self, key: int) -> None:
        """Stop looking through a folder."""
        look = self._looks.pop(key, None)
        if look is not None:
            look.cancel.set()

    def close(self) -> None:
        """The window closes."""
        self._timer.stop()
        for key in list(self._looks):
            self.stop(key)
        self._background.shutdown()


def _nothing_of(listing: Listing) -> Collected:
    """A folder without any file that is read, as a drop of its own."""
    empty = (listing.path.name or str(listing.path),) if listing.empty else ()
    return Collected((), listing.refused, listing.truncated, empty, (listing,))
