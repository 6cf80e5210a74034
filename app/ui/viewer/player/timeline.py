"""A video's timeline: a slider over its seconds, with marks for the frames that were read and for scenes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSlider

from app.chat.scenes.asking import Scene
from app.i18n import tr
from app.text.times import clock

_EDGE = 9.0
"""Room for the handle at both ends."""


class Timeline(QSlider):
    """Milliseconds as a slider; a click jumps there at once. The keys belong to the view around it."""

    sought = Signal(float)
    """Seconds: the user wants to go there."""
    hovered = Signal(float, float)
    """(seconds, x in the widget); both -1 when the mouse has gone."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._frames: tuple[float, ...] = ()
        self._scenes: tuple[Scene, ...] = ()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Position in the video"))
        self.setMinimumHeight(30)

    @property
    def duration(self) -> float:
        """Length of the video in seconds."""
        return self.maximum() / 1000

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """The scenes that are marked."""
        return self._scenes

    @property
    def frames(self) -> tuple[float, ...]:
        """The times of frames that are marked."""
        return self._frames

    def set_duration(self, seconds: float) -> None:
        """Set the length of the video in seconds."""
        self.setRange(0, min(round(max(0.0, seconds) * 1000), 2**31 - 1))

    def set_seconds(self, seconds: float) -> None:
        """The current position; emits no signal."""
        self.blockSignals(True)
        self.setValue(round(seconds * 1000))
        self.blockSignals(False)
        self.setAccessibleDescription(f"{clock(seconds)} / {clock(self.duration)}")
        self.update()

    def set_frames(self, times: Sequence[float]) -> None:
        """Mark the frames that the model gets."""
        self._frames = tuple(times)
        self.update()

    def set_scenes(self, scenes: Sequence[Scene]) -> None:
        """Show marks where scenes begin."""
        self._scenes = tuple(scenes)
        self.update()

    def scene_at(self, seconds: float) -> Scene | None:
        """The scene there, if scenes are known."""
        return next((scene for scene in reversed(self._scenes) if scene.start_s <= seconds + 0.0005), None)

    def sizeHint(self) -> QSize:
        """The preferred size: low and wide."""
        return QSize(320, 30)

    def x_of(self, seconds: float) -> float:
        """The x of a time in the widget."""
        share = seconds / self.duration if self.duration else 0.0
        return _EDGE + min(max(share, 0.0), 1.0) * (self.width() - 2 * _EDGE)

    def seconds_at(self, x: float) -> float:
        """The time at a place in the widget."""
        share = (x - _EDGE) / max(1.0, self.width() - 2 * _EDGE)
        return min(max(share, 0.0), 1.0) * self.duration

    def paintEvent(self, event: QPaintEvent) -> None:
        """Scenes as pieces of the bar with gaps, frames as strokes below it, the handle over all."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self.palette()
        middle = self.height() / 2 - 3
        done = self.x_of(self.value() / 1000)
        for left, right in self._pieces():
            for start, end, colour in (
                (left, min(right, done), colours.highlight()),
                (max(left, done), right, colours.midlight()),
            ):
                if end > start:
                    painter.fillRect(QRectF(start, middle - 2.5, end - start, 5), colour)
        painter.setPen(QPen(colours.mid().color(), 1.4))
        for time in self._frames:
            x = self.x_of(time)
            painter.drawLine(QPointF(x, middle + 7), QPointF(x, middle + 11))
        painter.setPen(QPen(colours.text().color(), 1.6))
        for scene in self._scenes[1:]:
            x = self.x_of(scene.start_s)
            painter.drawLine(QPointF(x, middle - 7), QPointF(x, middle + 4))
        self._draw_handle(painter, done, middle)

    def _draw_handle(self, painter: QPainter, x: float, y: float) -> None:
        if not self.isEnabled():
            return
        colours = self.palette()
        painter.setPen(QPen(colours.base().color(), 2))
        painter.setBrush(colours.highlight())
        painter.drawEllipse(QPointF(x, y), 7, 7)
        if self.hasFocus():
            painter.setPen(QPen(colours.text().color(), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(x, y), 8.5, 8.5)

    def _pieces(self) -> list[tuple[float, float]]:
        edges = [self.x_of(0), *(self.x_of(scene.start_s) for scene in self._scenes[1:]), self.x_of(self.duration)]
        return [(left, right) for left, right in pairwise(edges) if right > left]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go where the click was, and follow the mouse."""
        if event.button() == Qt.MouseButton.LeftButton and self.maximum() > 0:
            self.setSliderDown(True)
            self._go(event.position().x())
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse while it is down; report the second under it."""
        x = event.position().x()
        if self.maximum() > 0:
            self.hovered.emit(self.seconds_at(x), x)
        if self.isSliderDown():
            self._go(x)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Stop following the mouse; the position stays."""
        self.setSliderDown(False)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the card that follows the mouse."""
        super().leaveEvent(event)
        self.hovered.emit(-1.0, -1.0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """All keys are the view's: it knows frames and seconds."""
        event.ignore()

    def _go(self, x: float) -> None:
        seconds = self.seconds_at(x)
        self.set_seconds(seconds)
        self.sought.emit(seconds)
