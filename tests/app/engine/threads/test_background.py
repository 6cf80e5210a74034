"""The helper thread: results and failures come back here, each to who asked for them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from app.engine.threads.background import Background, only_logged
from model.errors import IngestError
from model.messages import msg


@pytest.fixture
def background(qtbot: QtBot) -> Iterator[Background]:
    made = Background()
    yield made
    made.shutdown()


def test_a_result_goes_to_done_and_a_failure_to_failed(
    background: Background, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    results: list[tuple[str, object, threading.Thread]] = []
    errors: list[tuple[Exception, threading.Thread]] = []

    def done(name: str) -> None:
        results.append((name, None, threading.current_thread()))

    def failed(error: Exception) -> None:
        errors.append((error, threading.current_thread()))

    def broken() -> str:
        raise PermissionError("no entry here")

    with caplog.at_level(logging.WARNING):
        background.run(lambda: "first", done, failed)
        background.run(broken, done, failed)
        background.run(broken, done, only_logged)
        background.run(lambda: "last", done, failed)
        qtbot.waitUntil(lambda: len(results) == 2, timeout=10_000)
    assert [name for name, *_ in results] == ["first", "last"]
    ((error, thread),) = errors
    assert isinstance(error, PermissionError) and thread is threading.main_thread()
    assert error.__traceback__ is None  # it would hold on to the job's frames
    told = [record for record in caplog.records if record.name == "app.engine.threads.background"]
    assert len(told) == 2 and all(record.exc_info is not None for record in told)
    assert "in broken" in caplog.text and "no entry here" in caplog.text


def test_a_refusal_is_one_line_in_the_log(
    background: Background, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    errors: list[Exception] = []

    def refuse() -> None:
        raise IngestError(msg("file.missing", "The file is gone."))

    with caplog.at_level(logging.WARNING):
        background.run(refuse, lambda _: None, errors.append)
        qtbot.waitUntil(lambda: bool(errors), timeout=10_000)
    (told,) = [record for record in caplog.records if record.name == "app.engine.threads.background"]
    assert told.getMessage() == "A background job failed: The file is gone." and told.exc_info is None


def test_an_exception_that_is_a_result_is_a_result(background: Background, qtbot: QtBot) -> None:
    results: list[object] = []
    background.run(lambda: ValueError("found in a log"), results.append, lambda _: pytest.fail("it is no failure"))
    qtbot.waitUntil(lambda: bool(results), timeout=10_000)
    assert isinstance(results[0], ValueError)


def test_nothing_is_told_after_shutdown(qtbot: QtBot) -> None:
    background = Background()
    told: list[object] = []
    going, go_on = threading.Event(), threading.Event()

    def work() -> None:
        going.set()
        assert go_on.wait(10)

    background.run(work, told.append, told.append)
    assert going.wait(10)
    background._thread.leave()
    go_on.set()
    background.shutdown()
    background.run(lambda: 1, told.append, told.append)
    QCoreApplication.processEvents()  # what is queued is delivered now
    assert told == []
