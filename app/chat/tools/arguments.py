"""A call's arguments as Gemma 4 writes them: ``{box:[1,2,3,4],document:<|"|>a.pdf<|"|>,page:3}``. Data, never code.

Strings are between quotation tokens, keys are bare. JSON's own quotes and quoted keys are taken too.
"""

from __future__ import annotations

import re
from typing import Any

QUOTE = '<|"|>'
MAX_LENGTH = 4000
_MAX_DEPTH = 4
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"[-+]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})([eE][-+]?\d{1,2})?")
_JSON_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_BLANK = re.compile(r"\s*")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "None": None}
_ESCAPED = {"n": "\n", "t": "\t"}


class ArgumentsError(ValueError):
    """The arguments cannot be read. The message tells the model where."""


def parse_arguments(text: str) -> dict[str, Any]:
    """The arguments as plain values. Raises ``ArgumentsError``."""
    if len(text) > MAX_LENGTH:
        raise ArgumentsError("The arguments are too long.")
    reader = _Reader(text)
    value = reader.value(0)
    reader.skip()
    if not isinstance(value, dict) or reader.place != len(text):
        raise reader.error()
    return value


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self.place = 0

    def error(self) -> ArgumentsError:
        near = self._text[self.place : self.place + 20]
        return ArgumentsError(f"The arguments cannot be read at {near!r}.")

    def skip(self) -> None:
        found = _BLANK.match(self._text, self.place)
        self.place = found.end() if found else self.place

    def takes(self, mark: str) -> bool:
        self.skip()
        if not self._text.startswith(mark, self.place):
            return False
        self.place += len(mark)
        return True

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self.skip()
        found = pattern.match(self._text, self.place)
        if found:
            self.place = found.end()
        return found

    def value(self, depth: int) -> Any:
        if depth > _MAX_DEPTH:
            raise self.error()
        if self.takes("{"):
            return self._object(depth + 1)
        if self.takes("["):
            return self._list(depth + 1)
        string = self._string()
        return string if string is not None else self._plain()

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not self.takes("}"):
            key = self._string()
            if key is None:
                name = self.match(_KEY)
                key = name[0] if name else None
            if key is None or key in found or not self.takes(":"):
                raise self.error()
            found[key] = self.value(depth)
            if not self.takes(",") and not self._text.startswith("}", self.place):
                raise self.error()
        return found

    def _list(self, depth: int) -> list[Any]:
        found: list[Any] = []
        while not self.takes("]"):
            found.append(self.value(depth))
            if not self.takes(",") and not self._text.startswith("]", self.place):
                raise self.error()
        return found

    def _string(self) -> str | None:
        if self.takes(QUOTE):
            end = self._text.find(QUOTE, self.place)
            if end < 0:
                raise self.error()
            start, self.place = self.place, end + len(QUOTE)
            return self._text[start:end]
        found = self.match(_JSON_STRING)
        return re.sub(r"\\(.)", lambda m: _ESCAPED.get(m[1], m[1]), found[1], flags=re.DOTALL) if found else None

    def _plain(self) -> Any:
        number = self.match(_NUMBER)
        if number:
            return float(number[0]) if number[2] or number[3] or "." in number[0] else int(number[0])
        word = self.match(_KEY)
        if word and word[0] in _WORDS:
            return _WORDS[word[0]]
        raise self.error()
