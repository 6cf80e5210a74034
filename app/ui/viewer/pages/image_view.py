"""A picture as it is looked at: zoomed down to single pixels, moved with the mouse, with places marked on it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from app.engine.media.rendering import RenderBridge
from app.engine.media.rendering_jobs import Rank, Tile, Wish
from app.i18n import tr
from app.ui.viewer.pages.text_view import TextView
from app.ui.viewer.pages.tiled_view import Fit

_SQUARE = 8
_PIXELS_FROM = 3.0
"""From this magnification on the picture's own pixels are shown as squares."""


class ImageView(TextView):
    """One picture. Where words were read from it, the mouse selects them; elsewhere it moves the picture."""

    on_paper = False
    drag_begun = Signal()
    """The mouse button went down where the picture cannot be moved: it may become a drag."""
    drag_wanted = Signal()

    most_scale = 1.0
    most_zoom = 32.0

    def __init__(self, bridge: RenderBridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self.fit = "page"
        self.setAccessibleName(tr("Picture"))
        self._pressed: QPointF | None = None
        self._checker = QBrush(_checker())

    @property
    def unit(self) -> float:
        """At zoom 1 each pixel of the picture is one of the screen."""
        return 1 / self.devicePixelRatioF()

    @property
    def clear_parts(self) -> bool:
        """Whether parts of the picture can be seen through, as far as is known."""
        if self.source is None:
            return False
        images = (self.source.image(tile) for tile in self.source.tiles(1)[:1])
        return any(image is not None and image.hasAlphaChannel() for image in images)

    @property
    def movable(self) -> bool:
        """Whether the picture is larger than the view."""
        return self.horizontalScrollBar().maximum() > 0 or self.verticalScrollBar().maximum() > 0

    def wishes(self) -> list[Wish]:
        """A picture has no text layer."""
        return [wish for wish in super().wishes() if isinstance(wish.what, Tile) and wish.rank is not Rank.NEAR]

    def layers(self, others: list[Tile], there: list[Tile]) -> list[Tile]:
        """Where the picture can be seen through, one layer only."""
        return others[-1:] if self.clear_parts and others else super().layers(others, there)

    def smooth(self, factor: float) -> bool:
        """Few pixels are shown as what they are."""
        return factor < _PIXELS_FROM and super().smooth(factor)

    def paint_paper(self, painter: QPainter, rect: QRectF) -> None:
        """A chessboard under what can be seen through."""
        super().paint_paper(painter, rect)
        if self.clear_parts:
            painter.setBrushOrigin(rect.topLeft())
            painter.fillRect(rect, self._checker)

    def _zoom_to_fit(self, fit: Fit) -> float:
        """A small picture is not blown up."""
        return min(1.0, super()._zoom_to_fit(fit))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select words, or take hold of the picture: to move it, or to carry it away where there is nothing to move."""
        if self.text_at(event.position()):
            super().mousePressEvent(event)
        elif event.button() == Qt.MouseButton.LeftButton and not self.choosing and self.layout_ is not None:
            self.deselect()
            if self.movable:
                self.grab_paper(event.position())
            elif self.page_rect(1).contains(event.position()):
                self._pressed = event.position()
                self.drag_begun.emit()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move it or carry it away."""
        if self._pressed is not None:
            moved = (event.position() - self._pressed).manhattanLength()
            if moved >= QApplication.startDragDistance():
                self._pressed = None
                self.drag_wanted.emit()
            return
        super().mouseMoveEvent(event)

    def _point(self, point: QPointF) -> None:
        super()._point(point)
        if self.movable and not self.text_at(point):
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End dragging the picture."""
        self._pressed = None
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A word, or between the whole picture and its own pixels."""
        if self.choosing or event.button() != Qt.MouseButton.LeftButton or self.text_at(event.position()):
            super().mouseDoubleClickEvent(event)
        elif self.fit == "free":
            self.set_fit("page")
        else:
            self.set_zoom(1.0 if self.zoom < 0.999 else 2.0, event.position())


def _checker() -> QPixmap:
    tile = QPixmap(2 * _SQUARE, 2 * _SQUARE)
    tile.fill(QColor("#ffffff"))
    painter = QPainter(tile)
    for x, y in ((0, 0), (_SQUARE, _SQUARE)):
        painter.fillRect(x, y, _SQUARE, _SQUARE, QColor("#d5d5d5"))
    painter.end()
    return tile
