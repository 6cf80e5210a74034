"""Words found in a document: all hits, page by page as they come, and the one that the user is at."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.engine.media.rendering import Source
from app.ingest.types import Box, Document, Page
from app.ingest.view.read_words import find_read
from app.ingest.view.types import Found

_LOOSE = re.compile(r"[\s\u00ad\u2010\u2011-]+")


@dataclass(frozen=True, slots=True)
class Hit:
    """One place, a box per line that it touches."""

    page: int
    number: int
    boxes: tuple[Box, ...]


class Finder(QObject):
    """One search at a time."""

    changed = Signal()
    """Hits have come or gone."""
    current_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source: Source | None = None
        self._search = 0
        self._pages: dict[int, tuple[Hit, ...]] = {}
        self._order: list[int] = []
        self._read: dict[int, Found] = {}
        """Hits among words that were read from pictures; a page's other hits are still to come."""
        self._from = 1
        self.words = ""
        self.searching = False
        self.current: Hit | None = None
        self.document: Document | None = None
        """What was read of the file, which tells where words cannot be."""

    def set_source(self, source: Source | None) -> None:
        """Search another document from now on."""
        self.stop()
        self._source, self.document = source, None
        if source is not None:
            source.found.connect(self._found)

    def find(self, words: str, page: int) -> None:
        """Look for words, first on the page that is looked at and behind it."""
        self.stop()
        self.words = words.strip()
        if self._source is None or self._source.sheets is None or not self.words:
            return
        total = len(self._source.sheets.sizes)
        order = [*range(page, total + 1), *range(1, page)]
        candidates = [number for number in order if self._may_hold(number)]
        self._from = page
        self._read = {number: found for number in candidates if (found := self._in_what_was_read(number)).hits}
        asked = [number for number in candidates if self._has_layer(number)]
        for number in set(self._read).difference(asked):
            self._add(number, ())
        self.searching = bool(asked)
        if asked:
            self._search = self._source.find(self.words, asked)
        elif self._order:
            self._go_to_first()
        self.changed.emit()

    def stop(self) -> None:
        """Cancel the search and clear its hits."""
        if self._source is not None and self.searching:
            self._source.stop_finding()
        had = bool(self.words)
        self.words, self.searching, self._search = "", False, 0
        self._pages, self._order, self._read, self.current = {}, [], {}, None
        if had:
            self.changed.emit()

    def step(self, by: int) -> None:
        """The next hit (1) or the one before (-1); behind the last comes the first."""
        if not self._order:
            return
        if self.current is None:
            self._go_to_first()
            return
        hits = self._pages[self.current.page]
        number = self.current.number + by
        if 0 <= number < len(hits):
            self._go_to(hits[number])
            return
        index = (bisect_left(self._order, self.current.page) + by) % len(self._order)
        hits = self._pages[self._order[index]]
        self._go_to(hits[0] if by > 0 else hits[-1])

    def on_page(self, page: int) -> tuple[Hit, ...]:
        """The hits of a page."""
        return self._pages.get(page, ())

    @property
    def count(self) -> int:
        """How many there are so far."""
        return sum(len(hits) for hits in self._pages.values())

    @property
    def position(self) -> int:
        """Which one the user is at, from 1; 0 for none."""
        if self.current is None:
            return 0
        before = sum(len(self._pages[page]) for page in self._order if page < self.current.page)
        return before + self.current.number + 1

    def _may_hold(self, page: int) -> bool:
        """Whether words may be on a page: not if its text was read and lacks them."""
        if self.document is None or page > len(self.document.pages):
            return True
        read = self.document.pages[page - 1]
        if read.state not in ("text", "both") or read.hidden_text or not read.text:
            return True
        return _loose(self.words) in _loose(read.text)

    def _found(self, search: int, pages: Sequence[Found], over: bool) -> None:
        if search != self._search:
            return
        for found in pages:
            self._add(found.page, found.hits)
        self.searching = not over
        if self.current is None and self._order:
            self._go_to_first()
        self.changed.emit()

    def _page(self, number: int) -> Page | None:
        pages = self.document.pages if self.document is not None else ()
        return pages[number - 1] if number <= len(pages) else None

    def _in_what_was_read(self, number: int) -> Found:
        page = self._page(number)
        return find_read(page, self.words) if page is not None else Found(number, ())

    def _has_layer(self, number: int) -> bool:
        """Whether a page has a text layer, or may have; a picture never has."""
        page = self._page(number)
        if self._source is not None and self._source.sheets is not None and self._source.sheets.view == "picture":
            return False
        return page is None or not page.from_picture or any(line.source == "layer" for line in page.lines)

    def _add(self, page: int, hits: tuple[tuple[Box, ...], ...]) -> None:
        read = self._read.pop(page, None)
        every = (*hits, *(read.hits if read is not None else ()))
        if every:
            self._pages[page] = tuple(Hit(page, number, boxes) for number, boxes in enumerate(every))
            self._order.insert(bisect_left(self._order, page), page)

    def _go_to_first(self) -> None:
        """The first hit from the page on that was looked at."""
        index = bisect_left(self._order, self._from) % len(self._order)
        self._go_to(self._pages[self._order[index]][0])

    def _go_to(self, hit: Hit) -> None:
        self.current = hit
        self.current_changed.emit()
        self.changed.emit()


def _loose(text: str) -> str:
    """Without all that may differ between two extractions of the same words."""
    return _LOOSE.sub("", unicodedata.normalize("NFKC", text.casefold())).replace("\u2019", "'")
