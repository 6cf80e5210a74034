"""The picture of a video: drawn to fit, a region chosen on it with the mouse, dragged out as an image."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from app.i18n import tr
from app.ui.viewer.video.caption import paint_caption

_LEAST = 0.01
"""A region smaller than this share of the picture was a click."""


class VideoCanvas(QWidget):
    """Shows one picture. What the user does with the mouse comes out as signals."""

    clicked = Signal()
    resized = Signal()
    drag_begun = Signal()
    """The mouse button went down on the picture: it may become a drag."""
    drag_wanted = Signal()
    region_chosen = Signal(QRectF)
    """In shares of the picture, 0 to 1."""
    choosing_ended = Signal()
    menu_wanted = Signal(QPoint)
    """Where on the screen"""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._opening = False
        self._caption = ""
        self._choosing = False
        self._from: QPointF | None = None
        self._to: QPointF | None = None
        self._dragged = False
        self.setMinimumSize(160, 90)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Picture of the video"))

    @property
    def image(self) -> QImage:
        """The picture that is shown."""
        return self._image

    @property
    def choosing(self) -> bool:
        """Whether the mouse chooses a region now."""
        return self._choosing

    def set_image(self, image: QImage) -> None:
        """Show another picture, or none."""
        self._image, self._opening = image, False
        self.update()

    def set_opening(self, opening: bool) -> None:
        """A video is being opened: until its first picture, words say so."""
        self._opening = opening
        self.update()

    @property
    def caption(self) -> str:
        """The words over the picture."""
        return self._caption

    def set_caption(self, words: str) -> None:
        """Show words over the lower part of the picture."""
        if words != self._caption:
            self._caption = words
            self.setAccessibleDescription(words)
            self.update()

    def set_choosing(self, choosing: bool) -> None:
        """From now on the mouse chooses a region, or no longer does."""
        self._choosing = choosing
        self._from = self._to = None
        self.setCursor(Qt.CursorShape.CrossCursor if choosing else Qt.CursorShape.ArrowCursor)
        self.update()

    def sizeHint(self) -> QSize:
        """Wide, in the shape of most videos."""
        return QSize(640, 360)

    def picture_rect(self) -> QRectF:
        """The picture's rectangle in the widget."""
        if self._image.isNull():
            return QRectF()
        size = self._image.size().toSizeF().scaled(self.size().toSizeF(), Qt.AspectRatioMode.KeepAspectRatio)
        own = self._image.size().toSizeF() / self.devicePixelRatioF()
        if abs(own.width() - size.width()) < 2 and abs(own.height() - size.height()) < 2:
            size = own  # it was made for this size: drawn as it is
        left, top = int((self.width() - size.width()) / 2), int((self.height() - size.height()) / 2)
        return QRectF(left, top, size.width(), size.height())

    def _paint_focus(self, painter: QPainter, place: QRectF) -> None:
        if self.hasFocus():
            painter.setPen(QPen(self.palette().highlight().color(), 2))
            painter.drawRect(place.adjusted(1, 1, -1, -1))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture; over it the region that is being chosen, the rest of it darker."""
        painter = QPainter(self)
        place = self.picture_rect()
        if place.isEmpty():
            if self._opening:
                painter.setPen(self.palette().placeholderText().color())
                painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), tr("Opening…"))
            self._paint_focus(painter, QRectF(self.rect()))
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self._image)
        if self._caption and not self._choosing:
            paint_caption(painter, place, self._caption, self.font())
        chosen = self._chosen()
        if chosen.isEmpty():
            self._paint_focus(painter, place)
            return
        shade = self.palette().shadow().color()
        shade.setAlpha(140)
        painter.setClipRect(place)
        for part in (
            QRectF(place.left(), place.top(), place.width(), chosen.top() - place.top()),
            QRectF(place.left(), chosen.bottom(), place.width(), place.bottom() - chosen.bottom()),
            QRectF(place.left(), chosen.top(), chosen.left() - place.left(), chosen.height()),
            QRectF(chosen.right(), chosen.top(), place.right() - chosen.right(), chosen.height()),
        ):
            painter.fillRect(part, shade)
        painter.setPen(QPen(self.palette().highlight().color(), 2))
        painter.drawRect(chosen)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A region, a drag or a click begins."""
        if event.button() != Qt.MouseButton.LeftButton or self._image.isNull():
            super().mousePressEvent(event)
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._from, self._to, self._dragged = event.position(), None, False
        if not self._choosing:
            self.drag_begun.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw the region, or start the drag once the mouse has moved far enough."""
        if self._from is None or self._dragged:
            return
        if self._choosing:
            self._to = event.position()
            self.update()
            return
        moved = (event.position() - self._from).manhattanLength()
        if moved >= QApplication.startDragDistance() and self.picture_rect().contains(self._from):
            self._dragged = True
            self.drag_wanted.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The region is chosen; a click without a drag plays or pauses."""
        begun, dragged = self._from is not None, self._dragged
        if event.button() != Qt.MouseButton.LeftButton or not begun:
            super().mouseReleaseEvent(event)
            return
        if self._choosing:
            self._to = event.position()
            self._choose(self._chosen())
        elif not dragged:
            self.clicked.emit()
        self._from = self._to = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """While a region is chosen: Enter takes the whole picture, Esc gives up."""
        if self._choosing and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.picture_rect())
        elif self._choosing and event.key() == Qt.Key.Key_Escape:
            self.choosing_ended.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the picture's context menu."""
        if not self._image.isNull():
            self.menu_wanted.emit(event.globalPos())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pictures of another size are wanted."""
        super().resizeEvent(event)
        self.resized.emit()

    def _chosen(self) -> QRectF:
        if self._from is None or self._to is None or not self._choosing:
            return QRectF()
        return QRectF(self._from, self._to).normalized().intersected(self.picture_rect())

    def _choose(self, chosen: QRectF) -> None:
        place = self.picture_rect()
        if place.isEmpty() or chosen.width() < _LEAST * place.width() or chosen.height() < _LEAST * place.height():
            chosen = place  # a click means all of it
        left = (chosen.left() - place.left()) / place.width()
        top = (chosen.top() - place.top()) / place.height()
        self.region_chosen.emit(QRectF(left, top, chosen.width() / place.width(), chosen.height() / place.height()))
