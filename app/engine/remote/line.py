"""The connection to a server, so that it can be cut from another thread while nothing comes.

A thread that waits for a server's bytes is not woken when another one calls ``close``, and while it waits the server
does not notice that nobody is listening: it would read a long prompt to the end. ``shutdown`` of the socket does both.
``watch`` has to see every request of the HTTP client; each request has its own connection.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any

_HERE = threading.local()
"""``line``: the one of this thread."""


class Line:
    """The connections of one thread, which calls ``use`` first; the newest one is ``cut`` from another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stream: Any = None
        self._cut = False

    def use(self) -> None:
        """The requests of this thread are on this line from now on."""
        _HERE.line = self

    def cut(self) -> None:
        """End the connection at once, and any later one: the waiting thread gets an error, and the server notices."""
        with self._lock:
            self._cut = True
            self._shut()

    def heard(self, event: str, about: dict[str, Any]) -> None:
        """Called on the thread of the request, at each of its steps."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._lock:
                self._stream = about["return_value"]
                if self._cut:
                    self._shut()

    def _shut(self) -> None:
        found = self._stream.get_extra_info("socket") if self._stream is not None else None
        if isinstance(found, socket.socket):
            with contextlib.suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)


def watch(request: Any) -> None:
    """A request (``httpx2.Request``) that is about to be sent on this thread: its line is given its connection."""
    line: Line | None = getattr(_HERE, "line", None)
    if line is not None:
        request.extensions["trace"] = line.heard
