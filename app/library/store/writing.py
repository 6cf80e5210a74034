"""The side that writes. It belongs to one thread; each call is one transaction that is on the disk when it returns."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Self

from app.library.store import opening, restoring
from app.library.store.records import (
    OVER,
    Change,
    Deleted,
    Dropped,
    ExchangeRow,
    FileRow,
    Files,
    Gone,
    Header,
    Stored,
    Titled,
)
from app.library.store.schema import fill_search
from model.messages import Message

_EXCHANGE = tuple(field.name for field in fields(ExchangeRow))
_FILE = tuple(field.name for field in fields(FileRow))
_log = logging.getLogger(__name__)


class Store:
    """Writes changes, deletes for good, copies the file."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, notices: Sequence[Message] = ()) -> None:
        self.folder, self._connection, self.notices = folder, connection, tuple(notices)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the file in ``folder``, restored if need be, and settle what an earlier end left open.

        Raises ``NewerFileError``, ``OSError``, ``sqlite3.Error``.
        """
        notices: tuple[Message, ...] = ()
        try:
            connection = opening.open_store(folder)
        except opening.DamagedError as error:
            _log.error("The file of conversations is damaged: %s", error)
            notices = (restoring.restore(folder, lambda new: cls(folder, new)),)
            connection = opening.open_store(folder)
        store = cls(folder, connection, notices)
        try:
            store._settle()
            restoring.forget_old_damage(folder)
        except BaseException:
            store.close()
            raise
        return store

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection, for tests and measurements."""
        return self._connection

    def close(self) -> None:
        """Give the file back; the last one out folds the log into it."""
        self._connection.close()

    def apply(self, changes: Iterable[Change]) -> None:
        """Write all of them, or none."""
        ordered = sorted(changes, key=lambda change: not isinstance(change, Header))
        with _Transaction(self._connection):
            touched: dict[str, None] = {}
            for change in ordered:
                self._write(change)
                if isinstance(change, Header | Titled | Files):
                    touched[change.conversation] = None
            for conversation in touched:
                self._index_conversation(conversation)

    def _write(self, change: Change) -> None:
        run = self._run
        match change:
            case Header():
                run(
                    "INSERT INTO conversations (id, created, updated, instructions, draft, chosen)"
                    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET updated = excluded.updated,"
                    " instructions = excluded.instructions, draft = excluded.draft, chosen = excluded.chosen",
                    (
                        change.conversation,
                        change.created,
                        change.updated,
                        change.instructions,
                        change.draft,
                        json.dumps(dict(change.chosen)),
                    ),
                )
            case Titled():
                run("UPDATE conversations SET title = ? WHERE id = ?", (change.title, change.conversation))
            case Deleted():
                run("UPDATE conversations SET deleted = ? WHERE id = ?", (change.at, change.conversation))
            case ExchangeRow():
                self._write_exchange(change)
            case Gone():
                self._remove_exchange(change.id)
            case Files():
                self._write_files(change)
            case Dropped():
                self._remove_conversation(change.conversation)

    def _write_exchange(self, row: ExchangeRow) -> None:
        """An answer whose conversation another window has deleted for good goes with it."""
        marks = ", ".join("?" * len(_EXCHANGE))
        updates = ", ".join(f"{name} = excluded.{name}" for name in _EXCHANGE if name != "id")
        self._run(
            f"INSERT INTO exchanges ({', '.join(_EXCHANGE)}) SELECT {marks}"
            " WHERE EXISTS (SELECT 1 FROM conversations WHERE id = ?)"
            f" ON CONFLICT (id) DO UPDATE SET {updates}",
            (*astuple(row), row.conversation),
        )
        if row.stage in OVER or not row.answer:  # not each time that an answer grows
            self._index_exchange(row.id)

    def _write_files(self, change: Files) -> None:
        run = self._run
        run("DELETE FROM files WHERE conversation = ?", (change.conversation,))
        known = "SELECT 1 FROM conversations WHERE id = ?"
        if self._connection.execute(known, (change.conversation,)).fetchone() is None:
            return
        marks = ", ".join("?" * (len(_FILE) + 2))
        for position, file in enumerate(change.files):
            values = (change.conversation, position, *astuple(file))
            run(f"INSERT INTO files (conversation, position, {', '.join(_FILE)}) VALUES ({marks})", values)

    def _run(self, statement: str, values: Sequence[object]) -> None:
        """Half a character, as a broken file name or the clipboard may hold, must not hold everything else up."""
        clean = [one.encode("utf-8", "replace").decode() if isinstance(one, str) else one for one in values]
        self._connection.execute(statement, clean)

    def _remove_exchange(self, id: str) -> None:
        run = self._connection.execute
        run("DELETE FROM search WHERE rowid = (SELECT 2 * n + 1 FROM exchanges WHERE id = ?)", (id,))
        run("DELETE FROM exchanges WHERE id = ?", (id,))

    def _remove_conversation(self, id: str) -> None:
        run = self._connection.execute
        run("DELETE FROM search WHERE rowid IN (SELECT 2 * n + 1 FROM exchanges WHERE conversation = ?)", (id,))
        run("DELETE FROM search WHERE rowid IN (SELECT 2 * n FROM conversations WHERE id = ?)", (id,))
        for table in ("exchanges", "files"):
            run(f"DELETE FROM {table} WHERE conversation = ?", (id,))
        run("DELETE FROM conversations WHERE id = ?", (id,))

    def _index_exchange(self, id: str) -> None:
        run = self._connection.execute
        run("DELETE FROM search WHERE rowid = (SELECT 2 * n + 1 FROM exchanges WHERE id = ?)", (id,))
        run(
            "INSERT INTO search (rowid, conversation, question, answer)"
            " SELECT 2 * n + 1, conversation, question, answer FROM exchanges WHERE id = ?",
            (id,),
        )

    def _index_conversation(self, id: str) -> None:
        run = self._connection.execute
        run("DELETE FROM search WHERE rowid = (SELECT 2 * n FROM conversations WHERE id = ?)", (id,))
        run(
            "INSERT INTO search (rowid, conversation, title, files) SELECT 2 * n, id, title, coalesce((SELECT"
            " group_concat(name, ' ') FROM files WHERE conversation = conversations.id), '')"
            " FROM conversations WHERE id = ?",
            (id,),
        )

    def add(self, stored: Stored) -> None:
        """A conversation from a damaged file, where it is newer than the stored one. Deleted ones stay deleted."""
        known = "SELECT updated FROM conversations WHERE id = ?"
        row = self._connection.execute(known, (stored.header.conversation,)).fetchone()
        older = row is not None and row[0] >= stored.header.updated
        try:
            self.apply([Deleted(stored.header.conversation, stored.deleted)] if older else stored.changes())
        except sqlite3.Error as error:
            _log.warning("A conversation of a damaged file was not taken along: %s", error)

    def _settle(self) -> None:
        """Answers that were cut by the end of a process count as stopped, with what was written of them."""
        with _Transaction(self._connection):
            marks = ", ".join(f"'{stage}'" for stage in sorted(OVER))
            cut = self._connection.execute(f"SELECT id FROM exchanges WHERE stage NOT IN ({marks})").fetchall()
            for (id,) in cut:
                self._connection.execute("UPDATE exchanges SET stage = 'stopped' WHERE id = ?", (id,))
                self._index_exchange(id)

    def copy(self) -> bool:
        """Keep a copy of the file; see ``opening.copy``."""
        return opening.copy(self._connection, self.folder)

    def purge(self) -> set[str]:
        """What was deleted goes for good: out of the tables, the search, the log and the copies.

        Gives the pasted pictures that belonged to it and to nothing else.
        """
        gone = [id for (id,) in self._connection.execute("SELECT id FROM conversations WHERE deleted IS NOT NULL")]
        if not gone:
            return set()
        pictures = self.spooled()
        with _Transaction(self._connection):
            for id in gone:
                self._remove_conversation(id)
            # Words stay in the index's older parts until they are merged.
            self._connection.execute("INSERT INTO search (search) VALUES ('optimize')")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        opening.forget_copies(self.folder)
        self.copy()
        return pictures - self.spooled()

    def refill_search(self) -> None:
        """Make the search anew from what it searches."""
        with _Transaction(self._connection):
            fill_search(self._connection)

    def spooled(self) -> set[str]:
        """The pasted pictures that some conversation still has."""
        return {path for (path,) in self._connection.execute("SELECT path FROM files WHERE spooled")}


class _Transaction:
    """All or nothing, from the first moment on: no other process can write in between."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            try:
                self._connection.execute("COMMIT")
                return
            except sqlite3.Error:
                self._roll_back()
                raise
        self._roll_back()

    def _roll_back(self) -> None:
        """SQLite may have done so itself, as it does on a full disk."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
