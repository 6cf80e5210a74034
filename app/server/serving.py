"""The server: a socket on this machine's own address, a thread, and its end.

It listens on the loopback address only. Whoever wants to reach it from another machine uses a tunnel that encrypts, as
``ssh -L``: the API itself does not.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn

from app.engine.threads.worker import Worker
from app.server.allowed import check_allowed
from app.server.application import application
from app.server.guard import Guard
from app.server.queue import Source
from app.server.service import Service
from model.errors import LecternError
from model.messages import msg

HOST = "127.0.0.1"
PORT = 8571
_MOST_CONNECTIONS = 1024
_KEEP_ALIVE_S = 30
_LARGEST_HEAD = 64 << 10
_GRACE_S = 1
_log = logging.getLogger(__name__)


def listen(port: int) -> socket.socket:
    """A socket on the loopback address; 0 is any free port. Raises ``LecternError``, also where it is forbidden."""
    check_allowed()
    # Of the protocol by its number: only then asyncio sends small pieces at once, and not 40 ms later.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where another program could take the port as well
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((HOST, port))
        sock.listen(256)
    except (OSError, OverflowError) as error:
        sock.close()
        raise LecternError(
            msg(
                "api.port",
                "The API cannot use port {port} ({why}); choose another one.",
                port=str(port),
                why=getattr(error, "strerror", None) or error,
            )
        ) from error
    return sock


class Server(Worker):
    """The API on a thread of its own, from ``start`` to ``end``."""

    def __init__(
        self,
        source: Source,
        token: str,
        *,
        port: int = PORT,
        folder: Path | None = None,
        allowed: Sequence[Path] = (),
        ended: Callable[[], object] = lambda: None,
    ) -> None:
        """Listens from now on. ``ended`` is called on the thread. Raises ``LecternError``."""
        super().__init__("lectern-api")
        self._socket = listen(port)
        self.port: int = self._socket.getsockname()[1]
        self.address = f"http://{HOST}:{self.port}/v1"
        self._source, self.token = source, token
        self._folder, self._allowed, self._ended = folder, tuple(allowed), ended
        self.service: Service | None = None
        self._uvicorn: uvicorn.Server | None = None
        self._guard: Guard | None = None

    def use_token(self, token: str) -> None:
        """Only requests with this token are answered from now on."""
        with self._changed:
            self.token = token
            if self._guard is not None:
                self._guard.token = token

    def _stop(self) -> None:
        if self._uvicorn is not None:
            self._uvicorn.should_exit = True
        elif self._thread is None:
            self._socket.close()

    # On the thread

    def _work(self) -> None:
        # Its priority is not lowered beside a window: a thread that other programs keep from running may hold Python's
        # lock, and then the window waits for it.
        try:
            with asyncio.Runner() as runner:
                runner.run(self._serve())
        finally:
            self._socket.close()
            self._ended()

    async def _serve(self) -> None:
        service = Service(self._source, folder=self._folder, allowed=self._allowed)
        guard = application(service, self.token, self.port)
        config = uvicorn.Config(
            guard,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=_GRACE_S,
            h11_max_incomplete_event_size=_LARGEST_HEAD,
        )
        server = uvicorn.Server(config)
        with self._changed:
            self.service = service
            self._uvicorn, self._guard = server, guard
            if self.ending.is_set():
                server.should_exit = True
        try:
            await server.serve(sockets=[self._socket])
        finally:
            service.close()
