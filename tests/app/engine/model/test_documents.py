"""The bridge and documents that stay: costs, pinning, forgetting, and saving in quiet moments."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import paths
from app.engine.model import kept
from app.engine.model.bridge import EngineBridge
from app.engine.model.opening import cache_settings
from app.engine.model.queue import NO_MODEL
from app.library.model_ref import LocalFolder
from app.library.settings import Settings
from model.engine.rates import Rates
from model.synthetic.writing import write_checkpoint
from model.types import ChatMessage, Event, Failed, Finished, Preflight, Request, TextDelta, TextPart
from tests.app.engine.scripted import Opener, ScriptedEngine, cancelled, finished, question, until_cancelled


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    return tmp_path


def request(text: str = "Hi") -> Request:
    return Request((ChatMessage("user", (TextPart(text),)),))


def script(asked: Request, cancel: threading.Event) -> Iterator[Event]:
    if question(asked) == "long":
        yield from until_cancelled(asked, cancel)
        return
    yield TextDelta("a")
    yield finished()


class Watched:
    def __init__(self) -> None:
        self.opener = Opener(script)
        self.bridge = EngineBridge(self.opener)
        self.costs: list[tuple[int, Preflight | Failed]] = []
        self.moved = 0
        self.ends: list[int] = []
        self.bridge.preflighted.connect(lambda number, found: self.costs.append((number, found)))
        self.bridge.residency_changed.connect(self._on_moved)
        self.bridge.event.connect(self._on_event)

    def _on_moved(self) -> None:
        self.moved += 1

    def _on_event(self, number: int, event: Event) -> None:
        if isinstance(event, Finished | Failed):
            self.ends.append(number)

    @property
    def engine(self) -> ScriptedEngine:
        return self.opener.opened[-1]

    @property
    def did(self) -> list[tuple[str, str]]:
        return self.engine.did

    def settled(self) -> int:
        return self.did.count(("settle", ""))


Make = Callable[..., Watched]


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Make]:
    made: list[Watched] = []

    def build(load: bool = True) -> Watched:
        watched = Watched()
        made.append(watched)
        if load:
            watched.bridge.load(LocalFolder(Path("model")))
            qtbot.waitUntil(lambda: watched.bridge.info is not None)
        return watched

    yield build
    for watched in made:
        watched.bridge.shutdown()
        assert not watched.bridge.running


def test_what_a_request_would_cost_is_said(make: Make, qtbot: QtBot) -> None:
    watched = make()
    number = watched.bridge.preflight(request("four"))
    qtbot.waitUntil(lambda: bool(watched.costs))
    ((said, found),) = watched.costs
    assert said == number and isinstance(found, Preflight) and found.prompt_tokens == 4


@pytest.mark.parametrize(
    ("load", "text", "sentence"), [(True, "broken", "cannot be measured"), (False, "x", str(NO_MODEL))]
)
def test_costs_that_cannot_be_said_are_a_sentence(
    make: Make, qtbot: QtBot, load: bool, text: str, sentence: str
) -> None:
    watched = make(load)
    watched.bridge.preflight(request(text))
    qtbot.waitUntil(lambda: bool(watched.costs))
    found = watched.costs[0][1]
    assert isinstance(found, Failed) and sentence in str(found.message)


def test_costs_wait_for_answers_and_only_the_newest_counts(make: Make, qtbot: QtBot) -> None:
    watched = make()
    running = watched.bridge.ask(request("long"))
    qtbot.waitUntil(lambda: watched.engine.asked == ["long"])
    for text in ("a", "b"):
        watched.bridge.preflight(request(text))
    newest = watched.bridge.preflight(request("c"))
    watched.bridge.ask(request("next"))
    watched.bridge.stop(running)
    qtbot.waitUntil(lambda: bool(watched.costs))
    assert [number for number, _ in watched.costs] == [newest]
    assert watched.engine.asked == ["long", "next"]
    assert [what for what in watched.did if what[0] == "preflight"] == [("preflight", "c")]


def test_each_window_has_a_newest_question_of_its_own(make: Make, qtbot: QtBot) -> None:
    watched = make()
    running = watched.bridge.ask(request("long"))
    qtbot.waitUntil(lambda: watched.engine.asked == ["long"])
    wanted = [watched.bridge.preflight(request(text), asker) for text, asker in (("a", 1), ("b", 2), ("c", 2))]
    watched.bridge.stop(running)
    qtbot.waitUntil(lambda: len(watched.costs) == 2)
    assert [number for number, _ in watched.costs] == [wanted[0], wanted[2]]


def test_documents_are_pinned_unloaded_and_forgotten_in_order(make: Make, qtbot: QtBot) -> None:
    watched = make()
    watched.bridge.pin("k", True)
    watched.bridge.pin("k", False)
    watched.bridge.unload_document("k")
    watched.bridge.forget("k")
    qtbot.waitUntil(lambda: len(watched.did) == 4 and watched.moved > 0)
    assert watched.did == [("pin", "k"), ("unpin", "k"), ("unload", "k"), ("forget", "k")]


def test_after_an_answer_what_was_read_is_saved_once(make: Make, qtbot: QtBot) -> None:
    watched = make()
    watched.bridge.ask(request("one"))
    qtbot.waitUntil(lambda: watched.settled() == 1)
    watched.bridge.preflight(request("x"))
    qtbot.waitUntil(lambda: bool(watched.costs))
    assert watched.settled() == 1, "nothing new was read"
    qtbot.waitUntil(lambda: watched.moved >= 1)


@pytest.mark.parametrize("job", ["ask", "preflight", "pin"])
def test_saving_is_broken_off_by_a_job_and_goes_on_afterwards(make: Make, qtbot: QtBot, job: str) -> None:
    watched = make()
    begun, broken = threading.Event(), threading.Event()

    def slow(cancel: threading.Event | None) -> None:
        begun.set()
        if not broken.is_set():
            assert cancelled(cancel), "nobody broke it off"
            broken.set()

    watched.engine.on_settle = slow
    watched.bridge.ask(request("one"))
    assert begun.wait(30)
    {
        "ask": lambda: watched.bridge.ask(request("two")),
        "preflight": lambda: watched.bridge.preflight(request("two")),
        "pin": lambda: watched.bridge.pin("k", True),
    }[job]()
    qtbot.waitUntil(lambda: watched.settled() == 2)
    assert broken.is_set()


def test_at_the_end_what_was_read_is_saved_even_after_a_stopped_answer(make: Make, qtbot: QtBot) -> None:
    watched = make()
    watched.bridge.ask(request("long"))
    qtbot.waitUntil(lambda: watched.engine.asked == ["long"])
    watched.bridge.shutdown()
    assert watched.settled() == 1 and watched.engine.closed
    assert watched.ends == [1]


def test_saving_at_the_end_is_bounded(make: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.engine.model.bridge.SHUTDOWN_S", 0.6)
    watched = make()
    stopped: list[bool] = []
    watched.engine.on_settle = lambda cancel: stopped.append(cancelled(cancel))
    watched.bridge.ask(request("one"))
    qtbot.waitUntil(lambda: bool(watched.did))
    started = time.monotonic()
    watched.bridge.shutdown()
    assert not watched.bridge.running
    assert time.monotonic() - started < 10
    assert stopped and all(stopped) and watched.engine.closed


def test_saving_that_fails_is_a_log_line(make: Make, qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    def fail(cancel: threading.Event | None) -> None:
        raise OSError("no space")

    watched = make()
    watched.engine.on_settle = fail
    watched.bridge.ask(request("one"))
    watched.bridge.ask(request("two"))
    qtbot.waitUntil(lambda: watched.ends == [1, 2] and "could not be saved" in caplog.text)


def test_another_model_is_opened_after_saving(make: Make, qtbot: QtBot) -> None:
    watched = make()
    watched.bridge.ask(request("long"))
    qtbot.waitUntil(lambda: watched.engine.asked == ["long"])
    first = watched.engine
    watched.bridge.load(LocalFolder(Path("other")))
    qtbot.waitUntil(lambda: watched.bridge.info is not None)
    assert first.did == [("settle", "")] and first.closed


def record(folder: Path, name: str, *documents: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name * 32}.safetensors").write_bytes(bytes(100))
    (folder / f"{name * 32}.json").write_text(json.dumps({"facts": {"documents": documents}}))


def names() -> set[str]:
    return {path.name[0] for path in paths.documents_store().iterdir()}


@pytest.mark.parametrize("load", [True, False])
def test_forgetting_reaches_what_other_models_kept(make: Make, qtbot: QtBot, load: bool) -> None:
    store = paths.documents_store()
    record(store, "a", "k")
    record(store, "b", "k", "other")
    record(store, "c", "other")
    watched = make(load)
    watched.bridge.forget("k")
    qtbot.waitUntil(lambda: watched.moved > 0)
    assert names() == {"c"}


def test_forgetting_reaches_the_disk_even_where_the_engine_fails(make: Make, qtbot: QtBot) -> None:
    def fail(document: str) -> None:
        raise RuntimeError("inside")

    record(paths.documents_store(), "a", "k")
    watched = make()
    watched.engine.forget = fail  # type: ignore[method-assign]
    watched.bridge.forget("k")
    qtbot.waitUntil(lambda: watched.moved > 0)
    assert names() == set()


def test_forgetting_is_not_lost_at_the_end(make: Make, qtbot: QtBot) -> None:
    record(paths.documents_store(), "a", "k")
    watched = make()
    watched.bridge.ask(request("long"))
    qtbot.waitUntil(lambda: watched.engine.asked == ["long"])
    watched.bridge.forget("k")
    watched.bridge.shutdown()
    assert names() == set()


def test_forgetting_everything_empties_the_folder() -> None:
    assert kept.forget_all() == kept.kept_bytes() == kept.forget(["k"]) == 0
    record(paths.documents_store(), "a", "k")
    (paths.documents_store() / "half.tmp").write_bytes(bytes(10))
    size = kept.kept_bytes()
    assert size > 110
    assert kept.forget_all() == size
    assert names() == set()


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", '{"prefill": "fast"}', '{"prefill": -1, "encode": true}', '{"encode": 3.5}', '{"prefill": 1e999}'],
)
def test_damaged_speeds_say_nothing(home: Path, content: str) -> None:
    """Neither do those of an older Lectern, which knew one speed for pictures of every size."""
    folder = paths.engine_cache() / "speeds"
    folder.mkdir(parents=True)
    (folder / "x.json").write_text(content)
    assert all(speed.rates == Rates() for speed in kept.speeds())
    (folder / "y.json").write_text('{"prefill": 12, "encode": {"70": 3.5, "280": -1, "71": 2}}')
    assert kept.Speed("y", Rates(12.0, ((70, 3.5),))) in kept.speeds()


@pytest.mark.parametrize(("disk", "folder"), [(None, True), (1 << 30, True), (0, False)])
def test_where_documents_stay(tmp_path: Path, disk: int | None, folder: bool) -> None:
    write_checkpoint(tmp_path / "model", "tiny")
    found = cache_settings(tmp_path / "model", Settings(document_disk=disk, document_int8=True), "cpu")
    assert (found.folder == paths.engine_cache()) if folder else (found.folder is None)
    assert found.int8 and found.ram_bytes > 0
    assert disk is None or found.disk_bytes == disk
