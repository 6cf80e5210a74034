"""The folders of a conversation: listed on a background thread, watched, and brought up to date on demand.

A network drive may take minutes to list, so nothing else waits for it. A folder's files are added like any others;
later changes are only shown until the user asks for an update.
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
"""After a look, the next one waits at least this many times as long as it took."""


@dataclass
class _Look:
    cancel: threading.Event = field(default_factory=threading.Event)
    started: float = field(default_factory=time.monotonic)
    again: bool = False
    """Another look was requested after this one began."""
    walk: Walk = field(init=False)

    def __post_init__(self) -> None:
        self.walk = Walk(self.cancel)


class Folders(QObject):
    """Runs the looks; ``Items.folders`` owns the folders themselves."""

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
        """Look through one of them; if that is running already, once more after it."""
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
        """It was stopped, or an unexpected error is in the log: what is known of the folder stays."""
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
        """No look while another program is active: coming back to the window starts one."""
        if self._items.folders and QGuiApplication.applicationState() is Qt.ApplicationState.ApplicationActive:
            self.due.emit()

    def update(self, key: int) -> tuple[Item, ...]:
        """Take in what is new; returns the files that are to be read again or removed."""
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
        """Remove it from the conversation; its files are removed elsewhere."""
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
