"""Saving a document as a PDF whose scanned words can be searched: the app's end. No Qt, no parser.

Nothing is read here: the words are those that reading kept with the document. The file appears whole or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.ingest.limits import Timeouts
from app.ingest.process.child import Entry, LostError
from app.ingest.process.client import Client, OwnsProcess
from app.ingest.process.protocol import ProtocolError
from app.ingest.searchable import child
from app.ingest.types import Document, Page
from model.atomic import replacing
from model.cancel import Cancel
from model.errors import IngestError
from model.messages import joined, msg

SAVE_TIMEOUTS = Timeouts(unit_s=300.0)
"""Writing a large file is one step."""

_WORDS_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written. ``archival``: as PDF/A-2b. ``signed``: the original's signature does not hold for the copy."""

    path: Path
    pages: int
    archival: bool
    signed: bool


OnProgress = Callable[[int, int], None]


def _nobody(done: int, total: int) -> None:
    """Default progress callback; does nothing."""


def has_words(document: Document) -> bool:
    """Whether words were read from its pictures, so that saving it as a searchable PDF adds something."""
    return not document.file_kind.timed and any(_own(page) for page in document.pages)


class Saver(OwnsProcess):
    """Writes searchable PDF files in a separate process, one after the other. A context manager; for one thread."""

    def __init__(self, *, entry: Entry = child.main) -> None:
        self._client = Client(entry, SAVE_TIMEOUTS)

    def save(self, document: Document, target: Path, cancel: Cancel, on_progress: OnProgress = _nobody) -> Saved:
        """Write ``document`` with its words to ``target``; ``on_progress`` gets pages done and all.

        Raises ``IngestError`` with one sentence and ``CancelledError``; then ``target`` is as it was.
        """
        if _same(document.path, target):
            raise IngestError(
                msg("searchable.same-name", "The searchable PDF needs another name than the file that it is made from.")
            )
        try:
            with replacing(target) as temporary:
                return self._written(document, target, temporary, cancel, on_progress)
        except LostError as lost:
            raise IngestError(
                joined(msg("searchable.failed", "The searchable PDF could not be written."), lost.message)
            ) from None
        except OSError as error:
            why = error.strerror or "the disk refused"
            raise IngestError(
                msg("export.not-written", "{name} could not be written: {why}.", name=target.name, why=why)
            ) from None

    def _written(
        self, document: Document, target: Path, temporary: Path, cancel: Cancel, on_progress: OnProgress
    ) -> Saved:
        pages = [page for page in document.pages if _own(page)]
        self._ask(cancel, "open", path=os.path.abspath(document.path), password=document.password)  # noqa: PTH100
        done = 0
        for batch in _batches(pages):
            self._ask(cancel, "pages", pages=[[page.number, -page.turn % 360, _lines(page)] for page in batch])
            done += len(batch)
            on_progress(done, len(pages))
        about = self._ask(cancel, "save", target=str(temporary.absolute()))
        return Saved(target, len(pages), about.get("archival") is True, about.get("signed") is True)

    def _ask(self, cancel: Cancel, kind: str, **about: Any) -> dict[str, Any]:
        with self._client.answer({"kind": kind, **about}, cancel) as answer:
            if answer.message["kind"] != kind:
                raise ProtocolError("An answer to something else.")
            return answer.message


def _own(page: Page) -> bool:
    """Whether we read words on it; what a scanner's program left there can be searched already."""
    return any(word.confidence is not None for line in page.lines for word in line.words)


def _lines(page: Page) -> list[list[list[Any]]]:
    return [
        [[word.text, *(round(edge, 3) for edge in word.box)] for word in line.words]
        for line in page.lines
        if any(word.confidence is not None for word in line.words)
    ]


def _batches(pages: list[Page]) -> Iterator[list[Page]]:
    """Batches small enough to keep each message short."""
    batch: list[Page] = []
    words = 0
    for page in pages:
        batch.append(page)
        words += sum(len(line.words) for line in page.lines)
        if words >= _WORDS_AT_ONCE:
            yield batch
            batch, words = [], 0
    if batch:
        yield batch


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
