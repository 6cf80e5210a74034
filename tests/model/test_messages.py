"""Messages: English text, several in a row, numbers, and what becomes of stored ones, old and damaged."""

from __future__ import annotations

import json
import math

import pytest

from model.errors import CheckpointError
from model.messages import NOTHING, Message, from_record, from_text, joined, msg, msg_n, plain, record, to_text

FULL = msg("disk.full", "The disk of {path} is full; {size} GB are needed.", path="/a {size}", size=1234.56)
PAGES = msg_n("page.more", "One page more.", "{n} pages more in {name}.", 3, name="a.pdf")


def test_values_are_put_in_once() -> None:
    assert str(FULL) == "The disk of /a {size} is full; 1,234.6 GB are needed."
    assert str(PAGES) == "3 pages more in a.pdf."
    assert str(msg_n("page.more", "One page more.", "{n} pages more.", 1)) == "One page more."
    assert str(Message("{a} {b}", (("a", "x"),), "x.y")) == "x {b}"


def test_several_in_a_row_are_one_and_report_the_first_code() -> None:
    whole = joined(joined(plain("First."), FULL), NOTHING, PAGES)
    assert str(whole) == f"First. {FULL} {PAGES}" and len(whole.values) == 3
    assert (whole.cause, joined(FULL).cause, joined(FULL, PAGES).cause) == ("plain", "disk.full", "disk.full")
    assert not joined() and not joined(NOTHING)


def test_an_error_carries_its_message() -> None:
    error = CheckpointError(FULL)
    assert error.message is FULL and str(error) == str(FULL)


@pytest.mark.parametrize("told", [FULL, PAGES, joined(FULL, PAGES), plain("{odd} “text”"), plain("")])
def test_stored_ones_come_back(told: Message) -> None:
    assert from_text(to_text(told)) == told
    if told:
        assert from_record(json.loads(json.dumps(record(told)))) == told


@pytest.mark.parametrize(
    "text", ["It was cut.", "{", "{}", '{"a": 1}', "[1]", "{" * 5000, '{"code": "a", "template": 3, "values": {}}']
)
def test_older_texts_are_shown_as_they_are(text: str) -> None:
    assert str(from_text(text)) == text


@pytest.mark.parametrize(
    "change",
    [
        {"values": []},
        {"values": {"path": "a"}},
        {"values": {"path": "a", "size": 1, "more": 2}},
        {"values": {"path": "a", "size": None}},
        {"values": {"path": "a", "size": True}},
        {"values": {"path": "a", "size": math.nan}},
        {"values": {"path": "a", "size": 1e300}},
        {"values": {"path": "a" * 5000, "size": 1}},
        {"template": "x" * 5000},
        {"code": None},
        {"singular": 7},
    ],
)
def test_what_is_no_message_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="message"):
        from_record(record(FULL) | change)


def test_messages_inside_messages_end() -> None:
    deep: object = record(plain("x"))
    for _ in range(10):
        deep = {"code": "a.b", "template": "{a}", "values": {"a": deep}}
    with pytest.raises(ValueError, match="not a message"):
        from_record(deep)
