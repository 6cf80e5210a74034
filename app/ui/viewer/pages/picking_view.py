"""What reading and looking have in common: keys, wheel, pinch, marked places, and choosing a region with the mouse."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPalette,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from app.engine.media.rendering import RenderBridge
from app.ingest.types import Box
from app.ui.viewer.pages.marks import Pulse, draw_evidence, draw_page_mark, draw_side_mark
from app.ui.viewer.pages.tiled_view import TiledView
from app.ui.viewer.regions import Band, draw_band

_WHEEL = 1.0015
"""Zoom for one unit of the wheel, of which a notch has 120."""


class PickingView(TiledView):
    """A view on which places are marked and regions are chosen."""

    on_paper = True
    """Marks are on white paper; a picture may be dark."""

    region_chosen = Signal(int, object)
    """(page, box in units, or None for the whole page)"""
    choosing_ended = Signal()

    def __init__(self, bridge: RenderBridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self.choosing = False
        self._band = Band()
        self._band_page = 1
        self.marked: tuple[int, tuple[Box, ...]] | None = None
        self._to_mark: tuple[int, tuple[Box, ...]] | None = None
        self.pulse = Pulse(self)
        self._pulse_due = False
        self.pulse.moved.connect(self.viewport().update)
        self._grabbed: QPointF | None = None
        self.opened.connect(self._mark_now)
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)

    def clear(self) -> None:
        """Clear marks and selection, and show nothing."""
        self.pulse.stop()
        self.marked = self._to_mark = None
        self._band.end()
        super().clear()

    # Marks

    def mark(self, page: int, boxes: tuple[Box, ...]) -> None:
        """Go to a page and mark boxes on it, or all of it, until the next place is marked."""
        self._to_mark = (page, boxes)
        if self.layout_ is not None:
            self._mark_now()

    def unmark(self) -> None:
        """Nothing is marked any more."""
        self.marked = self._to_mark = None
        self.pulse.stop()
        self.viewport().update()

    def _mark_now(self, _sheets: object = None) -> None:
        if self._to_mark is None:
            return
        self.marked, self._to_mark = self._to_mark, None
        page, boxes = self.marked
        self.remember()
        self.bring(page, _around(boxes) if boxes else None)
        self.pulse.stop()
        self._pulse_due = True
        self._start_pulse(page)
        self.viewport().update()

    def _start_pulse(self, page: int) -> None:
        """Not before there is something of the page to be seen."""
        meant = self.marked is not None and self.marked[0] == page
        if self._pulse_due and meant and self.source is not None and self.source.tiles(page):
            self._pulse_due = False
            self.pulse.start()

    def _drawn(self, page: int) -> None:
        super()._drawn(page)
        self._start_pulse(page)

    def marked_rects(self, page: int) -> list[QRectF]:
        """The marked boxes of a page in the viewport."""
        if self.marked is None or self.marked[0] != page:
            return []
        return [self.box_rect(page, box) for box in self.marked[1]]

    def paint_page(self, painter: QPainter, page: int, rect: QRectF) -> None:
        """Draw the marks over the page."""
        if self.marked is None or self.marked[0] != page:
            return
        boxes = self.marked_rects(page)
        dark = self.palette().color(QPalette.ColorRole.Window).lightness() < 128
        if boxes:
            draw_side_mark(painter, rect, boxes, dark)
            draw_evidence(painter, boxes, self.pulse.value, self.on_paper)
        else:
            draw_page_mark(painter, rect, self.pulse.value, dark)

    def paint_over(self, painter: QPainter) -> None:
        """The region that is being chosen."""
        if self._band.active and self.layout_ is not None:
            page = self.page_rect(self._band_page)
            draw_band(painter, page, self._band.rect(page), self.palette())

    # Regions

    def set_choosing(self, on: bool) -> None:
        """From now on the mouse chooses a region, or no longer does."""
        if on != self.choosing:
            self.choosing = on
            self._band.end()
            self.viewport().setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)
            self.viewport().update()
            if not on:
                self.choosing_ended.emit()

    def picks(self, event: QMouseEvent) -> bool:
        """Whether the mouse chooses a region or moves the paper, so that it selects no text."""
        buttons = event.buttons() | event.button()
        return self.choosing or self._grabbed is not None or bool(buttons & Qt.MouseButton.MiddleButton)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A region, or a grip on the paper."""
        if self.choosing and event.button() == Qt.MouseButton.LeftButton and self.layout_ is not None:
            spot = self.spot_at(event.position())
            self._band_page = spot.page if spot is not None else self.page
            self._band.begin(event.position())
        elif event.button() == Qt.MouseButton.MiddleButton:
            self.grab_paper(event.position())
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw the region, or move the paper."""
        if self._band.active:
            self._band.move(event.position())
            self.viewport().update()
        elif self._grabbed is not None:
            moved = event.position() - self._grabbed
            self._grabbed = event.position()
            across, down = self.horizontalScrollBar(), self.verticalScrollBar()
            across.setValue(across.value() - round(moved.x()))
            down.setValue(down.value() - round(moved.y()))
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Finish choosing the region."""
        if self._band.active:
            self._band.move(event.position())
            rect = self._band.rect(self.page_rect(self._band_page))
            page = self._band_page
            self.set_choosing(False)
            self.region_chosen.emit(page, None if rect.isEmpty() else self._box(page, rect))
        elif self._grabbed is not None:
            self._grabbed = None
            self.viewport().unsetCursor()
        else:
            super().mouseReleaseEvent(event)

    def grab_paper(self, point: QPointF) -> None:
        """From now on the paper follows the mouse."""
        self._grabbed = point
        self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def _box(self, page: int, rect: QRectF) -> Box:
        """A rectangle of the viewport as a box of a page, within its edges."""
        assert self.layout_ is not None
        width, height = self.layout_.sizes[page - 1]
        place, scale = self.page_rect(page), self._scale
        x0, y0 = (rect.left() - place.left()) / scale, (rect.top() - place.top()) / scale
        x1, y1 = (rect.right() - place.left()) / scale, (rect.bottom() - place.top()) / scale
        return max(0.0, x0), max(0.0, y0), min(width, x1), min(height, y1)

    # Keys, wheel, pinch

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pages, ends, lines, zoom; while a region is chosen, Enter takes the page and Esc gives up."""
        if not (self._choosing_key(event) or self._zoom_key(event) or self._moving_key(event)):
            super().keyPressEvent(event)

    def _choosing_key(self, event: QKeyEvent) -> bool:
        if not self.choosing:
            return False
        if event.key() == Qt.Key.Key_Escape:
            self.set_choosing(False)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            page = self.page
            self.set_choosing(False)
            self.region_chosen.emit(page, None)
        else:
            return False
        return True

    def _zoom_key(self, event: QKeyEvent) -> bool:
        middle = QPointF(self.viewport().rect().center())
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom_by(1, middle)
            case Qt.Key.Key_Minus:
                self.zoom_by(-1, middle)
            case Qt.Key.Key_0 if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.set_zoom(1.0, middle)
            case _:
                return False
        return True

    def _moving_key(self, event: QKeyEvent) -> bool:
        if event.matches(QKeySequence.StandardKey.Back):
            self.go_back()
            return True
        if event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier):
            return False
        bar, sideways = self.verticalScrollBar(), self.horizontalScrollBar()
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        match event.key():
            case Qt.Key.Key_PageUp:
                bar.setValue(bar.value() - bar.pageStep())
            case Qt.Key.Key_PageDown:
                bar.setValue(bar.value() + bar.pageStep())
            case Qt.Key.Key_Space:
                bar.setValue(bar.value() + (-1 if back else 1) * bar.pageStep())
            case Qt.Key.Key_Home:
                self.remember()
                bar.setValue(0)
            case Qt.Key.Key_End:
                self.remember()
                bar.setValue(bar.maximum())
            case Qt.Key.Key_Up:
                bar.setValue(bar.value() - bar.singleStep())
            case Qt.Key.Key_Down:
                bar.setValue(bar.value() + bar.singleStep())
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                step = -1 if event.key() == Qt.Key.Key_Left else 1
                if sideways.maximum() > 0:
                    sideways.setValue(sideways.value() + step * sideways.singleStep())
                else:
                    self.go_to_page(self.page + step)
            case _:
                return False
        return True

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl, zoom around the pointer."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        self.set_zoom(self.zoom * _WHEEL ** event.angleDelta().y(), event.position())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        """Two fingers, on a touch pad or on the screen, zoom around what is between them."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
            self.set_zoom(self.zoom * (1 + event.value()), event.position())
            return True
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                middle = self.viewport().mapFromGlobal(pinch.centerPoint().toPoint())
                self.set_zoom(self.zoom * pinch.scaleFactor(), QPointF(middle))
                event.accept(pinch)
                return True
        return super().viewportEvent(event)


def _around(boxes: tuple[Box, ...]) -> Box:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)
