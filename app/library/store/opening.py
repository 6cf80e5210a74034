"""Open the file of conversations: private, checked, and copied after a good check.

The copies are whole files beside it, the newest two; ``restoring`` goes back to them. Whatever cannot be opened is
never overwritten.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from pathlib import Path

from app.library.store.schema import migrate, version_of
from model.atomic import flush_folder, replacing

BUSY_S = 5.0
FILE = "conversations.db"
COPIES = ("conversations.copy-1.db", "conversations.copy-2.db")
"""The newest copy and the one before it."""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_log = logging.getLogger(__name__)


class DamagedError(Exception):
    """The file is not what was written."""


def open_store(folder: Path) -> sqlite3.Connection:
    """Open, check, copy, bring to this version: the connection to write with.

    Raises ``DamagedError``, ``NewerFileError``, ``OSError``, ``sqlite3.Error``.
    """
    path = folder / FILE
    lost = not (path.exists() and path.stat().st_size) and any((folder / name).exists() for name in COPIES)
    make_private(folder)
    if lost:
        raise DamagedError("it is gone, or empty")
    connection = connect(path)
    try:
        check(connection)
        if version_of(connection):
            copy(connection, folder)
        prepare(connection)
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def prepare(connection: sqlite3.Connection) -> None:
    """A commit is on the disk when it returns, and what is deleted is overwritten."""
    connection.execute("PRAGMA journal_mode = WAL")  # where the file system cannot, SQLite stays with its journal
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")


def make_private(folder: Path) -> None:
    """The folder and the file are this user's only; SQLite's side files take the file's mode."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / FILE
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if os.name == "posix":
        for one, mode in ((folder, 0o700), (path, 0o600)):
            with contextlib.suppress(OSError):  # not the owner: it is as private as somebody else made it
                one.chmod(mode)


def connect(path: Path) -> sqlite3.Connection:
    """A connection in which nothing happens by itself."""
    return sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)


def check(connection: sqlite3.Connection) -> None:
    """SQLite's own look over the whole file. Raises ``DamagedError``."""
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if (getattr(error, "sqlite_errorcode", 0) & 0xFF) not in _DAMAGED:
            raise
        raise DamagedError(str(error)) from error
    if found != "ok":
        raise DamagedError(str(found).splitlines()[0])


def copy(connection: sqlite3.Connection, folder: Path) -> bool:
    """Keep a copy of the file as it is now, and the copy before it. False where the disk does not take it."""
    newest, older = (folder / name for name in COPIES)
    try:
        with replacing(newest) as temporary:
            copy_into(connection, temporary)
            if newest.exists():
                newest.replace(older)
        flush_folder(folder)
    except (OSError, sqlite3.Error) as error:
        _log.warning("The conversations could not be copied: %s", error)
        return False
    return True


def copy_into(connection: sqlite3.Connection, path: Path) -> None:
    """A whole copy at ``path``, complete in itself and on the disk."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with contextlib.closing(connect(path)) as target:
        connection.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")  # one file, complete in itself
    with path.open("rb") as file:
        os.fsync(file.fileno())


def forget_copies(folder: Path) -> None:
    """The copies hold what was deleted: they go. What hinders that is an ``OSError``."""
    for name in COPIES:
        (folder / name).unlink(missing_ok=True)
    flush_folder(folder)


def copied_at(folder: Path) -> float:
    """When the newest copy was made, in unix time; 0 when there is none."""
    try:
        return (folder / COPIES[0]).stat().st_mtime
    except OSError:
        return 0.0
