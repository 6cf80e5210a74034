"""Evidence of a second rank: quotations found in text that was read from a picture, and numbers that are read again.

What a program reads off a picture is not the document's own word. A quotation found there is reported as found in the
scan's text, to be compared with the picture beside it. A number in it of which reading was not sure is read once more,
closer; where the second reading differs, nothing is confirmed, and both readings are shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.chat.evidence.places import Evidence
from app.chat.evidence.searching.boxes import words_in
from app.chat.evidence.searching.fold import fold
from app.chat.evidence.searching.search import words_of
from app.chat.evidence.searching.stream import Match
from app.ingest.types import Box, Document, Page
from model.messages import Message, joined, msg

SURE = 0.9
"""Confidence from which on a number is not read again."""

_HARD = 0.7
"""Mean confidence below which a page's words may be other ones than were read."""

MOST_READ_AGAIN = 20
"""Numbers of one answer that are read again."""

ReadAgain = Callable[[Document, int, Box], str]
"""The words in a box of a page (counted from 1), read anew and closer; empty where nothing can be read there."""

_NUMBER = re.compile(r"\d")
_SEPARATORS = re.compile(r"[\s\u00a0\u202f|]+")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A number of a quotation of which reading was not sure. The page counts from 1."""

    page: int
    words: str
    box: Box


def from_picture(document: Document, match: Match) -> bool:
    """Whether any of the words was read from a picture."""
    return any(document.pages[span.page].lines[span.line].source == "picture" for span in match.spans)


def readings(document: Document, match: Match) -> tuple[str, ...]:
    """What was read, where it is not letter by letter what is quoted."""
    return (" ".join(words_of(document, match.spans).split()),) if match.loose else ()


def why_scanned(document: Document, page: Page, read: Sequence[str] = ()) -> Message:
    """What was found and how, and ``read``, what was read there, where it is spelled otherwise."""
    if not document.file_kind.paged:
        words = msg(
            "evidence.found-in-picture",
            "Found in the text that was read from {name}; compare it with the picture.",
            name=document.name,
        )
    else:
        words = msg(
            "evidence.found-in-page-picture",
            "Found in the text that was read from the picture of page {page} of {name}; compare it with the picture.",
            page=str(page.number),
            name=document.name,
        )
    return joined(words, msg("evidence.read-as", "It was read as “{words}”.", words=read[0])) if read else words


def not_read(document: Document, page: Page) -> Message:
    """One sentence where the words are not in what was read from a picture."""
    if not document.file_kind.paged:
        return msg("evidence.not-in-picture", "Not in the text that was read from {name}.", name=document.name)
    return msg(
        "evidence.not-in-page-picture",
        "Not in the text that was read from the picture of page {page}.",
        page=str(page.number),
    )


def hard_to_read(page: Page) -> bool:
    """Whether too much of a picture's text is doubtful to exclude that it holds the words."""
    return page.from_picture and page.confidence is not None and page.confidence < _HARD


def doubts(document: Document, match: Match) -> tuple[Doubt, ...]:
    """The numbers of a match that have to be read again, each with what is directly beside it."""
    found = []
    for span in match.spans:
        page = document.pages[span.page]
        for word, _ in words_in(page.lines[span.line], span):
            sure = word.confidence is not None and word.confidence >= SURE
            if not sure and _NUMBER.search(word.text):
                found.append(Doubt(page.number, word.text, word.box))
    return tuple(found)


def read_again(evidence: Evidence, document: Document, doubtful: Sequence[Doubt], read: ReadAgain) -> Evidence:
    """The evidence after its doubtful numbers were read once more: as it was, or with both readings and no result."""
    for doubt in doubtful:
        second = read(document, doubt.page, doubt.box)
        if _number(second) and _number(doubt.words) not in _numbers(second):
            sentence = msg(
                "evidence.two-readings",
                "A number was read as “{first}” at first and as “{second}” on a closer look; please check it yourself.",
                first=doubt.words,
                second=" ".join(second.split()),
            )
            return replace(evidence, state="seen", reason=sentence, readings=(doubt.words, " ".join(second.split())))
    return evidence


def _numbers(text: str) -> set[str]:
    """The numbers of a text, each also together with what follows: reading may put a space where there is none."""
    parts = [part for part in _SEPARATORS.split(text) if part]
    return {_number(" ".join(parts[at : at + length])) for at in range(len(parts)) for length in (1, 2, 3)}


def _number(text: str) -> str:
    """Digits and the signs between them, without letters beside them: ``EUR 1,788.84`` is ``1,788.84``."""
    found = re.search(r"[-+<>≤≥±]?\d(?:.*\d)?%?", _SEPARATORS.sub("", fold(text)))
    return found[0] if found is not None else ""


class AgainReader:
    """Reads numbers again, a limited number for each answer."""

    def __init__(self, read: ReadAgain | None) -> None:
        self._read, self._left = read, MOST_READ_AGAIN

    def look(self, evidence: Evidence, document: Document, match: Match) -> Evidence:
        """The evidence of a match, its doubtful numbers read once more."""
        doubtful = doubts(document, match)[: self._left] if self._read is not None else ()
        if self._read is None or not doubtful:
            return evidence
        self._left -= len(doubtful)
        return read_again(evidence, document, doubtful, self._read)
