"""What the model asked the application to do while it answered, as an answer shows it and history keeps it. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from app.chat.evidence.places import Place
from model.messages import NOTHING, Message


@dataclass(frozen=True, slots=True)
class ToolUse:
    """One call of a tool, and what came of it.

    ``name`` and ``arguments`` are as the model wrote them (a JSON object); ``words`` put it for the user, as in
    "Looked closer at page 3 of contract.pdf"; ``place`` is where a click leads; ``error`` is one sentence where the
    call was refused or went wrong.
    """

    name: str
    arguments: str
    words: Message
    place: Place | None = None
    error: Message = NOTHING
