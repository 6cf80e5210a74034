"""Text of any length as parts of a prompt."""

from __future__ import annotations

from collections.abc import Iterator

from model.types import TextPart

MAX_PART = 8000
"""Characters of one text part."""


def text_parts(text: str) -> Iterator[TextPart]:
    """``text`` in parts of bounded size, cut before a line break, else before a blank, where there is one.

    Turning a part into tokens holds Python's lock: one of many pages' length would stop the window. All line breaks
    and blanks at a cut go to the next part, since the model's tokens begin with them.
    """
    while len(text) > MAX_PART:
        stop = _gap(text, "\n") or _gap(text, " ") or MAX_PART
        yield TextPart(text[:stop])
        text = text[stop:]
    yield TextPart(text)


def _gap(text: str, mark: str) -> int:
    """Where the last gap with ``mark`` in it begins in the second half of a part; 0 where there is none."""
    found = text.rfind(mark, MAX_PART // 2, MAX_PART)
    start = len(text[:found].rstrip(" \n")) if found >= 0 else 0
    return start if start >= MAX_PART // 2 else 0
