"""From a ``Constraint`` to a grammar of the library that follows it (llguidance), and what is refused. No torch.

A JSON schema is followed to the letter or refused with its reason: nothing in it is ever ignored. Between the marks of
JSON a blank may stand, or a line break with indentation: a model that is free to write blanks may never stop.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from model.errors import LecternError
from model.messages import Message, msg, plain
from model.types import Constraint

if TYPE_CHECKING:
    from llguidance._lib import JsonCompileOptions

MAX_LENGTH = 1 << 20
"""Characters of a schema or grammar."""
_BLANKS = r"([ ]|\n[ ]{0,32})"
_STRICT: JsonCompileOptions = {
    "whitespace_pattern": _BLANKS,
    "item_separator": ",",
    "key_separator": ":",
    "lenient": False,
    "coerce_one_of": False,
}
"""Also over what a schema says itself under ``x-guidance``: the library's own switches, which would loosen it."""
_TOKEN_REFERENCE = re.compile(r"can't validate <")
_LONGEST_REASON = 200


class ConstraintError(LecternError):
    """A constraint that cannot be followed. The message tells why, and nothing was read or written yet."""


def grammar_of(constraint: Constraint) -> str:
    """The library's grammar for ``constraint``. Raises ``ConstraintError``."""
    if len(constraint.text) > MAX_LENGTH:
        raise ConstraintError(
            msg(
                "constraint.too-long",
                "The schema or grammar for the answer is too long; the limit is {most} characters.",
                most=MAX_LENGTH,
            )
        )
    from llguidance import LLMatcher, grammar_from

    try:
        match constraint.kind:
            case "json_schema":
                return LLMatcher.grammar_from_json_schema(_object(constraint.text), overrides=_STRICT)
            case "regex":
                return LLMatcher.grammar_from_regex(constraint.text)
            case "lark" | "gbnf":
                return grammar_from(constraint.kind, constraint.text)
    except (ValueError, RecursionError) as error:
        raise refused(constraint, str(error) or type(error).__name__) from None
    raise ConstraintError(
        msg(
            "constraint.kind",
            "An answer cannot be restricted to a {kind}; use json_schema, regex, lark or gbnf.",
            kind=repr(constraint.kind),
        )
    )


def check(constraint: Constraint) -> None:
    """Raises ``ConstraintError`` where ``constraint`` cannot be followed, whatever the model."""
    from llguidance import LLMatcher, LLParserLimits

    wrong, remarks = LLMatcher.validate_grammar_with_warnings(
        grammar_of(constraint), limits=LLParserLimits(verbose_errors=False)
    )
    if wrong:
        raise refused(constraint, remarks[0])
    if any(_TOKEN_REFERENCE.search(remark) for remark in remarks):  # only a model's vocabulary could tell which
        raise ConstraintError(
            msg(
                "constraint.tokens",
                "The grammar names tokens of the model, such as <eos>; put text into quotation marks instead.",
            )
        )


def refused(constraint: Constraint, reason: str) -> ConstraintError:
    """The error for ``constraint``, with the library's ``reason``."""
    why = _one_line(reason)
    message = msg("constraint.grammar", "The grammar for the answer cannot be used: {why}. Correct it.", why=why)
    match constraint.kind:
        case "json_schema":
            message = msg(
                "constraint.schema", "The JSON schema for the answer cannot be used: {why}. Correct it.", why=why
            )
        case "regex":
            message = msg(
                "constraint.regex", "The regular expression for the answer cannot be used: {why}. Correct it.", why=why
            )
    return ConstraintError(message)


def _object(text: str) -> dict[str, Any]:
    schema = json.loads(text)
    if isinstance(schema, bool):  # {} and what nothing fits
        return {} if schema else {"not": {}}
    if not isinstance(schema, dict):
        raise ValueError("it is not an object")
    return schema


def _one_line(reason: str) -> Message:
    line = next((line.strip() for line in reason.splitlines() if line.strip()), "unknown")
    return plain(line[:_LONGEST_REASON].rstrip(". "))
