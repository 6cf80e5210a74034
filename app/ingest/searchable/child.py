"""The process that writes searchable PDF files: it opens one hostile file, takes its words page by page, and writes."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from app.ingest.kinds import sniff
from app.ingest.limits import SAVED_FILE_BYTES
from app.ingest.process import serving
from app.ingest.process.serving import Failures
from app.ingest.searchable.invisible import InvisibleLine
from model.messages import msg

_FAILURES = Failures(
    "saving",
    memory=msg("searchable.memory", "Saving the file needs more memory than it may use; split it into parts."),
    damaged=msg(
        "searchable.damaged", "The file is damaged in a way that keeps it from being saved as a searchable PDF."
    ),
)


def main(connection: Connection) -> None:
    """Answer requests until the app closes the pipe: ``open``, ``pages`` as often as needed, ``save``."""
    desk = _Desk()
    serving.serve(connection, desk.answer, _FAILURES, written=SAVED_FILE_BYTES)


class _Desk:
    """The file that is being made."""

    def __init__(self) -> None:
        self._made: Any = None

    def answer(self, request: dict[str, Any]) -> serving.Parts:
        """Carry out one request; yields the parts of the answer."""
        match request["kind"]:
            case "open":
                from app.ingest.searchable.making import begin

                path = Path(request["path"])
                self._made = begin(path, sniff(path), request["password"])
                yield {"kind": "open"}
            case "pages":
                for page, lies, lines in request["pages"]:
                    self._made.add(page, [_line(line, lies) for line in lines])
                yield {"kind": "pages"}
            case "save":
                yield {"kind": "save", **self._made.save(Path(request["target"]))}


def _line(words: list[list[Any]], lies: int) -> InvisibleLine:
    return InvisibleLine(tuple((text, (x0, y0, x1, y1)) for text, x0, y0, x1, y1 in words), lies)
