"""Columns as JSON Schema, and cells as values."""

from __future__ import annotations

import json
from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.extract.questions import is_everywhere_question
from app.chat.extract.schema import Column, ColumnType, SchemaError, parse_schema, parse_schema_text
from app.chat.extract.values import date_of, number_of, read_cell
from model.messages import Message

INVOICES = {
    "type": "object",
    "properties": {
        "invoice_number": {"type": "string", "description": "as printed"},
        "date": {"type": "string", "format": "date"},
        "total": {"type": ["number", "null"]},
        "paid": {"type": "boolean"},
        "kind": {"type": "string", "enum": ["invoice", "credit note"]},
    },
    "required": ["invoice_number"],
    "x-key": ["invoice_number"],
}


def test_a_schema_is_read_and_written_back() -> None:
    schema = parse_schema(INVOICES)
    assert [column.type for column in schema.columns] == ["string", "date", "number", "boolean", "string"]
    assert [column.required for column in schema.columns] == [True, False, False, False, False]
    assert schema.columns[4].choices == ("invoice", "credit note") and schema.key == ("invoice_number",)
    assert schema.columns[0].label == "invoice number"
    assert parse_schema_text(json.dumps(schema.as_json())) == schema
    assert parse_schema({"type": "array", "items": INVOICES}) == schema


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("", "line 1"),
        ('{"type": "object",\n "properties": }', "line 2, column 16"),
        ("[" * 100_000, "too deep|not JSON"),
        ("[]", "must be a JSON object"),
        ("{}", "no columns"),
        ('{"properties": {}}', "no columns"),
        ('{"type": "string"}', "of the type “object”"),
        ('{"anyOf": [], "properties": {"a": {}}}', "“anyOf” is not supported"),
        ('{"properties": {"a": {"type": "object"}}}', "“a” is of a type that a table cannot hold"),
        ('{"properties": {"a": {"type": ["string", "number"]}}}', "“a” is of a type"),
        ('{"properties": {"a": 3}}', "“a” must be an object"),
        ('{"properties": {"a": {"pattern": "x"}}}', "“pattern” is not supported in the column “a”"),
        ('{"properties": {"a": {"description": 5}}}', "short text"),
        ('{"properties": {"a": {"enum": []}}}', "“enum” of the column “a”"),
        ('{"properties": {"a": {"type": "number", "enum": ["1"]}}}', "must be a list of strings"),
        ('{"properties": {"a": {}}, "required": ["b"]}', "“required” names “b”"),
        ('{"properties": {"a": {}}, "required": "a"}', "“required” must be a list"),
        ('{"properties": {"=cmd": {}}}', "cannot be a column name"),
        ('{"properties": {"Quote": {}}}', "Every table already has"),
        ('{"properties": {"a": {}, "A": {}}}', "Two columns"),
        (json.dumps({"properties": {f"c{n}": {} for n in range(31)}}), "too many"),
    ],
)
def test_what_cannot_be_used_says_what_and_where(raw: str, expected: str) -> None:
    with pytest.raises(SchemaError, match=expected):
        parse_schema_text(raw)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1234.5", 1234.5),
        ("1,234.50", 1234.5),
        ("1.234,50", 1234.5),
        ("€ 1.234,50", 1234.5),
        ("1 234,50 €", 1234.5),
        ("1'234.50 CHF", 1234.5),
        ("1,234", 1234),
        ("1.234 €", 1234),
        ("1.234", 1.234),
        ("12,5", 12.5),
        ("1,234,567", 1234567),
        ("0,123", 0.123),
        ("20 %", 20),
        ("-5", -5),
        ("\u22125,00 EUR", -5),
        ("(12.00)", -12),
        ("- $5", -5),
        ("about 30 days", 30),
        ("3-5", None),
        ("1,23,456", None),
        ("1.2.3", None),
        ("INV-20417", None),
        ("12 and 13", None),
        ("twelve", None),
        ("", None),
    ],
)
def test_numbers_in_english_and_german(written: str, value: float | None) -> None:
    assert number_of(written) == value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2024-02-01", date(2024, 2, 1)),
        ("2024-02-01T10:00:00", date(2024, 2, 1)),
        ("01.02.2024", date(2024, 2, 1)),
        ("1. 2. 24", date(2024, 2, 1)),
        ("1. Februar 2024", date(2024, 2, 1)),
        ("1 February 2024", date(2024, 2, 1)),
        ("1st of Feb. 2024", date(2024, 2, 1)),
        ("February 1, 2024", date(2024, 2, 1)),
        ("Thursday, 1 February 2024", date(2024, 2, 1)),
        ("Donnerstag, 1. Februar 2024", date(2024, 2, 1)),
        ("13/02/2024", date(2024, 2, 13)),
        ("02/13/2024", date(2024, 2, 13)),
        ("02/02/2024", date(2024, 2, 2)),
        ("3. März 1999", date(1999, 3, 3)),
    ],
)
def test_dates_in_english_and_german(written: str, value: date) -> None:
    assert date_of(written) == value


@pytest.mark.parametrize("written", ["01/02/2024", "31.02.2024", "soon", "2024", "1 Foo 2024", ""])
def test_a_date_that_is_none_or_two_is_said_to_be(written: str) -> None:
    found = date_of(written)
    assert isinstance(found, Message) and str(found).endswith((".", "dates."))


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("string", "  a \n b ", "a b"),
        ("string", 12, "12"),
        ("string", ["a", "b"], "a, b"),
        ("string", "n/a", None),
        ("integer", "1,000", 1000),
        ("integer", 3.0, 3),
        ("integer", "3.5", None),
        ("number", 2, 2),
        ("number", float("nan"), None),
        ("number", True, None),
        ("boolean", "Ja", True),
        ("boolean", False, False),
        ("boolean", "perhaps", None),
        ("date", "1. März 2024", "2024-03-01"),
        ("string", {"a": 1}, None),
    ],
)
def test_cells(kind: ColumnType, written: object, value: object) -> None:
    cell = read_cell(Column("c", kind), written)
    assert cell.value == value
    assert bool(cell.problem) == (value is None and bool(cell.raw))


def test_choices_are_found_whatever_their_case_and_nothing_else_is_taken() -> None:
    column = Column("c", choices=("Paid", "Open"))
    assert read_cell(column, "paid").value == "Paid"
    assert "not one of" in str(read_cell(column, "late").problem)


@given(st.floats(-1e12, 1e12, allow_nan=False).map(lambda number: round(number, 2)))
def test_both_ways_of_writing_a_sum_give_the_same_number(number: float) -> None:
    english = f"{number:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert number_of(english) == number_of(german) == pytest.approx(number)


@given(st.text(max_size=40))
def test_no_text_breaks_a_cell(text: str) -> None:
    kinds: tuple[ColumnType, ...] = get_args(ColumnType)
    for kind in kinds:
        read_cell(Column("c", kind), text)


@pytest.mark.parametrize(
    "question",
    [
        "List all invoices",
        "Please list the parties and their addresses.",
        "How many invoices are there?",
        "how many tables appear in this document?",
        "Count the signatures.",
        "Make a table of all payments with date and amount.",
        "Give me a table with every order number",
        "Find every mention of the warranty.",
        "What are the totals on each page?",
        "Liste alle Rechnungen auf",
        "Zähle die Unterschriften",
        "Wie viele Verträge gibt es?",
        "Erstelle eine Tabelle der Zahlungen",
        "Nenne mir alle Beteiligten.",
        "Welche Summen stehen auf jeder Seite?",
        "all invoices with number, date and total",
        "Alle Rechnungen mit Nummer und Datum",
    ],
)
def test_questions_that_need_every_page(question: str) -> None:
    assert is_everywhere_question(question)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "When does the contract end?",
        "What is the invoice number?",
        "How many pages does it have?",
        "How many days of notice must be given?",
        "Wie viele Tage Kündigungsfrist gelten?",
        "Is there a list of parts?",
        "Summarise the document.",
        "Wer ist der Verkäufer?",
        "Did all parties sign?",
        "What does the table on page 3 show?",
    ],
)
def test_questions_that_one_page_answers(question: str) -> None:
    assert not is_everywhere_question(question)
