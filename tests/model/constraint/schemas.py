"""Random JSON schemas of all that is supported, nested, and small enough for answers to end."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

Schema = dict[str, Any]
_NAMES = ["name", "total", "date", "ok", "Straße", 'a"b', "x y", "n1", "tags", "größe €", "", "deep"]
_PATTERNS = [r"^[A-Z]{2}-\d{3}$", r"^(yes|no)$", r"^\w{1,6}$", r"^[^\"\\]{2,5}$", r"^\d{1,3}(,\d{3})?$"]
_FORMATS = ["date", "time", "date-time", "uuid", "ipv4"]


def random_schema(seed: int) -> Schema:
    """The same schema for the same seed."""
    draw = random.Random(seed)
    schema = _any(draw, 0)
    if draw.random() < 0.3:
        schema = {"$defs": {"part": _any(draw, 2)}, "type": "object", "properties": {"first": {"$ref": "#/$defs/part"}}}
        schema |= {"required": ["first"], "additionalProperties": False}
    return schema


def _any(draw: random.Random, depth: int) -> Schema:
    kinds: list[Callable[[random.Random, int], Schema]] = [_string, _number, _constant]
    if depth < 3:
        kinds += [_object, _object, _array, _choice]
    return draw.choice(kinds)(draw, depth)


def _string(draw: random.Random, depth: int) -> Schema:
    match draw.randrange(4):
        case 0:
            return {"type": "string", "pattern": draw.choice(_PATTERNS)}
        case 1:
            return {"type": "string", "format": draw.choice(_FORMATS)}
    least = draw.randrange(3)
    return {"type": "string", "minLength": least, "maxLength": least + draw.randrange(8)}


def _number(draw: random.Random, depth: int) -> Schema:
    kind = draw.choice(["integer", "number"])
    low = draw.randrange(-50, 50)
    schema: Schema = {
        "type": kind,
        "minimum": low,
        draw.choice(["maximum", "exclusiveMaximum"]): low + 5 + draw.randrange(90),
    }
    return schema | ({"multipleOf": draw.choice([1, 2, 5])} if kind == "integer" and draw.random() < 0.3 else {})


def _constant(draw: random.Random, depth: int) -> Schema:
    values = [True, False, None, 0, 7, -2.5, "", "a", 'say "hi"\n', "ä€😀", [], [1, "b"], {"k": {"v": None}}]
    if draw.random() < 0.3:
        return {"const": draw.choice(values)}
    if draw.random() < 0.3:
        return {"type": draw.choice(["boolean", "null"])}
    return {"enum": draw.sample(values, draw.randrange(1, 5))}


def _object(draw: random.Random, depth: int) -> Schema:
    names = draw.sample(_NAMES, draw.randrange(0, 5))
    schema: Schema = {"type": "object", "properties": {name: _any(draw, depth + 1) for name in names}}
    schema["required"] = draw.sample(names, draw.randrange(len(names) + 1))
    match draw.randrange(4):
        case 0 if depth == 2:
            schema |= {"additionalProperties": {"type": "boolean"}}
        case 1 if not names:
            schema |= {"patternProperties": {"^k[0-9]$": {"type": "integer", "maximum": 9, "minimum": 0}}}
            schema |= {"additionalProperties": False, "maxProperties": 3}
        case _:
            schema |= {"additionalProperties": False}
    return schema


def _array(draw: random.Random, depth: int) -> Schema:
    least = draw.randrange(3)
    schema: Schema = {"type": "array", "items": _any(draw, depth + 1), "minItems": least}
    schema["maxItems"] = least + draw.randrange(3)
    if draw.random() < 0.2:
        front = [_any(draw, 3) for _ in range(draw.randrange(1, 3))]
        schema |= {"prefixItems": front, "items": False, "minItems": len(front), "maxItems": len(front)}
    return schema


def _choice(draw: random.Random, depth: int) -> Schema:
    if draw.random() < 0.5:
        return {"anyOf": [_any(draw, depth + 1) for _ in range(draw.randrange(2, 4))]}
    kinds = [{"kind": {"const": name}, "value": _any(draw, depth + 1)} for name in ("a", "b")]
    return {
        "oneOf": [
            {"type": "object", "properties": one, "required": ["kind", "value"], "additionalProperties": False}
            for one in kinds
        ]
    }
