"""Open the file of conversations: private, checked, copied after a good check, and restored from a copy if damaged.

The copies are whole files beside it, the newest two. Whatever cannot be opened is never overwritten.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from app.i18n import tr
from app.library.store.schema import migrate, version_of

BUSY_S = 5.0
DAMAGED_FOR_S = 30 * 24 * 3600.0
"""How long a damaged file is kept."""
FILE = "conversations.db"
COPIES = ("conversations.copy-1.db", "conversations.copy-2.db")
"""The newest copy and the one before it."""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_log = logging.getLogger(__name__)


class DamagedError(Exception):
    """The file is not what was written."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The connection to write with, and what the person should know."""

    connection: sqlite3.Connection
    notices: tuple[str, ...] = ()
    damaged: Path | None = None
    """The file that was put aside; some of it may still be readable."""


def open_store(folder: Path) -> Opened:
    """Open, check, copy, bring to this version. Raises ``OSError``, ``sqlite3.Error``, ``NewerFileError``."""
    path = folder / FILE
    notices: tuple[str, ...] = ()
    damaged: Path | None = None
    lost = not (path.exists() and path.stat().st_size) and any((folder / name).exists() for name in COPIES)
    make_private(folder)
    try:
        if lost:
            raise DamagedError("it is gone, or empty")
        connection = _open_checked(path)
    except DamagedError as error:
        _log.error("The file of conversations is damaged: %s", error)
        damaged = _put_aside(folder)
        notices = (_restore(folder, damaged.name),)
        connection = _open_checked(path)
    try:
        if version_of(connection):
            copy(connection, folder)
        prepare(connection)
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    _forget_old_damage(folder)
    return Opened(connection, notices, damaged)


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


def _open_checked(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    try:
        check(connection)
    except BaseException:
        connection.close()
        raise
    return connection


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
    temporary = folder / f"copying-{os.getpid()}.tmp"
    try:
        _copy_into(connection, temporary)
        if newest.exists():
            newest.replace(older)
        temporary.replace(newest)
        _flush_folder(folder)
    except (OSError, sqlite3.Error) as error:
        _log.warning("The conversations could not be copied: %s", error)
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        return False
    return True


def _copy_into(connection: sqlite3.Connection, path: Path) -> None:
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
    _flush_folder(folder)


def copied_at(folder: Path) -> float:
    """When the newest copy was made, in unix time; 0 when there is none."""
    try:
        return (folder / COPIES[0]).stat().st_mtime
    except OSError:
        return 0.0


def _restore(folder: Path, aside: str) -> str:
    """Put the newest good copy in the place of the damaged file. What to tell the person."""
    for name in COPIES:
        path = folder / name
        if path.exists() and _is_good(path):
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(path.stat().st_mtime))
            with contextlib.closing(connect(path)) as source:
                _copy_into(source, folder / FILE)
            _flush_folder(folder)
            return tr(
                "The file with your conversations was damaged. Lectern went back to the copy from {when} and added what"
                " could still be read; the damaged file is kept as {name}.",
                when=when,
                name=aside,
            )
    make_private(folder)
    return tr(
        "The file with your conversations was damaged and there was no copy of it. Lectern began a new one with what"
        " could still be read; the damaged file is kept as {name}.",
        name=aside,
    )


def _put_aside(folder: Path) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    number = 1
    while (folder / (name := f"damaged-{stamp}{'' if number == 1 else f'-{number}'}.db")).exists():
        number += 1
    for suffix in ("", "-wal", "-shm"):
        part = folder / f"{FILE}{suffix}"
        if part.exists():
            part.replace(folder / f"{name}{suffix}")
    return folder / name


def _forget_old_damage(folder: Path) -> None:
    """A damaged file holds what was deleted since; nobody has asked for it in weeks."""
    limit = time.time() - DAMAGED_FOR_S
    for path in folder.glob("damaged-*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < limit:
                path.unlink()


def _is_good(path: Path) -> bool:
    try:
        with contextlib.closing(connect(path)) as connection:
            check(connection)
            return version_of(connection) > 0
    except Exception as error:
        _log.warning("The copy %s cannot be used: %s", path.name, error)
        return False


def _flush_folder(folder: Path) -> None:
    """Names are on the disk too, where the system can say so."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
