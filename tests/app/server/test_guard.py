"""Who may ask at all: the token, this machine's own names, no pages of others, nothing too large, no paths."""

from __future__ import annotations

import json
import os
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from app.library import policy as policies
from app.server import guard
from app.server.endpoints import ENDPOINTS
from app.server.serving import HOST, listen
from app.server.token import is_token, read_token
from app.server.uploads import Uploads
from model.errors import LecternError
from model.types import Event, Request, TextDelta
from tests.app.engine.scripted import finished
from tests.app.server.serving import Running, scripted

QUESTION = {"messages": [{"role": "user", "content": "?"}]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    def script(request: Request, cancel: threading.Event) -> Iterator[Event]:
        yield TextDelta("Yes.")
        yield finished()

    with scripted(tmp_path_factory.mktemp("guard"), script) as (found, _):
        yield found


def code_of(answer: httpx2.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["message"].endswith(".") and error["type"]
    return str(error["code"])


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer wrong", "Basic bGVjdGVybg==", "bearer lectern-", "Bearer Ä"])
def test_every_endpoint_wants_the_token(server: Running, token: str) -> None:
    with httpx2.Client(base_url=str(server.http.base_url), trust_env=False) as anybody:
        for one in ENDPOINTS:
            path = one.path.replace("{id:path}", "x").replace("{id}", "x")
            answer = anybody.request(one.method, path, headers={"Authorization": token.encode()}, json=QUESTION)
            assert code_of(answer, 401) == "wrong_token"
        assert code_of(anybody.get("/metrics"), 401) == "wrong_token"
        assert anybody.get("/docs").status_code == anybody.get("/openapi.json").status_code == 200
        assert code_of(anybody.post("/docs"), 401) == "wrong_token"


def test_the_token_goes_in_either_header(server: Running) -> None:
    token = server.http.headers["authorization"].removeprefix("Bearer ")
    with httpx2.Client(base_url=str(server.http.base_url), trust_env=False) as other:
        assert other.get("/v1/models", headers={"X-Api-Key": token}).status_code == 200
    assert is_token(token, token) and not is_token(token[:-1], token)


@pytest.mark.parametrize(
    "host", ["", "evil.example", "evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:PORT",
             "localhost.:PORT", "[::2]:PORT", "127.0.0.1:PORT, evil.example", "0.0.0.0:PORT"]
)  # fmt: skip
def test_a_name_that_somebody_else_controls_is_refused(server: Running, host: str) -> None:
    """DNS rebinding: a page of evil.example whose name now leads here."""
    for path in ("/v1/models", "/docs"):
        answer = server.http.get(path, headers={"Host": host.replace("PORT", str(server.server.port))})
        assert answer.status_code in (400, 403)
        if answer.status_code == 403:
            assert code_of(answer, 403) == "wrong_host"
        assert server.model not in answer.text


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", "https://127.0.0.1:PORT", ""])
def test_pages_of_others_are_refused_and_told_nothing(server: Running, origin: str) -> None:
    headers = {"Origin": origin.replace("PORT", str(server.server.port))}
    answer = server.http.post("/v1/chat/completions", json=QUESTION, headers=headers)
    assert code_of(answer, 403) == "wrong_origin"
    preflight = server.http.options("/v1/models", headers={**headers, "Access-Control-Request-Method": "POST"})
    for one in (answer, preflight, server.http.get("/v1/models")):
        assert not [name for name in one.headers if name.startswith("access-control")]
    own = {"Origin": f"http://127.0.0.1:{server.server.port}"}
    assert server.http.get("/v1/models", headers=own).status_code == 200


def test_the_headers_of_every_answer(server: Running) -> None:
    for path in ("/v1/models", "/docs", "/nothing"):
        headers = server.http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "server" not in headers
    page = server.http.get("/docs").text
    assert "<script" not in page and "http://" not in page and "https://" not in page
    assert all(one.path.split("{")[0] in page for one in ENDPOINTS)
    described = server.http.get("/openapi.json").json()
    assert {"/v1/chat/completions", "/v1/responses"} <= set(described["paths"])
    assert described["openapi"].startswith("3.1")
    named = json.dumps(described).count("#/components/schemas/")
    assert named and all(
        name.split('"')[0] in described["components"]["schemas"]
        for name in json.dumps(described).split("#/components/schemas/")[1:]
    )


def test_bodies_that_are_too_large_or_claim_to_be(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MOST_JSON", 2000)
    big = {"messages": [{"role": "user", "content": "x" * 3000}]}
    assert code_of(server.http.post("/v1/chat/completions", json=big), 413) == "body_too_large"

    def pieces() -> Iterator[bytes]:
        for _ in range(5):
            yield b" " * 1000

    answer = server.http.post("/v1/chat/completions", content=pieces(), headers={"Content-Type": "application/json"})
    assert code_of(answer, 413) == "body_too_large"


def test_a_body_that_never_comes(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_IDLE_S", 0.05)
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{server.server.port}\r\nContent-Length: 100\r\n"
        f"Authorization: {server.http.headers['authorization']}\r\nContent-Type: application/json\r\n\r\n"
    )
    with socket.create_connection((HOST, server.server.port), timeout=30) as connection:
        connection.sendall(head.encode() + b'{"mess')
        assert b"408" in connection.recv(1000).split(b"\r\n")[0]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..\\boot.ini", "C:x", "..", "a\x1bb", "", "x" * 201]
)
def test_names_of_uploads_that_are_paths_are_refused(server: Running, name: str, tmp_path: Path) -> None:
    boundary = "b" * 20
    body = (
        (
            f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nuser_data\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="'
        ).encode()
        + name.replace("\\", "\\\\").encode()
        + f'"\r\n\r\nhello\r\n--{boundary}--\r\n'.encode()
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    answer = server.http.post("/v1/files", content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert not server.http.get("/v1/files").json()["data"]


@pytest.mark.parametrize("id", ["..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "file-xyz", "file-" + "0" * 24, "%00"])
def test_ids_are_no_paths(server: Running, id: str) -> None:
    for path in (f"/v1/files/{id}", f"/v1/files/{id}/content"):
        assert server.http.get(path).status_code in (403, 404)
        assert server.http.delete(f"/v1/files/{id}").status_code in (404, 405)


def test_paths_only_inside_folders_that_were_allowed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "a.txt").write_text("words")
    (inside / "link.txt").symlink_to(outside / "a.txt")
    allowed, nowhere = Uploads(tmp_path / "u", (inside,)), Uploads(tmp_path / "u")
    assert allowed.named(str(inside / "a.txt")).name == "a.txt"
    assert allowed.named(str(inside / ".." / "in" / "a.txt")).name == "a.txt"
    refused = [outside / "a.txt", inside / ".." / "out" / "a.txt", inside / "link.txt", inside, inside / "none", "a\0b"]
    for path in refused:
        with pytest.raises(Exception, match="not allowed to read"):
            allowed.named(str(path))
    with pytest.raises(Exception, match="not allowed to read"):
        nowhere.named(str(inside / "a.txt"))


def test_uploads_and_the_token_are_private(server: Running, tmp_path: Path) -> None:
    sent = server.http.post("/v1/files", files={"file": ("a.txt", b"words")}, data={"purpose": "user_data"})
    assert sent.status_code == 200
    path = tmp_path / "api-token"
    token, new = read_token(path)
    assert new and read_token(path) == (token, False) and len(token) > 40
    other, new = read_token(path, new=True)
    assert new and other != token
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(0o644)
        third, new = read_token(path)
        assert new and third != other and stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("short")
    assert read_token(path)[1]


def test_it_listens_on_this_machine_only_and_not_where_it_is_forbidden(
    server: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LecternError, match="cannot use port"):
        listen(server.server.port)
    assert HOST == "127.0.0.1"
    file = tmp_path / "policy.json"
    file.write_text('{"serve": false}')
    monkeypatch.setenv(policies.VARIABLE, str(file))
    with pytest.raises(LecternError, match="administrator"):
        listen(0)


def test_the_readme_names_every_endpoint_and_its_test() -> None:
    folder = Path(guard.__file__).parent
    rows = [row for row in (folder / "README.md").read_text(encoding="utf-8").splitlines() if row.startswith("| `")]
    for one in ENDPOINTS:
        name = f"`{one.method} {one.path.replace(':path', '')}`"
        (row,) = [row for row in rows if name in row]
        for test in row.split("|")[-2].split(","):
            assert (Path(__file__).parent / f"{test.strip()}.py").is_file(), row
