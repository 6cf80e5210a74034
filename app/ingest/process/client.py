"""The app's end of a process that parses files: started when something is asked, listened to, ended for certain.

Reading, showing, playing and finding scenes each have their own kind of process, and all speak with it through a
``Client``. It is the one place that knows what can become of a process:

    none ──(something is asked)──> running ──(LostError, CancelledError, anything unforeseen, close)──> none

``LostError``: it crashed, hung, used too much memory, or sent what it may not send (``ProtocolError``, which never
leaves a client). ``IngestError``: the file is at fault and the process lives on. After any other error the process has
ended and been reaped; the next request starts a new one, so a crash costs what was asked and nothing else.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from app.ingest.limits import Timeouts
from app.ingest.process.child import Child, Entry, LostError
from app.ingest.process.protocol import ProtocolError, locked_of, message_of
from model.cancel import NEVER, Cancel
from model.errors import CancelledError, IngestError

Fields = dict[str, Any]
"""A request's or an answer's contents; what comes is checked field by field (``app.ingest.process.protocol``)."""

_FINAL = ("done", "failed", "locked")
"""The last messages about a file: behind one of these the process waits for the next request."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: the message, and the raw bytes behind it where the request asks for some.

    ``data`` takes the most bytes that they may be. Raises ``LostError``.
    """

    message: Fields
    data: Callable[[int], bytes]


class Client:
    """One process at a time. For one thread, or under its owner's lock."""

    def __init__(self, entry: Entry, timeouts: Timeouts) -> None:
        self._entry, self._timeouts = entry, timeouts
        self._child: Child | None = None
        self._asked = 0.0

    @property
    def pid(self) -> int | None:
        """The process's number, while there is one."""
        return self._child.pid if self._child is not None else None

    def start(self) -> None:
        """Start it now, so that the first request does not wait for it. Returns at once."""
        if self._child is None:
            self._child = Child(self._timeouts, self._entry)

    def close(self, *, gently: bool = False) -> None:
        """End the process and reap it; ``gently`` gives it a second to end by itself."""
        child, self._child = self._child, None
        if child is not None:
            child.close() if gently else child.kill()

    @contextlib.contextmanager
    def answer(self, request: Fields, cancel: Cancel) -> Iterator[Answer]:
        """Ask, and wait for the answer; the block checks it and takes it apart.

        Raises ``IngestError``, ``LostError``, ``CancelledError``; a ``ProtocolError`` of the block is a ``LostError``.
        """
        with self._speaking() as child:
            child.ask(self._dated(request), cancel)
            yield Answer(_checked(child.listen(cancel, self._timeouts.unit_s)), child.data)

    def follow(
        self,
        request: Fields,
        cancel: Cancel,
        take: Callable[[Fields], None],
        done: Callable[[], bool],
        until: float = float("inf"),
    ) -> bool:
        """Ask, and hand each message to ``take`` until nothing more is wanted; it may raise ``ProtocolError``.

        ``False``: it is later than ``until`` (``time.monotonic``), and the process has been ended. Where ``take``
        refuses the file before the process is through with it, the process ends too: what it would still send belongs
        to this file and to no other. Raises as ``answer``.
        """
        last = ""
        with self._speaking() as child:
            try:
                child.ask(self._dated(request), cancel)
                while not done():
                    if time.monotonic() > until:
                        self.close()
                        return False
                    message = child.listen(cancel, self._timeouts.unit_s)
                    last = message["kind"]
                    take(message)
            except IngestError:
                if last not in _FINAL:
                    self.close()
                raise
        return True

    def send(self, request: Fields) -> None:
        """Ask for something whose answer is ``received`` later. Raises ``LostError``."""
        self._asked = time.monotonic()
        with self._speaking() as child:
            child.ask(self._dated(request), NEVER)

    @contextlib.contextmanager
    def received(self, seconds: float, *, waiting: bool) -> Iterator[Answer | None]:
        """What has come, at the latest after ``seconds``; ``waiting``: a process that stays silent too long is lost.

        Raises as ``answer``.
        """
        with self._speaking() as child:
            if child.poll(seconds):
                self._asked = time.monotonic()
                yield Answer(_checked(child.message()), child.data)
            else:
                if waiting:
                    child.check(self._asked, self._timeouts.unit_s)
                yield None

    @contextlib.contextmanager
    def _speaking(self) -> Iterator[Child]:
        self.start()
        child = self._child
        assert child is not None
        try:
            yield child
        except ProtocolError:
            self._child = None
            raise child.misbehaved() from None
        except (LostError, CancelledError):  # it has been ended where these are raised
            self._child = None
            raise
        except IngestError:
            raise
        except BaseException:
            self.close()
            raise

    def _dated(self, request: Fields) -> Fields:
        """With the seconds after which a hung process ends by itself, should the app no longer be there."""
        return request | {"deadline": self._timeouts.unit_s + self._timeouts.alarm_margin_s}


def _checked(message: Fields) -> Fields:
    if message["kind"] == "locked":
        raise locked_of(message)
    if message["kind"] == "failed":
        raise IngestError(message_of(message, "message"))
    return message


class OwnsProcess:
    """What owns a ``Client``: a context manager, closed at its end."""

    _client: Client

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The process's number, while there is one."""
        return self._client.pid

    def close(self) -> None:
        """End the process."""
        self._client.close()
