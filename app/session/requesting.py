"""The request that a question becomes: its conversation's turns, its documents, and how they are to be answered."""

from __future__ import annotations

from dataclasses import replace

from app.chat.request import AskOptions, Turn, build_request
from app.chat.tools.declared import offered
from app.session.in_flight import Flight
from model.types import ModelInfo, Request


def request_of(flight: Flight, info: ModelInfo | None, options: AskOptions, tools: bool) -> Request:
    """A question with all that the model needs to know. ``tools``: whether it may look closer by itself."""
    turns = [Turn(question, answer) for question, answer in flight.talk.history(flight.exchange)]
    told = replace(options, instructions=flight.talk.instructions, tools=offered(info, flight.documents, tools))
    return build_request(flight.documents, [*turns, Turn(flight.exchange.question)], told)
