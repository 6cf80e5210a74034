"""The request that a question becomes: its conversation's turns, its documents, and how they are to be answered."""

from __future__ import annotations

from app.chat.request import AskOptions, Turn, build_request
from app.chat.tools import offered
from app.ui.flights import Flight
from model.types import ModelInfo, Request


def request_of(
    flight: Flight,
    info: ModelInfo | None,
    max_new_tokens: int,
    max_thinking_tokens: int,
    *,
    thinking: bool,
    tools: bool,
) -> Request:
    """A question with all that the model needs to know. ``tools``: whether it may look closer by itself."""
    turns = [Turn(question, answer) for question, answer in flight.talk.history(flight.exchange)]
    options = AskOptions(
        thinking=thinking,
        max_new_tokens=max_new_tokens,
        max_thinking_tokens=max_thinking_tokens,
        instructions=flight.talk.instructions,
        tools=offered(info, flight.documents, tools),
    )
    return build_request(flight.documents, [*turns, Turn(flight.exchange.question)], options)
