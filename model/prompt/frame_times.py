"""How the frames of a video are joined: as Gemma's own processor does, with a blank before each time but the first.

The sample model was trained with a line break there, and is worse with the blank; the note beside it records that,
and its prompts are put into that form here. The application writes one form only.
"""

from __future__ import annotations

import re
from dataclasses import replace

from model.types import ChatMessage, Part, PicturePart, Request, TextPart

LINES = {"frames": "lines"}
"""In the note of a model that was trained with a line for each frame."""
_TIME = re.compile(r" \d{2,}:\d{2} ")


def frames_on_lines(request: Request) -> Request:
    """``request`` with a line break before each frame's time."""
    return replace(request, messages=tuple(_on_lines(message) for message in request.messages))


def _on_lines(message: ChatMessage) -> ChatMessage:
    parts: list[Part] = []
    for before, part in zip((None, *message.parts), message.parts, strict=False):
        if isinstance(before, PicturePart) and isinstance(part, TextPart) and _TIME.fullmatch(part.text):
            part = TextPart(f"\n{part.text[1:]}")
        parts.append(part)
    return replace(message, parts=tuple(parts))
