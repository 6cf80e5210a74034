"""Viewing processes that misbehave on purpose, by the file's name. Each runs in a real child process."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from multiprocessing.connection import Connection
from typing import Any

from app.ingest.view.viewing_child import Answer, Shelf, serve

BANNED = ("PySide6", "torch", "transformers", "bitsandbytes", "pymupdf.layout", "pymupdf4llm", "onnxruntime")


def main(connection: Connection) -> None:
    """The parsers are imported before the process is ready, so that short timeouts measure pages only."""
    import app.ingest.view.shown_pdf  # noqa: F401

    serve(connection, Bad())


def silent(connection: Connection) -> None:
    """Never says that it is ready."""
    threading.Event().wait(60)


class Bad(Shelf):
    def answer(self, request: dict[str, Any]) -> Answer:
        name, kind = request["path"], request["kind"]
        pages = request.get("pages") or [request.get("page")]
        for page in pages if kind in ("draw", "find", "text", "picture") else []:
            if f"crash-at-{page}-" in name:
                os._exit(3)
            if f"hang-at-{page}-" in name:
                threading.Event().wait(60)
            if f"holds-the-lock-at-{page}-" in name:
                ctypes.PyDLL(None).sleep(60)
        if kind == "open" and "crash-at-open" in name:
            os._exit(3)
        message, data = super().answer(request)
        return self._lie(name, kind, message, data)

    def _lie(self, name: str, kind: str, message: dict[str, Any], data: bytes | None) -> Answer:
        if "lies-short" in name and kind == "draw":
            return message, data[:-4] if data else data
        if "lies-sizes" in name and kind == "open":
            return message | {"sizes": [[float("nan"), 3]]}, data
        if "lies-edges" in name and kind == "text":
            return {"lines": [["ab", [0, 0, 1, 1], [0, 1], 0, 0]]}, data
        if "lies-png" in name and kind == "picture":
            return message, b"GIF89a"
        if "modules" in name and kind == "text":
            loaded = " ".join(name for name in BANNED if sys.modules.get(name) is not None)
            text = f"loaded:{loaded}"
            return {"lines": [[text, [0, 0, 1, 1], [0.0] * (len(text) + 1), 0, 0]]}, data
        return message, data
