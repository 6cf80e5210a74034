"""The base of all long-lived threads: one life, one end, and no error that takes more with it than its own thread."""

from __future__ import annotations

import logging
import threading

import pytest

from app.engine.threads.jobs import Job, JobThread, Nothing
from app.engine.threads.worker import Worker
from model.errors import LecternError


class Waiting(Worker):
    """Waits for its end, and for ``let_go`` where it is stubborn."""

    def __init__(self, *, stubborn: bool = False) -> None:
        super().__init__("lectern-test")
        self.stopped = 0
        self.let_go = threading.Event()
        if not stubborn:
            self.let_go.set()

    def _stop(self) -> None:
        self.stopped += 1

    def _work(self) -> None:
        with self._changed:
            self._changed.wait_for(self.ending.is_set)
        assert self.let_go.wait(60)


def test_a_worker_starts_once_and_ends_once() -> None:
    worker = Waiting()
    assert not worker.running and not worker.ending.is_set()
    worker.start()
    worker.start()
    assert worker.running and [one.name for one in threading.enumerate()].count("lectern-test") == 1
    assert worker.end(60) and not worker.running
    assert worker.end(60) and worker.stopped == 2
    worker.start()
    assert not worker.running


def test_a_worker_that_was_never_started_ends_at_once_and_starts_no_more() -> None:
    worker = Waiting()
    assert worker.end(0)
    worker.start()
    assert not worker.running


def test_a_thread_that_does_not_end_in_time_is_said_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    worker = Waiting(stubborn=True)
    worker.start()
    with caplog.at_level(logging.ERROR):
        assert not worker.end(0) and worker.running
    assert "lectern-test did not end within 0 seconds" in caplog.text
    worker.let_go.set()
    assert worker.end(60)


def test_what_nobody_thought_of_ends_its_thread_only_and_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    class Breaking(Worker):
        def _work(self) -> None:
            raise ZeroDivisionError("nobody thought of it")

    worker = Breaking("lectern-breaking")
    with caplog.at_level(logging.ERROR):
        worker.start()
        assert worker.end(60)
    assert "lectern-breaking broke" in caplog.text and "nobody thought of it" in caplog.text


def test_the_last_to_hold_a_job_is_not_the_thread_that_waits_for_the_next() -> None:
    """What a job holds on to, a window perhaps, must not live until another job comes."""
    done, ended = threading.Event(), threading.Event()
    failed: list[LecternError | None] = []

    class Held:
        def __del__(self) -> None:
            ended.set()

    def do(_nothing: Nothing, job: Job[Held]) -> None:
        done.set()

    jobs: JobThread[Nothing, Held] = JobThread(
        "lectern-test", Nothing, do, lambda _number, error: failed.append(error), lambda _number: None
    )
    jobs.add(Job(1, Held()))
    assert done.wait(60) and ended.wait(60)
    assert jobs.end(60) and failed == []
