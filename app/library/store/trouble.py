"""A disk error, in one sentence that the user can act on."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path

from model.messages import Message, msg

_READ_ONLY = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)
_NO_WRITING = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENOENT)
_LEAST_FREE = 256 * 1024
_FULL = (errno.ENOSPC, errno.EDQUOT)


def code_of(error: BaseException) -> int:
    """SQLite's primary code; 0 where it has none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def is_busy(error: BaseException) -> bool:
    """Another process writes just now."""
    return code_of(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_full(error: BaseException) -> bool:
    """There is no room on the disk; nothing else is wrong."""
    return code_of(error) == sqlite3.SQLITE_FULL or (isinstance(error, OSError) and error.errno in _FULL)


def sentence(error: BaseException, folder: Path) -> Message:
    """Why conversations are not saved just now."""
    if is_full(error) or _no_room(folder):
        return msg(
            "store.disk-full",
            "The disk is full, so your conversations cannot be saved. They are kept in memory and will be saved when "
            "there is space.",
        )
    if code_of(error) in _READ_ONLY or (isinstance(error, OSError) and error.errno in _NO_WRITING):
        return msg(
            "store.not-writable",
            "The folder {folder} cannot be written to, so your conversations cannot be saved. They are kept in "
            "memory and will be saved when it can.",
            folder=folder,
        )
    if is_busy(error):
        return msg(
            "store.busy",
            "Another program is using the file with your conversations. They are kept in memory and will be saved "
            "when the file is free.",
        )
    return msg(
        "store.disk-error",
        "The disk reported an error, so your conversations cannot be saved now. They are kept in memory, and Lectern "
        "will try again.",
    )


def _no_room(folder: Path) -> bool:
    """On a full disk SQLite may report only a general error."""
    try:
        return shutil.disk_usage(folder).free < _LEAST_FREE
    except OSError:
        return False


def saved_again() -> Message:
    """The good news after one of the above."""
    return msg("store.saved-again", "Your conversations are being saved again.")
