"""One Lectern behind another: the sample model on a server, asked through ``Session`` as a model on this machine is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.engine.remote.engine import RemoteEngine
from app.library.model_ref import RemoteModel, SampleModel
from app.paths import resource
from app.session.conversation import Exchange
from app.session.session import Session
from tests.app.server.serving import TOKEN, Running, running

FILES = {
    "invoice.pdf": "What is the due date?",
    "settings.png": "Which language is chosen?",
    "lamp.mp4": "What happens at 00:12?",
}


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    from app.engine.model.opening import open_engine

    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTERN_HOME", str(home))
        with running(home, open_engine) as found:
            yield found


def asked(name: str, session: Session) -> Exchange:
    session.add(resource("samples", name))
    return session.ask(FILES[name])


def opened(far: Running) -> RemoteEngine:
    return RemoteEngine.open(RemoteModel(far.server.address, far.model), key=TOKEN)


def test_what_it_can_do_is_told_by_the_server(far: Running) -> None:
    engine = opened(far)
    here = far.source.info
    assert here is not None
    assert engine.info.context_tokens == here.context_tokens
    for name in ("pictures", "sound", "tools", "thinking"):
        assert getattr(engine.info.capabilities, name) is getattr(here.capabilities, name)
    engine.close()


@pytest.mark.parametrize("name", FILES)
def test_the_same_answer_and_evidence_as_without_a_server(far: Running, name: str) -> None:
    engine = opened(far)
    with Session(SampleModel()) as session:
        session.use(engine)
        there = asked(name, session)
    engine.close()
    with Session(SampleModel()) as session:
        here = asked(name, session)
    assert there.answer == here.answer != ""
    assert [(one.state, one.quote, one.place) for one in there.evidence] == [
        (one.state, one.quote, one.place) for one in here.evidence
    ]
