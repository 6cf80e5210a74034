"""Files from outside: a second start of the real program, and the events of macOS."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.engine.threads.single import Call, SingleInstance
from app.paths import resource
from app.ui.window.arriving import Arriving
from tests.app.ui.conftest import Stage

FINDER = """
from PySide6.QtCore import QCoreApplication, QTimer, QUrl
from PySide6.QtGui import QFileOpenEvent
from app.ui.window.application import Application
app = Application([])
app.file_opened.connect(lambda path: (print(path), app.quit()))
QTimer.singleShot(0, lambda: QCoreApplication.sendEvent(app, QFileOpenEvent("/somewhere/a b.pdf")))
app.exec()
"""


@pytest.fixture
def running(
    make_stage: Callable[..., Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Stage, Arriving]]:
    """A window that later starts find."""
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_ACTIVATION_TOKEN", raising=False)
    stage = make_stage()
    single = SingleInstance()
    assert single.claim([])
    arriving = Arriving(stage.window.common)
    single.arrived.connect(arriving.take)
    yield stage, arriving
    single.release()


def test_a_second_start_brings_its_files_into_the_running_window(running: tuple[Stage, Arriving]) -> None:
    stage, _ = running
    stage.window.showMinimized()
    arguments = [sys.executable, "-m", "app", str(resource("samples", "invoice.pdf"))]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE) as process:
        try:
            stage.qtbot.waitUntil(lambda: len(stage.window.side.rows) == 1, timeout=60_000)
            _, errors = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (process.returncode, errors) == (0, b"")
    assert next(iter(stage.window.side.rows.values())).item.path == resource("samples", "invoice.pdf")
    assert stage.window.isVisible() and not stage.window.isMinimized()


def test_files_arrive_in_the_window_that_was_used_last(running: tuple[Stage, Arriving]) -> None:
    stage, arriving = running
    other = stage.window.new_window()
    stage.until(lambda: stage.window.common.front is other)
    arriving.open([stage.file("a.pdf")])
    arriving.open([stage.file("b.pdf")])
    stage.until(lambda: len(other.side.rows) == 2)
    assert not stage.window.side.rows
    other.close()
    arriving.open([stage.file("c.pdf")])
    stage.until(lambda: len(stage.window.side.rows) == 1)


def test_the_right_to_the_front_is_passed_on(running: tuple[Stage, Arriving], monkeypatch: pytest.MonkeyPatch) -> None:
    stage, arriving = running
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "")
    arriving.take(Call((), "token-1"))
    assert os.environ["XDG_ACTIVATION_TOKEN"] == "token-1"
    stage.until(stage.window.isActiveWindow)


def test_a_file_from_the_finder_is_passed_on() -> None:
    done = subprocess.run([sys.executable, "-c", FINDER], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == str(Path("/somewhere/a b.pdf"))


def test_nothing_arrives_after_the_last_window(running: tuple[Stage, Arriving], qapp: QApplication) -> None:
    stage, arriving = running
    stage.window.close()
    arriving.open([stage.file("a.pdf")])
    qapp.processEvents()
    assert not stage.window.side.rows
