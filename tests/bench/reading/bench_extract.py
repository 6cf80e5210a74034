"""Checking every page: is "list all" and "count" exact on long documents whose contents are known?

    python -m tests.bench.reading.bench_extract [MODEL] [--documents N] [--pages N] [--labels N] [--seed N]
        [--invoices N]

With ``--invoices`` the app's own examples are asked of as many one-page invoices instead, with the columns that are
read out of each question: how many rows there are, and how many values of each column are right.

Documents are generated (``model.training``) with seeds that training never uses, written as real PDFs and read by the
real reading process. For each label that is asked about, some pages hold it once and the others hold labels that sound
like it. A table is exact when its checked rows are the known values with their pages, no more and no fewer; a count
when there are as many checked rows as known values.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.chat.extract.questions import suggest_schema
from app.chat.extract.run import Run
from app.chat.extract.schema import Column, Schema
from app.chat.growing import grown
from app.chat.parts import Reply
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from model.engine.engine import Engine
from model.training.data.fields import FIELDS, Field
from model.training.data.records import TRAIN_STYLES, Block, Record, form
from model.training.files import write_pdf
from model.types import Failed, Finished, TakenBack, TextDelta
from tests.app.invoices import EXAMPLES, is_right, write_invoices

SAMPLE = Path(__file__).resolve().parents[3] / "resources" / "sample_model"
SHARE = 0.3
"""Of the pages that hold a label that is asked about."""


@dataclass(frozen=True)
class Known:
    """A document and the places of each label's values."""

    record: Record
    truth: dict[str, dict[int, str]]


@dataclass
class Tally:
    """The results for the pages of all tables."""

    tables: int = 0
    listed: int = 0
    counted: int = 0
    pages: int = 0
    right: int = 0
    missed: int = 0
    invented: int = 0
    wrong: int = 0
    unsure: int = 0
    seconds: float = 0.0
    errors: list[str] = field(default_factory=list)


def make_known(seed: int, pages: int, labels: int) -> Known:
    """A long document. Each label that is asked about occurs once on some of its pages."""
    rng = random.Random(f"extract:{seed}")
    asked = rng.sample(FIELDS, labels)
    truth: dict[str, dict[int, str]] = {one.label: {} for one in asked}
    made = tuple(_page(rng, number, asked, truth) for number in range(1, pages + 1))
    return Known(Record(f"long-{seed}.pdf", made), truth)


def _page(rng: random.Random, number: int, asked: list[Field], truth: dict[str, dict[int, str]]) -> tuple[Block, ...]:
    wanted = [one for one in asked if rng.random() < SHARE]
    others = [one for one in FIELDS if one not in asked]
    own = [*wanted, *rng.sample(others, rng.randint(2, 5))]
    rng.shuffle(own)
    blocks = []
    while own:
        size = rng.randint(1, 4)
        block = form(rng, own[:size], rng.choice(TRAIN_STYLES))
        own = own[size:]
        blocks.append(block)
        for fact in block.facts:
            if fact.label in truth:
                truth[fact.label][number] = fact.value
    return tuple(blocks)


def read(record: Record, reader: Reader, folder: Path) -> Document:
    """The document as the application reads it."""
    path = folder / record.name
    write_pdf(path, record)
    return reader.read(path)


def go_through(engine: Engine, document: Document, label: str) -> Run:
    """One column over every page."""
    schema = Schema((Column(label.replace(" ", "_"), required=True),))
    return finish(engine, Run((document,), schema, "", engine.info, merge=False))


def finish(engine: Engine, run: Run) -> Run:
    """Ask about every page."""
    cancel = threading.Event()
    while (request := run.next_request()) is not None:
        text = ""
        for event in engine.generate(request, cancel):
            match event:
                case TextDelta() | TakenBack():
                    text, _ = grown(text, "", event)
                case Finished(reason):
                    run.take(Reply.ended(text, reason))
                case Failed(message):
                    run.fail(message)
    return run


def judge(run: Run, truth: dict[int, str], tally: Tally, label: str) -> None:
    """Compare a table with the known values."""
    sure = {row.place.page: str(row.values[0]) for row in run.table.rows if row.sure}
    unsure = {row.place.page for row in run.table.rows if not row.sure}
    tally.tables += 1
    tally.listed += sure == truth
    tally.counted += sum(row.sure for row in run.table.rows) == len(truth)
    tally.pages += run.total
    tally.unsure += len(unsure)
    for page in range(1, run.total + 1):
        found, expected = sure.get(page), truth.get(page)
        if found == expected:
            tally.right += 1
            continue
        kind = "missed" if found is None else "invented" if expected is None else "wrong"
        setattr(tally, kind, getattr(tally, kind) + 1)
        tally.errors.append(f"{label}, page {page}: {kind}: {found!r} for {expected!r}{' ?' if page in unsure else ''}")


def tables(options: argparse.Namespace, tally: Tally) -> Iterator[Tally]:
    """Every table of every document, one after the other."""
    with tempfile.TemporaryDirectory() as place, Reader() as reader:
        engine = Engine.open(options.model)
        try:
            for number in range(options.documents):
                known = make_known(options.seed + number, options.pages, options.labels)
                document = read(known.record, reader, Path(place))
                for label, truth in known.truth.items():
                    started = time.perf_counter()
                    run = go_through(engine, document, label)
                    tally.seconds += time.perf_counter() - started
                    judge(run, truth, tally, label)
                    yield tally
        finally:
            engine.close()


def examples(options: argparse.Namespace) -> Iterator[str]:
    """A line for each of the app's own examples."""
    with tempfile.TemporaryDirectory() as place, Reader() as reader:
        truth = write_invoices(Path(place), options.invoices, f"bench {options.seed}")
        documents = [reader.read(Path(place) / name) for name in truth]
        engine = Engine.open(options.model)
        try:
            for question, columns in EXAMPLES.items():
                run = finish(engine, Run(documents, suggest_schema(question), question, engine.info))
                found = [column.name for column in run.schema.columns]
                right = {
                    name: sum(
                        is_right(row.values[found.index(name)], label, truth[row.name][label]) for row in run.table.rows
                    )
                    for name, label in columns.items()
                    if name in found
                }
                values = ", ".join(f"{name} {count} right" for name, count in right.items())
                yield f"{question!r}: {len(run.table.rows)} rows, {run.table.sure} checked; {values}"
        finally:
            engine.close()


def main() -> int:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", nargs="?", type=Path, default=SAMPLE)
    parser.add_argument("--documents", type=int, default=5)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--labels", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--errors", type=int, default=20, metavar="N", help="show the first N errors")
    parser.add_argument("--invoices", type=int, default=0, metavar="N", help="ask the app's examples of N invoices")
    options = parser.parse_args()
    if options.invoices:
        for line in examples(options):
            print(line, flush=True)
        return 0
    tally = Tally()
    for _ in tables(options, tally):
        print(f"{tally.tables} tables: list {tally.listed}, count {tally.counted} exact", file=sys.stderr, flush=True)
    for line in tally.errors[: options.errors]:
        print(line)
    print(f"list all: exact in {tally.listed} of {tally.tables} ({100 * tally.listed / tally.tables:.1f} %)")
    print(f"count:    exact in {tally.counted} of {tally.tables} ({100 * tally.counted / tally.tables:.1f} %)")
    print(
        f"pages:    {tally.right:,} of {tally.pages:,} right ({100 * tally.right / tally.pages:.2f} %); missed "
        f"{tally.missed}, invented {tally.invented}, wrong {tally.wrong}; marked as unverified {tally.unsure}"
    )
    print(f"time:     {tally.seconds / tally.pages:.3f} s a page")
    return 0


if __name__ == "__main__":
    sys.exit(main())
