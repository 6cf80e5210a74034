"""The side that reads: lists, searches, and gives whole conversations. It never waits for the side that writes."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import unicodedata
import urllib.parse
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from app.library.store.opening import FILE
from app.library.store.records import ExchangeRow, FileRow, Header, RecentFile, Stored, Summary

MOST_LISTED = 500
MOST_FOUND = 100
LONGEST_SEARCH = 200
_BUSY_S = 0.25
_BEFORE, _BEHIND = 40, 110
Marks = tuple[tuple[int, int], ...]
_MATCHING = (
    "SELECT id FROM (SELECT id FROM conversations WHERE n IN"
    " (SELECT rowid / 2 FROM search WHERE search MATCH ? AND rowid % 2 = 0)"
    " UNION SELECT conversation FROM exchanges INDEXED BY exchanges_place WHERE n IN"
    " (SELECT (rowid - 1) / 2 FROM search WHERE search MATCH ? AND rowid % 2 = 1))"
)
_EXCHANGE = ", ".join(field.name for field in fields(ExchangeRow))
_FILE = ", ".join(field.name for field in fields(FileRow))
_log = logging.getLogger(__name__)


class Reader:
    """Reads the file in ``folder``. Raises ``sqlite3.Error``; what was never written there is not an error."""

    def __init__(self, folder: Path, as_read: Callable[[str, str], str] = lambda answer, _: answer) -> None:
        """``as_read`` makes plain text of an answer and its evidence, as stored, for what a search shows."""
        self._as_read = as_read
        self._connection = connect_read_only(folder / FILE)
        self.index_is_bad = False
        """A search found the index unusable; it was done without."""

    def close(self) -> None:
        """Close the connection."""
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
        search = search[:LONGEST_SEARCH].encode("utf-8", "replace").decode()
        words = words_of(search)
        if search.strip() and not words:
            return []
        if not words:
            return self._listed("SELECT id FROM conversations", (), limit)
        return self._with_words(words) or self._with_letters(search.strip())

    def _listed(self, ids: str, values: Sequence[str], limit: int = MOST_FOUND) -> list[Summary]:
        rows = self._connection.execute(
            "SELECT id, title, updated, draft <> '', (SELECT json_group_array(name) FROM"
            " (SELECT name FROM files WHERE conversation = conversations.id AND folder = '' ORDER BY position))"
            " FROM conversations"
            f" WHERE deleted IS NULL AND id IN ({ids}) ORDER BY updated DESC, n DESC LIMIT ?",
            (*values, limit),
        )
        return [
            Summary(id, title, updated, tuple(json.loads(files)), draft=bool(draft))
            for id, title, updated, draft, files in rows
        ]

    def _with_words(self, words: Sequence[str]) -> list[Summary]:
        """Each word begins a word somewhere in the conversation: in its title, a file's name, a question, an answer."""
        terms = [f'"{word}" *' for word in words]
        try:
            listed = self._listed(" INTERSECT ".join(_MATCHING for _ in terms), [t for t in terms for _ in range(2)])
            places = self._places(terms, {one.id for one in listed})
        except sqlite3.DatabaseError as error:
            _log.warning("The search index cannot be used: %s", error)
            self.index_is_bad = True
            return []
        return [self._shown(one, words, places.get(one.id)) for one in listed]

    def _places(self, terms: Sequence[str], wanted: set[str]) -> dict[str, int]:
        """In each conversation the newest exchange that has all of the words, or else some of them."""
        found: dict[str, int] = {}
        for match in (" AND ".join(terms), " OR ".join(terms)):
            rows = self._connection.execute(
                "SELECT n, conversation FROM (SELECT (rowid - 1) / 2 AS place FROM search WHERE search MATCH ?"
                " AND rowid % 2 = 1 ORDER BY rowid DESC) CROSS JOIN exchanges INDEXED BY exchanges_place ON n = place",
                (match,),
            )
            for number, conversation in rows:
                if conversation in wanted:
                    found.setdefault(conversation, number)
                    if len(found) == len(wanted):
                        return found
        return found

    def _shown(self, summary: Summary, words: Sequence[str], place: int | None) -> Summary:
        """With the words around the match; where only the title or a file has them, there is nothing to add."""
        if place is None:
            return summary
        answer, question, evidence = self._connection.execute(
            "SELECT answer, question, evidence FROM exchanges WHERE n = ?", (place,)
        ).fetchone()
        found = [excerpt(text, words) for text in (self._as_read(answer, evidence or ""), question)]
        text, marks = max(found, key=lambda found: len({*found[1]}))
        if not marks:  # the words are in the citation itself
            text, marks = excerpt(answer, words)
        return replace(summary, snippet=text, marks=marks)

    def _with_letters(self, search: str) -> list[Summary]:
        """Where no word begins so, letters within words: what one looks for in a long compound."""
        like = "%" + re.sub(r"([\\%_])", r"\\\1", search) + "%"
        listed = self._listed(
            "SELECT id FROM conversations WHERE title LIKE ? ESCAPE '\\'"
            " UNION SELECT conversation FROM files WHERE name LIKE ? ESCAPE '\\'"
            " UNION SELECT conversation FROM exchanges WHERE question LIKE ? ESCAPE '\\' OR answer LIKE ? ESCAPE '\\'",
            (like,) * 4,
        )
        found = []
        for one in listed:
            row = self._connection.execute(
                "SELECT n FROM exchanges WHERE conversation = ? AND (question LIKE ? ESCAPE '\\' OR answer LIKE ?"
                " ESCAPE '\\') ORDER BY number DESC LIMIT 1",
                (one.id, like, like),
            ).fetchone()
            found.append(self._shown(one, [search], row[0] if row is not None else None))
        return found

    def recent_files(self, limit: int = 20) -> list[RecentFile]:
        """The files that were attached last, each once; pasted pictures are not among them."""
        rows = self._connection.execute(
            "SELECT path, max(name), max(kind), max(updated) AS used FROM files JOIN conversations"
            " ON conversations.id = files.conversation WHERE NOT spooled AND folder = '' AND deleted IS NULL"
            " GROUP BY path ORDER BY used DESC LIMIT ?",
            (limit,),
        )
        return [RecentFile(*values) for values in rows]


def words_of(search: str) -> list[str]:
    """The words of a search, as the index knows words."""
    return re.findall(r"\w+", search)[:12]


class _Folding(dict[int, int]):
    """One letter for one letter: small, and without its dots and accents, as the index has them."""

    def __missing__(self, code: int) -> int:
        plain = unicodedata.normalize("NFKD", chr(code).lower())
        self[code] = folded = ord(plain[0]) if plain else code
        return folded


_FOLDING = _Folding()


def excerpt(text: str, words: Sequence[str]) -> tuple[str, Marks]:
    """The surroundings of the first match, and where the words are in them; nothing where there is no match."""
    plain = text.translate(_FOLDING)
    pattern = "|".join(re.escape(word.translate(_FOLDING)) for word in words)
    found = next(re.finditer(rf"\b(?:{pattern})", plain), None) or next(re.finditer(pattern, plain), None)
    if found is None:
        return "", ()
    start = max(0, found.start() - _BEFORE)
    if start:  # not within a word
        start = max(text.find(" ", start, found.start()) + 1, start)
    end = min(len(text), found.end() + _BEHIND)
    marks = [match.span() for match in re.finditer(pattern, plain[start:end])]
    before, behind = "…" if start else "", "…" if end < len(text) else ""
    shown = "".join(" " if letter.isspace() else letter for letter in text[start:end])
    shift = len(before)
    return f"{before}{shown}{behind}", tuple((first + shift, last + shift) for first, last in marks)


def connect_read_only(path: Path) -> sqlite3.Connection:
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
