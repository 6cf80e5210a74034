"""A model's thread that hangs: noticed, waited for, replaced; and never where it works or rests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.engine.model.bridge import EngineBridge
from app.engine.model.queue import RESTARTED
from app.engine.model.watchdog import Watchdog
from app.library.model_ref import LocalFolder, SampleModel
from app.library.settings import Settings
from app.session.conversation import Stage
from app.ui.window.main_window import MainWindow
from model.types import Event, Failed, Request, TextDelta
from tests.app.engine.scripted import ScriptedEngine, finished, question
from tests.fakes import FakeReadingBridge


class Hanging:
    """Opens engines of which the first one hangs in a call that looks at nothing, when it is asked to."""

    def __init__(self) -> None:
        self.hangs, self.released = threading.Event(), threading.Event()
        self.opened: list[ScriptedEngine] = []

    def __call__(self, folder: Path | None, *_: object) -> ScriptedEngine:
        self.opened.append(ScriptedEngine(self.script))
        return self.opened[-1]

    def script(self, request: Request, cancel: threading.Event) -> Iterator[Event]:
        yield TextDelta("It says ")
        if question(request) == "hang" and not self.hangs.is_set():
            self.hangs.set()
            self.released.wait()
        yield TextDelta("this.")
        yield finished()


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    made = Hanging()
    yield made
    made.released.set()


def make_bridge(opener: Callable[..., ScriptedEngine]) -> EngineBridge:
    return EngineBridge(opener, tick_ms=10, patience=5)


def until_stuck(qtbot: QtBot, bridge: EngineBridge, hanging: Hanging) -> None:
    """In the call that hangs. On a busy machine its opening, too, may give no sign for five ticks."""
    said: list[str] = []
    bridge.stuck.connect(lambda: said.append("stuck"))
    bridge.recovered.connect(lambda: said.append("recovered"))
    qtbot.waitUntil(hanging.hangs.is_set)
    bridge.wait_longer()
    said.clear()
    qtbot.waitUntil(lambda: said[-1:] == ["stuck"])


def test_it_counts_signs_and_not_time(qtbot: QtBot) -> None:
    sign: list[int | None] = [0]
    dog = Watchdog(lambda: sign[0], tick_ms=10_000, patience=3)
    said: list[str] = []
    dog.stuck.connect(lambda: said.append("stuck"))
    dog.recovered.connect(lambda: said.append("recovered"))
    for number in range(20):  # works
        sign[0] = number
        dog._tick()
    assert said == []
    for _ in range(10):  # hangs: said once
        dog._tick()
    assert said == ["stuck"]
    dog.wait_longer()
    for _ in range(3):
        dog._tick()
    assert said == ["stuck", "stuck"]
    sign[0] = None  # done after all
    for _ in range(20):
        dog._tick()
    assert said == ["stuck", "stuck", "recovered"]


def test_a_thread_that_hangs_is_replaced_and_what_was_asked_fails(qtbot: QtBot, hanging: Hanging) -> None:
    bridge = make_bridge(hanging)
    events: list[tuple[int, object]] = []
    bridge.event.connect(lambda number, event: events.append((number, event)))
    bridge.load(LocalFolder(Path("m")))
    first = bridge.ask(_asks("hang"))
    until_stuck(qtbot, bridge, hanging)
    second = bridge.ask(_asks("waits"))
    with qtbot.waitSignal(bridge.loaded, timeout=60_000):
        bridge.restart()
    failed = {number: event.message for number, event in events if isinstance(event, Failed)}
    assert failed == {first: RESTARTED, second: RESTARTED}
    third = bridge.ask(_asks("hang"))
    qtbot.waitUntil(lambda: events[-1] == (third, finished()), timeout=60_000)
    before = list(events)
    hanging.released.set()  # it comes back: nobody hears of it, and it gives back what it held
    qtbot.waitUntil(lambda: hanging.opened[0].closed, timeout=60_000)
    bridge.shutdown()
    assert events == before and not bridge.running


def test_one_that_goes_on_after_all_is_told(qtbot: QtBot, hanging: Hanging) -> None:
    bridge = make_bridge(hanging)
    bridge.load(SampleModel())
    bridge.ask(_asks("hang"))
    until_stuck(qtbot, bridge, hanging)
    with qtbot.waitSignal(bridge.recovered, timeout=60_000):
        hanging.released.set()
    bridge.shutdown()


def test_the_window_says_so_and_goes_on_with_another_thread(qtbot: QtBot, hanging: Hanging) -> None:
    bridge = make_bridge(hanging)
    window = MainWindow(engine=bridge, reading=FakeReadingBridge(), settings=Settings())
    try:
        window.show()
        window.model.load(LocalFolder(Path("m")))
        strip, talk = window.talk.stuck, window.asking.conversation
        assert not strip.isVisible()
        window.composer.set_text("hang")
        window.composer.send_button.click()
        qtbot.waitUntil(lambda: hanging.hangs.is_set() and strip.isVisible(), timeout=60_000)
        assert "has not responded" in strip.text
        strip.wait_button.click()
        assert not strip.isVisible()
        qtbot.waitUntil(strip.isVisible, timeout=60_000)
        strip.restart_button.click()
        assert not strip.isVisible()
        first = talk.last
        assert first is not None
        qtbot.waitUntil(lambda: first.stage.over, timeout=60_000)
        assert (first.stage, first.error, first.answer) == (Stage.FAILED, RESTARTED, "It says ")
        qtbot.waitUntil(lambda: window.model.ready, timeout=60_000)
        window.composer.set_text("hang")
        window.composer.send_button.click()
        qtbot.waitUntil(lambda: talk.last is not first and talk.last.stage is Stage.DONE, timeout=60_000)
        assert talk.last is not None and talk.last.answer == "It says this."
    finally:
        hanging.released.set()
        window.close()
        window.deleteLater()


def _asks(words: str) -> Request:
    from model.types import ChatMessage, TextPart

    return Request((ChatMessage("user", (TextPart(words),)),))
