"""``app.session`` as scripts use it: files, questions, answers with evidence, history. One real model, once."""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import app.session
from app.engine.model.protocols import Engine, Measuring, Resident
from app.library.model_ref import ModelRef, SampleModel
from app.library.store.reading import Reader
from app.paths import resource
from app.session import Costed, EvidenceFound, LecternError, ReadOptions, Session
from app.session.conversation import Stage
from app.session.reading import ReadFiles
from app.session.recording import conversation_of
from model.errors import CancelledError
from model.messages import msg
from model.types import Event, Failed, Finished, LoadProgress, ModelInfo, Request, TextDelta
from tests.app.chat.evidence.papers import paper
from tests.app.engine.scripted import ScriptedEngine, finished, info

INVOICE = resource("samples", "invoice.pdf")
Make = Callable[..., Session]


def answers(request: Request, cancel: threading.Event) -> Iterator[Event]:
    yield TextDelta('It says "Page 2" (page 2).')
    yield finished()


class Bare:
    """An engine that answers, and can do nothing else."""

    def __init__(self) -> None:
        self.info: ModelInfo = info()
        self.closed = False

    def generate(self, request: Request, cancel: threading.Event) -> Iterator[Event]:
        return answers(request, cancel)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Sessions with a file that was read, asking a scripted engine."""
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    with contextlib.ExitStack() as stack:

        def build(engine: Engine, history: Path | None = None) -> Session:
            def open_engine(model: ModelRef, report: Callable[[LoadProgress], None], cancel: threading.Event) -> Engine:
                assert model == SampleModel()
                return engine

            session = stack.enter_context(Session(history=history, open_engine=open_engine))
            session.take(ReadFiles([paper("three.pdf", ("Page 1",), ("Page 2",))]), ReadOptions())
            return session

        yield build


def test_every_public_name_is_there() -> None:
    for name in app.session.__all__:
        assert getattr(app.session, name) is not None
    with pytest.raises(AttributeError):
        app.session.nothing_of_the_kind  # noqa: B018


def test_a_question_costs_is_answered_and_is_checked(make: Make) -> None:
    engine = ScriptedEngine(answers)
    session = make(engine)
    events = list(session.events("What does it say?"))
    assert [type(event) for event in events] == [Costed, TextDelta, Finished, EvidenceFound]
    exchange = session.conversation.last
    assert exchange is not None and exchange.stage is Stage.DONE and exchange.checked
    assert [(one.state, one.place and one.place.page) for one in exchange.evidence] == [("found", 2)]
    assert exchange.sources == ("three.pdf",) and exchange.model == "Scripted"
    session.ask("And then?")
    assert engine.asked == ["What does it say?", "And then?"]
    session.close()
    assert engine.closed and ("settle", "") in engine.did


def test_an_engine_may_have_no_more_than_answers(make: Make) -> None:
    engine = Bare()
    assert not isinstance(engine, Measuring) and not isinstance(engine, Resident)
    session = make(engine)
    assert [type(event) for event in session.events("What?")] == [TextDelta, Finished, EvidenceFound]
    session.close()
    assert engine.closed


def test_who_stops_at_the_costs_has_not_asked(make: Make) -> None:
    engine = ScriptedEngine(answers)
    session = make(engine)
    events = session.events("What?")
    assert isinstance(next(events), Costed)
    events.close()  # type: ignore[attr-defined]
    assert not engine.asked and len(session.conversation) == 0 and not session.conversation.title


def test_who_stops_listening_keeps_what_was_written(make: Make, tmp_path: Path) -> None:
    session = make(ScriptedEngine(answers), tmp_path / "history")
    for event in session.events("What?"):
        if isinstance(event, TextDelta):
            break
    session.close()
    exchange = session.conversation.last
    assert exchange is not None and exchange.stage is Stage.STOPPED and exchange.answer
    with contextlib.closing(Reader(tmp_path / "history")) as kept:
        stored = kept.conversation(session.conversation.id)
    assert stored is not None and [one.stage for one in conversation_of(stored)] == [Stage.STOPPED]


def test_errors_are_raised_by_ask_and_said_by_events(make: Make) -> None:
    def fails(request: Request, cancel: threading.Event) -> Iterator[Event]:
        yield Failed(msg("test.broke", "It broke; ask again."))

    def stops(request: Request, cancel: threading.Event) -> Iterator[Event]:
        yield finished("cancelled")

    def ends(request: Request, cancel: threading.Event) -> Iterator[Event]:
        yield TextDelta("And")

    with pytest.raises(LecternError, match="It broke"):
        make(ScriptedEngine(fails)).ask("What?")
    with pytest.raises(CancelledError):
        make(ScriptedEngine(stops)).ask("What?")
    with pytest.raises(LecternError, match="without an answer"):
        make(ScriptedEngine(ends)).ask("What?")
    session = make(ScriptedEngine(answers))
    *_, last = session.events("broken")  # what it costs cannot be said
    assert isinstance(last, EvidenceFound)


def test_a_conversation_can_be_kept(make: Make, tmp_path: Path) -> None:
    session = make(ScriptedEngine(answers), tmp_path / "history")
    session.ask("What does it say?")
    session.ask("And then?")
    session.close()
    with contextlib.closing(Reader(tmp_path / "history")) as kept:
        stored = kept.conversation(session.conversation.id)
    assert (
        stored is not None
        and stored.title == "What does it say?"
        and [row.name for row in stored.files] == ["three.pdf"]
    )
    talk = conversation_of(stored)
    assert [(one.question, one.answer, one.stage) for one in talk] == [
        (one.question, one.answer, Stage.DONE) for one in session.conversation
    ]
    assert all(one.evidence for one in talk)


def test_files_that_cannot_be_read_are_named_and_the_others_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 and nothing else")
    with Session() as session:
        read = session.add(INVOICE, str(broken), tmp_path / "gone.pdf")
        assert [one.name for one in read.documents] == [one.name for one in session.documents] == ["invoice.pdf"]
        assert [path.name for path, _ in read.failed] == ["broken.pdf", "gone.pdf"]
        assert all(str(error).endswith(".") for _, error in read.failed)
        assert [item.name for item in session.items] == ["invoice.pdf", "broken.pdf", "gone.pdf"]
        assert "due date" in session.documents[0].pages[0].text.lower()


def test_the_examples_of_the_documentation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As they are written there, with the sample model."""
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path))
    monkeypatch.chdir(resource("samples").parent.parent)
    parts = (app.session.__doc__ or "").split("::\n\n")[1:]
    examples = ["\n".join(line[4:] for line in part.split("\n") if line[:4] in ("    ", "")) for part in parts]
    said = []
    for example in examples:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(example, {})
        said.append(out.getvalue().strip())
    first, second, third = said
    answer, evidence = first.split("\n", 1)
    assert "8 April 2026" in answer and evidence.startswith("found") and evidence.endswith("1")
    cost, found, answer = second.split("\n", 1)[0], *second.split("\n")[1:]
    assert "tokens, of them cached: 0" not in cost and found == "['found']" and answer.startswith("9 March 2026")
    invoice, picture = third.split("\n")
    assert invoice.startswith("invoice.pdf 1 8 April 2026") and picture.startswith("settings.png 1 ")
