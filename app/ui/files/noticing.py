"""Notices which of the files have changed on the disk since they were read; nothing is read again or copied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from app.chat.evidence.checking import prepare
from app.engine.threads.background import Background, only_logged
from app.ingest.types import Document, ReadOptions
from app.session.items import Item, Items, ItemState
from app.session.restoring import AsRead, ReadBefore, noticed
from app.session.walking import Signature, signature


class Noticing:
    """Belongs to one window. ``tell`` is called with each item whose state has changed."""

    def __init__(self, items: Items, background: Background, tell: Callable[[Item], None]) -> None:
        self.as_read: dict[int, AsRead] = {}
        """What the files were on the disk when they were read, by the item's key."""
        self._before = ReadBefore()
        self._items, self._background, self._tell = items, background, tell
        self._looking = self._again = False

    def remember(self, key: int, document: Document, options: ReadOptions, started: float) -> None:
        """Keep a document, so that it is read only once in a session, and make it searchable ahead of an answer."""

        def keep(found: Signature | None) -> None:
            self._before.keep(document, options, found, started)
            if found is not None and found[1] <= started * 1e9:
                self.as_read[key] = AsRead(document.path, found, document.content_hash)

        self._background.run(partial(signature, document.path), keep, only_logged)
        self._background.run(partial(prepare, document), _nothing, only_logged)

    def read_before(self, item: Item, now: Signature) -> Document | None:
        """What was read of a file in this session, if it is still the same."""
        document = self._before.get(item.path, item.options, now)
        if document is not None:
            self.as_read[item.key] = AsRead(item.path, now, document.content_hash)
        return document

    def forget(self, key: int) -> None:
        """The file is being read again, or is no longer attached."""
        self.as_read.pop(key, None)

    def look(self) -> None:
        """Check every file that has been read; if that is running already, once more after it."""
        self._again = self._looking
        if self._looking:
            return
        ready = {item.key for item in self._items if item.state is ItemState.READY}
        read = {key: one for key, one in self.as_read.items() if key in ready}
        if read:
            self._looking = True
            self._background.run(partial(noticed, read), partial(self._on_noticed, read), self._on_failed)

    def _on_noticed(self, read: dict[int, AsRead], found: dict[int, Signature | None]) -> None:
        self._looking = False
        for key, now in found.items():
            item = self._items.get(key)
            if item is None or item.state is not ItemState.READY or self.as_read.get(key) != read[key]:
                continue  # it has been read again meanwhile
            if now is not None and now != read[key].signature:
                self.as_read[key] = AsRead(read[key].path, now, read[key].content_hash)
            if item.stale is not (now is None):
                item.stale = now is None
                self._tell(item)
        self._look_once_more()

    def _on_failed(self, _error: Exception) -> None:
        self._looking = False
        self._look_once_more()

    def _look_once_more(self) -> None:
        if self._again:
            self.look()

    def prepare(self, documents: Sequence[Document]) -> None:
        """Make documents searchable ahead of the first answer."""
        for document in documents:
            self._background.run(partial(prepare, document), _nothing, only_logged)


def _nothing(_result: object) -> None:
    """Receiver of jobs whose result is not needed."""
