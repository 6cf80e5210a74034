"""Pictures of what the viewer shows: a page copied, saved or dragged out, and a region to look closer at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.engine.media.rendering import RenderBridge
from app.i18n import tr
from app.ingest.types import Box
from app.session.items import Item
from app.ui.viewer.naming import page_name
from app.ui.viewer.pages.text_view import TextView
from app.ui.viewer.parts import ViewerParts
from app.ui.viewer.pictures import CLOSER_PIXELS, Failed, Got, png_of, save_as, to_clipboard
from app.ui.viewer.regions import Region

if TYPE_CHECKING:
    from app.ui.viewer.video.view import VideoView


class PagePictures(ViewerParts):
    """Takes pictures of pages and of regions on them; ``ViewerPane`` decides what is shown."""

    region_wanted = Signal(object)
    """A ``Region`` to look closer at; ``cut`` gives its picture."""

    def __init__(self, bridge: RenderBridge | None, parent: QWidget | None) -> None:
        super().__init__(bridge, parent)
        self._item: Item | None = None
        self.video: VideoView | None = None

    @property
    def current(self) -> Item | None:
        """The item that is shown."""
        return self._item

    @property
    def view(self) -> TextView | None:
        """The view of pages or of a picture, where one is shown."""
        shown = self.stack.currentWidget()
        return shown if isinstance(shown, TextView) else None

    def cut(self, region: Region, got: Got, failed: Failed) -> None:
        """A region of what is shown as a PNG that is sharp enough for the largest visual budget."""
        if self._item is None or self._item.key != region.item_key:
            failed(tr("The file is no longer shown; choose the region again."))
        elif region.time_s is not None and self.video is not None:
            self.video.grab_frame(region.time_s, lambda image, _seconds: got(png_of(image, region.box)), failed)
        elif self.view is not None and self.view.source is not None:
            self._taker.take(self.view.source, region.page or 1, region.box, got, failed, CLOSER_PIXELS)

    def choose_region(self, on: bool = True) -> None:
        """Let the mouse choose a region to look closer at."""
        if self.view is not None:
            self.view.set_choosing(on)
            self.toolbar.closer_button.setChecked(on)
            self.view.setFocus()

    def want_region(self, page: int, box: Box | None) -> None:
        """Look closer at a page or a part of it."""
        if self._item is not None:
            self.region_wanted.emit(Region(self._item.key, page=page, box=box))

    def copy_page(self, page: int) -> None:
        """A page to the clipboard, as a picture."""
        self._take(page, to_clipboard)

    def save_page(self, page: int) -> None:
        """A page as a file."""
        item = self._item
        if item is not None:
            suggestion = item.path.parent / f"{page_name(item, page)}.png"
            self._take(page, lambda data: self._say(save_as(self, suggestion, data), again=False))

    def _region_chosen(self, page: int, box: Box | None) -> None:
        self.want_region(page, box)

    def _frame_chosen(self, seconds: float, box: Box) -> None:
        if self._item is not None:
            self.region_wanted.emit(Region(self._item.key, time_s=seconds, box=box))

    def _take(self, page: int, got: Got) -> None:
        if self.view is not None and self.view.source is not None:
            self._taker.take(self.view.source, page, None, got, lambda why: self._say(why, again=False))

    def _say(self, sentence: str, *, again: bool) -> None:
        self.again_button.setVisible(again)
        self.note.set_text(sentence)

    def _prepare_drag(self, page: int) -> None:
        if self.view is not None and self.view.source is not None:
            self.carrier.prepare(self.view.source, page)

    def _drag(self, page: int) -> None:
        if self.view is not None and self.view.source is not None and self._item is not None:
            self.carrier.start(self.view.source, page, page_name(self._item, page))
