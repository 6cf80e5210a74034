"""Reading processes that misbehave on purpose, by the file's name. Each runs in a real child process."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from app.ingest.filekind import Form
from app.ingest.formats.pdf import ahead
from app.ingest.read import worker
from app.ingest.read.hashing import Hashing

Entry = Callable[[Connection], None]

_BANNED = ("PySide6", "torch", "transformers", "bitsandbytes", "pymupdf.layout", "pymupdf4llm", "onnxruntime")


def main(connection: Connection) -> None:
    """The PDF parser is imported before the process is ready, so that short timeouts measure files only."""
    import app.ingest.formats.pdf.reader  # noqa: F401

    worker.serve(connection, _read)


def silent(connection: Connection) -> None:
    """Never says that it is ready."""
    threading.Event().wait(60)


def alone(connection: Connection) -> None:
    """Without a fork, however long the file is."""
    ahead.possible = lambda pages: False
    worker.main(connection)


def marked(connection: Connection) -> None:
    """Pages that come from the fork say so; the fork works only where the network is closed to it too."""
    settle = ahead._settle

    def settle_and_look(pipe: int, parent: int) -> None:
        settle(pipe, parent)
        with contextlib.suppress(PermissionError):
            socket.socket()
            os._exit(1)

    ahead._settle = settle_and_look
    worker.serve(connection, _marked)


HASH_NOW = ".hash-now"


def hash_is_late(connection: Connection) -> None:
    """As ``main``, but a file is hashed only once another whose name ends with ``HASH_NOW`` appears beside it."""

    class Late(Hashing):
        def _work(self) -> None:
            while not self._path.with_suffix(HASH_NOW).exists() and not self._stopped:
                threading.Event().wait(0.01)
            super()._work()

    worker.Hashing = Late
    main(connection)


def fork_dies(connection: Connection) -> None:
    """The fork ends before it has done anything."""
    ahead._settle = lambda pipe, parent: os._exit(1)
    worker.serve(connection, _marked)


def fork_is_late(connection: Connection) -> None:
    """The fork sleeps a little before it begins, while the reading process goes on."""
    settle = ahead._settle

    def settle_late(pipe: int, parent: int) -> None:
        settle(pipe, parent)
        threading.Event().wait(0.3)

    ahead._settle = settle_late
    worker.serve(connection, _marked)


def fork_hangs(connection: Connection) -> None:
    """The fork does nothing, for ever."""
    ahead._settle = lambda pipe, parent: threading.Event().wait()
    worker.serve(connection, _marked)


def fork_lies(connection: Connection) -> None:
    """The fork sends a message that is longer than any may be."""

    def lie(pipe: int, parent: int) -> None:
        os.write(pipe, b"\xff" * 64)
        threading.Event().wait()

    ahead._settle = lie
    worker.serve(connection, _marked)


def _marked(path: Path, form: Form, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for message in worker.read_file(path, form, request):
        if isinstance(message, bytes):
            message = json.loads(message) | {"reason": "from the fork"}
        else:
            threading.Event().wait(0.02)  # the fork gives way to everything: on a busy machine it needs the time
        yield message


def _read(path: Path, form: Form, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    name = path.name
    if "crash-at-open" in name:
        os._exit(3)
    if "hang-at-open" in name:
        threading.Event().wait(60)
    if "hungry" in name:
        bytearray(64 << 30)
    for message in worker.read_file(path, form, request):
        if isinstance(message, bytes):
            message = json.loads(message)
        if message["kind"] in ("page", "frame"):
            number = message.get("number", message.get("index"))
            if f"crash-at-{number}-" in name:
                os._exit(3)
            if f"hang-at-{number}-" in name:
                threading.Event().wait(60)
            if f"holds-the-lock-at-{number}-" in name:
                ctypes.PyDLL(None).sleep(60)  # as a parser in C does that never gives up Python's lock
            if "lies" in name:
                message = _lie(name, message)
            if "modules" in name:
                message["reason"] = "loaded: " + " ".join(m for m in _BANNED if sys.modules.get(m) is not None)
        yield message


def _lie(name: str, message: dict[str, Any]) -> dict[str, Any]:
    picture = message["picture"]
    if "file" in name:
        return message | {"picture": picture | {"file": "../../etc/passwd"}}
    if "size" in name:
        return message | {"picture": picture | {"height": 96}}
    return message | {"state": "perfect"}
