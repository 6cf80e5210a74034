"""The whole trial: documents written, read by the real reader, quoted, looked up, counted."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.ingest.reader import Reader
from app.ingest.types import Document
from tests.evidence.asking import NAMES, Asked, Asker, Outcome, answer_for, look_up
from tests.evidence.layout import Made, make_document

TRUE, FALSE, SHIFTED = 8, 8, 4


@dataclass
class Figures:
    """What a trial has shown."""

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


def _quotations(made: Made, rng: random.Random) -> Iterator[Asked]:
    asker = Asker(made, rng)
    yield from asker.true(TRUE)
    yield from asker.false(FALSE)
    yield from asker.shifted(SHIFTED)


__all__ = ["Document", "Figures", "run"]
