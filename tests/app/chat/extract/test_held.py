"""What answers of the every-page pass may look like, token by token with the sample model's own tokenizer."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from app.chat.extract.answers import NOT_THERE, parse_json_rows, parse_sample_value
from app.chat.extract.held import columns_constraint, rows_constraint, value_constraint
from app.chat.extract.questions import MOST
from app.chat.extract.schema import Column, Schema
from app.chat.extract.suggest import parse_suggestion, suggest_request
from model.constraint.grammar import check
from model.constraint.vocabulary import Vocabulary
from model.prompt.tokenizer import Tokenizer
from model.types import Constraint

SAMPLE = Path(__file__).parents[4] / "resources" / "sample_model"
SCHEMA = Schema(
    (
        Column("Größe", "number"),
        Column("invoice date", "date", required=True),
        Column("state", choices=("open", "paid")),
        Column("items", "integer"),
        Column("late", "boolean"),
    )
)


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary(Tokenizer.open(SAMPLE), 1 << 15)


def accepts(constraint: Constraint, text: str) -> bool:
    """Whether ``text`` is a whole answer."""
    matcher = vocabulary().matcher(constraint)
    ids = vocabulary().tokenizer.encode_data(text)
    return matcher.try_consume_tokens(ids) == len(ids) and matcher.is_accepting()


WHOLE = {"quote": "Größe: 4,5", "Größe": 4.5, "invoice date": "1. März", "state": "paid", "items": 3, "late": False}


@pytest.mark.parametrize(
    "rows",
    [[], [WHOLE], [{"quote": "x"}, WHOLE, {"quote": 'say "a"', "items": -2}], [{"quote": "", "late": True}]],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_rows_of_these_columns_are_allowed(rows: list[dict[str, object]], indent: int | None) -> None:
    answer = json.dumps(rows, ensure_ascii=False, indent=indent)
    assert accepts(rows_constraint(SCHEMA), answer)
    assert len(parse_json_rows(answer, cut=False).rows) == len(rows)


@pytest.mark.parametrize(
    "answer",
    [
        "There are no rows.",
        json.dumps(WHOLE),
        '[{"items": 3}]',
        '[{"quote": "x", "other": 1}]',
        '[{"quote": "x", "Größe": "4.5"}]',
        '[{"quote": "x", "items": 4.5}]',
        '[{"quote": "x", "state": "lost"}]',
        '[{"items": 3, "quote": "x"}]',
        json.dumps([{"quote": "x" * 601}]),
        '```json\n[{"quote": "x"}]\n```',
    ],
)
def test_nothing_else_is(answer: str) -> None:
    assert not accepts(rows_constraint(SCHEMA), answer)


def test_the_sample_model_s_form() -> None:
    """Its answers name the page that was shown, whatever page it would have named."""
    held = value_constraint(12)
    assert accepts(held, NOT_THERE)
    good = 'INV-1 [page 12: "Invoice number: INV-1"]'
    assert accepts(held, good)
    assert parse_sample_value(good) == ("INV-1", "Invoice number: INV-1")
    for other in ("INV-1", 'INV-1 [page 1: "INV-1"]', 'INV-1 [page 12: ""]', "", "Not in the document", "Not"):
        assert not accepts(held, other)


def test_columns_that_are_suggested() -> None:
    held = suggest_request("all invoices").constraint
    assert held == columns_constraint(MOST, 40)
    check(held)
    about = {"type": "string", "format": "date", "description": "the day"}
    good = json.dumps(
        {"type": "object", "properties": {"größe_1": {"type": "number"}, "tag": about}}, ensure_ascii=False
    )
    assert accepts(held, good)
    assert parse_suggestion(good) is not None
    many = {f"c{number}": {"type": "string"} for number in range(MOST + 1)}
    for other in (
        {"type": "object", "properties": {}},
        {"type": "object", "properties": many},
        {"type": "object", "properties": {"a" * 41: {"type": "string"}}},
        {"type": "object", "properties": {"=cmd": {"type": "string"}}},
        {"type": "object", "properties": {"a": {"type": "object"}}},
        {"type": "object", "properties": {"a": {}}},
        {"properties": {"a": {"type": "string"}}},
    ):
        assert not accepts(held, json.dumps(other))
