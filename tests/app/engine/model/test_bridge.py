"""The bridge to the model: order, batching, stopping, loading, failures, and its end."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.engine.model.bridge import EngineBridge
from app.engine.model.queue import NO_MODEL
from app.library.model_ref import LocalFolder, SampleModel
from model.errors import CheckpointError
from model.messages import plain
from model.types import (
    ChatMessage,
    Event,
    Failed,
    Finished,
    LoadProgress,
    PrefillProgress,
    Request,
    TextDelta,
    TextPart,
    ThoughtDelta,
)
from tests.app.engine.scripted import Opener, Script, finished, question, until_cancelled

Make = Callable[..., "Watched"]


class Watched:
    """A bridge, and everything that it has said."""

    def __init__(self, opener: Opener) -> None:
        self.opener = opener
        self.bridge = EngineBridge(opener)
        self.events: list[tuple[int, Event]] = []
        self.news: list[tuple[str, Any]] = []
        self.bridge.event.connect(lambda request_id, event: self.events.append((request_id, event)))
        self.bridge.loading.connect(lambda progress: self.news.append(("loading", progress)))
        self.bridge.loaded.connect(lambda info: self.news.append(("loaded", info.name)))
        self.bridge.load_failed.connect(lambda message: self.news.append(("failed", str(message))))
        self.bridge.unloaded.connect(lambda: self.news.append(("unloaded", None)))

    def ends(self) -> list[tuple[int, Event]]:
        return [(number, event) for number, event in self.events if isinstance(event, Finished | Failed)]

    def text(self, request_id: int) -> str:
        return "".join(e.text for number, e in self.events if number == request_id and isinstance(e, TextDelta))


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Make]:
    made: list[Watched] = []

    def build(script: Script = until_cancelled, *, load: bool = True, **options: Any) -> Watched:
        watched = Watched(Opener(script, **options))
        made.append(watched)
        if load:
            watched.bridge.load(LocalFolder(Path("model")))
            qtbot.waitUntil(lambda: watched.bridge.info is not None)
        return watched

    yield build
    for watched in made:
        watched.opener.gate.set()
        watched.bridge.shutdown()
        assert not watched.bridge.running


def request(text: str = "Hi") -> Request:
    return Request((ChatMessage("user", (TextPart(text),)),))


def echo(asked: Request, cancel: threading.Event) -> Iterator[Event]:
    yield TextDelta(question(asked))
    yield finished()


def test_loading_tells_progress_then_the_model(make: Make) -> None:
    watched = make()
    assert watched.news[-1] == ("loaded", "model")
    assert watched.news[0][0] == "loading"
    assert watched.opener.threads == {"lectern-model"}


def test_requests_are_answered_in_order(make: Make, qtbot: QtBot) -> None:
    watched = make(echo)
    ids = [watched.bridge.ask(request(f"q{n}")) for n in range(20)]
    qtbot.waitUntil(lambda: len(watched.ends()) == 20)
    assert [number for number, _ in watched.ends()] == ids == sorted(set(ids))
    assert [watched.text(number) for number in ids] == [f"q{n}" for n in range(20)]


def test_asking_before_the_model_is_loaded_waits_for_it(make: Make, qtbot: QtBot) -> None:
    watched = make(echo, load=False, gated=True)
    watched.bridge.load(SampleModel())
    number = watched.bridge.ask(request("early"))
    watched.opener.gate.set()
    qtbot.waitUntil(lambda: len(watched.ends()) == 1)
    assert watched.text(number) == "early"


def test_asking_without_a_model_fails_with_a_sentence(make: Make, qtbot: QtBot) -> None:
    watched = make(load=False)
    number = watched.bridge.ask(request())
    qtbot.waitUntil(lambda: bool(watched.events))
    assert watched.events == [(number, Failed(NO_MODEL))]


def test_text_is_batched_and_whole_and_in_order(make: Make, qtbot: QtBot) -> None:
    def script(asked: Request, cancel: threading.Event) -> Iterator[Event]:
        for n in range(3000):
            yield PrefillProgress(n, 3000, 0)
        for n in range(500):
            yield ThoughtDelta(f"t{n} ")
        for n in range(5000):
            yield TextDelta(f"{n} ")
        yield finished()

    watched = make(script)
    number = watched.bridge.ask(request())
    qtbot.waitUntil(lambda: bool(watched.ends()))
    thoughts = "".join(e.text for _, e in watched.events if isinstance(e, ThoughtDelta))
    assert watched.text(number) == "".join(f"{n} " for n in range(5000))
    assert thoughts == "".join(f"t{n} " for n in range(500))
    assert isinstance(watched.events[-1][1], Finished)
    kinds = [type(event) for _, event in watched.events]
    assert kinds == sorted(kinds, key=[PrefillProgress, ThoughtDelta, TextDelta, Finished].index)
    assert len(watched.events) < 1000, "8,500 events should have been merged"


def test_a_slow_stream_is_handed_out_as_it_comes(make: Make, qtbot: QtBot) -> None:
    go_on = threading.Event()

    def script(asked: Request, cancel: threading.Event) -> Iterator[Event]:
        yield TextDelta("first")
        assert go_on.wait(30)
        yield TextDelta(" second")
        yield finished()

    watched = make(script)
    number = watched.bridge.ask(request())
    qtbot.waitUntil(lambda: watched.text(number) == "first")
    assert not watched.ends()
    go_on.set()
    qtbot.waitUntil(lambda: bool(watched.ends()))
    assert watched.text(number) == "first second"


def test_stop_a_running_request(make: Make, qtbot: QtBot) -> None:
    watched = make()
    number = watched.bridge.ask(request())
    qtbot.waitUntil(lambda: watched.opener.opened[0].asked == ["Hi"])
    watched.bridge.stop(number)
    qtbot.waitUntil(lambda: bool(watched.ends()))
    assert watched.ends() == [(number, finished("cancelled"))]


def test_stop_a_waiting_request_leaves_the_others(make: Make, qtbot: QtBot) -> None:
    watched = make()
    first, second, third = (watched.bridge.ask(request(text)) for text in "abc")
    qtbot.waitUntil(lambda: watched.opener.opened[0].asked == ["a"])
    watched.bridge.stop(second)
    qtbot.waitUntil(lambda: [number for number, _ in watched.ends()] == [second])
    watched.bridge.stop(first)
    qtbot.waitUntil(lambda: watched.opener.opened[0].asked == ["a", "c"])
    watched.bridge.stop(third)
    qtbot.waitUntil(lambda: len(watched.ends()) == 3)
    assert all(isinstance(e, Finished) and e.reason == "cancelled" for _, e in watched.ends())


def test_stop_all(make: Make, qtbot: QtBot) -> None:
    watched = make()
    ids = {watched.bridge.ask(request()) for _ in range(4)}
    watched.bridge.stop()
    qtbot.waitUntil(lambda: {number for number, _ in watched.ends()} == ids)


def test_stop_of_nothing_is_harmless(make: Make, qtbot: QtBot) -> None:
    watched = make(echo)
    watched.bridge.stop(99)
    watched.bridge.stop()
    number = watched.bridge.ask(request("still here"))
    qtbot.waitUntil(lambda: bool(watched.ends()))
    watched.bridge.stop(number)
    assert watched.text(number) == "still here"


def test_another_model_stops_the_answer_and_takes_the_waiting_ones(make: Make, qtbot: QtBot) -> None:
    def script(asked: Request, cancel: threading.Event) -> Iterator[Event]:
        return (until_cancelled if question(asked) == "long" else echo)(asked, cancel)

    watched = make(script)
    running, waiting = watched.bridge.ask(request("long")), watched.bridge.ask(request("short"))
    qtbot.waitUntil(lambda: watched.opener.opened[0].asked == ["long"])
    watched.bridge.load(LocalFolder(Path("other")))
    assert watched.bridge.info is None
    qtbot.waitUntil(lambda: len(watched.ends()) == 2)
    assert watched.ends() == [(running, finished("cancelled")), (waiting, finished())]
    assert [engine.closed for engine in watched.opener.opened] == [True, False]
    assert watched.opener.opened[1].asked == ["short"]
    assert watched.bridge.info is not None and watched.bridge.info.name == "other"


def test_a_newer_load_replaces_one_under_way_without_a_word(make: Make, qtbot: QtBot) -> None:
    watched = make(load=False, gated=True)
    watched.bridge.load(LocalFolder(Path("first")))
    assert watched.opener.entered.wait(30)
    watched.bridge.load(LocalFolder(Path("second")))
    watched.bridge.load(LocalFolder(Path("third")))
    watched.opener.gate.set()
    qtbot.waitUntil(lambda: watched.bridge.info is not None)
    assert [news for news in watched.news if news[0] != "loading"] == [("loaded", "third")]


def test_unload_stops_a_load_and_says_so_once(make: Make, qtbot: QtBot) -> None:
    watched = make(load=False, gated=True)
    watched.bridge.load(LocalFolder(Path("first")))
    assert watched.opener.entered.wait(30)
    watched.bridge.unload()
    qtbot.waitUntil(lambda: ("unloaded", None) in watched.news)
    assert [kind for kind, _ in watched.news if kind != "loading"] == ["unloaded"]
    assert watched.bridge.info is None


def test_unload_closes_the_model(make: Make, qtbot: QtBot) -> None:
    watched = make()
    watched.bridge.unload()
    qtbot.waitUntil(lambda: ("unloaded", None) in watched.news)
    assert watched.opener.opened[0].closed


def test_a_load_that_fails_gives_its_sentence_and_another_may_follow(make: Make, qtbot: QtBot) -> None:
    watched = make(echo, load=False)
    watched.opener.error = CheckpointError(plain("This is not a model; choose another."))
    watched.bridge.load(LocalFolder(Path("bad")))
    qtbot.waitUntil(lambda: ("failed", "This is not a model; choose another.") in watched.news)
    watched.opener.error = None
    watched.bridge.load(LocalFolder(Path("good")))
    qtbot.waitUntil(lambda: watched.bridge.info is not None)


@pytest.mark.parametrize("error", [RuntimeError("boom"), MemoryError(), KeyboardInterrupt(), SystemExit(3)])
def test_an_unexpected_error_while_loading_is_a_sentence_and_a_log_entry(
    make: Make, qtbot: QtBot, caplog: pytest.LogCaptureFixture, error: BaseException
) -> None:
    watched = make(load=False)
    watched.opener.error = error
    with caplog.at_level(logging.ERROR):
        watched.bridge.load(LocalFolder(Path("odd")))
        qtbot.waitUntil(lambda: watched.news[-1:] != [] and watched.news[-1][0] == "failed")
    sentence = watched.news[-1][1]
    assert "boom" not in sentence and sentence.endswith(".")
    assert caplog.records[-1].exc_info is not None
    assert watched.bridge.running


def test_an_unexpected_error_in_an_answer_ends_it_once_and_the_thread_lives_on(
    make: Make, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    def script(asked: Request, cancel: threading.Event) -> Iterator[Event]:
        if question(asked) == "bad":
            yield TextDelta("half")
            raise ZeroDivisionError("inside")
        yield from echo(asked, cancel)

    watched = make(script)
    bad, good = watched.bridge.ask(request("bad")), watched.bridge.ask(request("good"))
    qtbot.waitUntil(lambda: len(watched.ends()) == 2)
    (first, failure), (second, end) = watched.ends()
    assert (first, second) == (bad, good)
    assert isinstance(failure, Failed) and "inside" not in str(failure.message)
    assert isinstance(end, Finished)
    assert watched.text(bad) == "half"
    assert any(r.exc_info and r.exc_info[0] is ZeroDivisionError for r in caplog.records)


def test_an_engine_that_ends_without_a_word_is_a_failure(make: Make, qtbot: QtBot) -> None:
    watched = make(lambda asked, cancel: iter([TextDelta("a")]))
    watched.bridge.ask(request())
    qtbot.waitUntil(lambda: bool(watched.ends()))
    assert isinstance(watched.ends()[0][1], Failed)


def test_nothing_comes_after_the_end(make: Make, qtbot: QtBot) -> None:
    watched = make(lambda asked, cancel: iter([finished(), TextDelta("late"), finished()]))
    watched.bridge.ask(request())
    watched.bridge.ask(request())
    qtbot.waitUntil(lambda: len(watched.ends()) == 2)
    assert len(watched.events) == 2


@pytest.mark.parametrize("when", ["never started", "idle", "loading", "answering", "waiting"])
def test_shutdown_ends_the_thread_soon_and_every_request(make: Make, qtbot: QtBot, when: str) -> None:
    watched = make(load=when in ("idle", "answering", "waiting"), gated=when == "loading")
    asked = set()
    if when == "loading":
        watched.bridge.load(LocalFolder(Path("slow")))
        assert watched.opener.entered.wait(30)
    if when in ("answering", "waiting"):
        asked = {watched.bridge.ask(request()) for _ in range(1 if when == "answering" else 3)}
        qtbot.waitUntil(lambda: watched.opener.opened[0].asked == ["Hi"])
    started = time.monotonic()
    watched.bridge.shutdown()
    assert time.monotonic() - started < 10  # of the 15 that it waits at most
    assert not watched.bridge.running
    assert {number for number, _ in watched.ends()} == asked
    assert all(engine.closed for engine in watched.opener.opened)


def test_after_the_shutdown_nothing_starts_again(make: Make) -> None:
    watched = make(load=False)
    watched.bridge.shutdown()
    watched.bridge.load(SampleModel())
    watched.bridge.ask(request())
    watched.bridge.stop()
    watched.bridge.unload()
    watched.bridge.shutdown()
    assert not watched.bridge.running
    assert watched.opener.threads == set()


def test_a_receiver_that_asks_again_at_once_keeps_the_order(make: Make, qtbot: QtBot) -> None:
    watched = make(echo)
    seen: list[str] = []

    def on_event(number: int, event: Event) -> None:
        if isinstance(event, TextDelta):
            seen.append(event.text)
        elif len(seen) < 5:
            watched.bridge.ask(request(f"q{len(seen)}"))

    watched.bridge.event.connect(on_event)
    watched.bridge.ask(request("q0"))
    qtbot.waitUntil(lambda: len(watched.ends()) == 5)
    assert seen == ["q0", "q1", "q2", "q3", "q4"]


def test_progress_of_loading_is_merged_to_the_newest(make: Make) -> None:
    watched = make()
    assert watched.news[-2] == ("loading", LoadProgress(plain("Opening"), 1, 2))
