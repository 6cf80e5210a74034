"""The user's conversations: what the left pane lists and searches, and where every window's are stored.

One ``History`` serves all windows. Calls here never wait for the disk: writing happens on the keeper's thread, and
what it has not written yet is laid over what is read. Without a folder, everything is kept in memory only.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from app.engine.threads.keeping import Keeper, News, Notice, Ready
from app.engine.threads.outbox import Outbox
from app.i18n import tr, translated
from app.library.store.pending import list_with_changes, with_changes
from app.library.store.reading import MOST_LISTED, Reader
from app.library.store.records import Change, Deleted, Key, RecentFile, Stored, Summary, Titled
from app.session.recording import answer_as_read

__all__ = ["History", "RecentFile", "Summary"]

MOST_UNDOS = 20
Summaries = list[Summary]
RecentFiles = list[RecentFile]
Found = TypeVar("Found")
_log = logging.getLogger(__name__)


class History(QObject):
    """Call ``close`` before it goes, after the last window and the engine."""

    changed = Signal()
    """The list may be another one."""
    notice = Signal(str)
    """One sentence about saving, for the user."""
    renamed = Signal(str, str)
    """(conversation, title)"""
    deleted = Signal(str)
    """A conversation was deleted; windows that show it close it."""

    def __init__(self, folder: Path | None = None, spool: Path | None = None, parent: QObject | None = None) -> None:
        """``folder`` holds the file, ``spool`` the pasted pictures."""
        super().__init__(parent)
        self._folder = folder
        self._memory: dict[Key, Change] = {}
        self._undo: list[Stored] = []
        self._owners: dict[str, object] = {}
        self._writing: set[str] = set()
        self._reader: Reader | None = None
        self._ready = self._closed = False
        self._teller = QTimer(self, singleShot=True, interval=0)
        self._teller.timeout.connect(self.changed)
        self._outbox: Outbox[News] = Outbox(self._deliver, lambda _old, _new: None, self)
        self._keeper = None if folder is None else Keeper(folder, self._post, spool)

    # The list

    def list(self, search: str = "", limit: int = MOST_LISTED) -> Summaries:
        """The conversations that hold every word of ``search``, the latest first; about ``limit`` of them."""
        pending = self._pending()  # before the file: what is written meanwhile is then seen twice, not missed
        found = self._read(lambda reader: reader.summaries(search, limit)) or []
        listed = list_with_changes(found, pending, search)
        return [
            replace(one, title=one.title or tr("New conversation"), writing=one.id in self._writing) for one in listed
        ]

    def search(self, words: str) -> Summaries:
        """The same under another name."""
        return self.list(words)

    def recent_files(self, limit: int = 20) -> RecentFiles:
        """Files that were attached lately, the latest first. They may be gone by now."""
        return self._read(lambda reader: reader.recent_files(limit)) or []

    def rename(self, id: str, title: str) -> None:
        """Give a conversation another name; an empty one changes nothing."""
        words = " ".join(title.split())
        if words:
            self.put([Titled(id, words)])
            self.renamed.emit(id, words)

    def delete(self, id: str) -> None:
        """Take a conversation away; it can be had back until the application ends, and then goes for good."""
        stored = self.load(id)
        if stored is None or stored.deleted is not None:
            return
        self.deleted.emit(id)
        stored = self.load(id) or stored  # a window that had it open has just closed it
        self._undo = [*self._undo, stored][-MOST_UNDOS:]
        self.put([Deleted(id, time.time())])

    def undo_delete(self) -> str | None:
        """Take the last deletion back; the conversation's id. Another process may have deleted it for good."""
        if not self._undo:
            return None
        stored = self._undo.pop()
        stored.deleted = None
        self.put(stored.changes())
        return stored.header.conversation

    # For the windows that hold a conversation

    def load(self, id: str) -> Stored | None:
        """A whole conversation as it is now."""
        pending = self._pending()
        return with_changes(self._read(lambda reader: reader.conversation(id)), id, pending)

    def put(self, changes: Iterable[Change], *, growing: bool = False) -> None:
        """Keep changes; ``growing``: more of the same comes soon, within a second is soon enough."""
        if self._closed:
            _log.error("Something changed after the history was closed")
        elif self._keeper is not None:
            self._keeper.put(changes, growing=growing)
        else:
            self._memory.update({change.key: change for change in changes})
        if not growing:
            self._tell()

    def claim(self, id: str, owner: object) -> bool:
        """A conversation is open in one window at a time; false while another has it."""
        return self._owners.setdefault(id, owner) is owner

    def release(self, id: str, owner: object) -> None:
        """Others may open it again."""
        if self._owners.get(id) is owner:
            del self._owners[id]

    def owner(self, id: str) -> object | None:
        """Who has this conversation open: an ``Asking``."""
        return self._owners.get(id)

    def mark_writing(self, id: str, on: bool) -> None:
        """An answer of this conversation is at the engine, or no longer."""
        if on != (id in self._writing):
            self._writing.symmetric_difference_update({id})
            self._tell()

    @property
    def on_disk(self) -> bool:
        """Whether there is a file, or everything is kept in memory only."""
        return self._keeper is not None

    def abandon(self, pictures: Iterable[Path]) -> None:
        """A window lets these pasted pictures go; those that no conversation has are deleted at the end."""
        if self._keeper is not None:
            self._keeper.abandon(pictures)

    @property
    def ready(self) -> bool:
        """The file was opened; before that, and without one, the list holds only what is new."""
        return self._ready

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until everything is on the disk; false where it is not by then."""
        return self._keeper is None or self._keeper.flush(timeout)

    def close(self) -> bool:
        """Write what is left, delete for good what was deleted; false where something could not be saved."""
        self._closed = True
        self._teller.stop()
        self._close_reader()
        return self._keeper is None or self._keeper.close()

    # Inside

    def _pending(self) -> tuple[Change, ...]:
        return tuple(self._memory.values()) if self._keeper is None else self._keeper.pending()

    def _read(self, what: Callable[[Reader], Found]) -> Found | None:
        """Ask the file; nothing where it cannot be read, which the keeper reports to the user."""
        if not self._ready or self._folder is None or self._closed:
            return None
        try:
            if self._reader is None:
                self._reader = Reader(self._folder, partial(answer_as_read, tell=translated))
            found = what(self._reader)
            if self._reader.index_is_bad and self._keeper is not None:
                self._reader.index_is_bad = False
                self._keeper.refill_search()
            return found
        except sqlite3.Error as error:
            _log.warning("The conversations cannot be read: %s", error)
            return None

    def _tell(self) -> None:
        """Once for all that happens in one go."""
        if not self._closed and not self._teller.isActive():
            self._teller.start()

    def _close_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def _post(self, news: News) -> None:
        self._outbox.post(news, urgent=True)

    def _deliver(self, news: News) -> None:
        match news:
            case Ready():
                self._ready = True
                self._close_reader()
                self.changed.emit()
            case Notice(words):
                self.notice.emit(translated(words))
