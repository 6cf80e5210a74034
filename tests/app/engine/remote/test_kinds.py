"""What each kind of server tells of its model, in the words of its documentation, and what is made of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from app.engine.remote.engine import RemoteEngine
from app.engine.remote.kinds import OLLAMAS_LEAST
from app.library.model_ref import RemoteModel
from model.errors import CancelledError
from model.types import ChatMessage, Request, TextPart
from tests.app.engine.remote.servers import Server, serving

QUESTION = Request((ChatMessage("user", (TextPart("Hello?"),)),))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serving(Server()) as server:
        yield server


def opened(server: Server) -> RemoteEngine:
    return RemoteEngine.open(RemoteModel(server.address, "gemma"), key="")


def able(engine: RemoteEngine) -> tuple[bool, bool, bool, bool]:
    can = engine.info.capabilities
    return can.pictures, can.sound, can.tools, can.thinking


def running(length: Any) -> dict[str, Any]:
    return {
        "models": [{"name": "other:latest", "context_length": 99}, {"name": "gemma:latest", "context_length": length}]
    }


@pytest.mark.parametrize(("ps", "length"), [(running(16_384), 16_384), (running(None), OLLAMAS_LEAST), ({}, 8192)])
def test_ollama_has_the_context_that_it_allotted_not_the_one_that_a_model_could_hold(
    server: Server, ps: Any, length: int
) -> None:
    """Otherwise it would cut the beginning of a long prompt without a word. It allots when the model is loaded."""
    loaded_first: list[bool] = []

    def answer() -> Any:
        loaded_first.append(bool(server.asked))
        return ps

    about = {"capabilities": ["completion", "vision", "tools"], "model_info": {"gemma4.context_length": 262_144}}
    server.pages = {"/api/show": about, "/api/ps": answer}
    server.refuses = ("input_audio",)
    engine = opened(server)
    assert engine.info.context_tokens == length and loaded_first == [True]
    if ps:
        assert able(engine) == (True, False, True, False)
        server.asked.clear()
        list(engine.generate(QUESTION))
        assert server.asked[0]["reasoning_effort"] == "none" and "chat_template_kwargs" not in server.asked[0]
    engine.close()


def test_lm_studio_by_both_of_its_addresses(server: Server) -> None:
    loaded: list[dict[str, Any]] = []

    def models() -> Any:
        loaded[:] = [{"id": "gemma", "config": {"context_length": 8000}}] if server.asked else []
        about = {"key": "google/gemma", "max_context_length": 131_072, "loaded_instances": loaded}
        mine = {"key": "gemma", "max_context_length": 262_144, "loaded_instances": list(loaded)}
        can = {"capabilities": {"vision": True, "trained_for_tool_use": False}}
        return {"models": [mine | can, about | can]}

    server.pages = {"/api/v1/models": models}
    engine = opened(server)
    assert engine.info.context_tokens == 8000 and able(engine)[:3] == (True, False, False)
    engine.close()
    server.pages = {
        "/api/v0/models/gemma": {"type": "llm", "max_context_length": 9000, "capabilities": ["tool_use"]},
    }
    engine = opened(server)
    assert engine.info.context_tokens == 9000 and able(engine)[:3] == (False, False, True)
    engine.close()


def test_sglang_and_vllm(server: Server) -> None:
    server.listed = {"max_model_len": 65_536, "owned_by": "sglang"}
    server.pages = {"/model_info": {"has_image_understanding": True, "has_audio_understanding": False}}
    server.refuses = ("tools",)
    engine = opened(server)
    assert engine.info.context_tokens == 65_536 and able(engine) == (True, False, False, True)
    server.asked.clear()
    list(engine.generate(QUESTION))
    assert server.asked[0]["chat_template_kwargs"] == {"enable_thinking": False}
    assert "reasoning_effort" not in server.asked[0]
    engine.close()


def test_opening_can_be_stopped_while_the_server_loads_the_model(server: Server) -> None:
    cancel, gate = threading.Event(), threading.Event()

    def hangs() -> Any:
        cancel.set()
        gate.wait(30)
        return {}

    server.pages = {"/model_info": hangs}
    with pytest.raises(CancelledError):
        RemoteEngine.open(RemoteModel(server.address, "gemma"), cancel=cancel, key="")
    gate.set()
