"""RTF as a stream of tokens: control words, characters, groups. After Microsoft's specification of RTF 1.9.1."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\", re.DOTALL
)


class Token(NamedTuple):
    """``word`` with its number, or ``symbol`` (an escaped sign, ``{`` or ``}``), or the bytes of characters."""

    word: str = ""
    number: int | None = None
    symbol: str = ""
    data: bytes = b""
    hexadecimal: bool = False
    """One character, written as its code."""


def tokens(data: bytes) -> Iterator[Token]:
    """All tokens, in linear time; what ``\\bin`` announces is passed over."""
    at = 0
    while at < len(data):
        found = _TOKEN.match(data, at)
        if found is None:
            return
        at = found.end()
        word, number, code, sign, brace, plain = found.groups()
        if word is not None:
            value = int(number) if number is not None else None
            if word == b"bin":
                at += max(0, value or 0)
                continue
            yield Token(word.decode("ascii"), value)
        elif code is not None:
            yield Token(data=bytes([int(code, 16)]), hexadecimal=True)
        elif sign is not None:
            yield Token("par") if sign in b"\r\n" else Token(symbol=f"\\{sign.decode('latin-1')}")
        elif brace is not None:
            yield Token(symbol=brace.decode("ascii"))
        elif plain is not None:
            yield Token(data=plain)
