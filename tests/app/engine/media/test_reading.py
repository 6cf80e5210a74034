"""The bridge to reading: order, progress, stopping, failures, and its end."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.engine.media.reading import ReadingBridge
from app.ingest.types import Document, ReadOptions, ReadProgress
from model.errors import CancelledError, IngestError
from model.messages import plain
from tests.files.samples import image_file, text_pdf

Said = list[tuple[str, int, object]]


class ScriptedReader:
    """Reads by the file's name: ``slow`` waits to be cancelled, ``bad`` and ``odd`` fail."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.options: list[ReadOptions] = []
        self.closed = False

    def read(
        self,
        path: Path,
        options: ReadOptions | None = None,
        on_progress: Callable[[ReadProgress], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> Document:
        assert on_progress is not None and cancel is not None
        self.paths.append(path.name)
        self.options.append(options or ReadOptions())
        for number in range(300):
            on_progress(ReadProgress(number + 1, 300, "page"))
        if path.name == "slow":
            assert cancel.wait(30), "nobody cancelled"
            raise CancelledError(plain("Reading was stopped."))
        if path.name == "bad":
            raise IngestError(plain("The file is empty."))
        if path.name == "odd":
            raise ZeroDivisionError("inside")
        return Document("a" * 64, path, path.name, "pdf", (), (), None, (), b"")

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def reader() -> ScriptedReader:
    return ScriptedReader()


@pytest.fixture
def bridge(qtbot: QtBot, reader: ScriptedReader) -> Iterator[ReadingBridge]:
    bridge = ReadingBridge(lambda: reader)
    yield bridge
    bridge.shutdown()
    assert not bridge.running


@pytest.fixture
def said(bridge: ReadingBridge) -> Said:
    return listen(bridge)


def listen(bridge: ReadingBridge) -> Said:
    said: Said = []
    bridge.progress.connect(lambda job, value: said.append(("progress", job, value)))
    bridge.done.connect(lambda job, value: said.append(("done", job, value)))
    bridge.failed.connect(lambda job, value: said.append(("failed", job, value)))
    bridge.cancelled.connect(lambda job: said.append(("cancelled", job, None)))
    return said


def ends(said: Said) -> list[tuple[str, int]]:
    return [(kind, job) for kind, job, _ in said if kind != "progress"]


def test_files_are_read_in_order(bridge: ReadingBridge, said: Said, reader: ScriptedReader, qtbot: QtBot) -> None:
    jobs = [bridge.read(Path(name), ReadOptions(budget=70)) for name in "abc"]
    qtbot.waitUntil(lambda: len(ends(said)) == 3)
    assert ends(said) == [("done", job) for job in jobs]
    assert reader.paths == ["a", "b", "c"]
    assert reader.options[0].budget == 70


def test_progress_is_thinned_and_its_last_word_stays(bridge: ReadingBridge, said: Said, qtbot: QtBot) -> None:
    job = bridge.read(Path("a"))
    qtbot.waitUntil(lambda: bool(ends(said)))
    progress = [value for kind, _, value in said if kind == "progress"]
    assert progress[-1] == ReadProgress(300, 300, "page")
    assert len(progress) < 150
    assert said[-1][:2] == ("done", job)


def test_failures_are_one_sentence_and_the_next_file_is_read(
    bridge: ReadingBridge, said: Said, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        bad, odd, good = (bridge.read(Path(name)) for name in ("bad", "odd", "good"))
        qtbot.waitUntil(lambda: len(ends(said)) == 3)
    assert ends(said) == [("failed", bad), ("failed", odd), ("done", good)]
    sentences = [str(value) for kind, _, value in said if kind == "failed"]
    assert sentences[0] == "The file is empty."
    assert "inside" not in sentences[1] and sentences[1].endswith(".")
    assert caplog.records[-1].exc_info is not None


def test_cancel_running_and_waiting(bridge: ReadingBridge, said: Said, reader: ScriptedReader, qtbot: QtBot) -> None:
    slow, waiting, last = (bridge.read(Path(name)) for name in ("slow", "b", "c"))
    qtbot.waitUntil(lambda: reader.paths == ["slow"])
    bridge.cancel(waiting)
    bridge.cancel(slow)
    bridge.cancel(99)
    qtbot.waitUntil(lambda: len(ends(said)) == 3)
    assert ends(said) == [("cancelled", waiting), ("cancelled", slow), ("done", last)]
    assert reader.paths == ["slow", "c"]


def test_shutdown_while_reading_ends_soon(
    bridge: ReadingBridge, said: Said, reader: ScriptedReader, qtbot: QtBot
) -> None:
    jobs = {bridge.read(Path("slow")), bridge.read(Path("b"))}
    qtbot.waitUntil(lambda: reader.paths == ["slow"])
    started = time.monotonic()
    bridge.shutdown()
    assert time.monotonic() - started < 10  # of the 15 that it waits at most
    assert reader.closed
    assert {job for kind, job in ends(said) if kind == "cancelled"} == jobs
    assert bridge.read(Path("late")) not in jobs
    assert not bridge.running


def test_real_files_through_the_real_process(qtbot: QtBot, tmp_path: Path) -> None:
    bridge = ReadingBridge()
    said = listen(bridge)
    pdf, image = text_pdf(tmp_path / "a.pdf", pages=2), image_file(tmp_path / "b.png")
    try:
        jobs = [bridge.read(path) for path in (pdf, image, tmp_path / "missing.pdf")]
        qtbot.waitUntil(lambda: len(ends(said)) == 3, timeout=60_000)
        assert ends(said) == [("done", jobs[0]), ("done", jobs[1]), ("failed", jobs[2])]
        first, second = (value for kind, _, value in said if kind == "done")
        assert isinstance(first, Document) and len(first.pages) == 2
        assert isinstance(second, Document)
        picture = second.pages[0].picture
        assert picture is not None and len(picture.read()) == picture.height * picture.width * 3
    finally:
        bridge.shutdown()
    with pytest.raises(OSError):
        picture.read()  # the pictures are gone with the reader
