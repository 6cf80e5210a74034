"""What a model answered about one page, as plain rows: JSON of a general model, the sample model's one form.

Nothing here is trusted yet: values are read and quotes are looked up elsewhere. What cannot be read is reported.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from app.text.fences import blocks
from model.messages import NOTHING, Message, msg

MAX_ROWS = 500
_SAMPLE = re.compile(r'(?P<value>.*?) \[page (?P<page>\d+): "(?P<quote>.*)"\]', re.DOTALL)
_LEADER = re.compile(r"(?:[-\u2022]\s+|\.{2,}\s*|[:=]\s*)+")
_NUMBER_STOP = re.compile(r"[\w/-]*\d[\w/-]*\.")
_DECODER = json.JSONDecoder()
NOT_THERE = "Not in the document."


@dataclass(frozen=True, slots=True)
class Said:
    """A row as it was written, and the words that it rests on."""

    values: dict[str, Any]
    quote: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """The data in an answer; ``problem`` is a sentence where not all of it could be read."""

    rows: tuple[Said, ...] = ()
    problem: Message = NOTHING


def parse_json_rows(answer: str, *, cut: bool) -> Parsed:
    """The rows of a JSON array (or of one object, or of several). Of a cut answer, the rows that are whole."""
    text = _data(answer)
    start = min((at for at in (text.find("["), text.find("{")) if at >= 0), default=-1)
    if start < 0:
        empty = not text.strip() or NOT_THERE in text
        return Parsed(
            problem=NOTHING
            if empty and not cut
            else msg("table.no-table", "The answer about this page was not a table.")
        )
    objects, whole = _objects(text, start)
    rows = tuple(Said({k: v for k, v in row.items() if k != "quote"}, _quote(row)) for row in objects[:MAX_ROWS])
    if cut or not whole:
        return Parsed(rows, msg("table.answer-cut", "The answer about this page was cut off; rows may be missing."))
    if len(objects) > MAX_ROWS:
        return Parsed(
            rows, msg("table.too-many-rows", "The answer about this page has too many rows; the rest was left out.")
        )
    return Parsed(rows)


def json_object(answer: str) -> dict[str, Any] | None:
    """The one JSON object of an answer, in a fence or not; ``None`` where there is none that is whole."""
    text = _data(answer)
    start = text.find("{")
    try:
        value, _ = _DECODER.raw_decode(text, start) if start >= 0 else (None, 0)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _data(answer: str) -> str:
    """What data is read from: the first fenced block that holds any, else all of the answer."""
    code = [block.text for block in blocks(answer) if block.kind == "code"]
    return next((text for text in (*code, answer) if "{" in text or "[" in text), next(iter(code), answer))


def _objects(text: str, start: int) -> tuple[list[dict[str, Any]], bool]:
    """The objects from ``start`` on, and whether everything could be read."""
    try:
        value, _ = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return _one_by_one(text, start), False
    if isinstance(value, dict):
        inner = [one for one in value.values() if isinstance(one, list) and one and isinstance(one[0], dict)]
        if len(value) == 1 and inner:  # {"rows": [...]}
            value = inner[0]
        else:
            return _one_by_one(text, start), True
    rows = [one for one in value if isinstance(one, dict)]
    return rows, len(rows) == len(value)


def _one_by_one(text: str, start: int) -> list[dict[str, Any]]:
    """All objects that are whole, whatever is between them."""
    found: list[dict[str, Any]] = []
    place = text.find("{", start)
    while place >= 0 and len(found) <= MAX_ROWS:
        try:
            value, place_after = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):
            place_after = place + 1
        else:
            found.append(value)
        place = text.find("{", place_after)
    return found


def _quote(row: dict[str, Any]) -> str:
    quote = row.get("quote", "")
    return " ".join(quote.split()) if isinstance(quote, str) else ""


def parse_sample_value(answer: str) -> tuple[str, str] | None:
    """(value, quote) of ``INV-1 [page 2: "Invoice number: INV-1"]``; ``None`` where it is not in the document.

    An answer in no known form is a value without a quote: it will stay unverified.
    """
    answer = answer.strip()
    if not answer or answer.rstrip(".").casefold() == NOT_THERE.rstrip(".").casefold():
        return None
    found = _SAMPLE.fullmatch(answer)
    if found is None:
        return _bare(answer.split(" [page ")[0]), ""
    return _bare(found["value"]), " ".join(found["quote"].split())


def _bare(value: str) -> str:
    """Without the bullet or the dots that lead to a value on the page, and the full stop behind a number."""
    value = _LEADER.sub("", value.strip()) or value.strip()
    return value[:-1] if _NUMBER_STOP.fullmatch(value) else value
