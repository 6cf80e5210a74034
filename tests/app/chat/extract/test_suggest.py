"""Columns chosen by a model: only an answer that is a small schema is taken, and nothing in it is required."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.extract.questions import MOST
from app.chat.extract.suggest import SUGGEST_TOKENS, can_suggest, parse_suggestion, suggest_request
from model.types import TextPart
from tests.fakes import model_info

GOOD = {"type": "object", "properties": {"number": {"type": "string"}, "date": {"type": "string", "format": "date"}}}


@pytest.mark.parametrize(
    "answer",
    [
        json.dumps(GOOD),
        f"```json\n{json.dumps(GOOD, indent=2)}\n```",
        f"Here it is: {json.dumps(GOOD)} I hope this helps.",
        json.dumps(GOOD | {"required": ["number", "date"]}),
    ],
)
def test_an_answer_that_is_a_schema_is_taken_and_requires_nothing(answer: str) -> None:
    schema = parse_suggestion(answer)
    assert schema is not None
    assert [(column.name, column.type, column.required) for column in schema.columns] == [
        ("number", "string", False),
        ("date", "date", False),
    ]


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {f"c{n}": {"type": "string"} for n in range(MOST + 1)},
        {"a": {"type": "object", "properties": {}}},
        {"a": {"type": "string", "pattern": "x"}},
        {"a": "string"},
        {"page": {"type": "integer"}},
        {"=cmd": {"type": "string"}},
        {"a" * 41: {"type": "string"}},
        {"a": {}, "A": {}},
        ["a"],
    ],
)
def test_an_answer_that_is_no_small_schema_is_not_taken(properties: object) -> None:
    assert parse_suggestion(json.dumps({"type": "object", "properties": properties})) is None


@pytest.mark.parametrize(
    "answer",
    ["", "number, date", "[]", "{", '{"a": ' * 5000, json.dumps(GOOD)[:-20], json.dumps(GOOD | {"anyOf": []}), "null"],
)
def test_an_answer_that_is_none_is_not_taken(answer: str) -> None:
    assert parse_suggestion(answer) is None


@given(st.text(max_size=200))
def test_no_answer_breaks_it(answer: str) -> None:
    for text in (answer, f'{{"properties": {{"{answer}": {{}}}}}}', f"{{{answer}}}"):
        parse_suggestion(text)


def test_the_request_is_short_and_bounded() -> None:
    request = suggest_request("all invoices\n with number " + "x" * 5000)
    part = request.messages[-1].parts[0]
    assert (
        isinstance(part, TextPart)
        and part.text.startswith("Request: all invoices with number")
        and len(part.text) < 1100
    )
    assert request.max_new_tokens == SUGGEST_TOKENS and not request.documents and request.sampling.temperature == 0


def test_the_sample_model_is_not_asked() -> None:
    assert can_suggest(model_info()) and not can_suggest(model_info(sample=True)) and not can_suggest(None)
