"""One document made searchable, once: a thousand pages take a fraction of a second, and a search a few milliseconds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import lru_cache

from app.chat.evidence.said import REACH, searched
from app.chat.evidence.searching.columns import by_columns
from app.chat.evidence.searching.flow import body_lines, in_reading_order, plain_order, without_marks
from app.chat.evidence.searching.fold import EXACT, Spelled, Spelling
from app.chat.evidence.searching.stream import LineRef, Match, Stream
from app.ingest.types import Document, Page

_MOST_CHARACTERS = 40_000_000
_MANY_FLOWS = 64


class QuoteIndex:
    """A document's text, ready for quotations. Building it is the slow part: use ``index_of``."""

    def __init__(self, document: Document, spelling: Spelling = EXACT) -> None:
        """With another spelling than the exact one, only lines that were read from a picture are searched."""
        self._pages: tuple[Page, ...] = searched(document)
        self._reach = 1 if document.pages else REACH
        self._spelling = spelling
        refs = [(number, line) for number, page in enumerate(self._pages) for line in range(len(page.lines))]
        texts = [self._text(*ref) for ref in refs]
        self._keys = spelling.keys(texts)
        self.plain = Stream(texts, refs, self._keys, spelling, self._reach)
        self._first = [0]
        for page in self._pages:
            self._first.append(self._first[-1] + len(page.lines))
        self._flows = lru_cache(maxsize=_MANY_FLOWS)(self._local)

    @property
    def characters(self) -> int:
        """Length of the indexed text in characters, for the cache's limit."""
        return len(self.plain.text)

    def find(self, parts: Sequence[Spelled], pages: Sequence[int] | None = None) -> Match | None:
        """The parts as the file holds them: touching one of ``pages`` (counted from 0), or anywhere."""
        if pages is None or len(parts) > 1:
            found = self.plain.find(parts, 0, len(self.plain.text))
            return found if found is None or pages is None or set(pages) & set(found.pages) else None
        for page in pages:
            low, high = self._bounds(page)
            low = max(0, low - sum(len(part.key) for part in parts))  # it may begin on the page before
            match = self.plain.find(parts, low, high, page)
            if match is not None:
                return match
        return None

    def find_flowing(self, parts: Sequence[Spelled], pages: Sequence[int]) -> Match | None:
        """The parts as a person reads the pages: across running heads, footnotes and interleaved columns."""
        for page in pages:
            for stream in self._flows(page):
                match = stream.find(parts, 0, len(stream.text), page)
                if match is not None:
                    return match
        return None

    def likely_pages(self, parts: Sequence[Spelled], most: int) -> list[int]:
        """Pages that hold some stretch of the quotation."""
        found: dict[int, int] = {}
        for probe in _probes(parts):
            at, seen = self.plain.text.find(probe), 0
            while at >= 0 and seen < most:
                page = self.plain.page_of(at)
                found[page] = found.get(page, 0) + 1
                seen += 1
                at = self.plain.text.find(probe, self._bounds(page)[1])
        return sorted(found, key=lambda page: -found[page])[:most]

    def _text(self, page: int, line: int) -> str:
        found = self._pages[page].lines[line]
        return found.text if self._spelling is EXACT or found.source == "picture" else ""

    def _bounds(self, page: int) -> tuple[int, int]:
        starts = self.plain.starts
        return starts[self._first[page]], starts[self._first[page + 1]]

    def _local(self, page: int) -> tuple[Stream, ...]:
        """The page with its neighbours in each way of reading them."""
        near = [number for number in range(page - 1, page + 2) if 0 <= number < len(self._pages)]
        bodies = {number: body_lines(self._pages, number) for number in near}
        orders = []
        for order in (in_reading_order, plain_order, by_columns):
            refs = [(number, line) for number in near for line in order(self._pages[number], bodies[number])]
            if refs not in orders:
                orders.append(refs)
        return tuple(stream for refs in orders for stream in self._streams(refs))

    def _streams(self, refs: list[LineRef]) -> Iterator[Stream]:
        texts = [self._text(*ref) for ref in refs]
        yield Stream(texts, refs, [self._keys[self._first[page] + line] for page, line in refs], self._spelling)
        unmarked = [without_marks(text) for text in texts]
        if unmarked != texts:
            yield Stream(unmarked, refs, self._spelling.keys(unmarked), self._spelling)


def _probes(parts: Sequence[Spelled]) -> list[str]:
    """Stretches of the quotation, short enough to be on one line."""
    found = []
    for part in parts:
        length = 12 if part.key.isascii() else 7
        steps = max(1, len(part.key) // 4)
        found += [part.key[at : at + length] for at in range(0, max(1, len(part.key) - length), steps)]
    return found[:8]


class _Kept:
    """The most recent indexes, limited by their characters in all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: OrderedDict[tuple[str, int, int], QuoteIndex] = OrderedDict()

    def index(self, document: Document, spelling: Spelling) -> QuoteIndex:
        # One file can be read in several ways, so its hash alone does not tell which text it gave.
        words = (tuple(page.text for page in document.pages), document.cues)
        key = (document.content_hash, hash(words), id(spelling))
        with self._lock:
            found = self._made.get(key)
            if found is None:
                found = self._made[key] = QuoteIndex(document, spelling)
            self._made.move_to_end(key)
            while len(self._made) > 1 and sum(index.characters for index in self._made.values()) > _MOST_CHARACTERS:
                self._made.popitem(last=False)
        return found


_KEPT = _Kept()


def index_of(document: Document, spelling: Spelling = EXACT) -> QuoteIndex:
    """The document's index, made at most once. Any thread may call it, so it can be made ahead of an answer."""
    return _KEPT.index(document, spelling)
