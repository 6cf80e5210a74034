"""A server that ends in the middle of an answer: the partial answer stays, one sentence says why, a retry works."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine.remote.engine import RemoteEngine
from app.library.model_ref import RemoteModel
from app.server.serving import Server
from app.session.conversation import Stage
from app.session.session import Session
from model.errors import LecternError
from model.types import Event, Request, TextDelta
from tests.app.engine.scripted import cancelled, finished
from tests.app.server.serving import TOKEN, scripted


def test_the_partial_answer_stays_and_a_retry_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    begun, over = threading.Event(), threading.Event()

    def script(request: Request, cancel: threading.Event) -> Iterator[Event]:
        if begun.is_set():
            yield TextDelta("The fee is 12 euros.")
            yield finished()
            return
        if request.max_new_tokens > 1:  # the question itself, not what is tried first
            yield TextDelta("The fee is ")
            begun.set()
            if cancelled(cancel):
                over.set()
            return
        yield finished()

    note = tmp_path / "note.txt"
    note.write_text("The fee is 12 euros.")
    with scripted(tmp_path, script) as (far, _), Session(history=tmp_path / "history") as session:
        address, port = far.server.address, far.server.port
        session.use(RemoteEngine.open(RemoteModel(address, far.model), key=TOKEN))
        session.add(note)
        ends = threading.Thread(target=lambda: (begun.wait(30), far.server.end(20)))
        ends.start()
        with pytest.raises(LecternError, match="broke off in the middle of the answer; ask again") as cut:
            session.ask("What is the fee?")
        ends.join()
        assert "\n" not in str(cut.value) and over.wait(30), "the server's own engine goes on"
        partial = session.conversation.last
        assert partial is not None and partial.answer == "The fee is " and partial.stage is Stage.FAILED
        with pytest.raises(LecternError, match="cannot be reached"):
            session.ask("What is the fee?")
        again = Server(far.source, TOKEN, port=port, folder=tmp_path / "uploads")
        again.start()
        try:
            assert session.ask("What is the fee?").answer == "The fee is 12 euros."
        finally:
            assert again.end(20)
        assert next(iter(session.conversation)).answer == "The fee is "
