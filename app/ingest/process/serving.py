"""The other end of the pipe, inside a process that parses files: one request after another, whatever parsers do.

Such a process limits its own memory, ends when the app ends, and never imports Qt or torch. Each parser is imported
when the first file of its kind comes.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from typing import Any

from app.ingest.limits import CPU_CORES, IDLE_CPU_S, MAX_MESSAGE_BYTES, NICENESS, WRITTEN_FILE_BYTES
from app.ingest.process.confine import confine, limit_cpu
from app.ingest.process.protocol import decode, encode
from app.ingest.view.types import LockedError
from model.errors import IngestError
from model.messages import Message

Parts = Iterable[dict[str, Any] | bytes]
"""What is sent, one after the other: messages, and bytes as they are (raw pixels, or a message that is finished)."""


@dataclass(frozen=True, slots=True)
class Failures:
    """What the app is told where a parser gives up; its own words are no help to a user."""

    doing: str
    """For the log: what failed."""
    memory: Message
    damaged: Message


def serve(
    connection: Connection,
    answer: Callable[[dict[str, Any]], Parts],
    failures: Failures,
    shrink: Callable[[], None] = lambda: None,
    *,
    written: int = WRITTEN_FILE_BYTES,
) -> None:
    """Answer requests until the app closes the pipe. ``shrink`` lets go of memory after a request had too little.

    ``written`` is the longest file, in bytes, that the process may write.
    """
    harden(written)
    try:
        connection.send_bytes(encode({"kind": "ready"}))
        while True:
            request = decode(connection.recv_bytes(MAX_MESSAGE_BYTES))
            set_alarm(request["deadline"])
            for part in _answered(answer, request, failures, shrink):
                connection.send_bytes(part if isinstance(part, bytes) else encode(part))
                set_alarm(request["deadline"])
            set_alarm(0)
    except (EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        return


def _answered(
    answer: Callable[[dict[str, Any]], Parts],
    request: dict[str, Any],
    failures: Failures,
    shrink: Callable[[], None],
) -> Iterator[dict[str, Any] | bytes]:
    """The answer; whatever a parser does on a hostile file becomes one sentence."""
    try:
        yield from answer(request)
    except LockedError as error:
        yield {"kind": "locked", "message": error.message, "wrong": error.wrong}
    except IngestError as error:
        yield {"kind": "failed", "message": error.message}
    except MemoryError:
        shrink()
        yield {"kind": "failed", "message": failures.memory}
    except Exception as error:
        print(f"lectern: {failures.doing} failed: {error!r}", file=sys.stderr)
        yield {"kind": "failed", "message": failures.damaged}


def harden(written: int = WRITTEN_FILE_BYTES) -> None:
    """Before the first hostile byte: limits, no network, no programs, a step back, and an end when the app ends."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        os.nice(NICENESS)
    confine(written)
    end_with_parent()


def end_with_parent() -> None:
    """End this process when the app's has ended."""
    threading.Thread(target=_wait_for_parent, name="end-with-parent", daemon=True).start()


def _wait_for_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)


def set_alarm(seconds: float) -> None:
    """End this process after ``seconds``, or when it uses more than its share of them; 0: no request is running.

    MuPDF keeps Python's lock while it works, so only a signal ends a hung process whose app is gone.
    """
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)
    limit_cpu(CPU_CORES * seconds or IDLE_CPU_S)
