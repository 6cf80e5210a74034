"""Functions that a program offers to the model, and the model's calls of them.

A function's words become part of the prompt's control text, as the chat template writes them. So they may hold nothing
that the model would take for a control token, and of a schema only what the template can write is told to the model.
"""

from __future__ import annotations

import json
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from app.chat.tools.arguments import ArgumentsError, parse_arguments
from app.server.errors import ApiError
from app.server.openai.bodies import Function
from model.types import ToolCall, ToolSpec

MOST_CALLS = 4096
"""Calls that are remembered, for when their results come."""
_MOST_BYTES = 64 << 10
_DEEPEST = 8
_TYPES = {"string", "number", "integer", "boolean", "array", "object"}
_MARKS = ("<|", "|>", "LecternPart")


def specs(functions: Sequence[Function]) -> tuple[ToolSpec, ...]:
    """The functions for the engine. Raises ``ApiError``."""
    found = []
    for number, function in enumerate(functions):
        param = f"tools.{number}.function"
        parameters = function.parameters or {}
        try:
            written = json.dumps(parameters)
        except (ValueError, RecursionError):
            written = ""
        if not written or len(written) > _MOST_BYTES:
            raise ApiError(400, f"{param}: The parameters are too large or nested too deeply.", "function", param=param)
        if any(mark in f"{function.description or ''}{written}" for mark in _MARKS):
            raise ApiError(400, f"{param}: Its words may not hold the model's control marks.", "function", param=param)
        schema = _simple({"type": "object", **parameters}, 0, param)
        if schema["type"] != "object":
            raise ApiError(400, f"{param}: The parameters have to be an object.", "function", param=param)
        schema.setdefault("properties", {})
        found.append(ToolSpec(function.name, function.description or "", schema))
    if len({one.name for one in found}) < len(found):
        raise ApiError(400, "tools: Two functions have the same name.", "function", param="tools")
    return tuple(found)


def _simple(schema: Mapping[str, Any], depth: int, param: str) -> dict[str, Any]:
    """The parts of a JSON schema that the chat template writes. Raises ``ApiError``."""
    if depth > _DEEPEST:
        raise ApiError(400, f"{param}: The parameters are nested too deeply.", "function", param=param)
    for choice in ("anyOf", "oneOf"):
        options = schema.get(choice)
        if isinstance(options, list):
            real = [one for one in options if isinstance(one, dict) and one.get("type") != "null"]
            schema = {**(real[0] if real else {}), **{key: schema[key] for key in schema if key != choice}}
    kind = schema.get("type", "string")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "string")
    if not isinstance(kind, str) or kind not in _TYPES:
        raise ApiError(400, f"{param}: There is no type {str(kind)[:40]!r} in a schema.", "function", param=param)
    simple: dict[str, Any] = {"type": kind}
    if isinstance(schema.get("description"), str):
        simple["description"] = schema["description"]
    if kind == "string" and isinstance(schema.get("enum"), list):
        simple["enum"] = [str(one) for one in schema["enum"]]
    if kind == "array":
        items = schema.get("items")
        simple["items"] = _simple(items if isinstance(items, dict) else {}, depth + 1, param)
    properties = schema.get("properties")
    if kind == "object" and isinstance(properties, dict):
        simple["properties"] = {
            str(name): _simple(one if isinstance(one, dict) else {}, depth + 1, param)
            for name, one in properties.items()
        }
        required = schema.get("required")
        if isinstance(required, list):
            simple["required"] = [str(one) for one in required if str(one) in properties]
    return simple


def arguments_of(call: ToolCall) -> str:
    """A call's arguments as JSON; as the model wrote them where they cannot be read."""
    try:
        return json.dumps(parse_arguments(call.arguments), ensure_ascii=False)
    except ArgumentsError:
        return call.arguments


class Calls:
    """The newest calls by their ids: the model continues behind exactly what it wrote."""

    def __init__(self) -> None:
        self._calls: OrderedDict[str, ToolCall] = OrderedDict()

    def add(self, call: ToolCall) -> str:
        """Remember a call; its id."""
        id = f"call_{secrets.token_hex(12)}"
        self._calls[id] = call
        while len(self._calls) > MOST_CALLS:
            self._calls.popitem(last=False)
        return id

    def get(self, id: str) -> ToolCall | None:
        """The call; ``None`` where it is not known any more, for example after a restart."""
        return self._calls.get(id)
