"""The bridge with the real engine and the tiny random model: its words are noise, its way is real."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.chat.request import AskOptions, Turn, build_request
from app.engine.model.bridge import EngineBridge
from app.engine.model.protocols import Measuring, Resident
from app.ingest.types import Document, Page
from app.library.model_ref import LocalFolder, SampleModel
from model.messages import NOTHING
from model.synthetic.writing import write_checkpoint
from model.types import EngineCapabilities, Event, Failed, Finished, Picture, PrefillProgress, Sampling, TextDelta

SOON_S = 10.0  # of the 15 that the bridge waits at most; a quick machine takes 0.1


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One home for the module, so that the sample model is written once."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        patch.setenv("LECTERN_HOME", str(folder))
        yield folder


@pytest.fixture(scope="module")
def noise(home: Path) -> Path:
    """Random weights whatever sample model ships: these answers go on until they are cut off or stopped."""
    return write_checkpoint(home / "noise", "tiny")


@pytest.fixture
def bridge(home: Path, qtbot: QtBot) -> Iterator[EngineBridge]:
    bridge = EngineBridge()
    yield bridge
    bridge.shutdown()
    assert not bridge.running


def loaded(bridge: EngineBridge, qtbot: QtBot, folder: Path) -> EngineBridge:
    failures: list[str] = []
    bridge.load_failed.connect(failures.append)
    bridge.load(LocalFolder(folder))
    qtbot.waitUntil(lambda: bridge.info is not None or bool(failures), timeout=90_000)
    assert not failures
    return bridge


def listen(bridge: EngineBridge) -> list[tuple[int, Event]]:
    events: list[tuple[int, Event]] = []
    bridge.event.connect(lambda number, event: events.append((number, event)))
    return events


def document(pages: int = 3, lines: int = 30) -> Document:
    picture = Picture(bytes(range(256)) * 27, 48, 48, 70, "f" * 64)
    made = [
        Page(n, 595, 842, f"Line of page {n}.\n" * lines, (), picture, "both", NOTHING)
        if n == 1
        else Page(n, 595, 842, f"Line of page {n}.\n" * lines, (), None, "text", NOTHING)
        for n in range(1, pages + 1)
    ]
    return Document("c" * 64, Path("a.pdf"), "a.pdf", "pdf", tuple(made), (), None, (), b"")


def options(tokens: int = 24) -> AskOptions:
    return AskOptions(sampling=Sampling(seed=7), max_new_tokens=tokens)


def ended(events: list[tuple[int, Event]], number: int) -> bool:
    return any(n == number and isinstance(e, Finished | Failed) for n, e in events)


def text(events: list[tuple[int, Event]], number: int) -> str:
    return "".join(e.text for n, e in events if n == number and isinstance(e, TextDelta))


def test_from_document_to_answer_and_a_second_question(bridge: EngineBridge, qtbot: QtBot, noise: Path) -> None:
    loaded(bridge, qtbot, noise)
    assert bridge.info is not None and bridge.info.sample
    events = listen(bridge)
    first = bridge.ask(build_request([document()], [Turn("What?")], options()))
    qtbot.waitUntil(lambda: ended(events, first), timeout=60_000)
    answer = text(events, first)
    turns = [Turn("What?", answer), Turn("And then?")]
    second = bridge.ask(build_request([document()], turns, options()))
    qtbot.waitUntil(lambda: ended(events, second), timeout=60_000)
    ends = [event for _, event in events if isinstance(event, Finished | Failed)]
    assert all(isinstance(event, Finished) for event in ends), ends
    one, two = (event for event in ends if isinstance(event, Finished))
    assert answer
    assert one.usage.reused_tokens == 0
    # Everything up to the first question is known; only the turn and the new question are read.
    assert two.usage.reused_tokens > 0.9 * one.usage.prompt_tokens


def test_the_same_seed_gives_the_same_answer(bridge: EngineBridge, qtbot: QtBot, noise: Path) -> None:
    loaded(bridge, qtbot, noise)
    events = listen(bridge)
    request = build_request([document(1)], [Turn("What?")], options())
    numbers = [bridge.ask(request) for _ in range(3)]
    qtbot.waitUntil(lambda: ended(events, numbers[-1]), timeout=60_000)
    # The first reads in large chunks what the others find in the cache: in bf16 that rounds differently.
    assert text(events, numbers[1]) == text(events, numbers[2]) != ""


@pytest.mark.parametrize("moment", ["loading", "prefilling", "decoding"])
def test_shutdown_at_any_moment_ends_soon(bridge: EngineBridge, qtbot: QtBot, noise: Path, moment: str) -> None:
    events = listen(bridge)
    if moment == "loading":
        with qtbot.waitSignal(bridge.loading, timeout=60_000):
            bridge.load(SampleModel())
    else:
        loaded(bridge, qtbot, noise)
        long = build_request([document(60, 60)], [Turn("What?")], options(100_000))
        bridge.ask(long if moment == "prefilling" else build_request([], [Turn("What?")], options(30_000)))
        kind = PrefillProgress if moment == "prefilling" else TextDelta
        qtbot.waitUntil(lambda: any(isinstance(event, kind) for _, event in events), timeout=60_000)
    started = time.monotonic()
    bridge.shutdown()
    assert time.monotonic() - started < SOON_S
    assert not bridge.running
    ends = [event for _, event in events if isinstance(event, Finished | Failed)]
    assert len(ends) == (0 if moment == "loading" else 1)


def test_a_folder_that_is_no_model_fails_with_one_sentence(bridge: EngineBridge, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    with qtbot.waitSignal(bridge.load_failed, timeout=60_000) as failure:
        bridge.load(LocalFolder(tmp_path))
    assert failure.args is not None
    words = str(failure.args[0])
    assert "GGUF" in words and words.endswith(".")


def test_the_engine_of_this_process_has_every_part_that_it_says() -> None:
    from model.engine.engine import Engine

    assert issubclass(Engine, Measuring) and issubclass(Engine, Resident)
    assert EngineCapabilities().preflight and EngineCapabilities().residency
