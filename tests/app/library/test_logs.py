"""The log catches what nobody else catches, and gives everything back."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.library.logs import Logs, start_logging


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[Logs]:
    was_on = faulthandler.is_enabled()
    level = logging.getLogger().level
    logs = start_logging(tmp_path)
    yield logs
    logs.close()
    logging.getLogger().setLevel(level)
    if was_on:  # pytest's own
        faulthandler.enable(2)


def written(folder: Path) -> str:
    return (folder / "lectern.log").read_text(encoding="utf-8")


def test_lines_reach_the_file_with_their_thread(logs: Logs, tmp_path: Path) -> None:
    logging.getLogger("app.x").warning("Grüße")
    assert "WARNING MainThread app.x: Grüße" in written(tmp_path)


def test_an_uncaught_error_reaches_the_file(logs: Logs, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    error = ValueError("nobody caught me")
    sys.excepthook(ValueError, error, None)
    assert "ValueError: nobody caught me" in written(tmp_path)
    assert "nobody caught me" in capsys.readouterr().err


def test_ctrl_c_is_not_an_error(logs: Logs, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not (tmp_path / "lectern.log").exists()


def test_an_error_in_a_thread_reaches_the_file(logs: Logs, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    thread = threading.Thread(target=lambda: 1 // 0, name="worker-7")
    thread.start()
    thread.join()
    assert "The thread worker-7 ended in an error" in written(tmp_path)
    assert "ZeroDivisionError" in written(tmp_path)


def test_native_crashes_have_their_own_file(logs: Logs, tmp_path: Path) -> None:
    assert faulthandler.is_enabled()
    assert (tmp_path / "crash.log").is_file()


def test_close_gives_everything_back(tmp_path: Path) -> None:
    before = (sys.excepthook, threading.excepthook, list(logging.getLogger().handlers))
    was_on = faulthandler.is_enabled()
    start_logging(tmp_path).close()
    if was_on:
        faulthandler.enable(2)
    assert before == (sys.excepthook, threading.excepthook, list(logging.getLogger().handlers))


def test_a_disk_that_refuses_does_not_stop_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    logs = start_logging(tmp_path / "file" / "logs")
    logging.getLogger("app").error("to nobody")
    assert logs.folder is None
    logs.close()
