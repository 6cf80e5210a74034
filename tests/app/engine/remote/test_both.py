"""The same questions through two real servers: Lectern's own, and llama.cpp's where its package is installed.

Both run the same tiny model with random weights, so the answers are noise. What is checked is that they come, follow a
schema, are counted, cut and stopped, and continue from the cache.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import gguf
import httpx2
import jsonschema
import pytest

from app.chat.request import AskOptions
from app.engine.model.opening import open_engine
from app.engine.remote.engine import RemoteEngine
from app.engine.remote.server import models_of
from app.library.model_ref import LocalFolder, RemoteModel
from app.session.session import Session
from model.synthetic.writing import write_checkpoint
from model.types import (
    ChatMessage,
    Constraint,
    Event,
    Failed,
    Finished,
    Request,
    Sampling,
    TextDelta,
    TextPart,
)
from tests.app.server.serving import TOKEN, running
from tests.files.gguf import all_in, write_model

LLAMA = shutil.which("llama-server")
CONTEXT = 2048
TEMPLATE = """\
{{ bos_token }}{% for one in messages %}<|turn>{{ 'model' if one.role == 'assistant' else one.role }}
{{ one.content }}<turn|>
{% endfor %}<|turn>model
"""
SCHEMA = {
    "type": "object",
    "properties": {"kind": {"enum": ["invoice", "letter"]}, "paid": {"type": "boolean"}},
    "required": ["kind", "paid"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Far:
    """A server, with what its user needs to know."""

    kind: str
    address: str
    name: str
    key: str

    def open(self) -> RemoteEngine:
        return RemoteEngine.open(RemoteModel(self.address, self.name), key=self.key)


@contextlib.contextmanager
def lectern(folder: Path, home: Path) -> Iterator[Far]:
    with running(home, lambda _model, *rest: open_engine(LocalFolder(folder), *rest)) as far:
        yield Far("lectern", far.server.address, far.model, TOKEN)


@contextlib.contextmanager
def llama_server(folder: Path, home: Path) -> Iterator[Far]:
    if LLAMA is None:
        pytest.skip("llama.cpp's server is not installed")
    (home / "template.jinja").write_text(TEMPLATE, encoding="utf-8")
    words = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]

    def ends(writer: gguf.GGUFWriter) -> None:
        """As in published files; llama.cpp's server exits without a first token."""
        writer.add_bos_token_id(words["<bos>"])
        writer.add_eos_token_id(words["<turn|>"])
        writer.add_add_bos_token(True)

    write_model(home / "tiny.gguf", folder, all_in("F32"), more=ends)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [LLAMA, "--model", str(home / "tiny.gguf"), "--host", "127.0.0.1", "--port", str(port), "--alias", "tiny"]
    command += ["--api-key", TOKEN, "--ctx-size", str(CONTEXT), "--parallel", "1", "--threads", "1", "--no-warmup"]
    command += ["--jinja", "--chat-template-file", str(home / "template.jinja"), "--n-gpu-layers", "0"]
    with (home / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            address, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 120
            with httpx2.Client(trust_env=False) as client:
                while True:
                    assert process.poll() is None and time.monotonic() < deadline, (home / "log").read_text()[-2000:]
                    with contextlib.suppress(httpx2.HTTPError):
                        if client.get(f"{address}/health").status_code == 200:
                            break
                    time.sleep(0.1)
            yield Far("llama-server", f"{address}/v1", "tiny", TOKEN)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("models") / "tiny", "tiny")


@pytest.fixture(scope="module", params=[lectern, llama_server], ids=["lectern", "llama-server"])
def far(request: pytest.FixtureRequest, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Far]:
    start: Callable[[Path, Path], contextlib.AbstractContextManager[Far]] = request.param
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTERN_HOME", str(home))
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            patch.delenv(name, raising=False)
        with start(tiny, home) as found:
            yield found


@pytest.fixture
def engine(far: Far) -> Iterator[RemoteEngine]:
    engine = far.open()
    yield engine
    engine.close()


def asked(engine: RemoteEngine, words: str, **more: object) -> tuple[str, Finished]:
    request = Request((ChatMessage("user", (TextPart(words),)),), **more)  # type: ignore[arg-type]
    *events, end = engine.generate(request)
    assert isinstance(end, Finished), end
    return "".join(event.text for event in events if isinstance(event, TextDelta)), end


def test_what_it_has_is_found_by_asking(far: Far, engine: RemoteEngine) -> None:
    assert far.name in models_of(far.address, far.key)
    assert engine.info.context_tokens >= CONTEXT and not engine.info.leaves
    assert engine.info.capabilities.sound is False
    if far.kind == "llama-server":
        assert engine.info.context_tokens == CONTEXT and engine.info.capabilities.pictures is False


def test_a_wrong_key_is_reported(far: Far) -> None:
    with pytest.raises(Exception, match="does not accept the key"):
        RemoteEngine.open(RemoteModel(far.address, far.name), key="wrong")


def test_an_answer_is_cut_at_its_limit_and_counted(engine: RemoteEngine) -> None:
    text, end = asked(engine, "Write.", sampling=Sampling(temperature=1.0, seed=3), max_new_tokens=5)
    assert text and end.reason in ("length", "stop")
    assert end.usage.prompt_tokens > 3 and 0 < end.usage.answer_tokens <= 5


def test_the_same_seed_gives_the_same_answer(engine: RemoteEngine) -> None:
    answers = [asked(engine, "Write.", sampling=Sampling(temperature=1.0, seed=5), max_new_tokens=12)[0] for _ in "12"]
    assert answers[0] == answers[1] != ""


@pytest.mark.parametrize("seed", range(4))
def test_a_schema_holds(engine: RemoteEngine, seed: int) -> None:
    form = Constraint("json_schema", json.dumps(SCHEMA))
    sampling = Sampling(temperature=1.0, seed=seed)
    text, end = asked(engine, "Fill in the form.", sampling=sampling, constraint=form, max_new_tokens=300)
    assert end.reason == "stop", "the form has an end"
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(text))


def test_a_document_is_asked_about_and_comes_out_of_the_servers_cache(far: Far, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("The fee is 12 euros, and the notice period is three months. " * 12)
    with Session(options=AskOptions(max_new_tokens=16)) as session:
        session.use(far.open())
        session.add(note)
        first, second = session.ask("What is the fee?"), session.ask("And the notice period?")
    for one in (first, second):
        assert one.finished is not None and one.finished.usage.prompt_tokens > 200
        assert all(evidence.state != "found" or evidence.place is not None for evidence in one.evidence)
    assert second.finished is not None and second.finished.usage.reused_tokens > 200


def test_a_cancel_ends_it_and_the_next_question_is_answered(engine: RemoteEngine) -> None:
    cancel = threading.Event()
    form = Constraint("json_schema", json.dumps({"type": "array", "minItems": 500, "items": {"type": "boolean"}}))
    request = Request(
        (ChatMessage("user", (TextPart("Write."),)),), Sampling(temperature=1.0), max_new_tokens=1500, constraint=form
    )
    events: list[Event] = []
    for event in engine.generate(request, cancel):
        events.append(event)
        if len(events) == 3:
            cancel.set()
    assert isinstance(events[-1], Finished) and events[-1].reason == "cancelled"
    assert asked(engine, "Write.", max_new_tokens=3)[1].usage.answer_tokens <= 3


def test_more_than_it_can_hold_is_refused_in_a_sentence(engine: RemoteEngine) -> None:
    words = "one two three four five six seven eight nine ten " * (engine.info.context_tokens // 5)
    *_, end = engine.generate(Request((ChatMessage("user", (TextPart(words),)),), max_new_tokens=3))
    assert isinstance(end, Failed) and "\n" not in str(end.message) and len(str(end.message)) < 600
