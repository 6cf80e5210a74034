"""A pass behind the window comes to the same as one in a row, and leaves room for questions."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from app.chat.parts import NO_END, go_through
from app.engine.passes.passing import Passing
from model.types import Failed, TextDelta
from tests.app.chat.test_parts import Letters, engine
from tests.app.engine.scripted import finished, question
from tests.fakes import FakeEngineBridge


def answer(bridge: FakeEngineBridge) -> None:
    """What the scripted engine says to the newest request."""
    events = list(engine(bridge.requests[-1], threading.Event()))
    for event in events or [Failed(NO_END)]:
        bridge.say(event)


@pytest.mark.parametrize("letters", ["abc", "axlr", "xxb", "asb", ""])
def test_it_comes_to_the_same_as_one_in_a_row(qtbot: QtBot, letters: str) -> None:
    plain, windows = Letters(list(letters)), Letters(list(letters))
    steps = list(go_through(plain, engine, threading.Event()))
    bridge = FakeEngineBridge()
    passing, told, ended = Passing(bridge), [], []  # type: ignore[var-annotated]
    passing.stepped.connect(told.append)
    passing.ended.connect(ended.append)
    passing.start(windows)
    while passing.running:
        answer(bridge)
    assert windows == plain
    assert [step for step in told if step != "grown"] == steps
    assert ended == ["stopped" if "stopped" in steps else "failed" if plain.failure else "done"]


def test_one_request_at_a_time_and_nothing_is_heard_after_leaving(qtbot: QtBot) -> None:
    bridge, work = FakeEngineBridge(), Letters(list("abc"))
    passing = Passing(bridge)  # type: ignore[arg-type]
    ended: list[str] = []
    passing.ended.connect(ended.append)
    passing.start(work)
    assert [question(request) for request in bridge.requests] == ["a"]
    answer(bridge)
    assert [question(request) for request in bridge.requests] == ["a", "b"]
    bridge.say(TextDelta("B"))
    passing.leave()
    assert bridge.stops == [2] and not passing.running
    bridge.say(finished("cancelled"))
    assert not ended and len(work.replies) == 1 and work.left == ["c"]


def test_who_hears_of_a_step_may_begin_anew(qtbot: QtBot) -> None:
    bridge, first, second = FakeEngineBridge(), Letters(list("ab")), Letters(list("c"))
    passing = Passing(bridge)  # type: ignore[arg-type]
    ended: list[str] = []
    passing.ended.connect(ended.append)
    passing.stepped.connect(lambda step: passing.start(second) if step == "answered" and not second.replies else None)
    passing.start(first)
    answer(bridge)
    assert [question(request) for request in bridge.requests] == ["a", "c"]
    answer(bridge)
    assert ended == ["done"] and first.left == ["b"] and len(second.replies) == 1
