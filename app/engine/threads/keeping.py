"""The thread that writes conversations to disk, so that nobody else waits for one.

What changes is put here and is pending until the disk has it; pending changes can be laid over the file's contents.
Most changes are written at once; of an answer that grows, the newest state about once a second. Where the disk
refuses, everything stays pending and is tried again; the user hears one sentence about it, and one when it is over.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from app.engine.threads.worker import Worker
from app.library.store import opening
from app.library.store.records import Change, Key
from app.library.store.schema import NewerFileError
from app.library.store.trouble import is_busy, is_full, saved_again, sentence
from app.library.store.writing import Store
from model.messages import NOTHING, Message

PARTIAL_S = 1.0
"""How old what is not on the disk of a growing answer may become, but for the writing itself."""
RETRY_S = 5.0
COPY_EVERY_S = 24 * 3600.0
COPY_RETRY_S = 3600.0
SWEEP_AFTER_S = 24 * 3600.0
CLOSE_S = 20.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """The file was opened, and may be another one than before; or it could not be, and can at most be read."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence about saving, for the user."""

    words: Message


News = Ready | Notice


class Keeper(Worker):
    """Owns the file of conversations for this process. ``close`` before the end."""

    def __init__(self, folder: Path, post: Callable[[News], None], spool: Path | None = None) -> None:
        """``post`` is called on the keeper's thread; ``spool`` is where pasted pictures are."""
        super().__init__("lectern-keeper")
        self.folder, self._post, self._spool = folder, post, spool
        self._pending: dict[Key, Change] = {}
        self._due: float | None = None
        self._retry_at = self._tried_copy = 0.0
        self._refill = self._refused = False
        self._said = NOTHING
        self._abandoned: set[str] = set()
        self._store: Store | None = None
        self._settled = threading.Event()
        self.start()

    def put(self, changes: Iterable[Change], *, growing: bool = False) -> None:
        """Have them written: at once, or, where more of the same comes soon, within a second."""
        now = time.monotonic()
        with self._changed:
            for change in changes:
                self._pending[change.key] = change
            due = now + PARTIAL_S if growing else now
            self._due = due if self._due is None else min(self._due, due)
            self._settled.clear()
            self._changed.notify()

    def pending(self) -> tuple[Change, ...]:
        """The changes not yet on disk, in the order in which it was first put."""
        with self._changed:
            return tuple(self._pending.values())

    def refill_search(self) -> None:
        """The search index is not what it should be."""
        with self._changed:
            self._refill, self._due = True, time.monotonic()
            self._changed.notify()

    def abandon(self, pictures: Iterable[Path]) -> None:
        """Pasted pictures that no window shows any more: those that no conversation has go at the end."""
        with self._changed:
            self._abandoned.update(str(picture) for picture in pictures)

    def flush(self, timeout: float) -> bool:
        """Wait until everything is on the disk; false where it is not by then, or the disk refuses."""
        with self._changed:
            if self._pending:
                self._due = time.monotonic()
                self._changed.notify()
        return self._settled.wait(timeout) and not self.pending()

    def close(self, timeout: float = CLOSE_S) -> bool:
        """Write what is left, delete for good what was deleted, end. False where something could not be saved."""
        ended = self.end(timeout)
        if self._pending:
            _log.error("%d changes of conversations could not be saved", len(self._pending))
        return ended and not self._pending

    # On the thread

    def _work(self) -> None:
        self._step()
        if self._store is None:
            self._post(Ready())
        while self._wait():
            self._step()
        self._step()
        self._end()

    def _wait(self) -> bool:
        """Until there is something to do; false at the end."""
        with self._changed:
            while not self.ending.is_set():
                now = time.monotonic()
                due = None if self._due is None or self._refused else max(self._due, self._retry_at)
                if due is not None and due <= now:
                    return True
                self._changed.wait(None if due is None else due - now)
            return False

    def _step(self) -> None:
        """Open the file if it is not open, and write what is pending. Whatever happens, the thread lives on."""
        if self._refused:
            return
        try:
            if self._store is None:
                self._open()
            self._write()
        except NewerFileError as error:
            self._refused = True
            self._say(error.message)
        except (sqlite3.Error, OSError) as error:
            self._fail(error)
        except Exception as error:
            _log.exception("Something unexpected went wrong with the conversations")
            self._fail(error)
        else:
            if self._said:
                self._said = NOTHING
                self._post(Notice(saved_again()))
        with self._changed:
            if not self._pending or self._said:
                self._settled.set()

    def _open(self) -> None:
        self._store = store = Store.open(self.folder)
        self._post(Ready())
        for words in store.notices:
            self._post(Notice(words))
        self._delete(store.purge())
        self._sweep(store.spooled())

    def _write(self) -> None:
        assert self._store is not None
        with self._changed:
            batch, refill = dict(self._pending), self._refill
            self._due, self._refill = None, False
        if refill:
            self._store.refill_search()
        if batch:
            self._apply(list(batch.values()))
            with self._changed:
                for key, change in batch.items():
                    if self._pending.get(key) is change:
                        del self._pending[key]
                if self._pending and self._due is None:
                    self._due = time.monotonic()
            self._copy_daily()

    def _copy_daily(self) -> None:
        """Where the disk takes no copy, not at every change anew."""
        now = time.time()
        age = now - max(opening.copied_at(self.folder), self._tried_copy)
        due = not -COPY_EVERY_S <= age <= COPY_EVERY_S  # a copy from far in the future: the clock was wrong then
        if self._store is not None and due and not self._store.copy():
            self._tried_copy = now - COPY_EVERY_S + COPY_RETRY_S

    def _apply(self, batch: list[Change]) -> None:
        """One thing that cannot be written must not keep the others from being."""
        assert self._store is not None
        try:
            self._store.apply(batch)
        except (sqlite3.OperationalError, sqlite3.DatabaseError, OSError) as error:
            if not isinstance(error, sqlite3.ProgrammingError | sqlite3.DataError | sqlite3.IntegrityError):
                raise
            self._apply_singly(batch)
        except Exception:
            self._apply_singly(batch)

    def _apply_singly(self, batch: list[Change]) -> None:
        assert self._store is not None
        for change in batch:
            try:
                self._store.apply([change])
            except (sqlite3.OperationalError, OSError):
                raise
            except Exception:
                _log.exception("A change of a conversation cannot be written: %s", change.key[0])

    def _fail(self, error: Exception) -> None:
        _log.warning("Conversations could not be saved: %s", error)
        with self._changed:
            self._retry_at = time.monotonic() + RETRY_S
            self._due = self._due or time.monotonic()
        self._say(sentence(error, self.folder))
        if not (is_full(error) or is_busy(error)):
            self._drop()

    def _say(self, words: Message) -> None:
        if words != self._said:
            self._said = words
            self._post(Notice(words))

    def _drop(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            try:
                store.close()
            except sqlite3.Error as error:
                _log.warning("The file of conversations could not be closed: %s", error)

    def _end(self) -> None:
        if self._store is not None:
            try:
                self._delete(self._store.purge())
                if not self._pending:
                    self._delete(self._abandoned - self._store.spooled())
            except (sqlite3.Error, OSError) as error:
                _log.warning("What was deleted could not be removed from the disk yet: %s", error)
        self._drop()

    def _delete(self, pictures: Iterable[str]) -> None:
        """Pasted pictures whose conversation is gone; never anything outside the folder for them."""
        for picture in pictures:
            path = Path(picture)
            if self._spool is not None and path.parent == self._spool:
                path.unlink(missing_ok=True)

    def _sweep(self, wanted: set[str]) -> None:
        """Pasted pictures that no conversation has, a day old or older: a crash left them."""
        if self._spool is None or not self._spool.is_dir():
            return
        limit = time.time() - SWEEP_AFTER_S
        for path in self._spool.glob("*.png"):
            if str(path) not in wanted and path.stat().st_mtime < limit:
                path.unlink(missing_ok=True)
