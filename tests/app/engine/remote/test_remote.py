"""A model on a server: what goes out, what comes back, what is known of it, and how each failure is said."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from PIL import Image

from app import cli, paths
from app.cli.common.engine import KEY_VARIABLE
from app.engine.model.opening import open_engine
from app.engine.remote import engine as engines
from app.engine.remote.engine import RemoteEngine
from app.engine.remote.secrets import allow, disallow, key_of
from app.engine.remote.server import ServerError, address_of, is_on_this_machine, is_readable_by_others, models_of
from app.library import policy as policies
from app.library.model_ref import RemoteModel, as_data, from_data
from model.messages import msg
from model.types import (
    ChatMessage,
    Constraint,
    Event,
    Failed,
    Finished,
    Picture,
    PicturePart,
    Request,
    Sampling,
    TextDelta,
    TextPart,
    ThoughtDelta,
    ToolCall,
    ToolSpec,
    ToolStep,
)
from tests.app.engine.remote.servers import Server, serving

QUESTION = Request((ChatMessage("system", (TextPart("Be brief."),)), ChatMessage("user", (TextPart("Hello?"),))))


class Ring(KeyringBackend):
    """A keyring in memory, where a desktop has its own."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ring]:
    before, ring = keyring.get_keyring(), Ring()
    keyring.set_keyring(ring)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield ring
    keyring.set_keyring(before)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server()) as server:
        yield server


def opened(server: Server) -> RemoteEngine:
    engine = RemoteEngine.open(RemoteModel(server.address, "gemma"), key=server.key)
    server.asked.clear()  # what was tried to know it
    return engine


def asked(server: Server, request: Request = QUESTION) -> list[Event]:
    engine = opened(server)
    try:
        return list(engine.generate(request))
    finally:
        engine.close()


def test_an_answer_with_thoughts_and_its_figures(server: Server) -> None:
    server.deltas = ({"reasoning_content": "Well"}, {"reasoning": "."}, {"content": "Yes"}, {"content": "!"})
    *words, end = asked(server)
    assert words == [ThoughtDelta("Well"), ThoughtDelta("."), TextDelta("Yes"), TextDelta("!")]
    assert isinstance(end, Finished) and end.reason == "stop"
    assert (end.usage.prompt_tokens, end.usage.reused_tokens, end.usage.answer_tokens) == (7, 5, 2)


def test_what_goes_out_is_the_request_and_nothing_else(server: Server) -> None:
    pixels = bytes(range(256)) * 54
    picture = Picture(pixels, 48, 96, 70, "a" * 64)
    parts = (TextPart("One "), TextPart("two."), PicturePart(picture), TextPart("What?"))
    request = Request(
        (ChatMessage("user", parts),),
        Sampling(temperature=0.0, seed=3),
        max_new_tokens=50,
        constraint=Constraint("json_schema", '{"type": "object"}'),
        tools=(ToolSpec("find", "Find words.", {"type": "object", "properties": {}}),),
        steps=(ToolStep(ToolCall("find", '{"words": "x"}'), (TextPart("Page 3."), PicturePart(picture))),),
    )
    asked(server, request)
    [body] = server.asked
    user, call, result, more = body["messages"]
    text, image, last = user["content"]
    assert (text, last) == ({"type": "text", "text": "One two."}, {"type": "text", "text": "What?"})
    data = base64.b64decode(image["image_url"]["url"].removeprefix("data:image/png;base64,"))
    with Image.open(io.BytesIO(data)) as sent:
        assert sent.size == (96, 48) and sent.tobytes() == pixels
    assert call["tool_calls"][0]["function"] == {"name": "find", "arguments": '{"words": "x"}'}
    assert (result["role"], result["content"]) == ("tool", "Page 3.") and more["content"][0]["type"] == "image_url"
    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert body["tools"][0]["function"]["name"] == "find"
    assert (body["temperature"], body["seed"], body["max_tokens"]) == (0.0, 3, 50)
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert "a" * 64 not in json.dumps(body), "hashes and names of files stay here"


def test_a_call_in_pieces(server: Server) -> None:
    server.deltas = (
        {
            "tool_calls": [
                {"index": 0, "id": "1", "type": "function", "function": {"name": "find", "arguments": '{"wo'}}
            ]
        },
        {"tool_calls": [{"index": 0, "function": {"arguments": 'rds": "x"}'}}]},
    )
    server.reason = "tool_calls"
    call, end = asked(server)
    assert call == ToolCall("find", '{"words": "x"}')
    assert isinstance(end, Finished) and end.reason == "tool"


def test_cut_at_the_limit_is_said(server: Server) -> None:
    server.reason = "length"
    assert isinstance(end := asked(server)[-1], Finished) and end.reason == "length"


def test_a_cancel_ends_it_at_once_and_the_server_sees_it(server: Server) -> None:
    server.waits = True
    server.deltas = tuple({"content": "word "} for _ in range(20_000))
    engine, cancel = opened(server), threading.Event()
    events = engine.generate(QUESTION, cancel)
    assert next(events) == TextDelta("word ")
    cancel.set()
    server.hold.set()
    assert isinstance(end := list(events)[-1], Finished) and end.reason == "cancelled"
    assert server.gone.wait(30)
    engine.close()


def test_a_cancel_reaches_a_server_that_is_silent(server: Server) -> None:
    """It may read a long prompt for minutes; until the first byte, no thread notices a ``close``."""
    engine, cancel = opened(server), threading.Event()
    server.reads = True
    stop = threading.Thread(target=lambda: server.reading.wait(30) and cancel.set())
    stop.start()
    [end] = engine.generate(QUESTION, cancel)
    stop.join()
    assert isinstance(end, Finished) and end.reason == "cancelled"
    assert server.gone.wait(30), "the server reads on"
    engine.close()


def test_no_redirection_is_followed(server: Server) -> None:
    """Only this server was allowed: one that it redirects to gets nothing."""
    engine = opened(server)
    with serving(Server()) as other:
        server.moved = f"{other.address}/chat/completions"
        [end] = engine.generate(QUESTION)
        assert isinstance(end, Failed) and "status 307" in str(end.message)
        assert other.asked == [] and len(server.asked) == 1
    engine.close()


def test_a_connection_that_breaks_in_the_answer_keeps_what_came_and_does_not_ask_again(server: Server) -> None:
    server.cut_after = 1
    first, end = asked(server)
    assert first == TextDelta("Hello")
    assert isinstance(end, Failed) and "in the middle of the answer" in str(end.message)
    assert len(server.asked) == 1


def test_what_was_not_answered_at_all_is_asked_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_PAUSE_S", 0.0)
    engine = opened(server)
    server.drops = engines.ATTEMPTS - 1
    assert isinstance(list(engine.generate(QUESTION))[-1], Finished)
    server.drops = engines.ATTEMPTS
    [end] = engine.generate(QUESTION)
    assert isinstance(end, Failed) and "cannot be reached" in str(end.message)
    assert len(server.asked) == 2 * engines.ATTEMPTS
    engine.close()


@pytest.mark.parametrize(
    ("status", "words"),
    [(400, "status 400: that went wrong"), (401, "does not accept the key"), (429, "is busy"), (500, "status 500")],
)
def test_each_refusal_is_one_sentence(server: Server, status: int, words: str) -> None:
    engine = opened(server)
    server.status = status
    [end] = engine.generate(QUESTION)
    assert isinstance(end, Failed) and words in str(end.message) and "\n" not in str(end.message)
    assert len(server.asked) == 1
    engine.close()


def test_what_it_can_do_is_tried_where_it_is_not_told(server: Server) -> None:
    server.refuses = ("input_audio", "tools")
    info = opened(server).info
    can = info.capabilities
    assert (can.pictures, can.sound, can.tools) == (True, False, False)
    assert not can.residency and not can.preflight
    assert info.context_tokens == 8192 and info.host == server.address[7:-3] and not info.leaves


def test_what_it_tells_is_believed(server: Server) -> None:
    server.listed = {"max_model_len": 131_072}
    server.props = {"modalities": {"vision": False, "audio": True}, "default_generation_settings": {"n_ctx": 4096}}
    info = opened(server).info
    assert info.context_tokens == 131_072
    assert (info.capabilities.pictures, info.capabilities.sound) == (False, True)
    picture = PicturePart(Picture(bytes(48 * 48 * 3), 48, 48, 70, "b"))
    [end] = opened(server).generate(Request((ChatMessage("user", (picture,)),)))
    assert isinstance(end, Failed) and end.message.code == "server.no-pictures" and server.asked == []


def test_a_model_that_the_server_does_not_have(server: Server) -> None:
    with pytest.raises(ServerError, match="has no model other"):
        RemoteEngine.open(RemoteModel(server.address, "other"), key="")


def test_the_settings_alone_send_nothing(server: Server, ring: Ring) -> None:
    model = RemoteModel(server.address, "gemma")
    assert from_data(as_data(model)) == model
    with pytest.raises(ServerError, match="has not been allowed on this machine"):
        open_engine(model)
    assert server.asked == []
    allow(server.address, "")
    open_engine(model).close()
    disallow(server.address)
    assert key_of(server.address) is None


def test_the_key_is_in_the_keyring_and_nowhere_else(server: Server, ring: Ring) -> None:
    server.key = "secret"
    allow(server.address, "secret")
    assert ring.entries == {("Lectern", server.address): "secret"}
    open_engine(RemoteModel(server.address, "gemma")).close()
    with pytest.raises(ServerError, match="does not accept the key"):
        models_of(server.address, "wrong")


def test_an_administrator_can_forbid_servers(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "policy.json").write_text('{"remote": false}')
    monkeypatch.setenv(policies.VARIABLE, str(tmp_path / "policy.json"))
    with pytest.raises(ServerError, match="switched off on this machine"):
        opened(server)
    assert server.asked == []


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("localhost:8000", "http://localhost:8000/v1"),
        ("gpu.example", "https://gpu.example/v1"),
        ("https://gpu.example/llm/v1/", "https://gpu.example/llm/v1"),
        ("http://10.0.0.7:8000", "http://10.0.0.7:8000/v1"),
        ("[::1]:80", "http://[::1]:80/v1"),
    ],
)
def test_addresses_as_people_type_them(typed: str, address: str) -> None:
    assert address_of(typed) == address


@pytest.mark.parametrize(
    "typed", ["", "file:///etc/passwd", "https://", "https://a:key@host", "https://h:99999999/", "https://h/?q"]
)
def test_addresses_that_are_none(typed: str) -> None:
    with pytest.raises(ServerError, match="is not a server's address"):
        address_of(typed)


def test_what_leaves_the_machine_and_what_others_can_read() -> None:
    assert is_on_this_machine("http://127.0.0.1:8000/v1") and not is_readable_by_others("http://localhost/v1")
    assert not is_on_this_machine("https://localhost.example/v1")
    assert is_readable_by_others("http://10.0.0.7:8000/v1") and not is_readable_by_others("https://gpu.example/v1")


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(ServerError, match=r"127\.0\.0\.1:9 cannot be reached"):
        models_of("http://127.0.0.1:9/v1", "")
    with pytest.raises(ServerError, match="No machine with the name of the server"):
        models_of("https://nothing.invalid/v1", "")


def test_a_server_that_does_not_use_https(server: Server) -> None:
    with pytest.raises(ServerError, match="There is no encrypted connection to the server 127"):
        models_of(server.address.replace("http://", "https://"), "")


def test_other_grammars_are_refused_before_anything_is_sent(server: Server) -> None:
    request = Request(QUESTION.messages, constraint=Constraint("regex", "a+"))
    [end] = asked(server, request)
    assert isinstance(end, Failed) and end.message.code == msg("server.only-schemas", "").code and server.asked == []


def test_asked_from_the_command_line_and_said_where_it_goes(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setenv(KEY_VARIABLE, "secret")
    server.key = "secret"
    server.deltas = ({"content": 'The note says "blue moon" '}, {"content": "[note.txt]."})
    (tmp_path / "note.txt").write_text("Once in a blue moon.", encoding="utf-8")
    assert cli.main(["ask", str(tmp_path / "note.txt"), "-q", "What?", "--server", server.address, "--json"]) == 0
    said = capsys.readouterr()
    answer = json.loads(said.out)
    assert answer["answer"].startswith("The note says") and answer["evidence"][0]["state"] == "found"
    assert f"gemma on the server {server.address[7:-3]} answers" in said.err
    assert any("blue moon" in str(one["messages"]) for one in server.asked)
