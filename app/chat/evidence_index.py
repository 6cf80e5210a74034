"""One document made searchable: every line's key in reading order as one string, and what a hit in it means.

Searching is ``str.find`` on that string; only where it hits are the lines involved taken apart and their gaps compared.
A thousand pages are made searchable in a fraction of a second and searched in a few milliseconds.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.chat.evidence_fold import Spelled, keys, spell
from app.chat.evidence_gaps import BREAK, agree, ends_word, starts_word
from app.ingest.types import Document, TextLine

_MOST_HITS = 2000
"""Places that are looked at for one quotation; a lone digit stands in ten thousand."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` of a page's line; page and line count from 0."""

    page: int
    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Match:
    """Where a quotation stands: its spans in order, and where in the stream it was found."""

    spans: tuple[Span, ...]
    start: int
    end: int

    @property
    def pages(self) -> tuple[int, ...]:
        """The pages that it touches, counted from 0."""
        return tuple(dict.fromkeys(span.page for span in self.spans))


LineRef = tuple[int, int]


class Stream:
    """Some lines of a document, in some order, as one searchable string."""

    def __init__(self, lines: Sequence[TextLine], refs: Sequence[LineRef], line_keys: Sequence[str]) -> None:
        self._lines, self.refs = lines, refs
        self.starts = array("L", [0])
        total = 0
        for key in line_keys:
            total += len(key)
            self.starts.append(total)
        self.text = "".join(line_keys)

    def hits(self, quote: Spelled, start: int, end: int) -> Iterator[Match]:
        """Matches that begin from ``start`` on and before ``end``, in order."""
        at, looked = self.text.find(quote.key, start), 0
        while 0 <= at < end and looked < _MOST_HITS:
            found = self._match(quote, at)
            if found is not None:
                yield found
            looked += 1
            at = self.text.find(quote.key, at + 1)

    def line_at(self, place: int) -> int:
        """The line that holds the key's character ``place``."""
        return bisect_right(self.starts, place) - 1

    def between(self, start: int, end: int) -> str:
        """The raw text from one place of the key to another, its lines apart by a line end."""
        if end <= start:
            return ""
        pieces = []
        for line in range(self.line_at(start), self.line_at(end - 1) + 1):
            spelled, base = _spelled(self._lines[line].text), self.starts[line]
            first = spelled.at[max(start - base, 0)]
            stop = min(end - base, len(spelled.key))
            pieces.append(spelled.text[first : spelled.at[stop - 1] + 1])
        return BREAK.join(pieces)

    def _match(self, quote: Spelled, at: int) -> Match | None:
        """The match at ``at``, if what stands between the characters allows it."""
        end = at + len(quote.key)
        first, last = self.line_at(at), self.line_at(end - 1)
        gaps: list[str] = []
        for line in range(first, last + 1):
            spelled = _spelled(self._lines[line].text)
            own = list(spelled.before)
            if line > first and own:
                own[0] = self._break_before(line) + own[0]
            gaps += own
        skip = at - self.starts[first]
        if not agree(quote.key, gaps[skip : skip + len(quote.key)], quote.before):
            return None
        if not self._stands_alone(quote, at, end):
            return None
        return Match(tuple(self._spans(at, end, first, last)), at, end)

    def _break_before(self, line: int) -> str:
        """What stands between a line's first key character and the one before it, up to the line's start."""
        gap = BREAK
        for before in range(line - 1, -1, -1):
            spelled = _spelled(self._lines[before].text)
            gap = spelled.after + gap
            if spelled.key:
                break
        return gap

    def _stands_alone(self, quote: Spelled, at: int, end: int) -> bool:
        """Whether the match begins and ends where words do."""
        before, gap = self._gap_before(at)
        if not starts_word(before, gap, quote.key[0], quote.before[0]):
            return False
        if end >= len(self.text):
            return True
        last, gap = self._gap_before(end)
        return ends_word(last, gap, self.text[end])

    def _gap_before(self, place: int) -> tuple[str, str]:
        line = self.line_at(place)
        spelled, inside = _spelled(self._lines[line].text), place - self.starts[line]
        gap = spelled.before[inside]
        if inside == 0:
            gap = self._break_before(line) + gap
        return self.text[place - 1] if place else "", gap

    def _spans(self, at: int, end: int, first: int, last: int) -> Iterator[Span]:
        for line in range(first, last + 1):
            spelled, base = _spelled(self._lines[line].text), self.starts[line]
            if not spelled.key:
                continue
            start, stop = max(at - base, 0), min(end - base, len(spelled.key))
            page, number = self.refs[line]
            yield Span(page, number, spelled.at[start], spelled.at[stop - 1] + 1)


@lru_cache(maxsize=4096)
def _spelled(text: str) -> Spelled:
    return spell(text)


class QuoteIndex:
    """A document's text, ready for quotations. Building it is the slow part: use ``index_of``."""

    def __init__(self, document: Document) -> None:
        self.pages = [page.number for page in document.pages]
        self.lines = [page.lines for page in document.pages]
        refs = [(page, line) for page, lines in enumerate(self.lines) for line in range(len(lines))]
        flat = [line for lines in self.lines for line in lines]
        self.plain = Stream(flat, refs, keys([line.text for line in flat]))
        self._first_line = [0]
        for lines in self.lines:
            self._first_line.append(self._first_line[-1] + len(lines))

    @property
    def characters(self) -> int:
        """What it weighs."""
        return len(self.plain.text)

    def find(self, quote: Spelled, pages: Sequence[int] | None = None, start: int = 0) -> Match | None:
        """The first place of a quotation that touches one of ``pages`` (counted from 0), or any."""
        if not quote.key:
            return None
        if pages is None:
            return next(self.plain.hits(quote, start, len(self.plain.text)), None)
        for page in pages:
            low, high = self.bounds(page)
            low = max(start, low - len(quote.key) + 1)  # it may begin on the page before
            for match in self.plain.hits(quote, low, high):
                if page in match.pages:
                    return match
        return None

    def bounds(self, page: int) -> tuple[int, int]:
        """Where a page begins and ends in the stream."""
        starts = self.plain.starts
        return starts[self._first_line[page]], starts[self._first_line[page + 1]]


_MOST_CHARACTERS = 40_000_000


class _Kept:
    """The indexes made last, up to so many characters of text in all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: OrderedDict[tuple[str, int, int], QuoteIndex] = OrderedDict()

    def index(self, document: Document) -> QuoteIndex:
        # One file can be read in several ways, so its hash alone does not say which text it gave.
        key = (document.content_hash, len(document.pages), sum(len(page.text) for page in document.pages))
        with self._lock:
            found = self._made.get(key)
            if found is None:
                found = self._made[key] = QuoteIndex(document)
            self._made.move_to_end(key)
            while len(self._made) > 1 and sum(index.characters for index in self._made.values()) > _MOST_CHARACTERS:
                self._made.popitem(last=False)
        return found


_KEPT = _Kept()


def index_of(document: Document) -> QuoteIndex:
    """The document's index, made at most once. Any thread may call it, so it can be made ahead of an answer."""
    return _KEPT.index(document)
