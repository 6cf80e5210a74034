"""What an answer claims to rest on: its quotations, and the files, pages and times that it names for them.

Models cite in many ways: ``"words" (contract.pdf, page 3)``, ``[page 2: "words"]``, ``Auf Seite 3 steht: „Worte“``,
a block quote with its source below, several quotations before one source. Each becomes a ``Claim``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from app.chat.evidence.marks import MOST, Quoted, quotations, without_code
from app.chat.evidence.named_places import Named, Where, named_files, places_named
from app.ingest.types import Document

_BRACKETS = {"(": ")", "[": "]", "（": "）", "【": "】", "{": "}"}
_LONGEST_BRACKET = 600
_FILLER = re.compile(
    r"\b(?:see|siehe|s|vgl|cf|source|quelle|sources|quellen|ref|in|on|at|from|of|the|and|und|or|auf|aus|von|vom|bei|um|"
    r"also|auch|near|circa|ca|about|top|bottom|oben|unten|lines?|zeilen?|section|abschnitt|table|tabelle|document|"
    r"dokument|file|datei|ibid|ebd|timestamp|time|zeit|minute|second|frame|h|min|sec|uhr)\b",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"[\W_]*(?:(?:on|at|in|from|see|of|auf|bei|aus|von|siehe|vgl|laut|cf|source|quelle|steht|und|and|the|der|dem)\b[\W_]*)"
    r"{0,3}"
)
_CELL = re.compile(r"!\$?[A-Z]{1,3}\$?\d{1,7}\b")
"""What follows a sheet's name in quotation marks: ``'Prices 2026'!B4``."""

_BLANK_LINE = re.compile(r"\n[ \t>]*\n")
_SENTENCE = re.compile(
    r"[.!?:][\"”»“’'*_)\]]*\s+(?=[\"„“«»'‚‘*_(\[]*[A-ZÄÖÜ])|[.!?]\s*\n|\n\s*(?:[-*+•]|\d+[.)])\s|\n\s*\n|;\s"
)
_TO_NAME = re.compile(r"[\s,:;*_`–—\-|/]*(?:(?:on|at|auf|in|bei|um)\b\s*)?[*_`]*")
_FROM_NAME = re.compile(
    r"[\s,;*_`]*(?:(?:of|in|from|von|der|des|aus|vom|im)\s+(?:the\s+|der\s+|dem\s+|file\s+|datei\s+)?)?[*_`\"“„]*"
)


@dataclass(frozen=True, slots=True)
class Cited:
    """One place as an answer names it. ``document`` counts from 0; ``foreign``: a file is named that is not there."""

    document: int | None = None
    foreign: bool = False
    pages: tuple[int, ...] = ()
    time_s: float | None = None
    nearby: int | None = None
    """The file named last before, where none is named here."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A quotation with the places named for it, or places alone. ``sure``: they certainly belong together."""

    start: int
    end: int
    quote: str
    cited: tuple[Cited, ...] = ()
    sure: bool = True


@dataclass(slots=True)
class _Citation:
    start: int
    end: int
    cited: list[Cited]
    bracketed: bool
    quotes: list[int] = field(default_factory=list)


def claims(answer: str, documents: Sequence[Document]) -> list[Claim]:
    """Everything in ``answer`` that can be looked up in ``documents``, in order, without overlaps."""
    return _Reading(answer, documents).claims()


class _Reading:
    """State while the quotations of one answer are found."""

    def __init__(self, answer: str, documents: Sequence[Document]) -> None:
        self.text = without_code(answer)
        self.documents = documents
        self.names = named_files(self.text, documents)
        quotes = (quoted for quoted in quotations(self.text) if not _CELL.match(self.text, quoted.end))
        self.quotes = [quoted for quoted in quotes if not self._is_name(quoted)]
        self._led: set[int] = set()
        self.names = [name for name in self.names if not self._quoted(name.start, name.end)]
        times = any(document.file_kind.timed for document in documents)
        places = places_named(self.text, self.names, times)
        self.places = [where for where in places if not self._quoted(where.start, where.end)]
        self.citations = sorted(self._citations(), key=lambda citation: citation.start)[: 2 * MOST]
        self.quotes = [self._without_source(quoted) for quoted in self.quotes]

    def claims(self) -> list[Claim]:
        """The claims, quotations joined to their sources."""
        assigned = [self._source(number) for number in range(len(self.quotes))]
        for number, (citation, _) in enumerate(assigned):
            if citation is not None:
                citation.quotes.append(number)
        found = [self._claim(number, *assigned[number]) for number in range(len(self.quotes))]
        found += [Claim(c.start, c.end, "", tuple(c.cited)) for c in self.citations if not c.quotes]
        return _apart(found)

    def _is_name(self, quoted: Quoted) -> bool:
        """Whether only a file's name is in the marks."""
        inside = [name for name in self.names if quoted.start <= name.start and name.end <= quoted.end]
        rest = len(quoted.text.strip()) - sum(name.end - name.start for name in inside)
        return bool(inside) and rest <= 2

    def _quoted(self, start: int, end: int) -> bool:
        return any(q.start < start and end <= q.end and not q.block for q in self.quotes)

    def _citations(self) -> Iterator[_Citation]:
        used: set[int] = set()
        for start, end in self._brackets():
            inside = [where for where in self.places if start < where.start and where.end <= end]
            names = [name for name in self.names if start < name.start and name.end <= end]
            if not inside and (not names or self._other_words(start, end)):
                continue
            if any(where.start in used for where in inside):
                continue  # an inner pair has them
            used.update(where.start for where in inside)
            used.update(name.start for name in names)
            outer = (start, end) if not self._other_words(start, end) else self._extent(inside, names)
            yield _Citation(*outer, self._cited(inside, names, start), True)
        for where in self.places:
            if where.start not in used:
                yield self._in_prose(where)

    def _brackets(self) -> list[tuple[int, int]]:
        """Pairs of brackets outside of quotations and file names, inner ones first; ends are behind the bracket."""
        found: list[tuple[int, int]] = []
        stack: list[tuple[str, int]] = []
        skip = sorted([(q.start, q.end) for q in self.quotes if not q.block] + [(n.start, n.end) for n in self.names])
        at, next_skip = 0, 0
        while at < len(self.text):
            while next_skip < len(skip) and skip[next_skip][0] < at:
                next_skip += 1
            if next_skip < len(skip) and skip[next_skip][0] == at:
                at = max(at + 1, skip[next_skip][1])
                continue
            character = self.text[at]
            if character in _BRACKETS:
                stack.append((_BRACKETS[character], at))
            elif stack and character == stack[-1][0]:
                start = stack.pop()[1]
                if at - start <= _LONGEST_BRACKET:
                    found.append((start, at + 1))
            elif character == "\n" and self.text[at : at + 2].strip() == "":
                stack.clear()
            at += 1
        return sorted(found, key=lambda pair: pair[1] - pair[0])

    def _other_words(self, start: int, end: int) -> bool:
        """Whether a bracket holds more than a place."""
        text = list(self.text[start:end])
        pieces: list[Named | Where | Quoted] = [*self.names, *self.places, *self.quotes]
        for piece in pieces:
            if start <= piece.start and piece.end <= end:
                text[piece.start - start : piece.end - start] = " " * (piece.end - piece.start)
        rest = _FILLER.sub(" ", "".join(text))
        return sum(character.isalpha() for character in rest) > 12

    def _extent(self, places: list[Where], names: list[Named]) -> tuple[int, int]:
        pieces: list[Where | Named] = [*places, *names]
        return min(piece.start for piece in pieces), max(piece.end for piece in pieces)

    def _cited(self, places: list[Where], names: list[Named], start: int) -> list[Cited]:
        """Each place with the name that is last before it, else the first name behind it."""
        if not places:
            return [Cited(name.document, name.document is None) for name in names]
        found = []
        for where in places:
            before = [name for name in names if name.start < where.start]
            name = before[-1] if before else next(iter(names), None)
            found.append(self._place(where, name))
        return found

    def _place(self, where: Where, name: Named | None) -> Cited:
        if name is not None:
            return Cited(name.document, name.document is None, where.pages, where.time_s)
        if len(self.documents) == 1:
            return Cited(0, False, where.pages, where.time_s)
        return Cited(None, False, where.pages, where.time_s, self._named_before(where.start))

    def _named_before(self, at: int) -> int | None:
        """The file named last in the same paragraph, else the last one at all."""
        before = [name for name in self.names if name.end <= at and name.document is not None]
        return before[-1].document if before else None

    def _in_prose(self, where: Where) -> _Citation:
        before = next((name for name in reversed(self.names) if name.end <= where.start), None)
        after = next((name for name in self.names if name.start >= where.end), None)
        if before is not None and _TO_NAME.fullmatch(self.text, before.end, where.start):
            return _Citation(before.start, where.end, [self._place(where, before)], False)
        if after is not None and _FROM_NAME.fullmatch(self.text, where.end, after.start):
            return _Citation(where.start, after.end, [self._place(where, after)], False)
        return _Citation(where.start, where.end, [self._place(where, None)], False)

    def _without_source(self, quoted: Quoted) -> Quoted:
        """A block quote may end with its own source, which is no part of the quotation."""
        if not quoted.block:
            return quoted
        inside = [c for c in self.citations if quoted.start <= c.start and c.end <= quoted.end]
        last = inside[-1] if inside else None
        if last is None or self.text[last.end : quoted.end].strip(" \n>*_.`)-—–"):
            return quoted
        text = re.sub(r"^[ \t]*(?:>[ \t]?)+", "", self.text[quoted.start : last.start], flags=re.MULTILINE)
        return replace(quoted, text=text.rstrip(" \n\t—–-*_(["))

    def _source(self, number: int) -> tuple[_Citation | None, bool]:
        """The citation that a quotation belongs to, and whether that is certain."""
        quoted = self.quotes[number]
        around = [c for c in self.citations if c.start <= quoted.start and quoted.end <= c.end]
        around += [c for c in self.citations if quoted.block and quoted.start <= c.start and c.end <= quoted.end]
        if around:
            return around[-1], True
        before = next((c for c in reversed(self.citations) if c.end <= quoted.start), None)
        after = next((c for c in self.citations if c.start >= quoted.end), None)
        if before is not None and self._leads(before, number):
            self._led.add(number)
            return before, True
        if after is not None and self._linked(quoted, after):
            return after, True
        if before is not None and not before.bracketed and self._one_sentence(before.end, quoted.start):
            return before, True
        if after is not None and self._one_sentence(quoted.end, after.start):
            return after, True
        if after is not None and not _BLANK_LINE.search(self.text, quoted.end, after.start):
            return after, False
        return None, True

    def _linked(self, quoted: Quoted, citation: _Citation) -> bool:
        between = self.text[quoted.end : citation.start]
        if len(between) > 60 or not _LINK.fullmatch(between):
            return False
        if not citation.bracketed and not quoted.block and re.search(r"[.;:!?]", between):
            return False  # "words"; page 2 says …
        if quoted.block or not _BLANK_LINE.search(between):
            return True
        return not between.strip() and not self.text[citation.end : citation.end + 40].split("\n")[0].strip(" .*_")

    def _leads(self, citation: _Citation, number: int) -> bool:
        """``page 3: "words"``: the source is right before, and no other quotation right before the source."""
        between = self.text[citation.end : self.quotes[number].start]
        if len(between) > 12 or re.search(r"[\w\n]", between):
            return False
        earlier = self.quotes[number - 1] if number else None
        if ":" in between or earlier is None or not self._linked(earlier, citation):
            return True
        return (number - 1) in self._led  # then the one before was preceded by its source as well

    def _one_sentence(self, start: int, end: int) -> bool:
        """Whether no sentence ends between, quotations left aside."""
        text = self.text[start:end]
        if len(text) > 400:
            return False
        for quoted in self.quotes:
            if start <= quoted.start and quoted.end <= end:
                length = quoted.end - quoted.start
                text = text[: quoted.start - start] + "x" * length + text[quoted.end - start :]
        return not _SENTENCE.search(text)

    def _claim(self, number: int, citation: _Citation | None, sure: bool) -> Claim:
        """A quotation's claim. The first and the last quotation of a source take its own characters too."""
        quoted = self.quotes[number]
        if citation is None:
            return Claim(quoted.start, quoted.end, quoted.text)
        start, end = quoted.start, quoted.end
        if citation.start <= quoted.start and quoted.end <= citation.end:
            start = citation.start if number == citation.quotes[0] else start
            end = citation.end if number == citation.quotes[-1] else end
        elif number == citation.quotes[-1] and citation.start >= quoted.end and self._linked(quoted, citation):
            end = citation.end
        return Claim(start, end, quoted.text, tuple(citation.cited), sure)


def _apart(found: list[Claim]) -> list[Claim]:
    """In order; of two that overlap, the one with a quotation, else the first."""
    kept: list[Claim] = []
    for claim in sorted(found, key=lambda one: (not one.quote, one.start)):
        if all(claim.end <= other.start or claim.start >= other.end for other in kept):
            kept.append(claim)
    return sorted(kept, key=lambda one: one.start)
