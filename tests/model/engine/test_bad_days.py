"""Memory that runs out, model folders that go away, devices that are lost: a sentence, and then on."""

from __future__ import annotations

import os
import random
import shutil
import string
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from model.cache.spill import Room
from model.checkpoint.opening import quantised_form
from model.checkpoint.published import PublishedFolder
from model.checkpoint.quantised_folder import MANIFEST
from model.engine.engine import Engine
from model.errors import LecternError, OutOfMemoryError
from model.family.decoder import Decoder
from model.types import (
    Attached,
    CacheSettings,
    ChatMessage,
    Event,
    Failed,
    Finished,
    LoadProgress,
    PrefillProgress,
    Request,
    TextDelta,
)
from tests.model.engines import ask, dictated, opened, parts, run, user, write_model

LONG = "The landlord lets the flat to the tenant. " * 30


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("published") / "model")


@pytest.fixture
def engine(published: Path) -> Iterator[Engine]:
    with opened(published, chunk=64) as engine:
        yield engine


@pytest.fixture
def quantised(published: Path, tmp_path: Path) -> Path:
    """A quantised folder of this test's own, to be damaged."""
    return quantised_form(PublishedFolder(published), tmp_path / "store")


def about_document(limit: int = 8) -> Request:
    """A question about one long document."""
    message = user(LONG, "What is it?")
    return replace(ask(message, limit=limit), documents=(Attached("d" * 64, "a.pdf", 1),))


def events_of(engine: Engine, what: ChatMessage | Request, limit: int = 8) -> list[Event]:
    request = what if isinstance(what, Request) else ask(what, limit=limit)
    return list(engine.generate(request, threading.Event()))


class NoMemory:
    """The KV cache's room, which asks for more than any machine has: the allocator's own error, at chosen calls."""

    def __init__(self, patch: pytest.MonkeyPatch, fails: Callable[[int], bool]) -> None:
        self.calls = self.failed = 0
        real = Room.empty

        def empty(room: Room, shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
            self.calls += 1
            if fails(self.calls):
                self.failed += 1
                return torch.empty(1 << 60, dtype=torch.uint8)
            return real(room, shape, dtype)

        patch.setattr(Room, "empty", empty)


def test_reading_goes_on_with_smaller_steps(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = run(engine, ask(user(LONG), limit=8)).answer
    run(engine, ask(user("Something else " * 40), limit=2))
    assert parts(engine).residency.snapshot_count
    parts(engine).residency.drop()
    short = NoMemory(monkeypatch, lambda call: call == 2)
    events = events_of(engine, user(LONG))
    assert short.failed == 1 and isinstance(events[-1], Finished)
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == expected
    steps = [event.done for event in events if isinstance(event, PrefillProgress)]
    widths = [after - before for before, after in pairwise(steps)]
    assert max(widths[-3:]) <= 16 and steps == sorted(steps)  # a quarter of 64; nothing is read twice


def test_what_was_kept_is_given_back_before_the_second_try(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    run(engine, ask(user("Something else " * 40), limit=2))
    before = parts(engine).residency.snapshot_count
    NoMemory(monkeypatch, lambda call: call == 1)
    seen = []
    for event in engine.generate(ask(user(LONG), limit=2), threading.Event()):
        if isinstance(event, PrefillProgress):
            seen.append(parts(engine).residency.snapshot_count)
    assert before > 0 and min(seen) == 0


def test_memory_that_stays_short_is_a_sentence(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.MonkeyPatch.context() as patch:
        short = NoMemory(patch, lambda call: call >= 2)
        events = events_of(engine, user(LONG))
        assert short.failed == 2  # once more, and no oftener
    assert isinstance(events[-1], Failed) and "not enough memory" in str(events[-1].message)
    assert isinstance(events_of(engine, user(LONG))[-1], Finished)


def test_memory_that_runs_out_in_an_answer_keeps_what_was_said(engine: Engine) -> None:
    said = "".join(random.Random(1).choices(string.ascii_lowercase, k=1200))  # no loop, which would end it
    letters = parts(engine).tokenizer.encode_data(said)
    with pytest.MonkeyPatch.context() as patch, dictated(letters):
        short = NoMemory(patch, lambda call: False)
        events_of(engine, user("q"))
        parts(engine).residency.drop()
        read = short.calls
        short = NoMemory(patch, lambda call: call > read)
        events = events_of(engine, user("q"), limit=400)
    assert isinstance(events[-1], Failed) and "not enough memory" in str(events[-1].message)
    answer = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert len(answer) > 100 and answer in said
    assert isinstance(events_of(engine, user("q"))[-1], Finished)


_LIMITED = """
import resource, sys, threading
from pathlib import Path
from model.engine.engine import Engine
from tests.model.engines import ask, user
from model.types import Failed, Finished

def limit(more):
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    soft = resource.RLIM_INFINITY if more is None else size + more
    resource.setrlimit(resource.RLIMIT_AS, (soft, resource.RLIM_INFINITY))

def last(engine, words, more=None):
    events = []
    for event in engine.generate(ask(user(words), limit=4), threading.Event()):
        if more is not None and not events:
            limit(more)  # after the tokenizer, which is not ours and ends the process where it gets no memory
        events.append(event)
    limit(None)
    return events[-1]

folder = Path(sys.argv[1])
engine = Engine.open(folder, quantise=False, dtype="float32", threads=1)
assert isinstance(last(engine, "q"), Finished)
event = last(engine, "word " * 6000, 1 << 20)
assert isinstance(event, Failed) and "not enough memory" in str(event.message), event
assert isinstance(last(engine, "q"), Finished)
print("all well")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on a process's memory that holds")
def test_a_process_that_gets_no_more_memory_lives_on(published: Path) -> None:
    """Nothing simulated: the system gives no more, and then it does again."""
    command = [sys.executable, "-c", _LIMITED, str(published)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.stdout == "all well\n", result.stderr


def largest(folder: Path) -> Path:
    return max(folder.glob("*.safetensors"), key=lambda path: path.stat().st_size)


def test_weights_that_are_cut_short_while_they_are_in_use(quantised: Path) -> None:
    engine = Engine.open(quantised)
    try:
        assert isinstance(events_of(engine, user("q"))[-1], Finished)
        path = largest(quantised)
        os.truncate(path, 4096)
        for _ in range(2):
            events = events_of(engine, user("another"))
            assert isinstance(events[-1], Failed) and f"{path} became shorter" in str(events[-1].message)
    finally:
        engine.close()
    with pytest.raises(LecternError, match=path.name):
        Engine.open(quantised)


def test_weights_that_are_cut_short_in_the_middle_of_an_answer(quantised: Path) -> None:
    engine = Engine.open(quantised)
    try:
        events = []
        letters = parts(engine).tokenizer.encode_data("x") * 40
        with dictated(letters):
            for event in engine.generate(ask(user("q"), limit=40), threading.Event()):
                events.append(event)
                if len([one for one in events if isinstance(one, TextDelta)]) == 3:
                    os.truncate(largest(quantised), 4096)
        assert isinstance(events[-1], Failed) and "became shorter" in str(events[-1].message)
    finally:
        engine.close()


def test_weights_that_are_written_over_are_not_gone_on_with(quantised: Path) -> None:
    engine = Engine.open(quantised)
    try:
        path = largest(quantised)
        data, status = path.read_bytes(), path.stat()
        path.write_bytes(bytes(len(data)))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))
        events = events_of(engine, user("q"))
        assert isinstance(events[-1], Failed) and "was changed" in str(events[-1].message)
    finally:
        engine.close()


@pytest.mark.skipif(sys.platform == "win32", reason="files in use can be neither deleted nor replaced there")
def test_a_folder_that_is_deleted_or_replaced_goes_on_answering(quantised: Path, tmp_path: Path) -> None:
    engine = Engine.open(quantised)
    try:
        path = largest(quantised)
        other = tmp_path / "other"
        other.write_bytes(bytes(100))
        other.replace(path)
        assert isinstance(events_of(engine, user("q"))[-1], Finished)
        shutil.rmtree(quantised)
        assert isinstance(events_of(engine, user("another"))[-1], Finished)
    finally:
        engine.close()
    with pytest.raises(LecternError, match="choose"):
        Engine.open(quantised)


@pytest.mark.parametrize("harm", ["delete", "cut", "empty the config", "delete the tokenizer"])
@pytest.mark.parametrize("stage", [0, 1])
def test_a_folder_that_is_harmed_while_it_is_opened(published: Path, tmp_path: Path, harm: str, stage: int) -> None:
    folder = shutil.copytree(published, tmp_path / "model")
    seen = 0

    def harmed(_: LoadProgress) -> None:
        nonlocal seen
        if seen == stage:
            match harm:
                case "delete":
                    shutil.rmtree(folder)
                case "cut":
                    os.truncate(largest(folder), 4096)
                case "empty the config":
                    (folder / "config.json").write_bytes(b"")
                case _:
                    (folder / "tokenizer.json").unlink()
        seen += 1

    try:
        engine = Engine.open(folder, store=tmp_path / "store", on_progress=harmed)
    except LecternError as error:
        assert str(error) and "\n" not in str(error)
        for made in (tmp_path / "store").glob("*"):  # nothing half done passes for a whole
            assert (made / MANIFEST).is_file()
    else:
        assert isinstance(events_of(engine, user("q"))[-1], Finished)  # everything needed had been read by then
        engine.close()
    assert seen


def saved(published: Path, folder: Path) -> tuple[Path, Path]:
    """A document in the cache on disk: its data and its manifest."""
    with opened(published, cache=CacheSettings(folder)) as engine:
        events_of(engine, about_document())
        engine.settle()
    data = max((folder / "documents").glob("*.safetensors"), key=lambda path: path.stat().st_size)
    return data, data.with_suffix(".json")


def test_a_kept_document_that_is_cut_short_while_it_is_in_use_is_read_anew(published: Path, tmp_path: Path) -> None:
    data, _ = saved(published, tmp_path)
    with opened(published, cache=CacheSettings(tmp_path)) as engine:
        first = run(engine, about_document())
        assert first.finished.usage.reused_tokens > 100  # from the disk
        os.truncate(data, 4096)
        second = run(engine, about_document())
        assert second.answer == first.answer and second.finished.usage.reused_tokens == 0


def test_a_kept_document_that_is_cut_short_in_the_middle_of_an_answer(published: Path, tmp_path: Path) -> None:
    data, _ = saved(published, tmp_path)
    with opened(published, cache=CacheSettings(tmp_path)) as engine:
        events = []
        with dictated(parts(engine).tokenizer.encode_data("x") * 40):
            for event in engine.generate(about_document(40), threading.Event()):
                events.append(event)
                if isinstance(event, TextDelta) and data.stat().st_size > 4096:
                    os.truncate(data, 4096)
        assert isinstance(events[-1], Failed) and "ask again" in str(events[-1].message)
        assert isinstance(events_of(engine, about_document())[-1], Finished)


def test_a_kept_document_that_was_cut_short_before_is_read_anew(published: Path, tmp_path: Path) -> None:
    data, manifest = saved(published, tmp_path)
    os.truncate(data, data.stat().st_size - 1)
    with opened(published, cache=CacheSettings(tmp_path)) as engine:
        assert run(engine, about_document()).finished.usage.reused_tokens == 0
    assert not data.exists() or data.stat().st_size > 4096
    assert manifest.exists() == data.exists()


def test_a_lost_device_is_a_sentence(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    run(engine, ask(user("q"), limit=2))

    def lost(*_: object, **__: object) -> torch.Tensor:
        raise torch.AcceleratorError("CUDA error: unspecified launch failure")

    monkeypatch.setattr(Decoder, "forward_steps", lost)
    for _ in range(2):
        events = events_of(engine, user("q"))
        assert isinstance(events[-1], Failed)
        assert "graphics device stopped working" in str(events[-1].message) and "restart" in str(events[-1].message)


def test_opening_without_memory_is_a_sentence(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object, **__: object) -> None:
        torch.empty(1 << 60, dtype=torch.uint8)

    monkeypatch.setattr(Decoder, "__init__", none)
    with pytest.raises(OutOfMemoryError, match="close other programs"):
        Engine.open(published, quantise=False)
