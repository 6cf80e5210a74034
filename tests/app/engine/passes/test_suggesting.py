"""Columns chosen by a model behind the window: over the real bridge, with a scripted model."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.chat.extract.schema import Schema
from app.engine.model.bridge import EngineBridge
from app.engine.passes.suggesting import Suggesting
from app.library.model_ref import SampleModel
from model.messages import plain
from model.types import Event, Failed, Finished, Request, TextDelta
from tests.app.engine.scripted import Opener, finished, until_cancelled

ANSWER = '{"type": "object", "properties": {"order_number": {"type": "string"}, "total": {"type": "number"}}}'


class Model:
    """Answers in two pieces; a test may let it wait, fail or be cut off."""

    def __init__(self) -> None:
        self.how = "answer"
        self.entered = threading.Event()
        self.requests: list[Request] = []

    def __call__(self, request: Request, cancel: threading.Event) -> Iterator[Event]:
        self.requests.append(request)
        self.entered.set()
        match self.how:
            case "wait":
                yield from until_cancelled(request, cancel)
            case "fail":
                yield Failed(plain("Broken."))
            case _:
                yield TextDelta(ANSWER[:30])
                yield TextDelta(ANSWER[30:])
                yield finished()


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def bridge(qtbot: QtBot, model: Model) -> Iterator[EngineBridge]:
    bridge = EngineBridge(Opener(model))
    bridge.load(SampleModel())
    qtbot.waitUntil(lambda: bridge.info is not None, timeout=10_000)
    assert bridge.info is not None and not Suggesting(bridge).start("orders")  # the scripted engine is a sample model
    bridge.info = replace(bridge.info, sample=False)
    yield bridge
    bridge.shutdown()


def until(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(condition, timeout=10_000)


def watched(suggesting: Suggesting) -> list[Schema]:
    found: list[Schema] = []
    suggesting.chosen.connect(found.append)
    return found


def test_columns_come(bridge: EngineBridge, qtbot: QtBot, model: Model) -> None:
    suggesting = Suggesting(bridge)
    found = watched(suggesting)
    assert suggesting.start("orders with number and total") and suggesting.running
    until(qtbot, lambda: bool(found))
    assert [column.name for column in found[0].columns] == ["order_number", "total"] and not suggesting.running
    assert 0 < model.requests[0].max_new_tokens <= 400


def test_nothing_comes_of_a_failure(bridge: EngineBridge, qtbot: QtBot, model: Model) -> None:
    model.how = "fail"
    suggesting = Suggesting(bridge)
    found = watched(suggesting)
    assert suggesting.start("orders")
    until(qtbot, lambda: not suggesting.running)
    assert not found


def test_stopped_it_lets_the_next_question_in(bridge: EngineBridge, qtbot: QtBot, model: Model) -> None:
    model.how = "wait"
    suggesting = Suggesting(bridge)
    found = watched(suggesting)
    ends: list[tuple[int, Event]] = []
    bridge.event.connect(lambda number, event: ends.append((number, event)) if isinstance(event, Finished) else None)
    assert suggesting.start("orders")
    until(qtbot, model.entered.is_set)
    suggesting.stop()
    assert not suggesting.running
    until(qtbot, lambda: bool(ends))
    model.how = "answer"
    assert suggesting.start("orders with number and total")
    until(qtbot, lambda: bool(found))
    assert len(found) == 1


def test_nobody_is_asked_without_a_question_or_a_model(bridge: EngineBridge, qtbot: QtBot, model: Model) -> None:
    suggesting = Suggesting(bridge)
    assert not suggesting.start("  ")
    bridge.unload()
    until(qtbot, lambda: bridge.info is None)
    assert not suggesting.start("orders") and not model.requests
