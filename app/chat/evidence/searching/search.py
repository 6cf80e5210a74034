"""Looking for a quotation in one document: as a whole, else as the pieces around an ellipsis."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from app.chat.evidence.searching.confusable import ALIKE, only_letters_differ, spell_alike
from app.chat.evidence.searching.fold import Spelled, spell
from app.chat.evidence.searching.index import QuoteIndex, index_of
from app.chat.evidence.searching.stream import Match, Span, negations
from app.ingest.types import Document

_ELLIPSIS = re.compile(r"[\[(]\s*(?:…|\.{3}|\.\.)\s*[\])]|…|\.{3,}|(?:\. ){2}\.")
_MARK = re.compile(r"\s?\[(\d{1,3}(?:[,–-]\s?\d{1,3})*)\]")
"""A footnote's number in brackets, on the page or in a quotation."""

_INSERTED = re.compile(r"\[(?!\d{1,3}(?:[,–-]\s?\d{1,3})*\])([^\[\]\n]{1,60})\]")
_CASED = re.compile(r"\[(\w)\](?=\w)")
_LONG = 8
"""Keys from this length on are also looked for across columns and pages."""

_MOST_PAGES = 4


def search(document: Document, quote: Spelled, raw: str, pages: Sequence[int] | None = None) -> Match | None:
    """Where a quotation is: on one of ``pages`` (counted from 0), or anywhere.

    Text that was read from a picture is searched a second time, with letters that look alike counted as the same.
    """
    found = _search(index_of(document), [[quote], _pieces(raw, spell)], pages) or _unmarked(document, raw, pages)
    if found is not None or not any(page.from_picture for page in document.pages):
        return found
    alike = [[spell_alike(raw)], _pieces(raw, spell_alike)]
    loose = _search(index_of(document, ALIKE), alike, pages)
    if loose is None:
        return None
    said, read = " ".join(part.text for part in alike[1] or alike[0]), words_of(document, loose.spans)
    if negations(said) != negations(read) or not only_letters_differ(said, read):
        return None
    return replace(loose, loose=True)


def _unmarked(document: Document, raw: str, pages: Sequence[int] | None) -> Match | None:
    """A quotation without its footnote numbers: these may be left out or put in, but not exchanged for others."""
    told = _MARK.findall(raw)
    if not told:
        return None
    bare = _MARK.sub("", raw)
    found = _search(index_of(document), [[spell(bare)], _pieces(bare, spell)], pages)
    if found is None:
        return None
    last = found.spans[-1]
    behind = _MARK.match(document.pages[last.page].lines[last.line].text, last.end)
    printed = [*_MARK.findall(words_of(document, found.spans)), *([behind[1]] if behind is not None else [])]
    exchanged = set(told) - set(printed) and set(printed) - set(told)
    return None if exchanged else found


def words_of(document: Document, spans: Sequence[Span]) -> str:
    """The words of some spans as the document's text has them, a line each."""
    return "\n".join(document.pages[one.page].lines[one.line].text[one.start : one.end] for one in spans)


def _search(index: QuoteIndex, ways: list[list[Spelled]], pages: Sequence[int] | None) -> Match | None:
    for parts in ways:
        found = index.find(parts, pages) if parts else None
        if found is not None:
            return found
    if len(ways[0][0].key) < _LONG:
        return None
    for parts in ways:
        if parts:
            near = pages if pages is not None else index.likely_pages(parts, _MOST_PAGES)
            found = index.find_flowing(parts, near)
            if found is not None:
                return found
    return None


def _pieces(raw: str, spell: Callable[[str], Spelled]) -> list[Spelled]:
    """The parts of a quotation that leaves words out or puts own words in; none where it is in one piece."""
    text = _CASED.sub(r"\1", raw)  # [T]he: only the case was changed
    text = _INSERTED.sub("…", _ELLIPSIS.sub("…", text))
    parts = [part for part in map(spell, text.split("…")) if part.key]
    if text == raw and "…" not in text:
        return []
    return parts if all(map(_weighs, parts)) else []


def _weighs(part: Spelled) -> bool:
    """A piece needs enough text: one small word would be found after any other."""
    least = 6 if part.key.isascii() else 4
    return len(part.key) >= least or any(character.isdigit() for character in part.key)
