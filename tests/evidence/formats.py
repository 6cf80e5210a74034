"""Evidence for every kind of file that holds words: the same prose in each, read by the real reader, and quoted.

True quotations are whole sentences and pieces of them; false ones have a digit or a sign altered, or are invented. A
true one is located where its place is the one that the writer noted: page, slide, cell or second.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.chat.evidence.checking import check
from app.chat.evidence.places import Evidence
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from app.text.times import mm_ss
from tests.evidence.kinds import Case
from tests.evidence.sentences import sentence
from tests.evidence.trial import KindFigures, KindOutcome
from tests.files.prose import WRITERS

SENTENCES = 10
ONE_RECORD = {".mobi": 8}
"""The tests' writer fills one record of 4 KB."""


@dataclass
class Written:
    """A file with where each of its sentences is."""

    kind: str
    path: Path
    sentences: list[str]
    where: list[str]
    case: Case = field(init=False)

    def __post_init__(self) -> None:
        self.case = Case(self.kind, self.path)


def write(folder: Path, kind: str, number: int, seed: int) -> Written:
    """The ``number``-th file of a kind, in English or German."""
    rng = random.Random(f"{seed} {kind} {number}")
    language = "de" if number % 3 == 2 else "en"
    count = ONE_RECORD.get(kind, SENTENCES)
    sentences = list(dict.fromkeys(_simple(sentence(rng, language)) for _ in range(count)))
    path = folder / f"{kind[1:]}-{number}{kind}"
    made = Written(kind, path, sentences, WRITERS[kind](path, sentences))
    made.case.add(rng, sentences, short=False)
    made.case.invent()
    return made


def _simple(text: str) -> str:
    """Without characters that mean something in some of the formats."""
    return re.sub(r"[*_`#]", "", text)


def run_formats(
    folder: Path,
    each: int,
    seed: int = 0,
    kinds: Iterable[str] = WRITERS,
    tell: Callable[[int], None] = lambda done: None,
) -> KindFigures:
    """Write ``each`` files of every kind, read them, and look up quotations from them."""
    figures, done = KindFigures(), 0
    with Reader() as reader:
        for kind in kinds:
            for number in range(each):
                made = write(folder, kind, number, seed)
                figures.outcomes += _looked_up(made, reader.read(made.path))
                done += 1
                tell(done)
    return figures


def _looked_up(made: Written, document: Document) -> Iterator[KindOutcome]:
    places = dict(zip(made.sentences, made.where, strict=True))
    for quote, _ in made.case.true:
        whole = next(one for one in made.sentences if quote in one)
        where = places[whole] or _page_with(document, whole)
        found = _evidence(quote, where, document)
        others = [places[one] or _page_with(document, one) for one in made.sentences if quote in one]
        right = found is not None and found.state == "found" and any(_is_at(found, one, document) for one in others)
        yield KindOutcome(made.kind, "", quote, found.state if found else "none", _page(found), right)
    for how, quote, _ in made.case.false:
        found = _evidence(quote, "1", document)
        state = found.state if found else "none"
        # Of words that no subtitle has the user is asked to look at the picture; elsewhere nothing is excused.
        refused = ("unverified", "none", *(("seen",) if document.frames else ()))
        yield KindOutcome(made.kind, how, quote, state, _page(found), state in refused)


def _page_with(document: Document, words: str) -> str:
    """The number of the page that holds a sentence; empty where none does, so that nothing is right."""
    wanted = "".join(words.split())
    pages = {page.number: "".join(page.text.split()).replace("•", "") for page in document.pages}
    over = {number: text + pages.get(number + 1, "") for number, text in pages.items()}
    for texts in (pages, over):
        for number, text in texts.items():
            if wanted in text:
                return str(number)
    return ""


def _evidence(quote: str, where: str, document: Document) -> Evidence | None:
    words = quote.replace('"', "'").replace("“", "'").replace("”", "'")
    named = mm_ss(float(where or 0)) if document.file_kind.timed else f"page {where or 1}"
    cited = named if where.isdigit() or document.file_kind.timed else where or named  # a cell by its name
    found = [one for one in check(f"It says “{words}” ({document.name}, {cited}).", [document]) if one.quote]
    return found[0] if len(found) == 1 else None


def _page(found: Evidence | None) -> int | None:
    return found.place.page if found is not None and found.place is not None else None


def _is_at(found: Evidence, where: str, document: Document) -> bool:
    place = found.place
    if place is None or not where:
        return False
    if document.file_kind.timed:
        return place.time_s is not None and abs(place.time_s - float(where)) < 1
    return str(place.page) == where if where.isdigit() else place.spot == where
