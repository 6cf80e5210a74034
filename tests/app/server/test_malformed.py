"""2,000 requests that are broken, strange or too large, from a seed: each gets a 4xx with a sentence, nothing else."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.server import guard
from app.server.endpoints import ENDPOINTS
from model.types import Event, Request, TextDelta
from tests.app.engine.scripted import finished
from tests.app.server.serving import Running, scripted

CASES = 2000
WRONG: tuple[Any, ...] = (None, -1, 1e400, "x", "", [], {}, [[]], {"a": {"b": 1}}, True, "\ud800", "\0", 10**30, 0.5)
GOOD: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {
        "model": "lectern",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "?"}]},
            {"role": "assistant", "content": "!", "tool_calls": None},
            {"role": "user", "content": "?"},
        ],
        "max_tokens": 5,
        "temperature": 1.0,
        "top_p": 0.5,
        "seed": 1,
        "stop": ["a"],
        "stream": False,
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}],
    },
    "/v1/responses": {
        "model": "lectern",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "?"}]}],
        "max_output_tokens": 5,
        "reasoning": {"effort": "low"},
        "text": {"format": {"type": "text"}},
    },
    "/v1/lectern/documents": {"file_id": "DOCUMENT", "reading": {"mode": "text", "detail": 70, "password": "x"}},
    "/v1/lectern/documents/DOCUMENT/pin": {"pinned": True},
    "/v1/lectern/ask": {
        "question": "?",
        "documents": ["DOCUMENT"],
        "history": [{"question": "?", "answer": "!"}],
        "instructions": "Be brief.",
        "temperature": 1.0,
        "max_tokens": 5,
    },
    "/v1/lectern/cost": {"question": "?", "documents": ["DOCUMENT"]},
    "/v1/lectern/extract": {
        "documents": ["DOCUMENT"],
        "schema": {"type": "object", "properties": {"number": {"type": "string"}}, "required": ["number"]},
        "every_occurrence": False,
    },
    "/v1/lectern/scenes": {"document": "DOCUMENT", "summaries": False, "detail": 70},
    "/v1/lectern/transcripts": {"document": "DOCUMENT", "again": False, "format": "srt"},
    "/v1/lectern/compare": {"first": "DOCUMENT", "second": "DOCUMENT", "explain": True, "language": "German"},
}
MIB = 1 << 20


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a body."""
    if at:
        yield at
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in children:
        yield from places(one, (*at, key))


def broken_value(random: random.Random, path: str) -> bytes:
    """A good body with one field that is wrong, missing, or unknown."""
    body = json.loads(json.dumps(GOOD[path]))
    at = random.choice(list(places(body)))
    inner = body
    for key in at[:-1]:
        inner = inner[key]
    match random.randrange(3):
        case 0:
            inner[at[-1]] = random.choice(WRONG)
        case 1 if isinstance(inner, dict):
            inner[f"field {random.randrange(99)}"] = inner.pop(at[-1])
        case _:
            inner[at[-1]] = random.choice(({"url": "file:///etc/passwd"}, [{"type": "nothing"}], "\u202e" * 50))
    return json.dumps(body).encode()


def broken_bytes(random: random.Random, path: str) -> bytes:
    """A good body, cut, or with bytes that are none of its own."""
    body = bytearray(json.dumps(GOOD[path]).encode())
    match random.randrange(5):
        case 0:
            return bytes(body[: random.randrange(len(body))])
        case 1:
            for _ in range(random.randint(1, 9)):
                body[random.randrange(len(body))] = random.randrange(256)
            return bytes(body)
        case 2:
            return b"[" * random.choice((10, 5000, 200_000))
        case 3:
            return b'{"a":' * random.choice((10, 5000)) + b"1"
    return random.randbytes(random.randrange(300))


def broken_file(random: random.Random) -> bytes:
    """A question with a file or picture that is none."""
    data = random.choice(
        ("", "data:", "data:image/png;base64,", "data:image/png;base64,!!!", "data:x/y,abc", "AAAA===")
    )
    data = random.choice((data, "http://127.0.0.1/", "file:///etc/passwd", "file-" + "0" * 24, "file-../../x", "\0"))
    part: dict[str, Any] = random.choice(
        (
            {"type": "image_url", "image_url": {"url": data}},
            {"type": "video_url", "video_url": {"url": data}},
            {"type": "file", "file": {"file_data": data, "filename": "../../a"}},
            {"type": "file", "file": {"file_data": data, "file_id": data}},
            {"type": "file", "file": {"file_id": data}},
            {"type": "file", "file": {}},
            {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}},
        )
    )
    return json.dumps({"messages": [{"role": "user", "content": [part]}]}).encode()


def too_large(server: Running, random: random.Random, path: str) -> Any:
    """A body that is too large: declared so, found so while it is received, or an uploaded file."""
    if random.randrange(2):
        return server.http.post("/v1/files", files={"file": ("a.txt", b"x" * MIB)}, data={"purpose": "user_data"})
    body = b" " * MIB + json.dumps(GOOD[path]).encode()
    pieces = (body[at : at + 100_000] for at in range(0, len(body), 100_000))
    content: Any = body if random.randrange(2) else pieces
    return server.http.post(path, content=content, headers={"Content-Type": "application/json"})


def ask(server: Running, random: random.Random) -> Any:
    """One request that is broken in some way."""
    path = random.choice(list(GOOD))
    headers = {"Content-Type": "application/json"}
    match random.randrange(21):
        case 0:
            return too_large(server, random, path)
        case 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10:
            body = broken_value(random, path)
        case 11 | 12 | 13 | 14:
            body = broken_bytes(random, path)
        case 15 | 16 | 17:
            path, body = "/v1/chat/completions", broken_file(random)
        case 18 | 19:
            body = json.dumps(GOOD[path]).encode()
            headers["Content-Type"] = random.choice(
                ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data")
            )
            path = random.choice((path, "/v1/files"))
        case _:
            known = {one.path.split("{")[0] for one in ENDPOINTS}
            path = random.choice(("/v1/none", "/v1/chat", "//", "/v1/files/%2e%2e/", "/v1/models/" + "x" * 3000, "/v2"))
            assert path not in known
            return server.http.request(random.choice(("GET", "POST", "PUT", "DELETE", "PATCH", "TRACE")), path)
    return server.http.post(path, content=body, headers=headers)


def with_document(value: Any, id: str) -> Any:
    """A body about a document that is there."""
    return json.loads(json.dumps(value).replace("DOCUMENT", id))


def test_every_broken_request_gets_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(guard, "MOST_JSON", MIB)
    monkeypatch.setattr(guard, "MOST_UPLOAD", MIB)

    def script(request: Request, cancel: threading.Event) -> Iterator[Event]:
        yield TextDelta("Yes.")
        yield finished()

    chance = random.Random(22)
    good = 0
    with scripted(tmp_path, script, tools=True) as (server, _):
        sent = server.http.post("/v1/files", files={"file": ("a.txt", b"The number is 5.")}).json()["id"]
        monkeypatch.setattr(f"{__name__}.GOOD", with_document(GOOD, sent))
        for number in range(CASES):
            answer = ask(server, chance)
            if answer.status_code == 200:  # a change that changed nothing
                assert answer.json().get("error") is None
                good += 1
                continue
            assert 400 <= answer.status_code < 500, (number, answer.status_code, answer.text)
            error = answer.json()["error"]
            assert set(error) == {"message", "type", "param", "code"}
            words = error["message"]
            assert words.endswith((".", "…")) and "\n" not in words and len(words) < 700, words
            assert "Traceback" not in words and "/home" not in words and str(tmp_path) not in words
        assert good < CASES / 4
        for path in ("/v1/chat/completions", "/v1/lectern/ask", "/v1/lectern/compare"):
            assert server.http.post(path, json=GOOD[path]).status_code == 200
        assert [one.name for one in (tmp_path / "uploads").glob("*")] == [sent]
