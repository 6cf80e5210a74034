"""What the answers of a pass are held to: rows under a schema made from the columns, and the sample model's one form.

No key but ``quote`` has to be there: a model that must give a value makes one up where the page has none. Which columns
are required is looked at afterwards.
"""

from __future__ import annotations

import json
from typing import Any

from app.chat.extract.answers import NOT_THERE
from app.chat.extract.schema import Column, Schema
from model.types import Constraint

_MOST_QUOTED = 600
_LETTERS = r"\p{L}\p{N}_"


def rows_constraint(schema: Schema) -> Constraint:
    """A JSON array of rows: the quotation, then the columns in their order, each only where there is a value."""
    quote = {"type": "string", "maxLength": _MOST_QUOTED}
    properties = {"quote": quote} | {column.name: _value(column) for column in schema.columns}
    row = {"type": "object", "properties": properties, "required": ["quote"], "additionalProperties": False}
    return _json({"type": "array", "items": row})


def columns_constraint(most: int, longest_name: int) -> Constraint:
    """A schema of one row as JSON: 1 to ``most`` columns, with names of at most ``longest_name`` letters."""
    about = {
        "type": "object",
        "properties": {
            "type": {"enum": ["string", "number", "integer", "boolean"]},
            "format": {"const": "date"},
            "description": {"type": "string", "maxLength": 200},
        },
        "required": ["type"],
        "additionalProperties": False,
    }
    names = f"^[\\p{{L}}_][{_LETTERS}]{{0,{longest_name - 1}}}$"
    columns = {
        "type": "object",
        "patternProperties": {names: about},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": most,
    }
    properties = {"type": {"const": "object"}, "properties": columns}
    return _json(
        {
            "type": "object",
            "properties": properties,
            "required": ["type", "properties"],
            "additionalProperties": False,
        }
    )


def value_constraint(page: int) -> Constraint:
    """The sample model's form for a value on this page, or that there is none."""
    return Constraint("regex", rf'{NOT_THERE[:-1]}\.|[^\[\n]+ \[page {page}: "[^\n]+"\]')


def _value(column: Column) -> dict[str, Any]:
    if column.choices:
        return {"enum": list(column.choices)}
    return {"type": "string" if column.type == "date" else column.type}


def _json(schema: dict[str, Any]) -> Constraint:
    return Constraint("json_schema", json.dumps(schema, ensure_ascii=False))
