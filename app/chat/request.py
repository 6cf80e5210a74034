"""Files and a conversation become one request to the engine.

The order is what makes a document resident: system text, then the files in the order they were attached,
then the questions and answers, the newest question last. Nothing before a point depends on what comes
after it, so a second question, or one more file, keeps the whole prefix. Each page, picture and frame is
a separate part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.chat.documents import document_parts
from app.chat.prompt_text import text_parts
from app.chat.prompts import SYSTEM
from app.ingest.types import Document
from model.types import Attached, ChatMessage, Part, Request, Sampling, TextPart, ToolSpec


@dataclass(frozen=True, slots=True)
class Turn:
    """A question, and its answer without thoughts; the answer of the newest question is still empty."""

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class AskOptions:
    """Options of an answer that apply to the whole request."""

    thinking: bool = False
    sampling: Sampling = field(default_factory=Sampling)
    max_new_tokens: int = 2048
    tools: tuple[ToolSpec, ...] = ()
    """The tools that the model may call; the same for every question of a conversation."""
    instructions: str = ""
    """The user's instructions for every answer of a conversation."""
    max_thinking_tokens: int = 8192
    """For thoughts; ``max_new_tokens`` is for the answer."""
    hears: bool = False
    """The model takes sound."""


def build_request(documents: Sequence[Document], turns: Sequence[Turn], options: AskOptions | None = None) -> Request:
    """The request for the last of ``turns`` about ``documents``."""
    if not turns:
        raise ValueError("a request needs a question")
    options = options or AskOptions()
    messages = [ChatMessage("system", (TextPart(SYSTEM), *_instructions(options.instructions)))]
    files = [
        (document, tuple(document_parts(number, document, hears=options.hears)))
        for number, document in enumerate(documents, 1)
    ]
    attached = tuple(Attached(document.content_hash, document.name, len(parts)) for document, parts in files)
    opening: tuple[Part, ...] = tuple(part for _, parts in files for part in parts)
    for turn in turns[:-1]:
        messages.append(ChatMessage("user", (*opening, *text_parts(turn.question.lstrip()))))
        # A question without an answer (stopped at once, or failed) still needs a turn of the model's after it.
        messages.append(
            ChatMessage("assistant", tuple(text_parts(turn.answer if turn.answer.strip() else "(no answer)")))
        )
        opening = ()
    messages.append(ChatMessage("user", (*opening, *text_parts(turns[-1].question.lstrip()))))
    return Request(
        tuple(messages),
        options.sampling,
        options.thinking,
        options.max_new_tokens,
        attached,
        options.tools,
        max_thinking_tokens=options.max_thinking_tokens,
    )


def _instructions(text: str) -> Iterator[TextPart]:
    """The user's own words, after the application's, which every conversation shares."""
    if text.strip():
        yield from text_parts(f"\n\nThe person's own instructions for this conversation:\n{text.strip()}")
