"""Whether the page that holds the answer is among the chosen ones: generated documents and folders, known places.

Run ``python -m tests.bench.reading.bench_relevance [--documents 40] [--folders 10] [--seed N] [--json]``.

Each document has 300 pages, each folder 200 files of one to five pages, in English or German. One page of each holds a
fact, for every question another; ten other pages hold sentences that share half of its words. Questions are asked in
the fact's own words, in other forms of them, and in other words altogether: those last ones also with the further words
that a model is asked for (here from a list, so that no model is needed). Room is for 16,000 tokens of about 300,000.
The exit status is 1 where the right page is among the chosen for less than 95 % of the questions.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.chat.relevance.choosing import choose
from app.ingest.types import Document, Page
from model.messages import NOTHING
from tests.evidence.sentences import sentence

ROOM = 16_000
PAGES, FILES = 300, 200

# The fact, distractors that share words with it, and questions: the same words, other forms, other words, further ones.
FACTS: tuple[tuple[str, str, tuple[str, ...], str, str, str, tuple[str, ...]], ...] = (
    (
        "en",
        "The lease of the northern warehouse may be terminated with fourteen weeks' notice.",
        (
            "The southern warehouse was repainted.",
            "The lease of the office was extended.",
            "A notice hangs at the gate.",
        ),
        "With what notice may the lease of the northern warehouse be terminated?",
        "How long is the notice for terminating leases of the northern warehouses?",
        "How early must we cancel the rental of the storage building in the north?",
        ("lease", "terminate", "termination", "notice period", "warehouse", "northern", "weeks"),
    ),
    (
        "en",
        "Pump station 7 delivers 4,180 litres per minute at a head of 32 metres.",
        ("Pump station 3 was inspected.", "The station delivers reports weekly.", "A litre of oil was lost."),
        "How many litres per minute does pump station 7 deliver?",
        "What is the delivery of pumping station 7 in litres a minute?",
        "What is the flow rate of the seventh pumping plant?",
        ("pump station", "litres", "per minute", "delivers", "capacity", "station 7"),
    ),
    (
        "en",
        "Employees who travel on Sundays receive a supplement of 45 percent of the hourly wage.",
        ("Employees receive a badge.", "The wage slip is sent monthly.", "Sundays are quiet in the plant."),
        "What supplement do employees receive who travel on Sundays?",
        "Which supplements does an employee receive for travelling on a Sunday?",
        "How much extra pay is there for weekend business trips?",
        ("supplement", "Sundays", "travel", "hourly wage", "percent", "employees"),
    ),
    (
        "en",
        "The insurer does not pay for damage that is caused by groundwater below the cellar floor.",
        ("The insurer changed its name.", "Damage to the fence was repaired.", "The cellar has two windows."),
        "Does the insurer pay for damage caused by groundwater below the cellar floor?",
        "Are damages by groundwater under cellar floors paid by the insurer?",
        "Is flooding of the basement from beneath covered by the policy?",
        ("insurer", "damage", "groundwater", "cellar", "floor", "not pay", "exclusion"),
    ),
    (
        "de",
        "Die Kaution für die Werkstatt beträgt drei Monatsmieten und wird mit 2 % verzinst.",
        ("Die Werkstatt wurde gereinigt.", "Drei Monatsmieten stehen noch aus.", "Die Kaution der Garage ist bezahlt."),
        "Wie hoch ist die Kaution für die Werkstatt und wie wird sie verzinst?",
        "Welche Verzinsung hat die Kaution der Werkstätten?",
        "Wie viel Sicherheit ist für den Reparaturraum zu hinterlegen?",
        ("Kaution", "Werkstatt", "Monatsmieten", "Mietsicherheit", "verzinst"),
    ),
    (
        "de",
        "Der Grenzwert für Nitrat im Brunnen am Südhang wurde im Juli um 11 mg/l überschritten.",
        ("Der Brunnen wurde gereinigt.", "Nitrat wird im Labor gelagert.", "Im Juli war der Südhang gesperrt."),
        "Um wie viel wurde der Grenzwert für Nitrat im Brunnen am Südhang überschritten?",
        "Wie groß war die Überschreitung des Nitratgrenzwerts im Brunnen am Südhang?",
        "War das Wasser der südlichen Quelle im Sommer zu stark belastet?",
        ("Grenzwert", "Nitrat", "überschritten", "Brunnen", "Südhang", "Juli"),
    ),
)
WAYS = ("same words", "other forms", "other words", "other words, further ones from a model")


def page_of(rng: random.Random, number: int, language: str, more: Sequence[str]) -> Page:
    """A full page of other sentences, with these among them."""
    lines = [sentence(rng, language) for _ in range(34)]
    for words in more:
        lines.insert(rng.randrange(len(lines)), words)
    return Page(number, 595, 842, "\n".join(lines), (), None, "text", NOTHING)


def made(
    rng: random.Random, counts: Sequence[int], language: str, fact: str, beside: Sequence[str]
) -> tuple[list[Document], tuple[int, int]]:
    """Documents of so many pages, and where the fact is: document and page, counted from 0."""
    places = [(document, page) for document, count in enumerate(counts) for page in range(count)]
    right = rng.choice(places)
    others = {place: rng.choice(beside) for place in rng.sample(places, 10) if place != right}
    documents = []
    for number, count in enumerate(counts):
        pages = []
        for page in range(count):
            more = [fact] if (number, page) == right else [others[number, page]] if (number, page) in others else []
            pages.append(page_of(rng, page + 1, language, more))
        name = f"file {number}.pdf"
        documents.append(Document(f"{number:064x}", Path(name), name, "pdf", tuple(pages), (), None, (), b""))
    return documents, right


def trials(rng: random.Random, counts: Sequence[int], times: int) -> Iterator[tuple[str, bool, float, int]]:
    """The way of asking, whether the right page was chosen, seconds, and how many pages were."""
    for number in range(times):
        language, fact, beside, *questions, further = FACTS[number % len(FACTS)]
        documents, right = made(rng, counts, language, fact, beside)
        asked = [(way, question, ()) for way, question in zip(WAYS, questions, strict=False)]
        for way, question, words in [*asked, (WAYS[3], questions[2], further)]:
            started = time.perf_counter()
            chosen = choose(documents, str(question), ROOM, words)
            seconds = time.perf_counter() - started
            key = documents[right[0]].content_hash
            pages = dict(chosen.pages) if chosen is not None else {}
            yield way, right[1] in pages.get(key, ()), seconds, chosen.count if chosen is not None else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=40)
    parser.add_argument("--folders", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    report: dict[str, object] = {}
    good = True
    for what, counts, times in (
        ("document", [PAGES], options.documents),
        ("folder", [rng.randint(1, 5) for _ in range(FILES)], options.folders),
    ):
        right: defaultdict[str, list[bool]] = defaultdict(list)
        seconds, pages = [], []
        for way, hit, took, count in trials(rng, counts, times):
            right[way].append(hit)
            seconds.append(took)
            pages.append(count)
        for way in WAYS:
            report[f"{what}: {way}"] = f"{sum(right[way])} of {len(right[way])}"
        asked = [hit for way in (WAYS[0], WAYS[1], WAYS[3]) for hit in right[way]]
        report[f"{what}: right page among the chosen, percent"] = round(100 * sum(asked) / len(asked), 1)
        report[f"{what}: pages chosen, mean"] = round(sum(pages) / len(pages), 1)
        report[f"{what}: seconds to choose, mean"] = round(sum(seconds) / len(seconds), 2)
        good = good and sum(asked) >= 0.95 * len(asked)
    print(json.dumps(report) if options.json else "\n".join(f"{name:60} {value}" for name, value in report.items()))
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
