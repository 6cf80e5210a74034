"""Pictures are encoded while the user reads: what is in sight first, then the rest of its file, then the others.

Nothing here waits. A change starts a short timer; when it ends, the engine gets the list anew, and works on it only
while it has nothing else to do. A file that the engine holds already has nothing to prepare.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer

from app.chat.plan import first_pages
from app.engine.model.ahead import Coming, Wanted
from app.engine.model.bridges import ModelBridge
from app.ingest.types import Document
from app.session.items import Item
from app.ui.asking.bridges import UserSettings
from app.ui.files.attachments import Attachments
from model.types import Picture

AFTER_MS = 500
_askers = itertools.count(1)


class Preparing(QObject):
    """Tells the engine what will be asked about, and each item how much of it is still to come."""

    def __init__(self, engine: ModelBridge, attachments: Attachments, settings: UserSettings) -> None:
        super().__init__()
        self.in_sight: Callable[[], tuple[int, int] | None] = lambda: None
        """The item that is looked at and its page, counted from 1; ``None`` where none is."""
        self._engine, self._attachments, self._settings = engine, attachments, settings
        self._asker = next(_askers)
        self._forgotten: set[str] = set()
        self._timer = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._timer.timeout.connect(self._tell)
        engine.preparing.connect(self._on_preparing)
        for signal in (engine.loaded, attachments.added, attachments.removed, attachments.settled):
            signal.connect(self.schedule)

    def schedule(self, *_: object) -> None:
        """Something has changed: tell the engine soon."""
        self._timer.start()

    def close(self) -> None:
        """The window goes, and with it all that it wanted."""
        self._timer.stop()
        self._engine.prepare((), self._asker)

    def forget(self, document: str) -> None:
        """The user has deleted its cached data: it is not prepared again before it is asked about."""
        self._forgotten.add(document)
        self.schedule()

    def _tell(self) -> None:
        wanted = tuple(self._wanted()) if self._allowed() else ()
        self._engine.prepare(wanted, self._asker)
        if not wanted:
            self._show({})

    def _allowed(self) -> bool:
        info = self._engine.info
        able = info.capabilities if info is not None else None
        return self._settings.prepare and able is not None and able.pictures and able.residency

    def _wanted(self) -> Iterator[Wanted]:
        place = self.in_sight()
        items = sorted(self._attachments.items, key=lambda item: place is None or item.key != place[0])
        seen: set[tuple[str, int]] = set()
        for item in items:
            document = item.document
            if document is None or not self._is_open(item, document):
                continue
            if any(one.recognition == "waiting" for one in document.pages):
                continue  # its pictures will be small ones, or none
            page = place[1] if place is not None and item.key == place[0] else 1
            for picture in pictures(first_pages(document, item.max_pages), page):
                if (picture.content_hash, picture.budget) not in seen:
                    seen.add((picture.content_hash, picture.budget))
                    yield Wanted(picture, document.content_hash)

    def _is_open(self, item: Item, document: Document) -> bool:
        held = item.report is not None and item.report.state != "unread"
        return not held and document.content_hash not in self._forgotten

    def _on_preparing(self, coming: Coming) -> None:
        if coming.asker == self._asker:
            self._show(dict(coming.left))

    def _show(self, left: dict[str, int]) -> None:
        for item in self._attachments.items:
            number = left.get(item.document.content_hash, 0) if item.document is not None else 0
            if item.preparing != number:
                item.preparing = number
                self._attachments.changed.emit(item.key)


def pictures(document: Document, page: int) -> Iterator[Picture]:
    """The pictures of a document: those of the page and behind it, then those before it; frames in their order."""
    behind = [one for one in document.pages if one.number >= page]
    before = [one for one in document.pages if one.number < page]
    yield from (one.picture for one in (*behind, *reversed(before)) if one.picture is not None)
    yield from (frame.picture for frame in document.frames)
