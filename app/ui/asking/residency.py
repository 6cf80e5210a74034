"""Which documents the engine keeps, and what the conversation costs: asked for in quiet moments, then shown.

Nothing here waits. A change starts a short timer; when it ends and the engine is idle, the engine is asked once,
and its report goes to the rows and to the context meter.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from app.engine.model.bridges import ModelBridge
from app.library.settings import MOST_PINNED
from app.session.items import Item
from app.ui.asking.bridges import UserSettings
from app.ui.files.attachments import Attachments
from model.types import DocumentReport, Failed, ModelInfo, Preflight, Request

REFRESH_AFTER_MS = 300
_askers = itertools.count(1)


class Residency(QObject):
    """Follows the engine's reports; passes on requests to pin, unload or delete cached documents."""

    changed = Signal()
    forgotten = Signal(str)
    """The content hash of a document whose cached data was deleted."""

    def __init__(self, engine: ModelBridge, attachments: Attachments, settings: UserSettings) -> None:
        super().__init__()
        self.costs: Preflight | None = None
        """What continuing the current conversation would cost."""
        self.fresh = False
        """Whether nothing has changed since ``costs`` was reported."""
        self.outline: Callable[[], Request | None] = lambda: None
        """The conversation as a request; ``None`` while there is none or the engine is not idle."""
        self._engine, self._attachments, self._settings = engine, attachments, settings
        self._number, self._asker = 0, -next(_askers)
        self._closed = False
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_AFTER_MS)
        self._timer.timeout.connect(self._refresh)
        engine.preflighted.connect(self._on_preflighted)
        engine.residency_changed.connect(self.schedule)
        engine.loaded.connect(self._on_loaded)
        attachments.settled.connect(self.schedule)
        if engine.info is not None:
            self._on_loaded(engine.info)

    def schedule(self, *_: object) -> None:
        """Something has changed: ask the engine soon."""
        self.fresh = False
        if not self._closed:
            self._timer.start()

    def clear(self) -> None:
        """Nothing is known any more, as after a change of the model."""
        self.fresh = False
        self._number = 0
        self._show(None)

    def close(self) -> None:
        """The window is closing: ignore further reports."""
        self._closed = True
        self._timer.stop()

    def take(self, costs: Preflight) -> None:
        """Show the engine's report."""
        self.fresh = True
        self._timer.stop()
        self._show(costs)

    def pin(self, key: int, on: bool) -> None:
        """Keep a file in memory, now and in later sessions, or no longer."""
        item = self._attachments.items.get(key)
        if item is None or item.document is None:
            return
        document = item.document.content_hash
        others = tuple(pinned for pinned in self._settings.pinned if pinned != document)
        self._settings.pinned = (*others, document)[-MOST_PINNED:] if on else others
        self._settings.save()
        self._engine.pin(document, on)
        item.pinned = on
        self._attachments.changed.emit(key)

    def unload(self, key: int) -> None:
        """Take a file out of memory; what is on disk stays."""
        item = self._attachments.items.get(key)
        if item is not None and item.document is not None:
            self._engine.unload_document(item.document.content_hash)

    def forget(self, key: int) -> None:
        """Delete a file's cached data, and unpin it."""
        item = self._attachments.items.get(key)
        if item is not None and item.document is not None:
            self.pin(key, False)
            self._engine.forget(item.document.content_hash)
            self.forgotten.emit(item.document.content_hash)

    @property
    def possible(self) -> bool:
        """Whether the engine keeps documents, so that they can be pinned, unloaded and deleted."""
        info = self._engine.info
        return info is None or info.capabilities.residency

    def _refresh(self) -> None:
        info = self._engine.info
        request = self.outline() if info is None or info.capabilities.preflight else None
        if request is not None:
            self._number = self._engine.preflight(request, self._asker)
        elif not len(self._attachments.items):
            self._show(None)

    def _on_preflighted(self, number: int, found: Preflight | Failed) -> None:
        if number != self._number or self._closed:
            return
        if isinstance(found, Preflight):
            # Where something has changed meanwhile the timer runs, and a newer report will come.
            self.fresh = not self._timer.isActive()
            self._show(found)
        else:
            self._show(None)

    def _on_loaded(self, _info: ModelInfo) -> None:
        self.clear()
        for document in self._settings.pinned if self.possible else ():
            self._engine.pin(document, True)
        self.schedule()

    def _show(self, costs: Preflight | None) -> None:
        self.costs = costs
        reports = {report.key: report for report in costs.documents} if costs is not None else {}
        for item in self._attachments.items:
            key = item.document.content_hash if item.document is not None else ""
            item.rates = costs.rates if costs is not None else None
            self._update(item, key, reports.get(key))
        self.changed.emit()

    def _update(self, item: Item, key: str, report: DocumentReport | None) -> None:
        pinned = key in self._settings.pinned
        info = self._engine.info
        hears = info.capabilities.sound if info is not None else None
        if (item.report, item.pinned, item.hears) != (report, pinned, hears):
            item.report, item.pinned, item.hears = report, pinned, hears
            self._attachments.changed.emit(item.key)
