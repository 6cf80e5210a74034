"""Messages to the user: an English template, the values in it, and a code that programs can rely on.

A message is made once, where something happens, and put into the user's language where it is shown
(``app.i18n.translated``); ``str()`` gives the English. It is plain data, for threads, pipes and files.

    raise IngestError(msg("file.empty", "The file is empty; download it again."))
    msg("disk.full", "The disk of {path} is full; free some space.", path=folder)
    msg_n("pdf.attached", "The PDF has an attached file.", "The PDF has {n} attached files.", count)

Templates are literals with ``{name}`` places. ``packaging/translate.py`` collects them for the translators and into the
catalogue that messages from other processes are checked against. A code is unique and stays the same when the wording
changes; it names a subject and its problem, joined by a dot: ``file.empty``.

Numbers are written by the rules of the language, so counts and sizes are passed as numbers. What only looks like a
number, such as the number of a page, is passed as text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

JOINED = "joined"
"""The code of several messages in a row."""
PLAIN = "plain"
"""The code of a text that is in no catalogue: an operating system's, or one that was stored as text."""

_PLACE = re.compile(r"\{(\w+)\}")
_DEEPEST = 4
_MOST_VALUES = 16
_LONGEST = 4000
_LARGEST = 1e18


@dataclass(frozen=True, slots=True)
class Message:
    """A template, its values by name, and its code. Without a template there is nothing to tell, and it is false.

    ``singular`` is the English template for one thing where the value ``n`` counts things. A value may be a message.
    """

    template: str = ""
    values: tuple[tuple[str, Value], ...] = ()
    code: str = ""
    singular: str = ""

    def __bool__(self) -> bool:
        return bool(self.template)

    def __str__(self) -> str:
        return self.written(lambda message: message.english, english_number)

    @property
    def english(self) -> str:
        """The English template that fits the number of things."""
        return self.singular if self.singular and self.count == 1 else self.template

    @property
    def count(self) -> int | None:
        """How many things a message with a plural is about; otherwise ``None``."""
        number = dict(self.values).get("n")
        return int(number) if self.singular and isinstance(number, int | float) else None

    @property
    def cause(self) -> str:
        """The code to report to programs: of several messages in a row the first one's."""
        if self.code == JOINED:
            return next((value.cause for _, value in self.values if isinstance(value, Message)), PLAIN)
        return self.code or PLAIN

    def written(self, template_of: Callable[[Message], str], number: Callable[[int | float], str]) -> str:
        """The text: ``template_of`` chooses the template for a message, ``number`` writes numbers."""
        values = dict(self.values)

        def value(place: re.Match[str]) -> str:
            found = values.get(place[1], place[0])
            if isinstance(found, Message):
                return found.written(template_of, number)
            return found if isinstance(found, str) else number(found)

        return _PLACE.sub(value, template_of(self))


Value = str | int | float | Message

NOTHING = Message()
"""The message that tells nothing."""


def msg(code: str, template: str, /, **values: object) -> Message:
    """A message. Values are numbers, messages, or are turned into text."""
    return Message(template, _values(values), code)


def msg_n(code: str, one: str, many: str, n: int, /, **values: object) -> Message:
    """A message about ``n`` things, which is also its value ``n``."""
    return Message(many, _values({"n": n, **values}), code, one)


def plain(text: object) -> Message:
    """A text that is not translated."""
    return Message("{text}", (("text", str(text)),), PLAIN) if str(text) else Message()


def joined(*messages: Message) -> Message:
    """Several sentences in a row, as one message."""
    parts: list[Message] = []
    for one in messages:
        inside = [value for _, value in one.values if isinstance(value, Message)]
        parts += inside if one.code == JOINED else [one] if one else []
    if len(parts) == 1:
        return parts[0]
    template = " ".join(f"{{{number}}}" for number in range(1, len(parts) + 1))
    return Message(template, tuple((str(number), part) for number, part in enumerate(parts, 1)), JOINED)


def places(template: str) -> set[str]:
    """The names of a template's places."""
    return set(_PLACE.findall(template))


def english_number(value: float) -> str:
    """With separators between thousands; a fraction with at most one digit."""
    if isinstance(value, int) or (math.isfinite(value) and value == int(value)):
        return f"{int(value):,}"
    return f"{value:,.1f}"


def record(told: Message) -> dict[str, Any]:
    """A message as JSON data, for a pipe or a file."""
    values = {name: record(value) if isinstance(value, Message) else value for name, value in told.values}
    found: dict[str, Any] = {"code": told.code, "template": told.template, "values": values}
    return found | {"singular": told.singular} if told.singular else found


def from_record(data: object, depth: int = 0) -> Message:
    """The message that was stored. Text, as older versions stored it, is a plain message.

    Raises ``ValueError`` for data that is no message: a wrong type, values that are missing, too many or too deep.
    """
    if isinstance(data, str):
        return plain(data)
    if not isinstance(data, dict) or depth > _DEEPEST:
        raise ValueError("not a message")
    code, template, values = data.get("code"), data.get("template"), data.get("values")
    singular = data.get("singular", "")
    if not all(isinstance(text, str) and len(text) <= _LONGEST for text in (code, template, singular)):
        raise ValueError("a message's code or template is not a short text")
    if not isinstance(values, dict) or len(values) > _MOST_VALUES:
        raise ValueError("a message's values are not a small object")
    if set(values) != places(str(template)) | places(str(singular)) | ({"n"} if singular else set()):
        raise ValueError("a message's values are not those of its template")
    taken = tuple((name, _value(value, depth)) for name, value in values.items())
    return Message(str(template), taken, str(code), str(singular))


def to_text(told: Message) -> str:
    """A message as one text, for a column of a database; an empty one for an empty message."""
    return json.dumps(record(told), ensure_ascii=False) if told else ""


def from_text(text: str) -> Message:
    """The message that was stored as a text; any other text, as older versions stored it, is a plain message."""
    try:
        return from_record(json.loads(text)) if text.startswith("{") else plain(text)
    except (ValueError, RecursionError):
        return plain(text)


def _value(value: object, depth: int) -> Value:
    if isinstance(value, str) and len(value) <= _LONGEST:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST:  # NaN is not less
        return value
    if isinstance(value, dict):
        return from_record(value, depth + 1)
    raise ValueError("a message's value is neither a short text nor a number nor a message")


def _values(values: Mapping[str, object]) -> tuple[tuple[str, Value], ...]:
    return tuple(
        (name, value if isinstance(value, int | float | Message) and not isinstance(value, bool) else str(value))
        for name, value in values.items()
    )
