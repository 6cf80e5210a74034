"""The one way to speak with a process that parses files, on a real one that crashes, hangs and lies when asked to.

One process serves all tests that leave it running.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from app.ingest.limits import Timeouts
from app.ingest.process.child import LostError
from app.ingest.process.client import Client
from app.ingest.process.protocol import ProtocolError, integer_of
from app.ingest.view.types import LockedError
from model.cancel import NEVER
from model.errors import CancelledError, IngestError
from model.messages import plain
from tests.app.ingest.process import serving_hooks


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    """A client whose process lives from test to test."""
    client = Client(serving_hooks.main, Timeouts(unit_s=30.0))
    yield client
    client.close(gently=True)


def say(client: Client, words: str) -> dict[str, Any]:
    with client.answer({"kind": "echo", "say": words}, NEVER) as answer:
        assert answer.message["said"] == words
        return answer.message


def test_it_starts_when_it_is_first_asked_and_stays(shared: Client) -> None:
    say(shared, "one")
    before = shared.pid
    assert before is not None
    say(shared, "two")
    with shared.answer({"kind": "data", "bytes": 5}, NEVER) as answer:
        assert answer.data(5) == bytes(5)
    assert shared.pid == before


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("refused", "It cannot be read."),
        ("memory", "Too little memory."),
        ("whatever", "It is damaged."),
        ("locked", "It needs a password."),
    ],
)
def test_a_bad_file_is_one_sentence_and_the_process_goes_on(shared: Client, kind: str, sentence: str) -> None:
    shrunk = say(shared, "before")["shrunk"]
    before = shared.pid
    with pytest.raises(IngestError) as caught, shared.answer({"kind": kind}, NEVER):
        pass
    assert str(caught.value) == sentence
    assert isinstance(caught.value, LockedError) is (kind == "locked")
    assert say(shared, "after")["shrunk"] == shrunk + (kind == "memory") and shared.pid == before


def test_messages_are_followed_until_enough_have_come(shared: Client) -> None:
    came: list[dict[str, Any]] = []
    assert shared.follow({"kind": "count", "to": 3}, NEVER, came.append, lambda: len(came) == 4)
    assert [message["kind"] for message in came] == ["number"] * 3 + ["done"]
    say(shared, "after")


def test_answers_that_come_later_are_received(shared: Client) -> None:
    shared.send({"kind": "data", "bytes": 3})
    data = None
    while data is None:
        with shared.received(0.05, waiting=True) as received:
            data = None if received is None else received.data(3)
    assert data == bytes(3)
    with shared.received(0.0, waiting=False) as nothing:
        assert nothing is None


@pytest.mark.parametrize("where", ["crash", "lie", "surprise", "refuse early"])
def test_after_these_the_process_is_gone_and_the_next_request_starts_another(shared: Client, where: str) -> None:
    say(shared, "before")
    before = shared.pid

    def take(message: dict[str, Any]) -> None:
        raise IngestError(plain("It is not what was asked for."))

    match where:
        case "crash":
            with pytest.raises(LostError, match="crash"), shared.answer({"kind": "crash"}, NEVER):
                pass
        case "lie":
            with pytest.raises(LostError, match="misbehave"), shared.answer({"kind": "echo", "say": 1}, NEVER) as given:
                integer_of(given.message, "said", 2, 3)
        case "surprise":
            with pytest.raises(ZeroDivisionError), shared.answer({"kind": "echo", "say": 1}, NEVER):
                raise ZeroDivisionError
        case _:
            with pytest.raises(IngestError):
                shared.follow({"kind": "count", "to": 3}, NEVER, take, lambda: False)
    assert shared.pid is None
    say(shared, "after")
    assert shared.pid not in (None, before)


def test_hanging_cancelling_and_running_late_end_the_process() -> None:
    client = Client(serving_hooks.main, Timeouts(unit_s=0.3))
    try:
        with pytest.raises(LostError, match="longer than"), client.answer({"kind": "hang"}, NEVER):
            pass
        assert client.pid is None
        cancelled = threading.Event()
        cancelled.set()
        with pytest.raises(CancelledError), client.answer({"kind": "echo", "say": 1}, cancelled):
            pass
        assert client.pid is None
        late = time.monotonic()
        assert not client.follow({"kind": "count", "to": 3}, NEVER, lambda _: None, lambda: False, late)
        assert client.pid is None
        client.send({"kind": "hang"})
        with pytest.raises(LostError, match="longer"):
            while True:
                with client.received(0.05, waiting=True):
                    pass
        assert client.pid is None
    finally:
        client.close()


def test_what_may_not_be_sent_never_leaves_a_client(shared: Client) -> None:
    with pytest.raises(LostError):
        shared.follow({"kind": "count", "to": 1}, NEVER, _refuse, lambda: False)


def _refuse(message: dict[str, Any]) -> None:
    raise ProtocolError("It may not say this.")
