"""Looking for a quotation in one document: as it stands, else in the pieces that an ellipsis leaves of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.chat.evidence.fold import Spelled, spell
from app.chat.evidence.index import index_of
from app.chat.evidence.stream import Match
from app.ingest.types import Document

_ELLIPSIS = re.compile(r"[\[(]\s*(?:…|\.{3}|\.\.)\s*[\])]|…|\.{3,}|(?:\. ){2}\.")
_INSERTED = re.compile(r"\[([^\[\]\n]{1,60})\]")
_CASED = re.compile(r"\[(\w)\](?=\w)")
_LONG = 8
"""Keys from this length on are also looked for across columns and pages."""

_MOST_PAGES = 4


def search(document: Document, quote: Spelled, raw: str, pages: Sequence[int] | None = None) -> Match | None:
    """Where a quotation stands: on one of ``pages`` (counted from 0), or anywhere."""
    index = index_of(document)
    ways = [[quote], _pieces(raw)]
    for parts in ways:
        found = index.find(parts, pages) if parts else None
        if found is not None:
            return found
    if len(quote.key) < _LONG:
        return None
    for parts in ways:
        if parts:
            near = pages if pages is not None else index.likely_pages(parts, _MOST_PAGES)
            found = index.find_flowing(parts, near)
            if found is not None:
                return found
    return None


def _pieces(raw: str) -> list[Spelled]:
    """The parts of a quotation that leaves words out or puts own words in; none where it is in one piece."""
    text = _CASED.sub(r"\1", raw)  # [T]he: only the case was changed
    text = _INSERTED.sub("…", _ELLIPSIS.sub("…", text))
    parts = [part for part in map(spell, text.split("…")) if part.key]
    if text == raw and "…" not in text:
        return []
    return parts if all(map(_weighs, parts)) else []


def _weighs(part: Spelled) -> bool:
    """A piece has to say something: one small word would be found behind any other."""
    least = 6 if part.key.isascii() else 4
    return len(part.key) >= least or any(character.isdigit() for character in part.key)
