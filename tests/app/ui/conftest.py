"""A real window between two fake bridges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.library.settings import Settings
from app.ui.history.history import History
from app.ui.window.main_window import MainWindow
from model.types import ModelInfo
from tests.app.ui.desk import PATIENCE_MS, Desk, Desks
from tests.fakes import FakeEngineBridge, FakeReadingBridge, model_info

READY = model_info()


@dataclass
class Stage:
    """The window and what is behind it."""

    window: MainWindow
    engine: FakeEngineBridge
    reading: FakeReadingBridge
    settings: Settings
    folder: Path
    qtbot: QtBot

    def file(self, name: str, content: bytes = b"") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content or name.encode())
        return path

    def attach(self, *names: str) -> None:
        """Add files and wait until each has a reading job."""
        wanted = len(self.reading.jobs) + len(names)
        self.window.add_paths([self.file(name) for name in names])
        self.until(lambda: len(self.reading.jobs) == wanted)

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def ask(self, question: str) -> None:
        self.window.composer.set_text(question)
        self.window.composer.edit.send.emit()

    def ask_and_wait(self, question: str) -> None:
        """Ask; a question about files is measured first, so it goes a moment later."""
        sent = len(self.engine.requests)
        self.ask(question)
        self.until(lambda: len(self.engine.requests) == sent + 1)

    @property
    def view(self):  # noqa: ANN201 (the newest exchange's view)
        views = self.window.talk.view.views
        return views[max(views)]


@pytest.fixture
def make_stage(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    made: list[Stage] = []

    def make(
        info: ModelInfo | None = READY,
        auto: bool = True,
        settings: Settings | None = None,
        history: History | None = None,
    ) -> Stage:
        engine, reading = FakeEngineBridge(info), FakeReadingBridge(auto)
        settings = settings or Settings(theme="light")
        window = MainWindow(
            engine=engine, reading=reading, settings=settings, spool=tmp_path / "spool", history=history
        )
        if not settings.geometry:
            window.resize(1280, 720)
        window.show()
        qtbot.waitExposed(window)
        stage = Stage(window, engine, reading, settings, tmp_path / "files", qtbot)
        made.append(stage)
        return stage

    yield make
    for stage in made:
        for window in list(stage.window.common.windows):
            window.close()
        stage.window.close()
        stage.window.deleteLater()


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    """A window with a loaded model; files are read at once."""
    return make_stage()


@pytest.fixture
def machine(tmp_path: Path, qtbot: QtBot) -> Iterator[Desks]:
    made = Desks(tmp_path, qtbot)
    yield made
    made.stop()


@pytest.fixture
def desk(machine: Desks) -> Desk:
    return machine.window()
