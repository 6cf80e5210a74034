"""An answer as it grows, for both of OpenAI's forms: words, thoughts, calls, counts, and how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from app.chat.growing import grown
from app.engine.model.tooling import Told
from app.server.errors import ApiError, of_message
from app.server.openai.functions import Calls, arguments_of
from app.server.openai.prompting import Asked
from app.server.openai.stops import Stopper
from app.server.queue import STREAM_S, ModelQueue
from model.types import Failed, Finished, TakenBack, TextDelta, ThoughtDelta, ToolCall, Usage


@dataclass(frozen=True, slots=True)
class Called:
    """A function that the model asks for. ``arguments`` is JSON."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Piece:
    """More of the answer."""

    thought: str = ""
    text: str = ""


class Growth:
    """Takes the engine's events; ``text`` and ``thought`` are the whole so far."""

    def __init__(self, stops: Sequence[str], calls: Calls) -> None:
        self.text = self.thought = ""
        self.call: Called | None = None
        self.end: Finished | None = None
        self.taken_back = False
        """Something that was sent no longer counts: the model only repeated itself."""
        self._stopper, self._calls = Stopper(stops), calls

    @property
    def stopped(self) -> bool:
        """Whether a stop sequence was found: no more is wanted."""
        return self._stopper.stopped

    def take(self, events: Sequence[Told]) -> Piece:
        """The new words of some events. Raises ``ApiError`` where the answer failed."""
        thought = text = ""
        for event in events:
            match event:
                case ThoughtDelta():
                    thought += event.text
                    self.thought += event.text
                case TextDelta():
                    sent = self._stopper.take(event.text)
                    text, self.text = text + sent, self.text + sent
                case TakenBack():
                    sent = self._stopper.rest()
                    text, self.text = text + sent, self.text + sent
                    self.text, self.thought = grown(self.text, self.thought, event)
                    self.taken_back = True
                case ToolCall():
                    self.call = Called(self._calls.add(event), event.name, arguments_of(event))
                case Finished():
                    sent = "" if self.taken_back else self._stopper.rest()
                    text, self.text = text + sent, self.text + sent
                    self.end = event
                case Failed(message):
                    raise of_message(message)
        return Piece(thought, text)

    @property
    def usage(self) -> Usage:
        """The counts."""
        return self.end.usage if self.end is not None else Usage(0, 0, 0)

    def finish_reason(self) -> str:
        """How it ended, in OpenAI's words. Raises ``ApiError`` where somebody stopped it."""
        reason = self.end.reason if self.end is not None else "stop"
        if self.stopped or reason == "repetition":
            return "stop"
        if reason == "tool":
            return "tool_calls" if self.call is not None else "stop"
        if reason == "cancelled":
            raise ApiError(503, "The answer was stopped in Lectern.", "cancelled.answer")
        return reason

    def lectern(self) -> dict[str, Any]:
        """What OpenAI's form has no place for."""
        if self.end is None:
            return {}
        timings = self.end.timings
        return {
            "ended": self.end.reason,
            "thinking_cut": self.end.thinking_cut,
            "prefill_s": round(timings.prefill_s, 4),
            "first_token_s": round(timings.first_token_s, 4),
            "tokens_per_s": round(timings.decode_tokens_per_s, 2),
        }


async def follow(
    queue: ModelQueue, asked: Asked, client: str, growth: Growth, *, stream: bool
) -> AsyncGenerator[Piece, None]:
    """The pieces of an answer; afterwards ``growth`` holds the whole. Raises ``ApiError``."""
    halt = asyncio.Event()
    events = queue.events(asked.request, client, None, STREAM_S if stream else 0.0, halt)
    async with aclosing(events):
        async for batch in events:
            piece = growth.take(batch)
            if growth.stopped:
                halt.set()
            if piece.text or piece.thought:
                yield piece
