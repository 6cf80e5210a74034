"""One process that parses files as the app sees it: start, ask, listen with a deadline, end for certain.

Every way in which the process can fail becomes a ``LostError`` with a sentence for the user; after one, the process
has ended and been reaped. Owners speak with it through ``app.ingest.process.client``.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import psutil

from app.ingest.limits import MAX_MESSAGE_BYTES, MEMORY_BYTES, Timeouts
from app.ingest.process import job
from app.ingest.process.protocol import ProtocolError, decode, encode
from model.cancel import Cancel
from model.errors import CancelledError
from model.messages import Message, msg

Entry = Callable[[Connection], None]

_POLL_S = 0.05
_MEMORY_CHECK_S = 0.5
_CRASHED = msg("process.crashed", "It made the reading process crash.")


class LostError(Exception):
    """The reading process crashed, hung, or broke the protocol."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class Child:
    """A running reading process. Not for use by two threads at once, except for ``kill``."""

    def __init__(self, timeouts: Timeouts, entry: Entry) -> None:
        self._timeouts = timeouts
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=entry, args=(theirs,), name="lectern-reading", daemon=True)
        try:
            self._process.start()
        finally:
            theirs.close()
        self._job = job.assign(self._process.pid)
        self._ready = False
        self._looked = 0.0

    @property
    def pid(self) -> int | None:
        """Process number; ``None`` where no process runs."""
        return self._process.pid

    def ask(self, request: dict[str, Any], cancel: Cancel) -> None:
        """Send a request, once the process is ready. Raises ``LostError``, ``CancelledError``."""
        if not self._ready:
            started = self.listen(cancel, self._timeouts.start_s)
            if started["kind"] != "ready":
                raise self._lost(msg("process.not-started", "The reading process did not start properly."))
            self._ready = True
        try:
            self._connection.send_bytes(encode(request))
        except OSError:
            raise self._lost(msg("process.ended", "The reading process ended unexpectedly.")) from None

    def listen(self, cancel: Cancel, seconds: float) -> dict[str, Any]:
        """The next message, at the latest after ``seconds``. Raises ``LostError``, ``CancelledError``."""
        started = time.monotonic()
        come = False
        while not come:
            come = self.poll(_POLL_S)
            if cancel.is_set():
                self.kill()
                raise CancelledError(msg("cancelled.reading", "Reading was stopped."))
            if not come:
                self.check(started, seconds)
        return self.message()

    def poll(self, seconds: float) -> bool:
        """Whether something has come, at the latest after ``seconds``. Raises ``LostError``."""
        try:
            return self._connection.poll(seconds)
        except OSError:
            raise self._lost(_CRASHED) from None

    def message(self) -> dict[str, Any]:
        """The message that has come. Raises ``LostError``."""
        try:
            return decode(self.data(MAX_MESSAGE_BYTES))
        except ProtocolError:
            raise self.misbehaved() from None

    def data(self, most: int) -> bytes:
        """The bytes that come next, as they are. Raises ``LostError``."""
        try:
            return self._connection.recv_bytes(most)
        except (EOFError, OSError):  # a killed pipe and an over-long message both end here
            raise self._lost(_CRASHED) from None

    def kill(self) -> None:
        """End the process and reap it. Harmless when it has ended."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            self._process.kill()
        with contextlib.suppress(AssertionError, ValueError):
            self._process.join(5)
        with contextlib.suppress(OSError):
            self._connection.close()
        job.release(self._job)
        self._job = None

    def close(self) -> None:
        """Let the process end by itself; kill it where it does not within a second."""
        with contextlib.suppress(OSError):
            self._connection.close()
        self._process.join(1)
        self.kill()

    def misbehaved(self) -> LostError:
        """The error for a message whose contents were not allowed."""
        return self._lost(msg("process.misbehaved", "It made the reading process misbehave."))

    def check(self, since: float, seconds: float) -> None:
        """End it where it has been silent for too long ``since`` then, or needs too much memory. Raises ``LostError``.

        Memory is looked at twice a second, for systems that enforce no limit themselves.
        """
        now = time.monotonic()
        if now - since > seconds:
            raise self._lost(
                msg("process.too-long", "It took longer than {seconds} seconds and was stopped.", seconds=seconds)
            )
        if now - self._looked > _MEMORY_CHECK_S:
            self._looked = now
            self._check_memory()

    def _check_memory(self) -> None:
        with contextlib.suppress(psutil.Error):
            if psutil.Process(self._process.pid).memory_info().rss > MEMORY_BYTES:
                raise self._lost(msg("process.memory", "It needs more memory than reading may use."))

    def _lost(self, message: Message) -> LostError:
        self.kill()
        return LostError(message)
