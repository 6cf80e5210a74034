"""Pages ranked by a question's words: SQLite's full-text index (FTS5) and its BM25, over text folded as evidence is.

BM25 is Robertson and Zaragoza, *The Probabilistic Relevance Framework*, 2009. Words are compared by their beginnings,
so that *leases* and *lease*, *Mietvertrag* and *Mietvertrages* meet; scripts without spaces by pairs of characters.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.chat.evidence.searching.fold import fold, spaceless
from app.ingest.types import Document

_WORD = re.compile(r"[^\W_]+(?:[.,:/'-]?[^\W_]+)*")
_PARTS = re.compile(r"[^\W_]+")
_MOST_TERMS = 60
_MOST_TEXT = 400_000
"""Characters of one page or video that are indexed."""

_FURTHER = 0.5
"""What a hit of a word counts that the question itself does not have."""

_NEAR = 0.35
"""The share of its neighbours' scores that a page gets: an answer may begin on one page and end on the next."""

_COMMON = frozenset(
    (
        *("the", "and", "for", "are", "was", "were", "what", "which", "who", "whom", "when", "where", "why", "how"),
        *("does", "did", "has", "have", "had", "this", "that", "these", "those", "from", "with", "about", "into"),
        *("there", "their", "they", "his", "her", "its", "can", "could", "would", "should", "will", "may", "many"),
        *("much", "any", "all", "document", "page", "file", "say", "says", "said", "tell", "give", "find", "please"),
        *("is", "it", "in", "of", "to", "on", "at", "by", "be", "do", "or", "as", "an", "if", "we", "he", "me", "my"),
        *("der", "die", "das", "den", "dem", "des", "und", "oder", "ein", "eine", "einen", "einem", "einer", "eines"),
        *("ist", "sind", "war", "waren", "wird", "werden", "hat", "haben", "was", "wer", "wen", "wem", "wann", "wo"),
        *("warum", "wie", "welche", "welcher", "welches", "welchen", "viel", "viele", "von", "vom", "mit", "fur"),
        *("auf", "aus", "bei", "nach", "zum", "zur", "im", "am", "es", "zu", "an", "sich", "nicht", "dokument"),
        *("seite", "datei", "bitte", "nenne", "finde", "les", "des", "une", "est", "que", "qui", "quel", "quelle"),
        *("dans", "pour", "avec", "sur", "par", "los", "las", "del", "una", "por", "con", "para", "como", "cual"),
    )
)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A page, or a whole video or picture, and how well it fits; a higher score fits better.

    ``document`` and ``page`` count from 0.
    """

    document: int
    page: int
    score: float


class Ranking:
    """The index of some documents, in memory. For one thread."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._base = sqlite3.connect(":memory:")
        self._base.execute("CREATE VIRTUAL TABLE pages USING fts5(words, tokenize = 'ascii', detail = 'column')")
        self.places: list[tuple[int, int]] = []
        """Document and page of each row."""
        rows = []
        for number, document in enumerate(documents):
            for page, text in enumerate(texts_of(document)):
                self.places.append((number, page))
                rows.append((len(self.places), " ".join(terms(text))))
        self._base.executemany("INSERT INTO pages(rowid, words) VALUES (?, ?)", rows)

    def rank(self, question: str, further: Iterable[str] = ()) -> list[Ranked]:
        """All pages that any of the words is on, the best first; neighbours gain from each other.

        ``further``: other words for the same things.
        """
        own = _asked(question)
        more = [word for word in _asked(" ".join(further)) if word not in own]
        scores: dict[int, float] = {}
        for words, weight in ((own, 1.0), (more, _FURTHER)):
            for row, score in self._scores(words):
                scores[row] = scores.get(row, 0.0) + weight * score
        spread = dict(scores)
        for row, score in scores.items():
            for near in (row - 1, row + 1):
                if near in scores and self.places[near - 1][0] == self.places[row - 1][0]:
                    spread[near] += _NEAR * score
        found = [Ranked(*self.places[row - 1], score) for row, score in spread.items()]
        return sorted(found, key=lambda one: (-one.score, one.document, one.page))

    def close(self) -> None:
        """Let go of the index."""
        self._base.close()

    def _scores(self, words: Sequence[str]) -> Iterator[tuple[int, float]]:
        if not words:
            return
        asked = " OR ".join(_prefix(word) for word in words[:_MOST_TERMS])
        found = self._base.execute("SELECT rowid, -bm25(pages) FROM pages WHERE pages MATCH ?", (asked,))
        yield from found.fetchall()


def texts_of(document: Document) -> list[str]:
    """What can be found: each page's text; of a video or a recording, all that is said and shown in it."""
    if document.file_kind.timed:
        return [f"{document.name} {' '.join(cue.text for cue in document.cues)}"[:_MOST_TEXT]]
    name = document.name
    return [f"{name if not number else ''} {page.text}"[:_MOST_TEXT] for number, page in enumerate(document.pages)]


def terms(text: str) -> Iterator[str]:
    """A text's words as they are indexed: folded, numbers whole and in parts, some scripts in pairs of characters."""
    folded = fold(text)
    if not folded.isascii():
        folded = "".join(letter for letter in folded if not unicodedata.combining(letter))
    for found in _WORD.finditer(folded):
        word = found[0]
        if spaceless(word[0]):
            yield from (word[at : at + 2] for at in range(max(1, len(word) - 1)))
            continue
        parts = _PARTS.findall(word)
        yield from parts
        if len(parts) > 1:
            yield "".join(parts)


def _asked(text: str) -> list[str]:
    """The telling words of a question, each once."""
    words = dict.fromkeys(terms(text))
    telling = [word for word in words if word not in _COMMON and (len(word) > 1 or not word.isascii())]
    return telling or list(words)


def _prefix(word: str) -> str:
    """A term of the full-text query; a longer word is found by its beginning."""
    if word.isdigit() or len(word) < 5:
        return f'"{word}"'
    return f'"{word[: max(4, len(word) - 2)]}"*'
