"""Going through a file in parts: what is asked, what is taken, and what ends it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from app.chat.parts import Reply, go_through
from model.messages import Message, msg
from model.types import ChatMessage, Event, Failed, Request, TakenBack, TextDelta, TextPart
from tests.app.engine.scripted import finished, question


@dataclass
class Letters:
    """A pass over letters, which gives up at the second error."""

    left: list[str]
    failure: str = ""
    seen: list[str] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def next_request(self) -> Request | None:
        if self.failure or not self.left:
            return None
        return Request((ChatMessage("user", (TextPart(self.left.pop(0)),)),))

    def grow(self, text: str) -> None:
        self.seen.append(text)

    def take(self, reply: Reply) -> None:
        self.replies.append(reply)

    def fail(self, message: Message) -> None:
        self.errors.append(str(message))
        self.failure = str(message) if len(self.errors) > 1 else ""


def engine(request: Request, cancel: threading.Event) -> Iterator[Event]:
    """Answers a letter with its capital; ``x`` fails, ``s`` is stopped, ``n`` ends without a word."""
    letter = question(request)
    if letter == "x":
        yield Failed(msg("test.broke", "It broke."))
    elif letter == "s":
        yield TextDelta("S")
        yield finished("cancelled")
    elif letter != "n":
        yield TextDelta(letter.upper() + "...")
        yield TakenBack(3, 0)
        yield finished({"l": "length", "r": "repetition"}.get(letter, "stop"))


def test_every_part_is_asked_and_its_whole_answer_taken() -> None:
    work, asked = Letters(list("alr")), []
    steps = list(go_through(work, engine, threading.Event(), lambda: asked.append(len(work.replies))))
    assert steps == ["answered"] * 3 and asked == [0, 1, 2]
    assert work.replies == [Reply("A"), Reply("L", cut=True), Reply("R", repeated=True)]
    assert work.seen[:2] == ["A...", "A"]


@pytest.mark.parametrize(
    ("letters", "steps", "left"),
    [
        ("axb", ["answered", "failed", "answered"], []),
        ("xxb", ["failed", "failed"], ["b"]),
        ("nab", ["failed", "answered", "answered"], []),
        ("asb", ["answered", "stopped"], ["b"]),
    ],
)
def test_errors_are_told_and_a_stop_ends_it(letters: str, steps: list[str], left: list[str]) -> None:
    work = Letters(list(letters))
    assert list(go_through(work, engine, threading.Event())) == steps
    assert work.left == left
    assert all(work.errors) and len(work.errors) == steps.count("failed")


def test_nothing_is_asked_once_it_is_cancelled() -> None:
    work, cancel = Letters(list("abc")), threading.Event()
    for _ in go_through(work, engine, cancel):
        cancel.set()
    assert work.left == ["b", "c"]
