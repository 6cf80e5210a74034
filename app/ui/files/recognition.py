"""The words on pictures come to a window's files: asked for as soon as a file is read, put in page by page.

A question waits for a short scan, since its words are there in seconds and its pictures alone would take the model
longer than that; it does not wait for a long one, of which it gets what has been read until then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject

from app.engine.media.recognising import RecognitionBridge
from app.engine.model.bridges import ModelBridge
from app.ingest.cues import with_frames
from app.ingest.ocr.merging import with_pages
from app.ingest.types import Document, Page
from app.session.items import Item
from app.ui.files.attachments import Attachments

SHORT = 12
"""The most pages that a question waits for."""

SHORT_S = 60.0
"""Seconds of the longest video that a question waits for."""


@dataclass(frozen=True, slots=True)
class _Job:
    key: int
    content_hash: str


def _is_short(document: Document) -> bool:
    if document.screen == "waiting":
        return (document.duration_s or 0.0) <= SHORT_S
    return sum(page.recognition == "waiting" for page in document.pages) <= SHORT


class Recognition(QObject):
    """Of one window; the bridge is shared by all."""

    def __init__(self, bridge: RecognitionBridge, attachments: Attachments, engine: ModelBridge) -> None:
        super().__init__()
        self.in_sight: Callable[[], tuple[int, int] | None] = lambda: None
        """The item that is looked at and its page, counted from 1; ``None`` where none is."""
        self._bridge, self._attachments, self._engine = bridge, attachments, engine
        self._jobs: dict[int, _Job] = {}
        attachments.taken = self._begin
        attachments.removed.connect(self._cancel)
        bridge.pages.connect(self._on_pages)
        bridge.screen.connect(self._on_screen)
        bridge.done.connect(self._on_done)
        bridge.failed.connect(self._on_end)
        bridge.cancelled.connect(self._on_end)

    def look(self) -> None:
        """What is on the screen may have changed: that page is read next."""
        place = self.in_sight()
        item = self._attachments.items.get(place[0]) if place is not None else None
        if place is not None and item is not None and item.document is not None:
            self._bridge.show(item.document.content_hash, place[1])

    def close(self) -> None:
        """Cancel all jobs of this window, which is closing."""
        for key in [job.key for job in self._jobs.values()]:
            self._cancel(key)

    def _begin(self, item: Item) -> None:
        document = item.document
        if document is None or not document.waits:
            return
        self._cancel(item.key)
        info = self._engine.info
        on_card = info is not None and info.device.startswith("cuda")
        number = self._bridge.recognise(document, item.options, on_card=on_card)
        self._jobs[number] = _Job(item.key, document.content_hash)
        if _is_short(document):
            self._attachments.awaited.add(item.key)
        self.look()

    def _cancel(self, key: int) -> None:
        self._attachments.awaited.discard(key)
        for number in [number for number, job in self._jobs.items() if job.key == key]:
            del self._jobs[number]
            self._bridge.cancel(number)

    def _on_pages(self, number: int, pages: tuple[Page, ...]) -> None:
        item = self._item(number)
        if item is not None and item.document is not None:
            document = with_pages(item.document, {page.number: page for page in pages})
            self._attachments.renew(item, document, settled=False)
            self.look()

    def _on_screen(self, number: int, document: Document, _upto_s: float) -> None:
        """More of a video's frames are read. What was heard in the meantime stays."""
        item = self._item(number)
        if item is not None and item.document is not None:
            read = [cue for cue in document.cues if cue.source == "frames"]
            grown = replace(item.document, cues=with_frames(item.document.cues, read))
            self._attachments.renew(item, grown, settled=False)

    def _on_done(self, number: int, document: Document) -> None:
        item = self._item(number)
        self._jobs.pop(number, None)
        if item is not None and item.document is not None:
            if document.screen:  # what was heard in the meantime stays
                read = [cue for cue in document.cues if cue.source == "frames"]
                document = replace(document, cues=with_frames(item.document.cues, read))
            self._attachments.awaited.discard(item.key)
            self._attachments.renew(item, document, settled=True)

    def _on_end(self, number: int, _words: str = "") -> None:
        """It failed (the log has the reason) or was stopped: the file stays as it is."""
        item = self._item(number)
        self._jobs.pop(number, None)
        if item is not None and item.document is not None:
            self._attachments.awaited.discard(item.key)
            self._attachments.renew(item, item.document, settled=True)

    def _item(self, number: int) -> Item | None:
        """The item that a job is for, while it holds the same file."""
        job = self._jobs.get(number)
        item = self._attachments.items.get(job.key) if job is not None else None
        if job is None or item is None or item.document is None:
            return None
        return item if item.document.content_hash == job.content_hash else None
