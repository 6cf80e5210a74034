"""The window is closed in the middle of everything it can be busy with: it ends, and nothing stays behind.

Everything is real: the sample files, a small model, the processes that read, show, play and look for scenes.
"""

from __future__ import annotations

import getpass
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from app import paths
from app.engine.media.reading import ReadingBridge
from app.engine.model.bridge import EngineBridge
from app.library.model_ref import LocalFolder
from app.library.settings import Settings
from app.session.items import ItemState
from app.ui.extract.panel import ExtractPanel
from app.ui.history.history import History
from app.ui.scenes.work import Phase
from app.ui.window.main_window import MainWindow
from model.synthetic.writing import write_checkpoint
from model.types import LoadProgress, PrefillProgress, TextDelta
from tests.files.samples import mixed_pdf

PATIENCE_MS = 90_000
QUESTION = "What is said here?"


class Desk:
    """One start of the application, and what it brought into the world."""

    def __init__(self, qtbot: QtBot, model: Path) -> None:
        self.qtbot, self.model = qtbot, model
        self.before = world()
        self.history = History(paths.data_dir() / "conversations", paths.data_dir() / "pasted")
        self.engine, self.reading = EngineBridge(), ReadingBridge()
        self.window = MainWindow(
            engine=self.engine, reading=self.reading, settings=Settings(theme="light"), history=self.history
        )
        self.window.show()
        self.until(lambda: self.history.ready)

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def load(self) -> None:
        self.window.model.load(LocalFolder(self.model))
        self.until(lambda: self.window.model.ready)

    def add(self, path: Path) -> int:
        self.window.add_paths([path])
        self.until(lambda: len(self.window.attachments.items) == 1)
        (item,) = self.window.attachments.items
        self.until(lambda: item.state is not ItemState.READING)
        assert item.state is ItemState.READY
        return item.key

    def ask(self) -> None:
        self.window.composer.set_text(QUESTION)
        self.window.composer.send_button.click()

    def comes(self, kind: type) -> Callable[[], bool]:
        """Whether an event of this kind has come."""
        seen: list[object] = []
        self.engine.event.connect(lambda _, event: seen.append(event) if isinstance(event, kind) else None)
        return lambda: bool(seen)

    def close(self) -> None:
        self.window.close()
        assert not self.engine.running and not self.reading.running
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def world() -> tuple[set[int], set[str], set[str]]:
    """Processes, threads and temporary files of ours."""
    threads = {thread.name for thread in threading.enumerate() if thread.name.startswith("lectern")}
    made = {entry.name for entry in Path(tempfile.gettempdir()).iterdir()} - {f"torchinductor_{getpass.getuser()}"}
    processes = psutil.Process().children(recursive=True)
    # Python's own helper that watches over spawned processes stays for the next one.
    return {one.pid for one in processes if "resource_tracker" not in " ".join(one.cmdline())}, threads, made


def loading(desk: Desk, folder: Path) -> None:
    """A model is being opened."""
    seen: list[LoadProgress] = []
    desk.engine.loading.connect(seen.append)
    desk.window.model.load(LocalFolder(desk.model))
    desk.until(lambda: bool(seen))


def quantising(desk: Desk, folder: Path) -> None:
    """A published model is being quantised, in front of a question that waits for it."""
    seen: list[LoadProgress] = []
    desk.engine.loading.connect(lambda progress: seen.append(progress) if "Quantising" in str(progress.stage) else None)
    desk.window.model.load(LocalFolder(write_checkpoint(folder / "fresh", "tiny")))
    desk.ask()
    desk.until(lambda: bool(seen))


def reading(desk: Desk, folder: Path) -> None:
    """A file is being read, and others wait."""
    for number in range(4):
        mixed_pdf(folder / f"{number}.pdf")
    desk.window.add_paths([folder / f"{number}.pdf" for number in range(4)])
    desk.until(lambda: any(item.progress is not None for item in desk.window.attachments.items))


def prefilling(desk: Desk, folder: Path) -> None:
    """A prompt is being read by the model."""
    desk.load()
    desk.add(paths.resource("samples", "invoice.pdf"))
    began = desk.comes(PrefillProgress)
    desk.ask()
    desk.until(began)


def decoding(desk: Desk, folder: Path) -> None:
    """An answer is being written."""
    desk.load()
    desk.window.asking.max_new_tokens = 2000
    wrote = desk.comes(TextDelta)
    desk.ask()
    desk.until(wrote)


def extracting(desk: Desk, folder: Path) -> None:
    """Every page is being asked about."""
    desk.load()
    desk.add(mixed_pdf(folder / "mixed.pdf"))
    began = desk.comes(PrefillProgress)
    desk.window.dialogs.check_pages()
    (panel,) = desk.window.findChildren(ExtractPanel)
    panel.start()
    desk.until(began)


def finding_scenes(desk: Desk, folder: Path) -> None:
    """A clip's shots are being looked for."""
    key = desk.add(paths.resource("samples", "lamp.mp4"))
    desk.window.viewing.show_item(key)
    desk.window.viewing.show_scenes()
    scenes = desk.window.common.scenes
    assert scenes is not None
    (item,) = desk.window.attachments.items
    desk.until(lambda: (work := scenes.of(item.path)) is not None and work.phase is not Phase.STOPPED)


def playing(desk: Desk, folder: Path) -> None:
    """A clip plays."""
    key = desk.add(paths.resource("samples", "lamp.mp4"))
    desk.window.viewing.show_item(key)
    video = desk.window.viewer.video
    assert video is not None
    desk.until(lambda: video.timeline.duration > 0)
    moved: list[float] = []
    video.position_changed.connect(moved.append)
    video.play()
    desk.until(lambda: bool(moved))


def showing(desk: Desk, folder: Path) -> None:
    """Pages are being drawn."""
    key = desk.add(mixed_pdf(folder / "mixed.pdf"))
    desk.window.viewing.show_item(key)
    desk.until(lambda: desk.window.viewer.pdf.pages > 0)


STATES = [loading, quantising, reading, prefilling, decoding, extracting, finding_scenes, playing, showing]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("model") / "tiny", "tiny")


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    made = Desk(qtbot, model)
    yield made
    if shiboken6.isValid(made.window):  # the test went wrong before it closed
        made.close()


@pytest.mark.parametrize("begin", STATES, ids=lambda begin: begin.__name__)
def test_closing_while(begin: Callable[[Desk, Path], None], desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    begin(desk, folder)
    asked = [one.question for one in desk.window.asking.conversation]
    desk.close()
    assert [now - before for now, before in zip(world(), desk.before, strict=True)] == [set(), set(), set()]
    assert not list((tmp_path / "home").rglob("*.tmp")) and not list((tmp_path / "home").rglob("*.part*"))
    again = History(paths.data_dir() / "conversations", paths.data_dir() / "pasted")
    try:
        desk.until(lambda: again.ready)
        kept = [again.load(summary.id) for summary in again.list() or ()]
        words = [[*(row.question for row in one.exchanges.values()), one.header.draft] for one in kept if one]
        assert all(any(question in said for said in words) for question in asked)  # sent, or back in the draft
    finally:
        again.close()
