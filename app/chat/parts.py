"""Work that goes through a file in parts, one request after the other: what every pass offers, and who drives it.

A pass gives the next request and takes the answer; it neither knows the model nor waits. ``go_through`` drives one in a
row, for the command line; the window has ``app.engine.passes.passing``, which puts one request at a time into the
model's queue, so that questions go between. Both turn events into answers by ``PartReader``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, Self

from app.chat.growing import grown
from model.cancel import Cancel
from model.messages import Message, msg
from model.types import Event, Failed, Finished, Reason, Request, TakenBack, TextDelta

NO_END = msg("model.no-end", "The model stopped without an answer; ask again.")


@dataclass(frozen=True, slots=True)
class Reply:
    """The model's answer to one request; ``cut``: it was stopped by the length limit; ``repeated``: by its loop."""

    text: str
    cut: bool = False
    repeated: bool = False

    @classmethod
    def ended(cls, text: str, reason: Reason) -> Self:
        """A reply that ended so."""
        return cls(text, cut=reason == "length", repeated=reason == "repetition")


class Pass(Protocol):
    """Work in parts. One thread at a time."""

    @property
    def failure(self) -> str | Message:
        """Why it cannot go on; empty while it can."""

    def next_request(self) -> Request | None:
        """The next request; ``None`` where nothing is left, or it cannot continue."""

    def grow(self, text: str) -> None:
        """The answer so far; it is not complete yet."""

    def take(self, reply: Reply) -> None:
        """The whole answer to the last request."""

    def fail(self, message: Message) -> None:
        """The last request ended in an error."""


Step = Literal["grown", "answered", "failed", "stopped"]
"""The outcome of the last request. After ``answered`` and ``failed`` the next one comes; ``stopped`` ends the pass."""


class PartReader:
    """Turns the events of one request after the other into what a pass takes."""

    def __init__(self, work: Pass) -> None:
        self.work = work
        self._text = ""

    def next_request(self) -> Request | None:
        """The next request to ask; ``None`` when the pass is finished."""
        self._text = ""
        return self.work.next_request()

    def take(self, event: Event) -> Step | None:
        """One more event of the request."""
        match event:
            case TextDelta() | TakenBack():
                self._text, _ = grown(self._text, "", event)
                self.work.grow(self._text)
                return "grown"
            case Finished(reason="cancelled"):
                return "stopped"
            case Finished(reason):
                self.work.take(Reply.ended(self._text, reason))
                return "answered"
            case Failed(message):
                self.work.fail(message)
                return "failed"
        return None


def go_through(
    work: Pass,
    generate: Callable[[Request, Cancel], Iterator[Event]],
    cancel: Cancel,
    asking: Callable[[], object] = lambda: None,
) -> Iterator[Step]:
    """Ask until nothing is left, the work cannot go on, or ``cancel`` is set; yields each step but ``grown``.

    ``asking`` is called before each request.
    """
    reader = PartReader(work)
    while not cancel.is_set() and (request := reader.next_request()) is not None:
        asking()
        outcome: Step | None = None
        for event in generate(request, cancel):
            step = reader.take(event)
            outcome = step if step not in (None, "grown") else outcome
        if outcome is None:
            work.fail(NO_END)
            outcome = "failed"
        yield outcome
        if outcome == "stopped":
            return
