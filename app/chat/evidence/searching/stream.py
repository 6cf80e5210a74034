"""Lines in some order as one searchable string, and what a hit in it means.

Searching is ``str.find`` on the lines' keys; only where it hits are the lines involved taken apart and their gaps
compared.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.chat.evidence.searching.fold import EXACT, Spelled, Spelling
from app.chat.evidence.searching.gaps import BREAK, agree, ends_word, starts_word

_MOST_HITS = 2000
"""Places that are looked at for one quotation; a lone digit occurs in ten thousand."""

_MOST_STARTS = 300
_SIGNS_BEFORE = 3
"""Characters of the key before a number that may be its signs: ``<=$``."""

_SPLICE = 80
"""Characters that an ellipsis may leave out before a negation among them is of no more concern."""

_NEGATIONS = re.compile(
    r"\b(?:not|no|never|none|nor|neither|cannot|without|except|unless|nicht|kein\w*|nie|niemals|ohne|weder|noch|außer|"
    r"ausser|ne|pas|jamais|sans|aucune?|non|ni|nunca|sin|senza|mai|не|нет|ни|без|לא|אינו|אין|ללא)\b|n[’']t\b|[不未非無无]",
    re.IGNORECASE,
)

LineRef = tuple[int, int]
"""Page and line, both counted from 0."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` of a page's line; page and line count from 0."""

    page: int
    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Match:
    """Where a quotation is: its spans in order, and where in the stream it was found."""

    spans: tuple[Span, ...]
    start: int
    end: int
    loose: bool = False
    """Found only because letters that look alike on a picture count as the same."""

    @property
    def pages(self) -> tuple[int, ...]:
        """The pages that it touches, counted from 0."""
        return tuple(dict.fromkeys(span.page for span in self.spans))


class Stream:
    """Some lines of a document, in some order."""

    def __init__(
        self,
        lines: Sequence[str],
        refs: Sequence[LineRef],
        keys: Sequence[str],
        spelling: Spelling = EXACT,
        reach: int = 1,
    ) -> None:
        """``reach``: how many pages further an ellipsis may lead."""
        self._lines, self._refs, self._spelled, self._reach = lines, refs, spelling.spell, reach
        self.starts = array("L", [0])
        total = 0
        for key in keys:
            total += len(key)
            self.starts.append(total)
        self.text = "".join(keys)

    def find(self, parts: Sequence[Spelled], low: int, high: int, page: int | None = None) -> Match | None:
        """The parts one after another from ``low`` on, the first one before ``high``; touching ``page``, if given.

        Of several places, where there is more than one part, the one that leaves out the least.
        """
        best: Match | None = None
        for count, first in enumerate(self._hits(parts[0], low, high)):
            whole = self._continued(first, parts[1:])
            if whole is None or (page is not None and page not in whole.pages):
                continue
            if len(parts) == 1:
                return whole
            if best is None or whole.end - whole.start < best.end - best.start:
                best = whole
            if count >= _MOST_STARTS:
                break
        return best

    def page_of(self, place: int) -> int:
        """The page that the key's character ``place`` is on."""
        return self._refs[self._line_at(place)][0]

    def _continued(self, first: Match, parts: Sequence[Spelled]) -> Match | None:
        """The match with the parts that an ellipsis sets off: in order, each within reach of the one before."""
        spans, end = list(first.spans), first.end
        for part in parts:
            following = next(self._hits(part, end, len(self.text)), None)
            if following is None or following.spans[0].page > spans[-1].page + self._reach:
                return None
            if following.start - end <= _SPLICE and _NEGATIONS.search(self._between(end, following.start)):
                return None
            spans += following.spans
            end = following.end
        return Match(tuple(spans), first.start, end) if parts else first

    def _hits(self, quote: Spelled, low: int, high: int) -> Iterator[Match]:
        at, looked = self.text.find(quote.key, low), 0
        while 0 <= at < high and looked < _MOST_HITS:
            found = self._match(quote, at)
            if found is not None:
                yield found
            looked += 1
            at = self.text.find(quote.key, at + 1)

    def _line_at(self, place: int) -> int:
        return bisect_right(self.starts, place) - 1

    def _between(self, start: int, end: int) -> str:
        """The raw text from one place of the key to another."""
        if end <= start:
            return ""
        pieces = []
        for line in range(self._line_at(start), self._line_at(end - 1) + 1):
            spelled, base = self._spelled(self._lines[line]), self.starts[line]
            if spelled.key:
                first, stop = max(start - base, 0), min(end - base, len(spelled.key))
                pieces.append(spelled.text[spelled.at[first] : spelled.at[stop - 1] + 1])
        return BREAK.join(pieces)

    def _match(self, quote: Spelled, at: int) -> Match | None:
        """The match at ``at``, if what is between the characters allows it."""
        end = at + len(quote.key)
        first, last = self._line_at(at), self._line_at(end - 1)
        gaps: list[str] = []
        for line in range(first, last + 1):
            own = list(self._spelled(self._lines[line]).before)
            if line > first and own:
                own[0] = self._break_before(line) + own[0]
            gaps += own
        skip = at - self.starts[first]
        if not agree(quote.key, gaps[skip : skip + len(quote.key)], quote.before):
            return None
        if not self._stands_alone(quote, at, end):
            return None
        return Match(tuple(self._spans(quote, at, end, first, last)), at, end)

    def _break_before(self, line: int) -> str:
        """What is between a line's first key character and the one before it, up to the line's start."""
        gap = BREAK
        for before in range(line - 1, -1, -1):
            spelled = self._spelled(self._lines[before])
            gap = spelled.after + gap
            if spelled.key:
                break
        return gap

    def _stands_alone(self, quote: Spelled, at: int, end: int) -> bool:
        """Whether the match begins and ends where words do, and no sign of a number is left out."""
        before, gap = self._gap_before(at)
        for place in range(at - 1, max(-1, at - 1 - _SIGNS_BEFORE), -1):
            if before[:1].isalnum():
                break
            before = "".join(self._gap_before(place)) + before
        return starts_word(before, gap, quote) and ends_word(self.text[end - 1], self._behind(end), quote)

    def _behind(self, end: int) -> str:
        """What follows the key's character ``end - 1`` on the page, up to and with the next one of the key."""
        if end < len(self.text):
            return self._gap_before(end)[1] + self.text[end]
        return self._spelled(self._lines[self._line_at(end - 1)]).after + BREAK

    def _gap_before(self, place: int) -> tuple[str, str]:
        line = self._line_at(place)
        spelled, inside = self._spelled(self._lines[line]), place - self.starts[line]
        gap = spelled.before[inside]
        if inside == 0:
            gap = self._break_before(line) + gap
        return self.text[place - 1] if place else "", gap or ("" if place else BREAK)

    def _spans(self, quote: Spelled, at: int, end: int, first: int, last: int) -> Iterator[Span]:
        for line in range(first, last + 1):
            spelled, base = self._spelled(self._lines[line]), self.starts[line]
            if not spelled.key:
                continue
            start = spelled.at[at - base] if line == first else 0
            stop = len(spelled.text.rstrip())
            if line == last:
                stop = spelled.at[end - base - 1] + 1
                stop += _shared_start(spelled.text[stop:], quote.after)
            page, number = self._refs[line]
            yield Span(page, number, start, stop)


def negations(text: str) -> list[str]:
    """The words of a text that turn its meaning round, in order."""
    return [found.casefold().replace("’", "'") for found in _NEGATIONS.findall(text)]


def _shared_start(text: str, quoted: str) -> int:
    """How many characters of punctuation behind the match the quotation has as well."""
    count = 0
    while count < min(len(text), len(quoted)) and text[count] == quoted[count] and not text[count].isspace():
        count += 1
    return count
