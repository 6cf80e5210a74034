"""What can still be read of a damaged file: the rows, without the indexes, and of them those that make sense."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from app.library.store.reading import connect_read_only
from app.library.store.records import ExchangeRow, FileRow, Header, Stored

_EXCHANGE = tuple(field.name for field in fields(ExchangeRow))
_FILE = tuple(field.name for field in fields(FileRow))
_TEXTS = tuple(field.name for field in fields(ExchangeRow) if field.type == "str")
_FILE_TEXTS = tuple(field.name for field in fields(FileRow) if field.type == "str")
_log = logging.getLogger(__name__)


def readable(path: Path) -> Iterator[Stored]:
    """The conversations in the file at ``path`` that can be read, each with those of its exchanges that can be."""
    try:
        connection = connect_read_only(path)
    except sqlite3.Error as error:
        _log.warning("Nothing can be read of the damaged file: %s", error)
        return
    with closing(connection):
        talks = _talks(connection)
        for row in _rows(connection, "exchanges", _EXCHANGE):
            one = ExchangeRow(*row)
            if one.conversation in talks and _is_sound(one):
                talks[one.conversation].exchanges[one.id] = one
        for conversation, file in _files(connection):
            if conversation in talks:
                talks[conversation].files += (file,)
        yield from (talk for talk in talks.values() if talk.exchanges or talk.header.draft)


def _talks(connection: sqlite3.Connection) -> dict[str, Stored]:
    columns = ("id", "created", "updated", "instructions", "draft", "chosen", "title", "deleted")
    found: dict[str, Stored] = {}
    for id, created, updated, instructions, draft, chosen, title, deleted in _rows(
        connection, "conversations", columns
    ):
        texts = all(isinstance(text, str) for text in (id, instructions, draft, chosen, title))
        if texts and isinstance(created, float) and isinstance(updated, float):
            found[id] = Stored(Header(id, created, updated, instructions, draft, _chosen(chosen)), title, deleted)
    return found


def _files(connection: sqlite3.Connection) -> Iterator[tuple[str, FileRow]]:
    place = ("conversation", "position")
    rows = _rows(connection, "files", (*place, *_FILE), ", ".join(place))
    if not rows:  # from a version without folders
        rows = _rows(connection, "files", (*place, *_FILE[:-1]), ", ".join(place))
    for conversation, _, *values in sorted(rows, key=lambda row: (str(row[0]), str(row[1]).zfill(9))):
        file = FileRow(*values)
        if all(isinstance(getattr(file, name), str) for name in _FILE_TEXTS):
            yield conversation, replace(file, spooled=bool(file.spooled))


def _rows(
    connection: sqlite3.Connection, table: str, columns: tuple[str, ...], key: str = "n"
) -> list[tuple[Any, ...]]:
    """From the beginning up to the damage, and from the end down to it."""
    found: dict[tuple[Any, ...], None] = {}
    for way in ("ASC", "DESC"):
        order = ", ".join(f"{part} {way}" for part in key.split(", "))
        try:
            for row in connection.execute(f"SELECT {', '.join(columns)} FROM {table} NOT INDEXED ORDER BY {order}"):
                found[row] = None
        except (sqlite3.Error, OverflowError) as error:
            _log.warning("The damaged file cannot be read to its end: %s", type(error).__name__)
            continue
        break
    return list(found)


def _is_sound(row: ExchangeRow) -> bool:
    """Noise may look like a row."""
    texts = all(isinstance(getattr(row, name), str) for name in _TEXTS)
    if not texts or not isinstance(row.number, int) or not isinstance(row.created, float):
        return False
    try:
        return isinstance(json.loads(row.sources), list) and isinstance(json.loads(row.tool_uses), list)
    except ValueError:
        return False


def _chosen(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}
