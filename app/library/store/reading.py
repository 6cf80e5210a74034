"""The side that reads: lists, searches, and gives whole conversations. It never waits for the side that writes."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import urllib.parse
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from app.library.store.opening import FILE
from app.library.store.records import ExchangeRow, FileRow, Header, RecentFile, Stored, Summary

MOST_LISTED = 500
_BUSY_S = 0.25
_SNIPPET_WORDS = 14
_AROUND = 60
_START, _END = "\x02", "\x03"
_EXCHANGE = ", ".join(field.name for field in fields(ExchangeRow))
_FILE = ", ".join(field.name for field in fields(FileRow))
_log = logging.getLogger(__name__)


class Reader:
    """Reads the file in ``folder``. Raises ``sqlite3.Error``; what was never written there is not an error."""

    def __init__(self, folder: Path) -> None:
        self._connection = _connect(folder / FILE)

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def conversation(self, id: str) -> Stored | None:
        """Everything of one conversation; its exchanges in the order in which they came."""
        row = self._connection.execute(
            "SELECT created, updated, instructions, draft, chosen, title, deleted FROM conversations WHERE id = ?",
            (id,),
        ).fetchone()
        if row is None:
            return None
        created, updated, instructions, draft, chosen, title, deleted = row
        header = Header(id, created, updated, instructions, draft, _mapping(chosen))
        found = self._connection.execute(
            f"SELECT {_EXCHANGE} FROM exchanges WHERE conversation = ? ORDER BY number, n", (id,)
        )
        exchanges = {one.id: one for one in (ExchangeRow(*values) for values in found)}
        return Stored(header, title, deleted, self._files(id), exchanges)

    def _files(self, id: str) -> tuple[FileRow, ...]:
        rows = self._connection.execute(f"SELECT {_FILE} FROM files WHERE conversation = ? ORDER BY position", (id,))
        return tuple(_file(values) for values in rows)

    def summaries(self, search: str = "", limit: int = MOST_LISTED) -> list[Summary]:
        """The conversations that hold all words of ``search``, the latest first."""
        words = words_of(search)
        if search.strip() and not words:
            return []
        if not words:
            return self._listed("SELECT id FROM conversations WHERE deleted IS NULL", (), limit)
        found = self._with_words(words, limit)
        return found or self._with_letters(search, limit)

    def _listed(self, ids: str, values: Sequence[str], limit: int) -> list[Summary]:
        rows = self._connection.execute(
            "SELECT id, title, updated, draft <> '', (SELECT json_group_array(name) FROM"
            " (SELECT name FROM files WHERE conversation = conversations.id ORDER BY position)) FROM conversations"
            f" WHERE deleted IS NULL AND id IN ({ids}) ORDER BY updated DESC, n DESC LIMIT ?",
            (*values, limit),
        )
        return [
            Summary(id, title, updated, tuple(json.loads(files)), draft=bool(draft))
            for id, title, updated, draft, files in rows
        ]

    def _with_words(self, words: Sequence[str], limit: int) -> list[Summary]:
        """Each word begins a word somewhere in the conversation: in its title, a file's name, a question, an answer."""
        terms = [f'"{word}" *' for word in words]
        each = " INTERSECT ".join("SELECT conversation FROM search WHERE search MATCH ?" for _ in terms)
        try:
            listed = self._listed(each, terms, limit)
            snippets = self._snippets(" OR ".join(terms), {one.id for one in listed})
        except sqlite3.DatabaseError as error:
            _log.warning("The search index cannot be used: %s", error)
            return []
        return [_with_snippet(one, snippets.get(one.id, "")) for one in listed]

    def _snippets(self, terms: str, wanted: set[str]) -> dict[str, str]:
        """The best place in each conversation; a title is shown anyway, so that an answer goes before it."""
        rows = self._connection.execute(
            f"SELECT conversation, snippet(search, -1, '{_START}', '{_END}', '…', {_SNIPPET_WORDS}) FROM search"
            " WHERE search MATCH ? ORDER BY rowid % 2 DESC, rowid DESC LIMIT 2000",
            (terms,),
        )
        found: dict[str, str] = {}
        for conversation, snippet in rows:
            if conversation in wanted:
                found.setdefault(conversation, snippet)
                if len(found) == len(wanted):
                    break
        return found

    def _with_letters(self, search: str, limit: int) -> list[Summary]:
        """Where no word begins so, letters within words: what one looks for in a long compound."""
        like = "%" + re.sub(r"([\\%_])", r"\\\1", search.strip()) + "%"
        listed = self._listed(
            "SELECT id FROM conversations WHERE title LIKE ? ESCAPE '\\'"
            " UNION SELECT conversation FROM files WHERE name LIKE ? ESCAPE '\\'"
            " UNION SELECT conversation FROM exchanges WHERE question LIKE ? ESCAPE '\\' OR answer LIKE ? ESCAPE '\\'",
            (like,) * 4,
            limit,
        )
        return [_with_snippet(one, self._letters(one.id, search.strip(), like)) for one in listed]

    def _letters(self, id: str, search: str, like: str) -> str:
        row = self._connection.execute(
            "SELECT question, answer FROM exchanges WHERE conversation = ? AND"
            " (question LIKE ? ESCAPE '\\' OR answer LIKE ? ESCAPE '\\') ORDER BY number DESC LIMIT 1",
            (id, like, like),
        ).fetchone()
        return "" if row is None else next(filter(None, (excerpt(text, search) for text in row)), "")

    def recent_files(self, limit: int = 20) -> list[RecentFile]:
        """The files that were attached last, each once; pasted pictures are not among them."""
        rows = self._connection.execute(
            "SELECT path, max(name), max(kind), max(updated) AS used FROM files JOIN conversations"
            " ON conversations.id = files.conversation WHERE NOT spooled AND deleted IS NULL"
            " GROUP BY path ORDER BY used DESC LIMIT ?",
            (limit,),
        )
        return [RecentFile(*values) for values in rows]


def words_of(search: str) -> list[str]:
    """The words of a search, as the index knows words."""
    return re.findall(r"\w+", search)[:12]


def excerpt(text: str, search: str) -> str:
    """The surroundings of the first match, marked; empty when there is none."""
    at = text.casefold().find(search.casefold())
    if at < 0 or len(text) != len(text.casefold()):
        return ""
    end = at + len(search)
    before, after = text[max(0, at - _AROUND) : at], text[end : end + _AROUND]
    return f"{'…' if at > _AROUND else ''}{before}{_START}{text[at:end]}{_END}{after}"


def _with_snippet(summary: Summary, marked: str) -> Summary:
    """Take the marks out of the text and say where they were."""
    text, marks, start = "", [], 0
    for piece in re.split(f"([{_START}{_END}])", " ".join(marked.split())):
        if piece == _START:
            start = len(text)
        elif piece == _END:
            marks.append((start, len(text)))
        else:
            text += piece
    return Summary(summary.id, summary.title, summary.updated, summary.files, text, tuple(marks), summary.draft)


def _connect(path: Path) -> sqlite3.Connection:
    """Read only; from a folder that takes no side files, as a file that nobody changes."""
    address = "file:" + urllib.parse.quote(str(path.absolute()).replace("\\", "/"))
    last: sqlite3.Error | None = None
    for options in ("mode=ro", "immutable=1"):
        connection = sqlite3.connect(f"{address}?{options}", uri=True, timeout=_BUSY_S, isolation_level=None)
        try:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            return connection
        except sqlite3.Error as error:
            connection.close()
            last = error
    assert last is not None
    raise last


def _mapping(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _file(values: tuple[Any, ...]) -> FileRow:
    row = FileRow(*values)
    return replace(row, spooled=bool(row.spooled))
