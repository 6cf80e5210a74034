"""The viewing process: opens hostile files, draws them, and answers requests from the pipe one by one.

A few files stay open, the last used ones; a file
that has changed on disk is opened anew.
"""

from __future__ import annotations

from collections import OrderedDict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from app.ingest.filekind import imported
from app.ingest.kinds import KINDS, sniff
from app.ingest.process import serving
from app.ingest.process.serving import Failures
from app.ingest.types import Box
from model.errors import IngestError
from model.messages import msg

MAX_OPEN = 3
_DAMAGED = msg("view.damaged", "It is damaged.")
_FAILURES = Failures(
    "showing", memory=msg("view.memory", "It needs more memory than showing it may use."), damaged=_DAMAGED
)
Answer = tuple[dict[str, Any], bytes | None]


class Shown(Protocol):
    """The interface of an open file, whatever its kind."""

    def sheets(self) -> dict[str, Any]:
        """Number and sizes of pages."""

    def draw(self, page: int, scale: float, area: tuple[int, int, int, int]) -> tuple[bytes, bool]:
        """Pixels, and whether some can be seen through."""

    def text(self, page: int) -> list[list[Any]]:
        """The lines of a page's text layer."""

    def links(self, page: int) -> list[list[Any]]:
        """Box, page or 0, height on it, address."""

    def find(self, words: str, pages: list[int]) -> list[list[list[Box]]]:
        """Hits on the first of the pages."""

    def picture(self, page: int, box: Box | None, pixels: int) -> bytes:
        """A page or its part ``box`` as a PNG of about ``pixels`` pixels."""

    def shrink(self) -> None:
        """Let go of what can be made again."""

    def close(self) -> None:
        """Let go of the file."""


def main(connection: Connection) -> None:
    """Answer requests until the app closes the pipe."""
    serve(connection, Shelf())


def serve(connection: Connection, shelf: Shelf) -> None:
    """Answer requests from ``shelf`` until the pipe closes."""
    serving.serve(connection, lambda request: _parts(shelf, request), _FAILURES, shelf.shrink)


def _parts(shelf: Shelf, request: dict[str, Any]) -> serving.Parts:
    message, data = shelf.answer(request)
    yield {**message, "kind": request["kind"]}
    if data is not None:
        yield data


class Shelf:
    """The open files of the viewing process, by number."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[str, str | None], tuple[tuple[int, int], Shown]] = OrderedDict()

    def answer(self, request: dict[str, Any]) -> Answer:
        """Carry out one request."""
        if request["kind"] == "release":
            self._release((request["path"], request["password"]))
            return {}, None
        shown = self._get(request["path"], request["password"])
        match request["kind"]:
            case "open":
                return {**shown.sheets(), "stamp": _stamp(request["path"])}, None
            case "draw":
                pixels, clear = shown.draw(request["page"], request["scale"], tuple(request["area"]))
                return {"clear": clear}, pixels
            case "text":
                return {"lines": shown.text(request["page"]), "links": shown.links(request["page"])}, None
            case "find":
                return {"pages": shown.find(request["words"], request["pages"])}, None
            case "picture":
                box = tuple(request["box"]) if request["box"] else None
                return {}, shown.picture(request["page"], box, request["pixels"])
        raise IngestError(_DAMAGED)

    def shrink(self) -> None:
        """Let go of what can be made again."""
        for _, shown in self._open.values():
            shown.shrink()

    def _get(self, path: str, password: str | None) -> Shown:
        key, stamp = (path, password), _stamp(path)
        known = self._open.get(key)
        if known is not None and known[0] == stamp:
            self._open.move_to_end(key)
            return known[1]
        self._release(key)
        while len(self._open) >= MAX_OPEN:
            self._release(next(iter(self._open)))
        shown = _open(Path(path), password)
        self._open[key] = (stamp, shown)
        return shown

    def _release(self, key: tuple[str, str | None]) -> None:
        known = self._open.pop(key, None)
        if known is not None:
            known[1].close()


def _stamp(path: str) -> tuple[int, int]:
    try:
        status = Path(path).stat()
    except OSError:
        raise IngestError(
            msg("view.gone", "The file is no longer where it was; put it back or add it from its new location.")
        ) from None
    return status.st_mtime_ns, status.st_size


def _open(path: Path, password: str | None) -> Shown:
    form = sniff(path)
    kind = KINDS[form.kind]
    if not kind.shown:
        raise IngestError(msg("view.video", "This is a video; it has no pages."))
    shown: Shown = imported(kind.shown)(path, form.format, password)
    return shown
