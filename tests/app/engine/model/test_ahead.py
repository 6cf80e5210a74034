"""Pictures encoded ahead: only while there is nothing else to do, in the order wanted, broken off at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import paths
from app.engine.model.ahead import Coming, Wanted
from app.engine.model.bridge import EngineBridge
from app.library.model_ref import LocalFolder
from model.errors import CancelledError, LecternError
from model.messages import plain
from model.types import ChatMessage, Event, Failed, Finished, Picture, Request, TextPart
from tests.app.engine.scripted import Opener, ScriptedEngine, finished, question, until_cancelled


def wanted(*names: str, document: str = "d") -> tuple[Wanted, ...]:
    return tuple(Wanted(Picture(b"", 48, 48, 70, name), document) for name in names)


def request(text: str = "Hi") -> Request:
    return Request((ChatMessage("user", (TextPart(text),)),))


def script(asked: Request, cancel: threading.Event) -> Iterator[Event]:
    if question(asked) == "long":
        yield from until_cancelled(asked, cancel)
        return
    yield finished()


class Watched:
    """A bridge to a scripted engine, on which a picture takes until ``go`` or until it is broken off."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot, self.opener = qtbot, Opener(script)
        self.bridge = EngineBridge(self.opener)
        self.coming: list[Coming] = []
        self.ends: list[int] = []
        self.broken: list[str] = []
        self.go = threading.Event()
        self.go.set()
        self.bridge.preparing.connect(self.coming.append)
        self.bridge.event.connect(self._on_event)
        self.bridge.load(LocalFolder(Path("model")))
        qtbot.waitUntil(lambda: self.bridge.info is not None)
        self.engine.on_prepare = self._prepare

    def _on_event(self, number: int, event: Event) -> None:
        if isinstance(event, Finished | Failed):
            self.ends.append(number)

    def _prepare(self, picture: Picture, cancel: threading.Event | None) -> None:
        assert cancel is not None
        if picture.content_hash == "bad":
            raise LecternError(plain("It cannot be read."))
        while not self.go.wait(0.005):
            if cancel.is_set():
                self.broken.append(picture.content_hash)
                raise CancelledError(plain("stopped"))

    @property
    def engine(self) -> ScriptedEngine:
        return self.opener.opened[-1]

    @property
    def begun(self) -> list[str]:
        return [what for kind, what in self.engine.did if kind == "prepare"]

    def until(self, done: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(done)


@pytest.fixture
def watched(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    made = Watched(qtbot)
    yield made
    made.bridge.shutdown()
    assert not made.bridge.running


def test_pictures_are_encoded_in_their_order_and_counted_down(watched: Watched) -> None:
    watched.bridge.prepare((*wanted("a", "b"), *wanted("c", document="e")), 7)
    watched.until(lambda: bool(watched.coming) and not watched.coming[-1].left)
    assert watched.begun == ["a", "b", "c"]
    assert {one.asker for one in watched.coming} == {7}
    counts = [sum(dict(one.left).values()) for one in watched.coming]
    assert counts == sorted(counts, reverse=True)


def test_a_question_breaks_it_off_at_once_and_it_goes_on_after(watched: Watched) -> None:
    watched.go.clear()
    watched.bridge.prepare(wanted("a", "b"))
    watched.until(lambda: watched.begun == ["a"])
    number = watched.bridge.ask(request())
    watched.until(lambda: watched.ends == [number])
    assert watched.broken == ["a"] and watched.engine.asked == ["Hi"]
    watched.until(lambda: watched.begun == ["a", "a"])  # after what was read was saved
    assert watched.engine.did.index(("settle", "")) < watched.engine.did.index(("prepare", "a"), 1)
    watched.go.set()
    watched.until(lambda: watched.begun == ["a", "a", "b"])


def test_nothing_is_encoded_during_an_answer(watched: Watched) -> None:
    number = watched.bridge.ask(request("long"))
    watched.until(lambda: watched.engine.asked == ["long"])
    watched.bridge.prepare(wanted("a"))
    watched.bridge.preflight(request())
    assert watched.begun == []
    watched.bridge.stop(number)
    watched.until(lambda: watched.begun == ["a"])
    assert watched.engine.did.index(("preflight", "Hi")) < watched.engine.did.index(("prepare", "a"))


def test_a_preflight_breaks_it_off_too(watched: Watched) -> None:
    watched.go.clear()
    watched.bridge.prepare(wanted("a"))
    watched.until(lambda: watched.begun == ["a"])
    with watched.qtbot.waitSignal(watched.bridge.preflighted):
        watched.bridge.preflight(request())
    assert watched.broken == ["a"]


def test_what_comes_into_sight_goes_first(watched: Watched) -> None:
    watched.go.clear()
    watched.bridge.prepare(wanted("a", "b", "c"))
    watched.until(lambda: watched.begun == ["a"])
    watched.bridge.prepare(wanted("c", "a", "b"))
    watched.until(lambda: watched.begun == ["a", "c"])
    watched.bridge.prepare(wanted("c", "b"))  # the first one stays: it is not disturbed
    watched.go.set()
    watched.until(lambda: watched.begun == ["a", "c", "b"])
    assert watched.broken == ["a"]


def test_an_empty_list_ends_it(watched: Watched) -> None:
    watched.go.clear()
    watched.bridge.prepare(wanted("a", "b"), 1)
    watched.until(lambda: watched.begun == ["a"])
    watched.bridge.prepare((), 1)
    watched.until(lambda: watched.broken == ["a"])
    watched.go.set()
    with watched.qtbot.waitSignal(watched.bridge.preflighted):
        watched.bridge.preflight(request())
    assert watched.begun == ["a"]


def test_a_picture_that_cannot_be_read_is_passed_over(watched: Watched) -> None:
    watched.bridge.prepare(wanted("bad", "a"))
    watched.until(lambda: watched.begun == ["bad", "a"])


def test_windows_have_lists_of_their_own(watched: Watched) -> None:
    watched.go.clear()
    watched.bridge.prepare(wanted("a"), 1)
    watched.until(lambda: watched.begun == ["a"])
    watched.bridge.prepare(wanted("b"), 2)
    watched.until(lambda: watched.begun == ["a", "b"])
    watched.go.set()
    watched.until(lambda: watched.begun == ["a", "b", "a"])


def test_a_forgotten_document_is_not_made_again(watched: Watched) -> None:
    watched.go.clear()
    watched.bridge.prepare(wanted("a", "b"))
    watched.until(lambda: watched.begun == ["a"])
    watched.bridge.forget("d")
    watched.until(lambda: ("forget", "d") in watched.engine.did)
    watched.go.set()
    with watched.qtbot.waitSignal(watched.bridge.preflighted):
        watched.bridge.preflight(request())
    assert watched.begun == ["a"]


def test_the_end_does_not_wait_for_it(watched: Watched) -> None:
    watched.go.clear()
    watched.bridge.prepare(wanted("a", "b"))
    watched.until(lambda: watched.begun == ["a"])
    watched.bridge.shutdown()
    assert watched.broken == ["a"] and not watched.bridge.running
