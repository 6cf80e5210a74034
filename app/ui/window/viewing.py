"""What the viewer shows, and when it is open: a file that was clicked, the place that a quotation names.

It opens by itself and closes with Esc or its button. Left open, it stays from one conversation to the next and shows
the first of its files.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.chat.evidence.places import Place
from app.i18n import tr
from app.ingest.kinds import KINDS
from app.session.collecting import Spool
from app.session.items import Item
from app.ui.files.attachments import Attachments
from app.ui.files.pane import AttachmentsPane
from app.ui.viewer import Region, ViewerPane
from app.ui.viewer.naming import kind_of, region_name, region_place
from app.ui.viewer.pages.crops import Crops
from app.ui.window.panes import Panes


class Viewing(QObject):
    """Connects the viewer with the files, the answers and the panes."""

    quoted = Signal(str)
    looked = Signal(Path, object, str)
    """A part was cut out: its picture, its place, its name."""
    notice = Signal(str)
    moved = Signal()
    """Another file or page is in sight."""

    def __init__(
        self,
        viewer: ViewerPane,
        panes: Panes,
        attachments: Attachments,
        files: AttachmentsPane,
        spool: Spool,
        parent: QObject,
    ) -> None:
        """``spool`` takes the parts that are cut out."""
        super().__init__(parent)
        self._spool = spool
        self.stays = False
        """The user left it open."""
        self._document: object = None
        self._viewer, self._panes, self._attachments, self._files = viewer, panes, attachments, files
        viewer.closed.connect(self.close)
        self.crops = Crops(viewer.bridge, self)
        self.take_from(viewer)
        viewer.pdf.page_changed.connect(self._turned)
        files.place_wanted.connect(self.show_place)
        panes.viewer_shut.connect(self._shut)
        attachments.added.connect(self._added)
        attachments.changed.connect(self._changed)
        attachments.removed.connect(self._removed)

    def take_from(self, viewer: ViewerPane) -> None:
        """Quotations and parts that are chosen in ``viewer``, which may be another one, go to the question."""
        viewer.quote_wanted.connect(self.quoted)
        viewer.region_wanted.connect(partial(self._cut, viewer))

    def show_item(self, key: int) -> None:
        """Open an attached file in the viewer."""
        item = self._attachments.items.get(key)
        if item is not None:
            self._viewer.show_item(item)
            self._open()

    def show_place(self, place: Place) -> None:
        """Open the page or the second that something rests on, and mark it."""
        item = self._attachments.items.by_hash(place.document)
        if item is not None:
            self._viewer.show_place(item, place)
            self._open()

    def crop(self, place: Place, got: Callable[[bytes], None]) -> None:
        """The printed line that words were read from, as PNG, where its file is attached."""
        item = self._attachments.items.by_hash(place.document)
        if item is not None and not item.altered:
            pages = item.document.pages if item.document is not None else ()
            number = place.page or 1
            turn = pages[number - 1].turn if number <= len(pages) else 0
            self.crops.take(item.path, item.options.password, place, got, turn)

    @property
    def in_sight(self) -> tuple[int, int] | None:
        """The file that is shown, and its page; ``None`` while the viewer is closed."""
        current = self._viewer.current
        if current is None or not self._panes.shown.viewer:
            return None
        return current.key, self._viewer.pdf.page if KINDS[kind_of(current)].paged else 1

    @property
    def video(self) -> int | None:
        """The video that is shown, else the first one that is attached."""
        items = list(self._attachments.items)
        current = self._viewer.current
        if current is not None:
            items.insert(0, current)
        return next((item.key for item in items if KINDS[kind_of(item)].timed), None)

    def show_scenes(self) -> None:
        """Find the scenes of the video, or show them."""
        video = self.video
        if video is not None:
            self.show_item(video)
            if self._viewer.video is not None:
                self._viewer.video.show_scenes()

    def find(self) -> bool:
        """Find words in the document that is shown, else in the first one with words; false where there is none."""
        current = self._viewer.current
        items = [current] if current is not None else []
        key = next((item.key for item in (*items, *self._attachments.items) if _has_words(item)), None)
        if key is not None:
            self.show_item(key)
            self._viewer.begin_find()
        return key is not None

    def toggle(self) -> None:
        """Open it where it was left, or with the first file; or close it."""
        if self._panes.shown.viewer:
            self.close()
            return
        item = self._viewer.current or next(iter(self._attachments.items), None)
        if item is not None:
            self.show_item(item.key)

    def close(self) -> None:
        """The conversation has the room."""
        self._panes.show_viewer(False)
        self._shut()

    def conversation_changed(self) -> None:
        """Close the shown file: another conversation has other files."""
        self._viewer.clear()
        self._files.set_shown(None)
        if not self._show_first():
            self._panes.show_viewer(False)

    def shutdown(self) -> None:
        """End the viewer's threads and processes."""
        self.crops.forget()
        self._viewer.shutdown()

    def _show_first(self) -> bool:
        """Where it was left open, the first file takes the place; false where there is none."""
        first = next(iter(self._attachments.items), None)
        if first is not None and self.stays:
            self.show_item(first.key)
        return first is not None and self.stays

    def _open(self) -> None:
        self.stays = True
        self._panes.show_viewer(True)
        current = self._viewer.current
        self._document = current.document if current is not None else None
        self._files.set_shown(current.key if current is not None else None)
        self.moved.emit()

    def _shut(self) -> None:
        self.stays = False
        self._files.set_shown(None)
        self.moved.emit()

    def _added(self, _key: int) -> None:
        if self.stays and self._viewer.current is None:
            self._show_first()

    def _removed(self, key: int) -> None:
        current = self._viewer.current
        if current is not None and current.key == key:
            self._viewer.clear()
            if not self._show_first():
                self._panes.show_viewer(False)

    def _changed(self, key: int) -> None:
        """What is shown has been read by now, or again: its text can be searched."""
        current = self._viewer.current
        if current is not None and current.key == key and current.document is not self._document:
            self._document = current.document
            self._viewer.show_item(current)

    def _turned(self, page: int) -> None:
        current = self._viewer.current
        if current is not None:
            self._files.show_page(current.key, page)
            self.moved.emit()

    # Look closer

    def _cut(self, viewer: ViewerPane, region: Region) -> None:
        item = self._attachments.items.get(region.item_key)
        if item is not None:
            done = partial(self._keep, region_place(item, region), region_name(item, region))
            viewer.cut(region, done, self.notice.emit)

    def _keep(self, place: Place, name: str, picture: bytes) -> None:
        """The part becomes a separate file, which is attached to the next question in full detail."""
        write = partial(_write, self._spool, picture)
        self._attachments.run(write, partial(self._kept, place, name), self._not_kept)

    def _kept(self, place: Place, name: str, path: Path) -> None:
        self.looked.emit(path, place, name)

    def _not_kept(self, error: Exception) -> None:
        self.notice.emit(tr("The region could not be saved: {reason}", reason=error))


def _has_words(item: Item) -> bool:
    """Whether words can be looked for: on pages always, on a picture where they were read, in a video where some are
    said."""
    document = item.document
    if document is not None and document.file_kind.timed:
        return bool(document.cues)
    return KINDS[kind_of(item)].paged or (document is not None and any(page.from_picture for page in document.pages))


def _write(spool: Spool, picture: bytes) -> Path:
    path = spool.new_path()
    path.write_bytes(picture)
    return path
