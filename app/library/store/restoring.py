"""A damaged file gives way to the newest good copy, with whatever the damaged one still has added to it.

The new file is made complete under another name first. A process that ends on the way has changed nothing, and the
next start begins anew. The damaged file is kept beside it for some weeks.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from app.library.store.opening import COPIES, FILE, check, connect, copy_into
from app.library.store.records import Stored
from app.library.store.salvaging import readable
from app.library.store.schema import migrate, version_of
from model.atomic import flush_folder
from model.messages import Message, msg

DAMAGED_FOR_S = 30 * 24 * 3600.0
"""How long a damaged file is kept."""
_NEW = "restoring.db"
_log = logging.getLogger(__name__)


class Adds(Protocol):
    """The writing side, as far as restoring needs it."""

    def add(self, stored: Stored) -> None:
        """Take in a conversation that is newer than what there is."""
        ...


def restore(folder: Path, writer: Callable[[sqlite3.Connection], Adds]) -> Message:
    """Make the file anew. What to tell the user, in a sentence."""
    good = next((path for path in (folder / name for name in COPIES) if path.exists() and _is_good(path)), None)
    new = folder / _NEW
    _begin(new, good)
    with contextlib.closing(connect(new)) as connection:
        migrate(connection)
        store = writer(connection)
        for stored in readable(folder / FILE):
            store.add(stored)
    aside = _put_aside(folder)
    new.replace(folder / FILE)
    flush_folder(folder)
    return _words(good, aside)


def _begin(new: Path, good: Path | None) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        new.with_name(f"{new.name}{suffix}").unlink(missing_ok=True)
    if good is None:
        os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    else:
        with contextlib.closing(connect(good)) as source:
            copy_into(source, new)


def _words(good: Path | None, aside: str | None) -> Message:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(good.stat().st_mtime)) if good is not None else ""
    if aside is None and good is not None:
        return msg(
            "store.restored-copy",
            "The file with your conversations was empty or missing; Lectern restored the copy from {when}.",
            when=when,
        )
    if aside is None:
        return msg(
            "store.created",
            "The file with your conversations was empty or missing, as were its copies; Lectern created a new one.",
        )
    if good is None:
        return msg(
            "store.salvaged",
            "The file with your conversations was damaged and had no copy, so Lectern created a new one with "
            "everything that could still be read; the damaged file is kept as {name}.",
            name=aside,
        )
    return msg(
        "store.restored-and-salvaged",
        "The file with your conversations was damaged, so Lectern restored the copy from {when} and added everything"
        " that could still be read; the damaged file is kept as {name}.",
        when=when,
        name=aside,
    )


def _put_aside(folder: Path) -> str | None:
    """The damaged file's new name; nothing where there is no file, or nothing in it."""
    path = folder / FILE
    if not path.exists() or not path.stat().st_size:
        return None
    stamp = time.strftime("%Y%m%d-%H%M%S")
    number = 1
    while (folder / (name := f"damaged-{stamp}{'' if number == 1 else f'-{number}'}.db")).exists():
        number += 1
    for suffix in ("-wal", "-shm", ""):
        part = folder / f"{FILE}{suffix}"
        if part.exists():
            part.replace(folder / f"{name}{suffix}")
    return name


def forget_old_damage(folder: Path) -> None:
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
