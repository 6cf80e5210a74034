"""What a model writes as arguments: read as plain values, or refused with the place where it goes wrong."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.tools.arguments import QUOTE, ArgumentsError, parse_arguments


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{}", {}),
        (
            '{box:[100,200,300,400],document:<|"|>a.pdf<|"|>,page:3}',
            {"box": [100, 200, 300, 400], "document": "a.pdf", "page": 3},
        ),
        ('{text:<|"|>a } b, c: "d"<|"|>}', {"text": 'a } b, c: "d"'}),
        ("{ a : 1.5 , b : -2 , c : true , d : null , e : [ ] }", {"a": 1.5, "b": -2, "c": True, "d": None, "e": []}),
        ('{"page": 3, "document": "a \\"b\\".pdf"}', {"page": 3, "document": 'a "b".pdf'}),
        ('{<|"|>a<|"|>:{b:[{c:1}]}}', {"a": {"b": [{"c": 1}]}}),
        ("{a:1,}", {"a": 1}),
    ],
)
def test_values(written: str, expected: dict[str, Any]) -> None:
    assert parse_arguments(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "",
        "page:3",
        "{page:3",
        "{page:}",
        "{page 3}",
        "{page:3}}",
        "{page:3,page:4}",
        '{a:<|"|>open}',
        "{a:bare}",
        "{a:__import__('os')}",
        "[1]",
        "{a:" + "[" * 50 + "]" * 50 + "}",
        "{a:" + "9" * 40 + "}",
        "{a:1" + " " * 5000 + "}",
    ],
)
def test_what_cannot_be_read_is_a_sentence(written: str) -> None:
    with pytest.raises(ArgumentsError, match=r"arguments .*\.$"):
        parse_arguments(written)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(max_size=20).filter(lambda text: QUOTE not in text),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


def write(value: object) -> str:
    """As Gemma's template writes it."""
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case str():
            return f"{QUOTE}{value}{QUOTE}"
        case list():
            return f"[{','.join(map(write, value))}]"
    return str(value)


@given(values=st.dictionaries(st.sampled_from(["page", "box", "text", "a_1"]), VALUES, max_size=4))
def test_what_the_template_writes_is_read_back(values: dict[str, Any]) -> None:
    try:
        found = parse_arguments("{" + ",".join(f"{key}:{write(value)}" for key, value in values.items()) + "}")
    except ArgumentsError:
        assert any("[[[" in write(value) for value in values.values())  # deeper than any function needs
    else:
        assert found == values


@given(text=st.text(alphabet='{}[]<|">:,a1.-+e\\ \n', max_size=40))
def test_nothing_but_its_own_error_comes_out(text: str) -> None:
    with contextlib.suppress(ArgumentsError):
        assert isinstance(parse_arguments(text), dict)
