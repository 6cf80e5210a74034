"""A scripted server on loopback that speaks OpenAI's API, for what real ones do only when something goes wrong."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Delta = dict[str, Any]


@dataclass
class Server:
    """What it answers, and what it was asked."""

    deltas: Sequence[Delta] = ({"content": "Hello"}, {"content": " there"})
    reason: str = "stop"
    status: int = 200
    key: str = ""
    refuses: tuple[str, ...] = ()
    """Kinds of parts that it answers with 400."""
    cut_after: int | None = None
    """Deltas after which the connection breaks."""
    drops: int = 0
    """How many connections are closed without a word."""
    hold: threading.Event = field(default_factory=threading.Event)
    """Where it is to wait behind the first delta: set to go on."""
    waits: bool = False
    listed: dict[str, Any] = field(default_factory=dict)
    props: dict[str, Any] | None = None
    pages: dict[str, Any] = field(default_factory=dict)
    """Further addresses, and what they say: an object, or what gives one."""
    moved: str = ""
    """Another address that it names for every question."""
    reads: bool = False
    """It is silent, as one that reads a long prompt; ``reading`` is set then."""
    reading: threading.Event = field(default_factory=threading.Event)
    address: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)
    """The client went away in the middle."""


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """Serve until the block ends."""
    running = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    running.daemon_threads = True
    server.address = f"http://127.0.0.1:{running.server_address[1]}/v1"
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.hold.set()
        running.shutdown()
        thread.join()
        running.server_close()


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if server.key and self.headers.get("Authorization") != f"Bearer {server.key}":
                self._say(401, {"error": {"message": "wrong key"}})
            elif self.path == "/v1/models":
                self._say(200, {"object": "list", "data": [{"id": "gemma", "object": "model", **server.listed}]})
            elif self.path == "/props" and server.props is not None:
                self._say(200, server.props)
            elif self.path in server.pages:
                self._page()
            else:
                self._say(404, {"error": {"message": "no such address"}})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path in server.pages:
                self._page()
                return
            if self.path != "/v1/chat/completions":
                self._say(404, {"error": {"message": "no such address"}})
                return
            server.asked.append(body)
            if server.moved:
                self.send_response(307)
                self.send_header("Location", server.moved)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if server.reads:
                self._read()
                return
            if server.drops > 0:
                server.drops -= 1
                self.close_connection = True
                return
            kinds = {
                part["type"] for one in body["messages"] if isinstance(one["content"], list) for part in one["content"]
            }
            kinds |= {"tools"} if body.get("tools") else set()
            if refused := kinds & set(server.refuses):
                self._say(400, {"error": {"message": f"{refused} not supported"}})
            elif server.status != 200:
                self._say(server.status, {"error": {"message": "that went\nwrong"}})
            elif body.get("stream"):
                self._stream()
            else:
                message = {"role": "assistant", "content": "H"}
                self._say(200, _chunk(choices=[{"index": 0, "message": message, "finish_reason": "length"}]))

        def _read(self) -> None:
            """Says nothing, and waits for a sign of the client's: its end."""
            server.reading.set()
            with contextlib.suppress(OSError):
                self.connection.recv(1)
            server.gone.set()
            self.close_connection = True

        def _page(self) -> None:
            page = server.pages[self.path]
            self._say(200, page() if callable(page) else page)

        def _stream(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            try:
                for number, delta in enumerate(server.deltas):
                    if number == server.cut_after:
                        return
                    self._event(_chunk(choices=[{"index": 0, "delta": delta, "finish_reason": None}]))
                    if server.waits and number == 0:
                        server.hold.wait(30)
                self._event(_chunk(choices=[{"index": 0, "delta": {}, "finish_reason": server.reason}]))
                details = {"prompt_tokens_details": {"cached_tokens": 5}}
                self._event(
                    _chunk(choices=[], usage={"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9} | details)
                )
                self.wfile.write(b"data: [DONE]\n\n")
            except OSError:
                server.gone.set()

        def _event(self, words: dict[str, Any]) -> None:
            self.wfile.write(f"data: {json.dumps(words)}\n\n".encode())
            self.wfile.flush()

        def _say(self, status: int, words: dict[str, Any]) -> None:
            body = json.dumps(words).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *values: object) -> None:
            return

    return Handler


def _chunk(**more: Any) -> dict[str, Any]:
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "gemma", **more}
