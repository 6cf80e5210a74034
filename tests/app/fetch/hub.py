"""A server on loopback that serves one repository as Hugging Face does, and can fail in the ways that networks do."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REPOSITORY = "google/tiny-it-qat-q4_0-gguf"
REVISION = "0123456789abcdef0123456789abcdef01234567"
_RANGE = re.compile(r"bytes=(\d+)-")


@dataclass
class Hub:
    """The repository, and what goes wrong with it."""

    files: dict[str, bytes]
    address: str = ""
    revision: str = REVISION
    error: tuple[int, str] | None = None
    """A status and the code that comes with it, for each question about the repository."""
    cut_after: int | None = None
    """Bytes after which a connection breaks."""
    slow: bool = False
    """Whether contents come in drops, so that whoever fetches can be stopped in the middle."""
    damage: int = 0
    """How many answers with contents still come with a wrong byte."""
    sizes: dict[str, int] = field(default_factory=dict)
    """Sizes that the server names wrongly."""
    requests: list[tuple[str, int]] = field(default_factory=list)
    """What was asked for, and from which byte on."""

    def siblings(self) -> list[dict[str, object]]:
        """The files as the server lists them: large ones with their SHA-256, small ones with Git's sum."""
        found: list[dict[str, object]] = []
        for name, data in self.files.items():
            blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
            one: dict[str, object] = {"rfilename": name, "size": self.sizes.get(name, len(data)), "blobId": blob}
            if name.endswith(".gguf") and "mmproj" not in name:
                one["lfs"] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "pointerSize": 134}
            found.append(one)
        return found


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Serve until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    server.daemon_threads = True
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path.startswith("/api/models/"):
                self._describe(path.removeprefix("/api/models/"))
            elif match := re.fullmatch(f"/{REPOSITORY}/resolve/([0-9a-f]+)/(.+)", path):
                self._contents(match[2])
            else:
                self._say(404, {"error": "not found"}, "EntryNotFound")

        def _describe(self, words: str) -> None:
            hub.requests.append(("info", 0))
            repository, _, revision = words.partition("/revision/")
            if hub.error is not None:
                self._say(hub.error[0], {"error": "refused"}, hub.error[1])
            elif repository != REPOSITORY:
                self._say(404, {"error": "not found"}, "RepoNotFound")
            elif revision and revision != hub.revision:
                self._say(404, {"error": "not found"}, "RevisionNotFound")
            else:
                self._say(200, {"id": REPOSITORY, "sha": hub.revision, "siblings": hub.siblings()})

        def _say(self, status: int, words: dict[str, object], code: str = "") -> None:
            body = json.dumps(words).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if code:
                self.send_header("X-Error-Code", code)
            self.end_headers()
            self.wfile.write(body)

        def _contents(self, name: str) -> None:
            data = hub.files[name]
            match = _RANGE.match(self.headers.get("Range", ""))
            start = int(match[1]) if match else 0
            hub.requests.append((name, start))
            rest = data[start:]
            if hub.damage > 0:
                hub.damage -= 1
                rest = bytes([rest[0] ^ 1]) + rest[1:]
            self.send_response(206 if match else 200)
            self.send_header("Content-Length", str(len(rest)))
            if match:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            self.end_headers()
            self._send(rest)

        def _send(self, rest: bytes) -> None:
            cut = rest if hub.cut_after is None else rest[: hub.cut_after]
            step = 4096 if hub.slow else 1 << 20
            stop = threading.Event()
            try:
                for place in range(0, len(cut), step):
                    self.wfile.write(cut[place : place + step])
                    if hub.slow:
                        stop.wait(0.002)  # a slow line, which is what this is about
            except OSError:
                self.close_connection = True
            if len(cut) < len(rest):
                self.close_connection = True

        def log_message(self, format: str, *values: object) -> None:
            return

    return Handler
