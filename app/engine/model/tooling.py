"""An answer in which the model may use functions: as many rounds as it takes, one answer for the receiver.

Runs on the thread that owns the model, in the same place in the queue: nothing else is asked between a call and its
result, so the KV cache is where the call ended. Files are rendered by a separate reading process, started at
the first look and ended with ``close``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from app.chat.tools.declared import MAX_CALLS, Looker, calls_left, refused, run_call
from app.chat.tools.uses import ToolUse
from app.ingest.types import Document
from model.cancel import Cancel
from model.errors import CancelledError
from model.messages import msg
from model.types import (
    Event,
    Failed,
    Finished,
    Part,
    Reason,
    Request,
    TextDelta,
    Timings,
    ToolCall,
    ToolStep,
    Usage,
)

MAX_REFUSED = 2
"""A model that keeps asking after it was told to answer is stopped."""
LEAST_ANSWER = 256
"""Tokens that are left for an answer behind a call, and for thoughts, however much was written before."""
Generate = Callable[[Request, Cancel], Iterator[Event]]
Told = Event | ToolUse


class ClosableLooker(Looker, Protocol):
    """A ``Looker`` with a process to end."""

    def close(self) -> None:
        """End the reading process."""
        ...


def _open_reader() -> ClosableLooker:
    from app.ingest.read.reader import Reader

    return Reader()


class Tooling:
    """Owns the reading process for the model's own looks."""

    def __init__(self, open_looker: Callable[[], ClosableLooker] = _open_reader) -> None:
        self._open = open_looker
        self._looker: ClosableLooker | None = None

    def answer(
        self, generate: Generate, request: Request, documents: Sequence[Document], cancel: Cancel
    ) -> Iterator[Told]:
        """The events of ``request`` with all its rounds, and a ``ToolUse`` for each call; one end, as without calls."""
        totals, spoke = _Totals(), _Spoken()
        while True:
            call: ToolCall | None = None
            waits = False
            for event in generate(request, cancel):
                match event:
                    case Finished():
                        totals.add(event)
                        waits = event.reason == "tool" and call is not None
                        break  # whatever came behind it would belong to nobody
                    case Failed():
                        yield event
                        return
                    case ToolCall():
                        call = event
                        yield event
                    case TextDelta():
                        yield spoke.take(event)
                    case _:
                        yield event
            if totals.last is None:
                return
            if not waits or call is None:
                yield totals.end()
                return
            if len(request.steps) >= MAX_CALLS + MAX_REFUSED:
                yield _never_answers()
                return
            try:
                use, parts = self._result(call, len(request.steps), documents, cancel)
            except CancelledError:
                yield totals.end("cancelled")
                return
            if use is not None:
                yield use
            thought = totals.last.usage.thinking_tokens
            totals.last, spoke.apart = None, True
            request = replace(
                request,
                steps=(*request.steps, ToolStep(call, parts)),
                max_new_tokens=max(LEAST_ANSWER, request.max_new_tokens - (len(call.written) - thought)),
                max_thinking_tokens=max(LEAST_ANSWER, request.max_thinking_tokens - thought),
            )

    def close(self) -> None:
        """End the reading process and remove its pictures."""
        looker, self._looker = self._looker, None
        if looker is not None:
            looker.close()

    def _result(
        self, call: ToolCall, made: int, documents: Sequence[Document], cancel: Cancel
    ) -> tuple[ToolUse | None, tuple[Part, ...]]:
        if made >= MAX_CALLS:
            return None, refused()
        if self._looker is None:
            self._looker = self._open()
        outcome = run_call(call, documents, self._looker, cancel)
        return outcome.use, calls_left(outcome.parts, MAX_CALLS - made - 1)


def _never_answers() -> Failed:
    return Failed(
        msg(
            "model.never-answers",
            "The model kept calling tools instead of answering; ask again, or turn tools off in the settings.",
        )
    )


@dataclass
class _Spoken:
    """The model's text around a call is in two paragraphs."""

    anything: bool = False
    apart: bool = False

    def take(self, delta: TextDelta) -> TextDelta:
        if self.apart and self.anything:
            delta = TextDelta("\n\n" + delta.text.lstrip())
        self.apart = False
        self.anything = self.anything or bool(delta.text.strip())
        return delta


@dataclass
class _Totals:
    """The ends of all rounds as one: what was read counts once, and so does what was written."""

    last: Finished | None = None
    fresh: int = 0
    answered: int = 0
    thought: int = 0
    thinking_cut: bool = False
    drafted: int = 0
    accepted: int = 0
    prefill_s: float = 0.0
    first_token_s: float = 0.0
    decode_s: float = 0.0

    def add(self, end: Finished) -> None:
        usage, timings = end.usage, end.timings
        self.last = end
        self.fresh += usage.prompt_tokens - usage.reused_tokens
        self.answered += usage.answer_tokens
        self.thought += usage.thinking_tokens
        self.thinking_cut = self.thinking_cut or end.thinking_cut
        self.drafted += usage.drafted_tokens
        self.accepted += usage.accepted_tokens
        self.prefill_s += timings.prefill_s
        self.first_token_s = self.first_token_s or timings.first_token_s
        if timings.decode_tokens_per_s > 0:
            self.decode_s += usage.answer_tokens / timings.decode_tokens_per_s

    def end(self, reason: Reason | None = None) -> Finished:
        assert self.last is not None
        prompt = self.last.usage.prompt_tokens
        speed = self.answered / self.decode_s if self.decode_s > 0 else 0.0
        return Finished(
            reason=reason or self.last.reason,
            usage=Usage(prompt, max(0, prompt - self.fresh), self.answered, self.drafted, self.accepted, self.thought),
            timings=Timings(self.prefill_s, self.first_token_s, speed),
            thinking_cut=self.thinking_cut,
        )
