"""A number on a picture is read once more, for itself and enlarged: the app's end, and what the child does.

Evidence asks for it where reading was not sure of a number that an answer quotes.
"""

from __future__ import annotations

import os
from typing import Any

from app.ingest.limits import Timeouts
from app.ingest.ocr import worker
from app.ingest.ocr.languages import language_folders
from app.ingest.process.child import Entry, LostError
from app.ingest.process.client import Client, OwnsProcess
from app.ingest.process.protocol import text_of
from app.ingest.types import Box, Document
from model.cancel import NEVER, Cancel
from model.errors import IngestError


class SecondLook(OwnsProcess):
    """Reads boxes of pages again. A context manager; the process starts when it is first called. For one thread."""

    def __init__(self, cancel: Cancel | None = None, *, entry: Entry = worker.main) -> None:
        self._client = Client(entry, Timeouts(unit_s=20.0))
        self._cancel: Cancel = cancel or NEVER

    def __call__(self, document: Document, page: int, box: Box) -> str:
        """The words in a box of a page (counted from 1), in the page's unit; empty where nothing can be read there."""
        if not document.file_kind.sheet:
            return ""
        request: dict[str, Any] = {
            "kind": "look again",
            "path": os.path.abspath(document.path),  # noqa: PTH100 (links are followed when the file is opened)
            "password": document.password,
            "page": page,
            "box": list(box),
            "turn": document.pages[page - 1].turn,
            "languages": [str(folder) for folder in language_folders()],
            "known": {},  # the page need not be drawn as it is for reading all of it
        }
        try:
            with self._client.answer(request, self._cancel) as answer:
                return text_of(answer.message, "text", 200)
        except (IngestError, LostError):
            return ""
