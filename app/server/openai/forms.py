"""The form that an answer has to have: a JSON schema, an expression or a grammar, in the names of several servers."""

from __future__ import annotations

import json
import re
from typing import Any

from app.server.errors import ApiError
from app.server.openai import bodies
from app.server.reading import Documents
from model.constraint.grammar import check
from model.types import Constraint


async def constraint_for(
    documents: Documents,
    form: bodies.ResponseFormat | None,
    structured: bodies.Structured | None = None,
    grammar: str | None = None,
) -> Constraint | None:
    """``constraint_of`` on another thread; most requests want none, and do not wait for one."""
    if (form is None or form.type == "text") and structured is None and grammar is None:
        return None
    return await documents.run(lambda: constraint_of(form, structured, grammar))


def constraint_of(
    form: bodies.ResponseFormat | None,
    structured: bodies.Structured | None = None,
    grammar: str | None = None,
) -> Constraint | None:
    """What the engine is to hold the answer to. Raises ``ApiError``, ``LecternError``; takes a moment."""
    found = [one for one in (_of_format(form), *_of_structured(structured)) if one is not None]
    if grammar is not None:
        found.append(Constraint("gbnf", grammar))
    if len(found) > 1:
        words = "An answer can have only one form: a response_format, a grammar, or one of structured_outputs."
        raise ApiError(400, words, "several_forms", param="response_format")
    for one in found:
        check(one)
        return one
    return None


def _of_format(form: bodies.ResponseFormat | None) -> Constraint | None:
    if form is None or form.type == "text":
        return None
    if form.type == "json_object":
        return Constraint("json_schema", '{"type": "object"}')
    if form.json_schema is None or form.json_schema.schema_ is None:
        words = "response_format: A json_schema needs its schema."
        raise ApiError(400, words, "no_schema", param="response_format.json_schema.schema")
    return Constraint("json_schema", _text(form.json_schema.schema_))


def _of_structured(structured: bodies.Structured | None) -> list[Constraint]:
    if structured is None:
        return []
    found = []
    if structured.json_ is not None:
        schema = structured.json_
        found.append(Constraint("json_schema", schema if isinstance(schema, str) else _text(schema)))
    if structured.regex is not None:
        found.append(Constraint("regex", structured.regex))
    if structured.grammar is not None:
        found.append(Constraint("lark", structured.grammar))
    if structured.choice is not None:
        found.append(Constraint("regex", "|".join(re.escape(one) for one in structured.choice)))
    return found


def _text(schema: dict[str, Any]) -> str:
    try:
        return json.dumps(schema, ensure_ascii=False)
    except (ValueError, RecursionError):
        raise ApiError(400, "The schema is nested too deeply.", "schema", param="response_format") from None
