"""The whole trial: documents written, read by the real reader, quoted, looked up, counted."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.chat.evidence.checking import check
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from tests.evidence.asking import NAMES, Asked, Asker, Outcome, answer_for, look_up
from tests.evidence.kinds import KINDS, Case
from tests.evidence.layout import Made, make_document

TRUE, FALSE, SHIFTED = 8, 8, 4
ACCEPTED = ("found", "scanned", "elsewhere")


@dataclass
class Figures:
    """The results of a trial."""

    outcomes: list[Outcome] = field(default_factory=list)

    def of(self, sort: str) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.asked.sort == sort]

    def share(self, sort: str) -> float:
        """How many of a sort came out right."""
        chosen = self.of(sort)
        return sum(outcome.right for outcome in chosen) / max(1, len(chosen))

    def wrong(self, sort: str) -> list[Outcome]:
        return [outcome for outcome in self.of(sort) if not outcome.right]

    def overlap(self) -> float:
        """The mean overlap of boxes with the truth, where a true quotation was found."""
        found = [outcome.overlap for outcome in self.of("true") if outcome.state == "found"]
        return sum(found) / max(1, len(found))

    @property
    def altered(self) -> int:
        """How many quotations with changed digits were accepted."""
        wrong = [one for one in self.wrong("false") if one.asked.how in ("digit", "numbers", "short")]
        return sum(one.state in ACCEPTED for one in wrong)

    def by_way(self, sort: str) -> dict[str, str]:
        """Right and all, for each way of quoting."""
        right = Counter(outcome.asked.how for outcome in self.of(sort) if outcome.right)
        every = Counter(outcome.asked.how for outcome in self.of(sort))
        return {how: f"{right[how]}/{count}" for how, count in sorted(every.items())}


def run(folder: Path, documents: int, seed: int = 0, tell: Callable[[int], None] = lambda done: None) -> Figures:
    """Write ``documents`` files and quote from each; every third answer has others attached besides."""
    figures, earlier = Figures(), []
    with Reader() as reader:
        for number in range(documents):
            rng = random.Random(seed * 100_003 + number)
            made = make_document(folder / f"{number}.pdf", seed * 100_003 + number)
            document = replace(reader.read(made.path), name=rng.choice(NAMES))
            attached = [document]
            if number % 3 == 0:
                attached += [other for other in earlier[-2:] if other.name != document.name]
                rng.shuffle(attached)
            for asked in _quotations(made, rng):
                answer = answer_for(asked, document.name, made, rng, len(attached) == 1)
                figures.outcomes.append(look_up(asked, answer, attached, document))
            earlier.append(document)
            tell(number + 1)
    return figures


@dataclass(frozen=True)
class KindOutcome:
    """The result for one quotation from a document of some kind. ``how`` is empty for a true one."""

    kind: str
    how: str
    quote: str
    state: str
    page: int | None
    right: bool


@dataclass
class KindFigures:
    """The results of a trial of the hard kinds."""

    outcomes: list[KindOutcome] = field(default_factory=list)

    def share(self, true: bool, kind: str = "") -> float:
        """How many of the true, or of the false, came out right."""
        chosen = [one for one in self.outcomes if bool(one.how) is not true and kind in ("", one.kind)]
        return sum(one.right for one in chosen) / max(1, len(chosen))

    def count(self, true: bool) -> int:
        """How many true, or false, quotations there were."""
        return sum(bool(one.how) is not true for one in self.outcomes)

    @property
    def altered(self) -> int:
        """How many quotations with a changed digit or sign were accepted."""
        wrong = [one for one in self.wrong if one.how in ("digit", "sign")]
        return sum(one.state in ("found", "elsewhere") for one in wrong)

    @property
    def wrong(self) -> list[KindOutcome]:
        return [one for one in self.outcomes if not one.right]

    def by_kind(self) -> dict[str, str]:
        """For each kind: true ones found, false ones refused."""
        found: dict[str, str] = {}
        for kind in dict.fromkeys(one.kind for one in self.outcomes):
            parts = []
            for true in (True, False):
                chosen = [one for one in self.outcomes if one.kind == kind and bool(one.how) is not true]
                parts.append(f"{sum(one.right for one in chosen)}/{len(chosen)}")
            found[kind] = " true, ".join(parts) + " false"
        return found


def run_kinds(
    folder: Path,
    each: int,
    seed: int = 0,
    kinds: Iterable[str] = KINDS,
    tell: Callable[[int], None] = lambda done: None,
) -> KindFigures:
    """Write ``each`` documents of every hard kind, read them, and look up quotations from them."""
    figures, done = KindFigures(), 0
    with Reader() as reader:
        for kind in kinds:
            for number in range(each):
                rng = random.Random(f"{seed} {kind} {number}")
                case = KINDS[kind](rng, folder / f"{kind}-{number}.pdf")
                figures.outcomes += _looked_up(case, reader.read(case.path))
                done += 1
                tell(done)
    return figures


def _looked_up(case: Case, document: Document) -> Iterator[KindOutcome]:
    for quote, page in case.true:
        state, at = _state(quote, page, document)
        yield KindOutcome(case.kind, "", quote, state, at, state == "found" and at == page)
    for how, quote, page in case.false:
        state, at = _state(quote, page, document)
        # Where nothing of a page can be looked up, the user is asked to look; everywhere else nothing is excused.
        right = state == "unverified" or (how == "garbage" and state == "seen")
        yield KindOutcome(case.kind, how, quote, state, at, right)


def _state(quote: str, page: int, document: Document) -> tuple[str, int | None]:
    words = quote.replace('"', "'").replace("“", "'").replace("”", "'")
    found = [one for one in check(f"It says “{words}” ({document.name}, page {page}).", [document]) if one.quote]
    if len(found) != 1:
        return f"{len(found)} quotations", None
    return found[0].state, found[0].place.page if found[0].place is not None else None


def _quotations(made: Made, rng: random.Random) -> Iterator[Asked]:
    asker = Asker(made, rng)
    yield from asker.true(TRUE)
    yield from asker.false(FALSE)
    yield from asker.shifted(SHIFTED)


__all__ = ["Document", "Figures", "KindFigures", "run", "run_kinds"]
