"""Questions about a generated document, and their answers in the one fixed form that carries the evidence."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Literal

from model.training.data.fields import ASK_ROW, FIELDS, Field
from model.training.data.records import Fact, Record

AnswerKind = Literal["value", "cell", "absent", "scene", "time", "scenes"]
NOT_THERE = "Not in the document."


@dataclass(frozen=True, slots=True)
class Answer:
    """``value`` is the value asked for, ``text`` the whole answer with its evidence."""

    value: str
    text: str
    kind: AnswerKind
    evidence: tuple[int, str, int] | None = None
    """Page, quote, and where in the quote the value begins."""
    frames: tuple[int, ...] = ()
    """The frame that each of the answer's lines rests on."""
    about: tuple[str, str] | None = None
    """The column and the row that were asked for."""
    title: str = ""
    """The scene that was asked for."""
    field: str = ""
    """The label that was asked for."""


ABSENT = Answer("", NOT_THERE, "absent")


def answer_of(fact: Fact) -> Answer:
    """``INV-20417 [page 2: "Invoice number: INV-20417"]``."""
    kind: AnswerKind = "cell" if fact.column else "value"
    return Answer(
        fact.value,
        f'{fact.value} [page {fact.page}: "{fact.quote}"]',
        kind,
        (fact.page, fact.quote, fact.offset),
        about=(fact.column, fact.label) if fact.column else None,
        field=fact.field.label if fact.field else "",
    )


def seen(answer: Answer) -> Answer:
    """The same where only a picture is given: the value alone is quoted, since nothing tells how its line is written.

    ``INV-20417 [page 2: "INV-20417"]``.
    """
    if not answer.evidence:
        return answer
    page, _, _ = answer.evidence
    return replace(answer, text=f'{answer.value} [page {page}: "{answer.value}"]', evidence=(page, answer.value, 0))


def ask(rng: random.Random, fact: Fact) -> str:
    """A question that only ``fact`` answers."""
    if fact.column:
        return rng.choice(ASK_ROW).format(column=fact.column, row=fact.label)
    assert fact.field is not None
    return _with_label(rng.choice(fact.field.asks), fact.field.label)


def _with_label(form: str, label: str) -> str:
    text = form.format(label=label)
    return text[0].upper() + text[1:]


def ask_absent(rng: random.Random, record: Record) -> tuple[str, Answer]:
    """A question about something that is nowhere in the document; often it sounds like something that is there."""
    cells = [fact for fact in record.facts if fact.column]
    if cells and rng.random() < 0.25:
        return _absent_row(rng, record, cells)
    field = _absent_field(rng, record)
    return _with_label(rng.choice(field.asks), field.label), ABSENT


def _absent_row(rng: random.Random, record: Record, cells: list[Fact]) -> tuple[str, Answer]:
    fact = rng.choice(cells)
    there = {cell.label for cell in cells}
    label = next(name for name in iter(lambda: record.row_name(rng, fact), None) if name not in there)
    answer = replace(ABSENT, about=(fact.column, label))
    return rng.choice(ASK_ROW).format(column=fact.column, row=label), answer


def _absent_field(rng: random.Random, record: Record) -> Field:
    there = record.labels
    absent = [field for field in FIELDS if field.label not in there]
    shared = {word for label in there for word in label.split()}
    alike = [field for field in absent if shared & set(field.label.split())]
    return rng.choice(alike if alike and rng.random() < 0.5 else absent)


def questions(rng: random.Random, record: Record, count: int, absent: float = 0.25) -> list[tuple[str, Answer]]:
    """``count`` questions with answers; about every fourth cannot be answered."""
    facts = list(record.facts)
    rng.shuffle(facts)
    out: list[tuple[str, Answer]] = []
    for index in range(count):
        if rng.random() < absent or not facts:
            out.append(ask_absent(rng, record))
        else:
            fact = facts[index % len(facts)]
            out.append((ask(rng, fact), answer_of(fact)))
    return out
