"""The bridge from Qt to pages and pictures as they are shown: one thread that waits on the viewing process.

A view that shows a file opens a ``Source`` and tells it after every scroll what it wants drawn now. What it no longer
wants is dropped before it is drawn, so however fast a user scrolls, the page before their eyes comes next. Drawn
tiles are kept for all sources together, the last used ones, within a budget of bytes.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.engine.media.rendering_cache import CACHE_BYTES, Key, TileCache
from app.engine.media.rendering_jobs import (
    Broken,
    Cut,
    Find,
    Hits,
    News,
    NotOpened,
    Opened,
    PngReady,
    Ready,
    Texted,
    Tile,
    Wish,
    Words,
)
from app.engine.media.rendering_thread import RenderingThread
from app.engine.threads.outbox import Outbox
from app.ingest.types import Box
from app.ingest.view.types import File, PageText, Sheets
from app.ingest.view.viewing import ViewingProcess
from model.messages import Message

SHUTDOWN_S = 10.0
_KEPT_TEXTS = 400


class RenderBridge(QObject):
    """Shared by all windows. Call ``shutdown`` before it goes."""

    def __init__(
        self,
        start_process: Callable[[], ViewingProcess] = ViewingProcess,
        cache_bytes: int = CACHE_BYTES,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._start_process = start_process
        self._numbers = itertools.count(1)
        self._sources: dict[int, Source] = {}
        self._outbox: Outbox[tuple[int, News]] = Outbox(self._deliver, lambda _old, _new: None, self)
        self._thread: RenderingThread | None = None
        self._closing = False
        self.cache = TileCache(cache_bytes)

    @property
    def running(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.running

    @property
    def pid(self) -> int | None:
        """The viewing process's number, while there is one."""
        thread = self._thread
        return thread.process.pid if thread is not None and thread.process is not None else None

    def source(self, path: Path, password: str | None = None) -> Source:
        """Open a file; ``opened`` or ``failed`` follows. The password is kept in memory only, while it is open."""
        source = Source(self, next(self._numbers), path)
        if not self._closing:
            if self._thread is None:
                self._thread = RenderingThread(self._start_process, self._post)
            self._sources[source.number] = source
            self._thread.add(source.number, File(path, password))
        return source

    def shutdown(self) -> None:
        """End thread and process, and wait for it; no signal follows."""
        self._closing = True
        self._sources.clear()
        if self._thread is not None:
            self._thread.end(SHUTDOWN_S)

    def _post(self, source: int, news: News) -> None:
        self._outbox.post((source, news), urgent=True)

    def _deliver(self, item: tuple[int, News]) -> None:
        source = self._sources.get(item[0])
        if source is not None:
            source.take(item[1])

    def _leave(self, source: int) -> None:
        self._sources.pop(source, None)
        if self._thread is not None:
            self._thread.remove(source)

    def _working(self, source: int) -> RenderingThread | None:
        return self._thread if source in self._sources else None


class Source(QObject):
    """One open file, for one view of it. Call ``close`` when it is no longer shown."""

    opened = Signal(object)
    """Sheets"""
    failed = Signal(object, bool)
    """A Message, and whether a password is missing."""
    drawn = Signal(int)
    """The page of which a tile has come."""
    texted = Signal(int)
    """The page whose text has come."""
    broken = Signal(int, object)
    """A page that cannot be drawn, and why."""
    found = Signal(int, object, bool)
    """(search, tuple[Found, ...], whether all pages have been looked at)"""
    pictured = Signal(int, object, object)
    """(number, PNG, a Message on why there is none, else an empty one)"""

    def __init__(self, bridge: RenderBridge, number: int, path: Path) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        self.number, self.path = number, path
        self.sheets: Sheets | None = None
        self.broken_pages: dict[int, Message] = {}
        self._texts: OrderedDict[int, PageText] = OrderedDict()
        self._numbers = itertools.count(1)
        self._search = 0

    def want(self, wishes: Sequence[Wish]) -> None:
        """All that is wanted now, in place of everything wanted before; what is there already is left out."""
        thread = self._bridge._working(self.number)
        if thread is not None and self.sheets is not None:
            thread.want(self.number, [wish for wish in wishes if not self._has(wish.what)])

    def image(self, tile: Tile) -> QImage | None:
        """A tile, where it has been drawn."""
        return self._bridge.cache.get(self._key, tile) if self.sheets is not None else None

    def tiles(self, page: int) -> list[Tile]:
        """Everything that has been drawn of a page, at any scale."""
        return self._bridge.cache.of_page(self._key, page) if self.sheets is not None else []

    def text(self, page: int) -> PageText | None:
        """A page's text, where it has come."""
        return self._texts.get(page)

    def ask_text(self, page: int) -> None:
        """A page's text, before anything is drawn; ``texted`` follows."""
        thread = self._bridge._working(self.number)
        if thread is not None and page not in self._texts:
            thread.ask(self.number, Words(page))

    def find(self, words: str, pages: Sequence[int]) -> int:
        """Look for words on these pages, in this order; hits come as they are found. Ends the search before."""
        self._search = next(self._numbers)
        thread = self._bridge._working(self.number)
        if thread is not None:
            thread.ask(self.number, Find(self._search, words, tuple(pages)))
        return self._search

    def stop_finding(self) -> None:
        """Nobody waits for hits any more."""
        self._search = 0
        thread = self._bridge._working(self.number)
        if thread is not None:
            thread.stop_finding(self.number)

    def picture(self, page: int, box: Box | None, pixels: int) -> int:
        """A page or a part of it as PNG of about ``pixels`` pixels; ``pictured`` follows under this number."""
        number = next(self._numbers)
        thread = self._bridge._working(self.number)
        if thread is not None:
            thread.ask(self.number, Cut(number, page, box, pixels))
        return number

    def retry(self, page: int) -> None:
        """A page that could not be drawn may be tried once more."""
        self.broken_pages.pop(page, None)

    def close(self) -> None:
        """It is no longer shown."""
        self._bridge._leave(self.number)
        self.deleteLater()

    @property
    def _key(self) -> Key:
        assert self.sheets is not None
        return str(self.path), self.sheets.stamp

    def _has(self, what: Tile | Words) -> bool:
        if isinstance(what, Words):
            return what.page in self._texts
        return what.page in self.broken_pages or self._bridge.cache.has(self._key, what)

    def take(self, news: News) -> None:
        """News from the thread, on the event loop."""
        match news:
            case Opened(sheets):
                self.sheets = sheets
                self.opened.emit(sheets)
            case NotOpened(message, locked):
                self.failed.emit(message, locked)
            case Ready(tile, image):
                self._bridge.cache.put(self._key, tile, image)
                self.drawn.emit(tile.page)
            case Broken(page, message):
                self.broken_pages[page] = message
                self.broken.emit(page, message)
            case Texted(page, text):
                self._keep(page, text)
                self.texted.emit(page)
            case Hits(number, pages, over):
                if number == self._search:
                    self.found.emit(number, pages, over)
            case PngReady(number, data, message):
                self.pictured.emit(number, data, message)

    def _keep(self, page: int, text: PageText) -> None:
        self._texts[page] = text
        while len(self._texts) > _KEPT_TEXTS:
            self._texts.popitem(last=False)
