"""A recording's waveform: where it is loud, where somebody speaks, what evidence rests on, and the playhead."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF

from app.ingest.cues import Cue
from app.ui.viewer.player.timeline import Timeline

_BAR, _GAP = 2.0, 1.0
_FOOT = 12.0
"""Height below the waveform, for marks of what is said."""

_HEAD = 10.0
"""Height above it, for marks of evidence."""


class Waveform(Timeline):
    """Seconds as a slider over the recording's loudness; a click jumps there at once."""

    def __init__(self) -> None:
        super().__init__()
        self._peaks = b""
        self._said: tuple[Cue, ...] = ()
        self._marks: tuple[float, ...] = ()
        self.setMinimumHeight(96)

    @property
    def marks(self) -> tuple[float, ...]:
        """The seconds that evidence rests on."""
        return self._marks

    def set_peaks(self, peaks: bytes) -> None:
        """How loud it is from its beginning to its end, 0 to 255 each."""
        self._peaks = peaks
        self.update()

    def set_said(self, cues: Sequence[Cue]) -> None:
        """Mark where words are."""
        self._said = tuple(cues)
        self.update()

    def set_marks(self, marks: Sequence[float]) -> None:
        """Mark the seconds that evidence rests on."""
        self._marks = tuple(sorted(set(marks)))
        self.update()

    def sizeHint(self) -> QSize:
        """The preferred size: wide, as high as a few lines."""
        return QSize(420, 150)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars around a middle line, heard ones in the accent's colour; marks above and below; the playhead on top."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top, bottom = _HEAD, self.height() - _FOOT
        done = self.x_of(self.value() / 1000)
        self._draw_bars(painter, (top + bottom) / 2, (bottom - top) / 2, done)
        colours = self.palette()
        painter.setPen(QPen(colours.mid().color(), 3))
        for cue in self._said:
            painter.drawLine(
                QPointF(self.x_of(cue.start_s), bottom + 6),
                QPointF(max(self.x_of(cue.end_s), self.x_of(cue.start_s) + 1), bottom + 6),
            )
        painter.setPen(QPen(colours.highlight().color(), 1))
        painter.setBrush(colours.highlight())
        for seconds in self._marks:
            x = self.x_of(seconds)
            painter.drawPolygon(QPolygonF([QPointF(x - 5, 1), QPointF(x + 5, 1), QPointF(x, _HEAD - 1)]))
            painter.drawLine(QPointF(x, _HEAD - 1), QPointF(x, bottom))
        self._draw_head(painter, done, top, bottom)

    def _draw_bars(self, painter: QPainter, middle: float, reach: float, done: float) -> None:
        colours = self.palette()
        left, right = self.x_of(0), self.x_of(self.duration)
        count = int((right - left) / (_BAR + _GAP))
        if not self._peaks or count < 1 or not self.duration:
            painter.fillRect(QRectF(left, middle - 1, max(0.0, right - left), 2), colours.midlight())
            return
        for number in range(count):
            first = number * len(self._peaks) // count
            last = max(first + 1, (number + 1) * len(self._peaks) // count)
            height = max(1.0, reach * max(self._peaks[first:last]) / 255)
            x = left + number * (_BAR + _GAP)
            colour = colours.highlight() if x < done else colours.mid()
            painter.fillRect(QRectF(x, middle - height, _BAR, 2 * height), colour)

    def _draw_head(self, painter: QPainter, x: float, top: float, bottom: float) -> None:
        if not self.isEnabled():
            return
        colours = self.palette()
        painter.setPen(QPen(colours.text().color(), 2))
        painter.drawLine(QPointF(x, top - 4), QPointF(x, bottom + 2))
        painter.setBrush(colours.highlight() if self.hasFocus() else colours.text())
        painter.drawEllipse(QPointF(x, top - 4), 4, 4)
