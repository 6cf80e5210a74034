"""Columns chosen by the model: one short request for a JSON schema, and an answer that is used only where it is one.

What comes back must be a small part of what ``extract_schema`` reads: at most eight columns with a name, a type and
perhaps a description. Anything else is no answer, and the columns read out of the question's own words stay.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.chat.extract.answers import json_object
from app.chat.extract.held import columns_constraint
from app.chat.extract.questions import MOST
from app.chat.extract.schema import Schema, SchemaError, parse_schema
from app.chat.parts import Reply
from model.messages import NOTHING, Message
from model.types import ChatMessage, ModelInfo, Request, Sampling, TextPart

SUGGEST_TOKENS = 400
MAX_QUESTION = 1000
_MOST_NAME = 40
_ABOUT = {"type", "format", "description", "title"}

SUGGEST_SYSTEM = """\
You are Lectern. You turn a request for a table into the columns of that table, as a JSON schema of one row.

- Answer with one JSON object and nothing else: {"type": "object", "properties": {...}}.
- One property for each column that the request asks for, at most 8, in its order. Add no others, and none for \
the file, the page or a quotation: every table has those.
- Names are short, in the language of the request, in lower case with "_" between words: "invoice_number".
- "type" is "string", "number", "integer" or "boolean"; a date is {"type": "string", "format": "date"}. Amounts of \
money are numbers; numbers that only name something, such as an invoice number, are strings.
- Write a "description" of a few words only where the name does not say what to look for.

Request: all invoices with number, date and total
{"type": "object", "properties": {"invoice_number": {"type": "string"}, "date": {"type": "string", "format": "date"}, \
"total": {"type": "number"}}}"""


def can_suggest(info: ModelInfo | None) -> bool:
    """Whether the model can be asked: the sample model was not trained to."""
    return info is not None and not info.sample


def suggest_request(question: str) -> Request:
    """The request for the columns of ``question``."""
    asked = " ".join(question.split())[:MAX_QUESTION]
    messages = (
        ChatMessage("system", (TextPart(SUGGEST_SYSTEM),)),
        ChatMessage("user", (TextPart(f"Request: {asked}"),)),
    )
    held = columns_constraint(MOST, _MOST_NAME)
    return Request(messages, Sampling(temperature=0.0), max_new_tokens=SUGGEST_TOKENS, constraint=held)


@dataclass
class ColumnChoice:
    """One request, and the columns that came of it; ``None`` where it was not answered with any. A ``Pass``."""

    question: str
    schema: Schema | None = None
    failure: Message = NOTHING
    _asked: bool = False

    def next_request(self) -> Request | None:
        """The only request of this pass; ``None`` once it was returned."""
        if self._asked:
            return None
        self._asked = True
        return suggest_request(self.question)

    def grow(self, text: str) -> None:
        """A part of a schema is none."""

    def take(self, reply: Reply) -> None:
        """Read the suggested columns from the answer."""
        self.schema = parse_suggestion(reply.text)

    def fail(self, message: Message) -> None:
        """There will be no columns from the model."""
        self.failure = message


def parse_suggestion(answer: str) -> Schema | None:
    """The columns that were answered; ``None`` where the answer is not a schema of at most eight columns.

    None of them is required, whatever was answered: a row without such a value would be left out.
    """
    found = json_object(answer)
    properties = found.get("properties") if found is not None else None
    if found is None or not isinstance(properties, dict) or not 0 < len(properties) <= MOST:
        return None
    if any(not isinstance(about, dict) or set(about) - _ABOUT for about in properties.values()):
        return None
    if any(len(name) > _MOST_NAME for name in properties) or found.keys() - {"type", "properties", "required"}:
        return None
    try:
        return parse_schema({"type": found.get("type", "object"), "properties": properties})
    except SchemaError:
        return None
