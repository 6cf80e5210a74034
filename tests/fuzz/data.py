"""Hypothesis strategies: any JSON, and a sound value with some of its parts replaced, dropped or doubled."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st


class _Deep(bytes):
    """Shown in short where an example fails."""

    def __repr__(self) -> str:
        return "DEEP"


DEEP = _Deep(b"[" * 60_000)
"""JSON that Python's own parser gives up on with a ``RecursionError``."""

odd_text = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(codec=None), max_size=20),  # lone surrogates as well
    st.sampled_from(["", "\0", "..", "../../etc/passwd", "a/b", "\ud800", "x" * 400, "1e999", "-1", "{}"]),
)
odd_number = st.one_of(
    st.integers(),
    st.sampled_from([0, -1, 2**31, 2**63, 2**64, 10**400]),
    st.floats(),  # NaN and infinities, which Python's JSON knows
)
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), odd_number, odd_text),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(odd_text, inner, max_size=5)),
    max_leaves=12,
)
noise = st.one_of(st.binary(max_size=300), odd_text.map(lambda text: text.encode("utf-8", "surrogatepass")))


def dumped(value: object) -> bytes:
    """As JSON; a number too large for JSON as Python writes it stays a number there."""
    return json.dumps(value).encode()


@st.composite
def altered(draw: st.DrawFn, sound: Any) -> Any:
    """``sound`` with one to three of its parts changed."""
    value = copy.deepcopy(sound)
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(value))
        if not places:
            return draw(anything)
        holder, key = places[draw(st.integers(0, len(places) - 1))]
        what = draw(st.sampled_from(["replace", "drop", "add"]))
        if what == "drop":
            del holder[key]
        elif what == "add" and isinstance(holder, dict):
            holder[draw(odd_text)] = draw(anything)
        else:
            holder[key] = draw(anything)
    return value


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from _places(value[key])


@st.composite
def cut_or_flipped(draw: st.DrawFn, sound: bytes) -> bytes:
    """The bytes of a sound file, shortened, with some bytes changed, or with something behind."""
    data = bytearray(sound[: draw(st.integers(0, len(sound)))] if draw(st.booleans()) else sound)
    for _ in range(draw(st.integers(0, 8))):
        if data:
            data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data) + draw(st.binary(max_size=20))
