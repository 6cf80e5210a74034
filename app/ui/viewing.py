"""What the viewer shows, and when it is open: a file that was clicked, the place that a quotation names.

It opens by itself and closes with Esc or its button. Left open, it stays from one conversation to the next and shows
the first of its files.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFrame

from app.chat.places import Place
from app.ui.attaching import Attachments
from app.ui.attachments import AttachmentsPane
from app.ui.items import Item
from app.ui.panes import Panes


class ViewerPane(QFrame):
    """Interim."""

    region_wanted = Signal(object)
    quote_wanted = Signal(str)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.current: Item | None = None

    def show_item(self, item: Item) -> None:
        self.current = item

    def show_place(self, item: Item, place: Place) -> None:
        self.current = item

    def clear(self) -> None:
        self.current = None

    def shutdown(self) -> None:
        pass


class Viewing(QObject):
    """Connects the viewer with the files, the answers and the panes."""

    quoted = Signal(str)
    looked = Signal(Path, object, str)
    """A part was cut out: its picture, its place, its name."""
    notice = Signal(str)

    def __init__(
        self, viewer: ViewerPane, panes: Panes, attachments: Attachments, files: AttachmentsPane, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.stays = False
        """The person left it open."""
        self._viewer, self._panes, self._attachments, self._files = viewer, panes, attachments, files
        viewer.closed.connect(self.close)
        viewer.quote_wanted.connect(self.quoted)
        viewer.region_wanted.connect(self._cut)
        panes.viewer_shut.connect(self._shut)
        attachments.added.connect(self._added)
        attachments.removed.connect(self._removed)

    def show_item(self, key: int) -> None:
        """Open a file."""
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
        had_focus = self._viewer.isAncestorOf(self._viewer.window().focusWidget() or self._viewer)
        self._panes.show_viewer(False)
        self._shut()
        if had_focus:
            self._panes.talk.setFocus()

    def conversation_changed(self) -> None:
        """Other files are attached."""
        self._viewer.clear()
        self._files.set_shown(None)
        if not self._show_first():
            self._panes.show_viewer(False)

    def shutdown(self) -> None:
        """The window goes."""
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
        self._files.set_shown(current.key if current is not None else None)

    def _shut(self) -> None:
        self.stays = False
        self._files.set_shown(None)

    def _added(self, _key: int) -> None:
        if self.stays and self._viewer.current is None:
            self._show_first()

    def _removed(self, key: int) -> None:
        current = self._viewer.current
        if current is not None and current.key == key:
            self._viewer.clear()
            if not self._show_first():
                self._panes.show_viewer(False)

    def _cut(self, region: object) -> None:
        pass
