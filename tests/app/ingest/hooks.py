"""Reading processes that misbehave on purpose, by the file's name. Each runs in a real child process."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from app.ingest import worker
from app.ingest.kinds import Form

_BANNED = ("PySide6", "torch", "transformers", "bitsandbytes", "pymupdf.layout", "pymupdf4llm", "onnxruntime")


def main(connection: Connection) -> None:
    """The PDF parser is imported before the process is ready, so that short timeouts measure files only."""
    import app.ingest.readers.pdf  # noqa: F401

    worker.serve(connection, _read)


def silent(connection: Connection) -> None:
    """Never says that it is ready."""
    threading.Event().wait(60)


def _read(path: Path, form: Form, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    name = path.name
    if "crash-at-open" in name:
        os._exit(3)
    if "hang-at-open" in name:
        threading.Event().wait(60)
    if "hungry" in name:
        bytearray(64 << 30)
    for message in worker.read_file(path, form, request):
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
