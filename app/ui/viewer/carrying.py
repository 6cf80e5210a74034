"""Carrying a page or a picture out of the window with the mouse."""

from __future__ import annotations

from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QWidget

from app.engine.media.rendering import Source
from app.engine.media.rendering_jobs import Tile
from app.ingest.view.types import Sheets
from app.ui.files.dragging import Dragged, start_drag
from app.ui.viewer.pictures import Taker


class Carrier:
    """Asks for the page while the button goes down: when the mouse has moved far enough, it will be there."""

    def __init__(self, widget: QWidget, taker: Taker) -> None:
        self._widget, self._taker = widget, taker
        self._dragged = Dragged()
        self.picture: QImage | None = None
        """What will be carried, once it has come."""

    def prepare(self, source: Source, page: int) -> None:
        """The button went down on a page."""
        self.forget()
        self._taker.take(source, page, None, self._keep, lambda _why: None)

    def start(self, source: Source, page: int, name: str) -> None:
        """The mouse has moved; what has not come yet goes as it is seen."""
        image = self.picture or _best(source, page)
        if image is not None:
            start_drag(self._widget, self._dragged.picture_data(image, name), QPixmap.fromImage(image))

    def forget(self) -> None:
        """Nothing is going to be carried."""
        self.picture = None

    def close(self) -> None:
        """Delete what was written for other programs."""
        self._dragged.close()

    def _keep(self, data: bytes) -> None:
        self.picture = QImage.fromData(data)


def _best(source: Source, page: int) -> QImage | None:
    """The largest picture of a whole page that is there."""
    whole = [tile for tile in source.tiles(page) if _covers(tile, source.sheets)]
    return source.image(max(whole, key=lambda tile: tile.scale)) if whole else None


def _covers(tile: Tile, sheets: Sheets | None) -> bool:
    if sheets is None or tile.area[:2] != (0, 0):
        return False
    width, height = sheets.sizes[tile.page - 1]
    return tile.area[2] >= int(width * tile.scale) and tile.area[3] >= int(height * tile.scale)
