"""The reading process: takes one request after another from the pipe and answers in JSON messages.

It limits its own memory, ends when the app ends, and never imports Qt or torch. Each parser is imported when
the first file of its kind comes.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from app.ingest.filekind import Form, imported
from app.ingest.kinds import KINDS, sniff
from app.ingest.limits import CPU_CORES, IDLE_CPU_S, MAX_MESSAGE_BYTES, NICENESS
from app.ingest.process.confine import confine, limit_cpu
from app.ingest.process.protocol import decode, encode
from app.ingest.read.hashing import Hashing
from app.ingest.types import ReadOptions
from app.ingest.view.types import LockedError
from model.errors import IngestError

Messages = Iterable[dict[str, Any] | bytes]
"""A message may be finished bytes already."""

ReadFile = Callable[[Path, Form, dict[str, Any]], Messages]

_MEMORY = "The file needs more memory than reading may use; split it or save it smaller."


def main(connection: Connection) -> None:
    """Answer requests until the app closes the pipe."""
    serve(connection, read_file)


def serve(connection: Connection, read: ReadFile) -> None:
    """The loop itself. ``read`` gives the messages that describe a file's contents."""
    harden()
    try:
        connection.send_bytes(encode({"kind": "ready"}))
        while True:
            request = decode(connection.recv_bytes(MAX_MESSAGE_BYTES))
            for message in _answer(request, read):
                connection.send_bytes(message if isinstance(message, bytes) else encode(message))
                set_alarm(request["deadline"])
            set_alarm(0)
    except (EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        return


def _answer(request: dict[str, Any], read: ReadFile) -> Messages:
    set_alarm(request["deadline"])
    try:
        path = Path(request["path"])
        form = sniff(path)
        if request["kind"] == "region":
            from app.ingest.formats.region import render_region

            yield {**render_region(path, form, request, _spool(request)), "kind": "picture"}
            return
        if request["kind"] == "hash":
            yield from Hashing(path).rest()
            return
        yield {"kind": "form", "form": form.kind}
        yield from _hashed(path, form, read(path, form, request))
        yield {"kind": "done"}
    except LockedError as error:
        yield {"kind": "locked", "message": str(error), "wrong": error.wrong}
    except IngestError as error:
        yield {"kind": "failed", "message": str(error)}
    except MemoryError:
        yield {"kind": "failed", "message": _MEMORY}
    except Exception as error:
        # A parser may raise anything on a hostile file; its own words are no help to a person.
        print(f"lectern: reading failed: {error!r}", file=sys.stderr)
        yield {"kind": "failed", "message": "The file is damaged in a way that cannot be read."}


def _hashed(path: Path, form: Form, contents: Messages) -> Messages:
    """The contents, and the file's hash: before them, or beside a clip's frames, where it takes the most time."""
    hashing = Hashing(path)
    try:
        if not KINDS[form.kind].timed:
            yield from hashing.rest()
        for message in contents:
            yield message
            yield from hashing.so_far()
        yield from hashing.rest()
    finally:
        hashing.stop()


def read_file(path: Path, form: Form, request: dict[str, Any]) -> Messages:
    """The messages of the reader for this kind of file."""
    options = ReadOptions(request["budget"], request["mode"], request["max_frames"], request["password"])
    read = imported(KINDS[form.kind].reader)
    messages: Messages = read(path, form.format, options, _spool(request), request["start"])
    return messages


def _spool(request: dict[str, Any]) -> Any:
    from app.ingest.formats.pictures import Spool

    return Spool(Path(request["spool"]), request["remaining"])


def harden() -> None:
    """Before the first hostile byte: limits, no network, no programs, a step back, and an end when the app ends."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        os.nice(NICENESS)
    confine()
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)


def set_alarm(seconds: float) -> None:
    """End this process after so many seconds, or when it uses more than its share of them; 0: nothing is asked of it.

    MuPDF keeps Python's lock while it works, so only a signal ends a hung process whose app is gone.
    """
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)
    limit_cpu(CPU_CORES * seconds or IDLE_CPU_S)
