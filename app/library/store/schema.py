"""The tables, and how a file of an earlier version becomes one of this version.

A file's version is SQLite's ``user_version``. Each step runs in a separate transaction: it has happened or it has
not. Never change a step that has shipped; add one, and a file of the version before it to the tests.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from model.errors import LecternError
from model.messages import msg

Step = Callable[[sqlite3.Connection], None]


class NewerFileError(LecternError):
    """The file was written by a later version. The message is for the user."""


def _tables(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE conversations (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL DEFAULT '',"
        " created REAL NOT NULL, updated REAL NOT NULL, instructions TEXT NOT NULL DEFAULT '',"
        " draft TEXT NOT NULL DEFAULT '', chosen TEXT NOT NULL DEFAULT '{}', deleted REAL)"
    )
    connection.execute("CREATE INDEX conversations_updated ON conversations (updated)")
    connection.execute(
        "CREATE TABLE exchanges (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, conversation TEXT NOT NULL,"
        " number INTEGER NOT NULL, parent TEXT NOT NULL, question TEXT NOT NULL, stage TEXT NOT NULL,"
        " created REAL NOT NULL, answer TEXT NOT NULL, thinking TEXT NOT NULL, error TEXT NOT NULL,"
        " model TEXT NOT NULL, sources TEXT NOT NULL, finished TEXT NOT NULL, evidence TEXT, tool_uses TEXT NOT NULL)"
    )
    connection.execute("CREATE INDEX exchanges_conversation ON exchanges (conversation, number)")
    connection.execute(
        "CREATE INDEX exchanges_cut ON exchanges (stage) WHERE stage NOT IN ('done', 'failed', 'stopped')"
    )
    connection.execute(
        "CREATE TABLE files (conversation TEXT NOT NULL, position INTEGER NOT NULL, path TEXT NOT NULL,"
        " name TEXT NOT NULL, content_hash TEXT NOT NULL, kind TEXT NOT NULL, budget INTEGER, mode TEXT NOT NULL,"
        " max_frames INTEGER NOT NULL, max_pages INTEGER, spooled INTEGER NOT NULL, origin TEXT NOT NULL,"
        " PRIMARY KEY (conversation, position)) WITHOUT ROWID"
    )


def _search(connection: sqlite3.Connection) -> None:
    """Full-text search over titles, files' names, questions and answers."""
    # From a match to its conversation without the pages that hold the answers.
    connection.execute("CREATE INDEX exchanges_place ON exchanges (n, conversation)")
    fill_search(connection)


def fill_search(connection: sqlite3.Connection) -> None:
    """Index everything that there is. A row of a conversation has an even number, one of an exchange an odd one."""
    connection.execute("DROP TABLE IF EXISTS search")  # a damaged index cannot be emptied
    connection.execute(
        "CREATE VIRTUAL TABLE search USING fts5 (conversation UNINDEXED, title, files, question, answer,"
        " tokenize = \"unicode61 remove_diacritics 2\", prefix = '2 3')"
    )
    connection.execute(
        "INSERT INTO search (rowid, conversation, title, files) SELECT 2 * n, id, title, coalesce("
        "(SELECT group_concat(name, ' ') FROM files WHERE conversation = conversations.id), '') FROM conversations"
    )
    connection.execute(
        "INSERT INTO search (rowid, conversation, question, answer)"
        " SELECT 2 * n + 1, conversation, question, answer FROM exchanges"
    )


def _folders(connection: sqlite3.Connection) -> None:
    """Adds the folder that a file was added with."""
    connection.execute("ALTER TABLE files ADD COLUMN folder TEXT NOT NULL DEFAULT ''")


STEPS: tuple[Step, ...] = (_tables, _search, _folders)
VERSION = len(STEPS)


def version_of(connection: sqlite3.Connection) -> int:
    """The file's version; 0 is an empty file. Raises ``NewerFileError``."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise NewerFileError(
            msg(
                "store.newer",
                "The conversations on this machine were written by a newer version of Lectern. This version does not "
                "change them, and keeps new conversations in memory only.",
            )
        )
    return version


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to this version. Another process may be doing the same."""
    while version_of(connection) < VERSION:
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = version_of(connection)
            if version < VERSION:
                STEPS[version](connection)
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
