"""Columns that are read out of a question without a model: phrasings in English and German, and kinds of phrasings."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.extract.names import column_of
from app.chat.extract.questions import MOST, suggest_schema
from app.chat.extract.schema import parse_schema

LINES = Path(__file__).with_name("phrasings.txt").read_text(encoding="utf-8").splitlines()
PHRASINGS = [line.replace("\\n", "\n").split("\t") for line in LINES if "\t" in line]


EVERY_WAY = (
    "all {many} with {a}, {b} and {c}",
    "List all {many} with {a}, {b}, and {c}.",
    "Make a table of all {many} with their {a}, {b} and {c}",
    "{a}, {b} and {c} of all {many}",
    "{a}, {b}, {c} for every {one}",
    "the {a}, the {b} and the {c} of each {one}",
    "For each {one}: {a}, {b}, {c}",
    "For every {one}, give me the {a}, the {b} and the {c}.",
    "Show me each {one}'s {a}, {b} and {c}",
    "Please create a spreadsheet of all {many}, including {a}, {b} and {c}",
    "all {many}: {a}, {b}, {c}",
    "all {many} ({a}, {b}, {c})",
    "I need a list of every {one} with its {a}, its {b} and its {c} as CSV",
    "Extract {a}, {b} and {c} from all {many}",
    "A table with {a}, {b} and {c} of every {one}",
    "Table of all {many}, with the columns {a}, {b} and {c}",
)
JEDE_ART = (
    "alle {many} mit {a}, {b} und {c}",
    "Liste alle {many} mit {a}, {b} und {c} auf.",
    "{a}, {b} und {c} aller {many}",
    "{a}, {b} und {c} jeder {one}",
    "Für jede {one}: {a}, {b}, {c}",
    "Für jede {one} {a}, {b} und {c}",
    "Bitte erstelle eine Tabelle aller {many} mit {a}, {b} und {c}",
    "Alle {many}: {a}, {b}, {c}",
    "Zeige mir jede {one} samt {a}, {b} und {c}",
    "Ich brauche eine Übersicht aller {many} mit den Spalten {a}, {b} und {c}",
    "{a}, {b}, {c} von allen {many}",
)
FIELDS = {
    "date": "date",
    "due date": "date",
    "total": "number",
    "net amount": "number",
    "supplier": "string",
    "payment method": "string",
    "quantity": "integer",
    "customer name": "string",
}
FELDER = {
    "Datum": "date",
    "Fälligkeitsdatum": "date",
    "Summe": "number",
    "Nettobetrag": "number",
    "Lieferant": "string",
    "Zahlungsart": "string",
    "Menge": "integer",
}


def written(question: str) -> str:
    """The columns in short: ``date:date name amount:number``."""
    columns = suggest_schema(question).columns
    return " ".join(column.name + ("" if column.type == "string" else f":{column.type}") for column in columns)


@pytest.mark.parametrize(("question", "columns"), PHRASINGS)
def test_columns_of_a_question(question: str, columns: str) -> None:
    assert written(question) == columns


@pytest.mark.parametrize(("question", "columns"), PHRASINGS)
def test_a_full_stop_a_please_and_other_blanks_change_nothing(question: str, columns: str) -> None:
    bare = question.rstrip(".?")
    assert written(f"{bare}.") == columns
    if "\n" not in question:
        assert written(f"  {question.replace(' ', '  ')} ") == columns


@given(
    st.sampled_from(EVERY_WAY),
    st.sampled_from([("invoice", "invoices"), ("order", "orders"), ("receipt", "receipts"), ("contract", "contracts")]),
    st.lists(st.sampled_from(sorted(FIELDS)), min_size=2, max_size=2, unique=True),
)
def test_every_way_to_say_it_gives_the_same_columns(way: str, thing: tuple[str, str], fields: list[str]) -> None:
    one, many = thing
    question = way.format(one=one, many=many, a="number", b=fields[0], c=fields[1])
    found = {column.name: column.type for column in suggest_schema(question).columns}
    assert found == {f"{one}_number": "string"} | {name.replace(" ", "_"): FIELDS[name] for name in fields}


@given(
    st.sampled_from(JEDE_ART),
    st.sampled_from([("Rechnung", "Rechnungen"), ("Zahlung", "Zahlungen"), ("Lieferung", "Lieferungen")]),
    st.lists(st.sampled_from(sorted(FELDER)), min_size=2, max_size=2, unique=True),
)
def test_every_way_to_say_it_in_german(way: str, thing: tuple[str, str], fields: list[str]) -> None:
    one, many = thing
    question = way.format(one=one, many=many, a="Nummer", b=fields[0], c=fields[1])
    found = {column.name: column.type for column in suggest_schema(question).columns}
    assert found == {f"{one.lower()}snummer": "string"} | {name.lower(): FELDER[name] for name in fields}


def test_nothing_is_required() -> None:
    """A row without a required value is left out: a guess must never do that."""
    assert not [question for question, _ in PHRASINGS if any(c.required for c in suggest_schema(question).columns)]


def test_the_is_not_taken_off_their() -> None:
    column = column_of("their number")
    assert column is not None and column.name == "number"


def test_what_is_said_besides_a_name_is_told_to_the_model() -> None:
    columns = suggest_schema("all payments with the date on which it was booked, amount (in EUR) and payee").columns
    assert [(column.name, column.description) for column in columns] == [
        ("date", "date on which it was booked"),
        ("amount", "in EUR"),
        ("payee", ""),
    ]


def test_pages_and_files_are_not_asked_for_because_every_row_has_them() -> None:
    assert written("all tables with title, page number and file name") == "title"


def test_at_most_eight_columns() -> None:
    assert len(suggest_schema(", ".join(f"field{chr(97 + n)}" for n in range(20))).columns) == MOST


@given(st.text(max_size=120))
def test_whatever_is_asked_the_columns_are_a_schema(text: str) -> None:
    for question in (text, f"list all {text} with {text}", f"{text}, {text} of all {text}"):
        parse_schema(suggest_schema(question).as_json())


@pytest.mark.parametrize(
    "text",
    ["a, ", "of all ", "(", "with ", "the ", "a ", "für jede ", "x's ", "for each a ", "- ", "what is ", "der die "],
)
def test_long_questions_are_read_in_no_time(text: str) -> None:
    began = time.process_time()
    suggest_schema("list all " + text * 5000)
    assert time.process_time() - began < 2
