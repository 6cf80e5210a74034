"""Calls of functions as a grammar: ``call:name{key:value,…}`` in Gemma 4's own way of writing, by each one's schema.

Keys are bare and in the order of the alphabet, as the chat template writes them; strings are between quotation tokens.
What a schema says beyond what is known here is not enforced: such a value may be anything. So every schema can be used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from model.types import ToolSpec

_DEEPEST = 8
_SCALARS = {
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "boolean": (),
    "null": (),
}
"""Types that are written as in JSON, with the words that narrow them."""


def call_grammar(tools: Sequence[ToolSpec], quote: int) -> str:
    """A Lark grammar of one call of any of ``tools``, from behind the token that opens a call to the closing brace.

    ``quote`` is the id of the quotation token.
    """
    writer = _Writer(quote)
    calls = [writer.call(tool) for tool in tools]
    return "\n".join([f"start: {' | '.join(calls)}", *writer.rules]) + "\n"


class _Writer:
    def __init__(self, quote: int) -> None:
        self.rules = [
            f"text: <[{quote}]> TEXT <[{quote}]> | <[{quote}]> <[{quote}]>",
            "TEXT: /(.|\\n)+/",
            'any: text | "[" (any ("," any)*)? "]" | "{" (pair ("," pair)*)? "}" | scalar',
            'pair: KEY ":" any',
            "KEY: /[A-Za-z_][A-Za-z0-9_]*/",
            'scalar: %json {"type": ["number", "boolean", "null"]}',
        ]
        self._quote = quote
        self._count = 0

    def call(self, tool: ToolSpec) -> str:
        return self._rule(f"{json.dumps(f'call:{tool.name}')} {self._object(tool.parameters, 0)}")

    def _rule(self, body: str) -> str:
        self._count += 1
        name = f"r{self._count}"
        self.rules.append(f"{name}: {body}")
        return name

    def _value(self, schema: object, depth: int) -> str:
        if not isinstance(schema, Mapping) or depth > _DEEPEST:
            return "any"
        choices = schema.get("enum", [schema["const"]] if "const" in schema else None)
        if isinstance(choices, list) and choices and all(isinstance(c, str | int | float | None) for c in choices):
            return self._rule(" | ".join(self._constant(choice) for choice in choices))
        branches = schema.get("anyOf") or schema.get("oneOf")
        if isinstance(branches, list) and branches:
            return self._rule(" | ".join(self._value(branch, depth + 1) for branch in branches))
        kinds = schema.get("type")
        if isinstance(kinds, list) and kinds:
            return self._rule(" | ".join(self._value({**schema, "type": kind}, depth + 1) for kind in kinds))
        found = self._typed(kinds, schema, depth)
        return self._rule(f'{found} | "null"') if schema.get("nullable") is True and found != "any" else found

    def _typed(self, kind: object, schema: Mapping[str, Any], depth: int) -> str:
        if kind == "string":
            return "text"
        if kind == "object":
            return self._rule(self._object(schema, depth + 1))
        if kind == "array":
            return self._rule(self._array(schema, depth + 1))
        if isinstance(kind, str) and kind in _SCALARS:
            narrowed = {word: schema[word] for word in _SCALARS[kind] if word in schema}
            return self._rule(f"%json {json.dumps({'type': kind, **narrowed})}")
        return "any"

    def _constant(self, value: str | float | None) -> str:
        if not isinstance(value, str):
            return json.dumps(json.dumps(value))
        text = f" {json.dumps(value, ensure_ascii=False)}" if value else ""
        return f"<[{self._quote}]>{text} <[{self._quote}]>"

    def _array(self, schema: Mapping[str, Any], depth: int) -> str:
        item = self._value(schema.get("items"), depth)
        least, most = (schema.get(word) for word in ("minItems", "maxItems"))
        least = least if isinstance(least, int) and 0 <= least <= 64 else 0
        most = most if isinstance(most, int) and least <= most <= 1024 else None
        if most == 0:
            return '"[" "]"'
        further = f'("," {item}){{{max(0, least - 1)},{"" if most is None else most - 1}}}'
        return f'"[" {item} {further} "]"' if least else f'"[" ({item} {further})? "]"'

    def _object(self, schema: Mapping[str, Any], depth: int) -> str:
        """Members in order; each optional one may be left out, and commas stand between those that are there."""
        members = schema.get("properties")
        if not isinstance(members, Mapping) or not members:
            return '"{" "}"' if isinstance(members, Mapping) or depth == 0 else '"{" (pair ("," pair)*)? "}"'
        required = schema.get("required")
        needed = set(required) if isinstance(required, list) else set()
        behind, first = '"}"', '"}"'
        for key in sorted(members, key=lambda key: (str(key).lower(), str(key)), reverse=True):
            pair = f"{json.dumps(f'{key}:', ensure_ascii=False)} {self._value(members[key], depth)}"
            begins, follows = f"{pair} {behind}", f'"," {pair} {behind}'
            if key not in needed:
                begins, follows = f"{begins} | {first}", f"{follows} | {behind}"
            first, behind = self._rule(begins), self._rule(follows)
        return f'"{{" {first}'
