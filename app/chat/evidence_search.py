"""Looking for a quotation in one document: as it stands, else in the pieces that an ellipsis leaves of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.chat.evidence_fold import Spelled, spell
from app.chat.evidence_index import Match, QuoteIndex, index_of
from app.ingest.types import Document

_ELLIPSIS = re.compile(r"[\[(]\s*(?:…|\.{3}|\.\.)\s*[\])]|…|\.{3,}|(?:\. ){2}\.")
_INSERTED = re.compile(r"\[([^\[\]\n]{1,60})\]")
_NEGATIONS = re.compile(
    r"\b(?:not|no|never|none|nor|neither|cannot|without|except|unless|nicht|kein\w*|nie|niemals|ohne|weder|noch|außer|"
    r"ausser|ne|pas|jamais|sans|aucune?|non|ni|nunca|sin|senza|mai)\b|n[’']t\b",
    re.IGNORECASE,
)
_SPLICE = 80
"""Characters that an ellipsis may leave out before a negation among them is of no more concern."""


def search(document: Document, quote: Spelled, raw: str, pages: Sequence[int] | None = None) -> Match | None:
    """Where a quotation stands: on one of ``pages`` (counted from 0), or anywhere."""
    index = index_of(document)
    found = index.find(quote, pages)
    if found is not None:
        return found
    pieces = _pieces(raw)
    return _in_order(index, pieces, pages) if pieces else None


def _pieces(raw: str) -> list[Spelled]:
    """The parts of a quotation that leaves words out or puts own words in; none where it is in one piece."""
    text = re.sub(r"\[(\w)\](?=\w)", r"\1", raw)  # [T]he: only the case was changed
    text = _INSERTED.sub(" … ", _ELLIPSIS.sub(" … ", text))
    parts = [spell(part) for part in text.split("…") if spell(part).key]
    if text == raw or not parts:
        return []
    return parts if all(_weighs(part) for part in parts) else []


def _weighs(part: Spelled) -> bool:
    """A piece has to say something: one small word would be found behind any other."""
    return len(part.key) >= 6 or any(character.isdigit() for character in part.key)


def _in_order(index: QuoteIndex, pieces: list[Spelled], pages: Sequence[int] | None) -> Match | None:
    """All pieces one after another, on neighbouring pages."""
    if len(pieces) == 1:
        return index.find(pieces[0], pages)
    start = 0
    for _ in range(50):
        first = index.find(pieces[0], pages, start)
        if first is None:
            return None
        whole = _continued(index, first, pieces[1:])
        if whole is not None:
            return whole
        start = first.start + 1
    return None


def _continued(index: QuoteIndex, first: Match, pieces: list[Spelled]) -> Match | None:
    spans, end = list(first.spans), first.end
    for piece in pieces:
        last = min(spans[-1].page + 1, len(index.pages) - 1)
        following = next(index.plain.hits(piece, end, index.bounds(last)[1]), None)
        if following is None:
            return None
        if following.start - end <= _SPLICE and _NEGATIONS.search(index.plain.between(end, following.start)):
            return None
        spans += following.spans
        end = following.end
    return Match(tuple(spans), first.start, end)
