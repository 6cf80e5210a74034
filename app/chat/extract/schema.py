"""What a pass over every page looks for: the columns of a table, as a small part of JSON Schema.

Understood are an object (or an array of such objects) with ``properties`` of the types string, number, integer,
boolean and date, with ``title``, ``description`` and ``enum``, and ``required``. ``"x-key": [names]`` tells which
columns tell one row from another. Everything else is refused with a sentence that names the column.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

from model.errors import LecternError
from model.messages import msg

ColumnType = Literal["string", "number", "integer", "boolean", "date"]
TYPES: tuple[ColumnType, ...] = get_args(ColumnType)
MAX_COLUMNS = 30
MAX_NAME = 60
MAX_WORDS = 400
MAX_CHOICES = 100
MAX_BYTES = 200_000
_ROOT = {"$schema", "$id", "type", "title", "description", "properties", "required", "additionalProperties", "x-key"}
_COLUMN = {"type", "title", "description", "enum", "format", "examples"}
_NAME = re.compile(r"[^\W\d]\w*( ?[\w.-]+)*")


class SchemaError(LecternError):
    """The schema cannot be used. The message gives the place and what would be valid."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the results, what a value is, and what to look for."""

    name: str
    type: ColumnType = "string"
    description: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    title: str = ""

    @property
    def label(self) -> str:
        """The name in plain words: ``invoice_number`` is the invoice number."""
        return self.title or " ".join(re.sub(r"([a-z])([A-Z])", r"\1 \2", self.name.replace("_", " ")).split()).lower()


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns in order, and those that tell one row from another; none: all of them together."""

    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    def loosened(self, names: Sequence[str]) -> Schema:
        """The same columns, these of them no longer required."""
        return replace(
            self, columns=tuple(replace(one, required=False) if one.name in names else one for one in self.columns)
        )

    def as_json(self) -> dict[str, Any]:
        """The schema again, as it can be saved and edited."""
        properties = {}
        for column in self.columns:
            about: dict[str, Any] = {"type": "string" if column.type == "date" else column.type}
            if column.type == "date":
                about["format"] = "date"
            if column.title:
                about["title"] = column.title
            if column.description:
                about["description"] = column.description
            if column.choices:
                about["enum"] = list(column.choices)
            properties[column.name] = about
        found: dict[str, Any] = {"type": "object", "properties": properties}
        required = [column.name for column in self.columns if column.required]
        return found | ({"required": required} if required else {}) | ({"x-key": list(self.key)} if self.key else {})


def parse_schema_text(text: str) -> Schema:
    """A schema out of JSON text. Raises ``SchemaError``."""
    if len(text) > MAX_BYTES:
        raise SchemaError(msg("schema.too-long", "The schema is too long."))
    try:
        raw = json.loads(text)
    except RecursionError:
        raise SchemaError(msg("schema.too-deep", "The schema is nested too deeply.")) from None
    except json.JSONDecodeError as error:
        raise SchemaError(
            msg(
                "schema.not-json",
                "The schema is not JSON: line {line}, column {column}.",
                line=error.lineno,
                column=error.colno,
            )
        ) from None
    return parse_schema(raw)


def parse_schema(raw: object) -> Schema:
    """A schema out of plain data. Raises ``SchemaError``."""
    if not isinstance(raw, dict):
        raise SchemaError(msg("schema.not-an-object", "The schema must be a JSON object with “properties”."))
    if raw.get("type") == "array":
        if not isinstance(raw.get("items"), dict):
            raise SchemaError(msg("schema.array-items", "An array needs “items” that describe one row."))
        return parse_schema(raw["items"])
    if raw.get("type", "object") != "object":
        raise SchemaError(
            msg(
                "schema.root-type", "The schema must be of the type “object”: one row, with a property for each column."
            )
        )
    strange = sorted(set(map(str, raw)) - _ROOT)
    if strange:
        raise SchemaError(msg("schema.unsupported-word", "“{word}” is not supported in a schema.", word=strange[0]))
    properties = raw.get("properties")
    if not isinstance(properties, dict) or not properties:
        raise SchemaError(msg("schema.no-columns", "The schema has no columns; name at least one in “properties”."))
    if len(properties) > MAX_COLUMNS:
        raise SchemaError(
            msg("schema.too-many-columns", "The schema has too many columns; the limit is {most}.", most=MAX_COLUMNS)
        )
    required = _names(raw, "required", properties)
    columns = tuple(_column(name, about, name in required) for name, about in properties.items())
    return make_schema(columns, _names(raw, "x-key", properties))


def make_schema(columns: Sequence[Column], key: Sequence[str] = ()) -> Schema:
    """A schema of these columns. Raises ``SchemaError`` where two have one name."""
    if not columns:
        raise SchemaError(msg("schema.no-columns", "The schema has no columns; name at least one in “properties”."))
    seen: set[str] = set()
    for column in columns:
        check_name(column.name)
        if column.name.casefold() in seen:
            raise SchemaError(msg("schema.same-name", "Two columns are called “{name}”.", name=column.name))
        seen.add(column.name.casefold())
    return Schema(tuple(columns), tuple(key))


def check_name(name: str) -> None:
    """Raises ``SchemaError`` where a column cannot be called so."""
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME:
        raise SchemaError(
            msg(
                "schema.bad-name",
                "“{name}” cannot be a column name; use only letters, digits, “_” and spaces.",
                name=name[:MAX_NAME],
            )
        )
    if name.casefold() in ("quote", "page", "time"):
        raise SchemaError(
            msg("schema.reserved-name", "Every table already has a column “{name}”; choose another name.", name=name)
        )


def _names(raw: dict[str, Any], word: str, properties: dict[str, Any]) -> tuple[str, ...]:
    given = raw.get(word, [])
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise SchemaError(msg("schema.not-a-list", "“{word}” must be a list of column names.", word=word))
    for name in given:
        if name not in properties:
            raise SchemaError(
                msg("schema.unknown-column", "“{word}” names “{name}”, which is not a column.", word=word, name=name)
            )
    return tuple(dict.fromkeys(given))


def _column(name: object, about: object, required: bool) -> Column:
    name = str(name)
    if not isinstance(about, dict):
        raise SchemaError(
            msg("schema.column-not-an-object", "The column “{name}” must be an object with a “type”.", name=name)
        )
    strange = sorted(set(map(str, about)) - _COLUMN)
    if strange:
        raise SchemaError(
            msg(
                "schema.unsupported-in-column",
                "“{word}” is not supported in the column “{name}”.",
                word=strange[0],
                name=name,
            )
        )
    kind = _type(name, about)
    words = {}
    for word in ("title", "description"):
        value = about.get(word, "")
        if not isinstance(value, str) or len(value) > MAX_WORDS:
            raise SchemaError(
                msg(
                    "schema.not-a-text",
                    "The “{word}” of the column “{name}” must be a short text.",
                    word=word,
                    name=name,
                )
            )
        words[word] = " ".join(value.split())
    return Column(name, kind, words["description"], required, _choices(name, kind, about), words["title"])


def _type(name: str, about: dict[str, Any]) -> ColumnType:
    given = about.get("type", "string")
    if isinstance(given, list):  # ["string", "null"]: a cell may always be empty
        rest = [one for one in given if one != "null"]
        given = rest[0] if len(rest) == 1 else None
    if given == "string" and about.get("format") in ("date", "date-time"):
        return "date"
    if given not in TYPES:
        raise SchemaError(
            msg(
                "schema.column-type",
                "The column “{name}” is of a type that a table cannot hold; use one of {types}.",
                name=name,
                types=", ".join(TYPES),
            )
        )
    return cast(ColumnType, given)


def _choices(name: str, kind: ColumnType, about: dict[str, Any]) -> tuple[str, ...]:
    given = about.get("enum", [])
    usable = isinstance(given, list) and all(isinstance(one, str) and one.strip() for one in given)
    if not usable or len(given) > MAX_CHOICES or (given and kind != "string") or ("enum" in about and not given):
        raise SchemaError(
            msg(
                "schema.enum",
                "The “enum” of the column “{name}” must be a list of strings, and its type must be “string”.",
                name=name,
            )
        )
    return tuple(dict.fromkeys(" ".join(one.split()) for one in given))
