"""A small chart over time: lines in the theme's colours, a few ticks, and the same in words below it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.i18n import tr
from app.ui.look.widgets import label

_DOTS = 60
"""A curve with at most this many points has each of them marked."""
_GAP = 6.0


@dataclass(frozen=True, slots=True)
class Line:
    """Values over time (``time.time``), oldest first."""

    name: str
    points: tuple[tuple[float, float], ...]


def top_of(value: float) -> float:
    """The next round number at or above ``value``: 1, 2, 2.5 or 5 times a power of ten."""
    if value <= 0 or not math.isfinite(value):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 2.0, 2.5, 5.0, 10.0) if step * power >= value * (1 - 1e-9))


class Plot(QWidget):
    """The drawing alone."""

    def __init__(self, written: Callable[[float], str]) -> None:
        """``written`` formats a value."""
        super().__init__()
        self._written = written
        self.lines: tuple[Line, ...] = ()
        self.begin_s = self.end_s = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As high as a few lines of text."""
        return QSize(300, 7 * self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """Narrower, as high."""
        return QSize(200, self.sizeHint().height())

    def show_lines(self, lines: Sequence[Line], begin_s: float, end_s: float) -> None:
        """Draw these from one time to another."""
        self.lines, self.begin_s, self.end_s = tuple(lines), begin_s, max(end_s, begin_s + 1)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ticks first, then the lines above them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(self.font())
        top = top_of(max((value for line in self.lines for _, value in line.points), default=0.0))
        ticks = [(share, self._written(top * share)) for share in (0.0, 0.5, 1.0)]
        left = max(metrics.horizontalAdvance(words) for _, words in ticks) + _GAP
        area = QRectF(
            left, metrics.height() / 2, self.width() - left - _GAP, self.height() - 1.5 * metrics.height() - _GAP
        )
        self._draw_ticks(painter, metrics, area, ticks)
        if not any(line.points for line in self.lines):
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, tr("Nothing yet"))
            return
        for number, line in enumerate(self.lines):
            self._draw_line(painter, area, line, top, first=number == 0)

    def _draw_ticks(
        self, painter: QPainter, metrics: QFontMetricsF, area: QRectF, ticks: list[tuple[float, str]]
    ) -> None:
        muted = self.palette().placeholderText().color()
        for share, words in ticks:
            y = area.bottom() - share * area.height()
            painter.setPen(QPen(self.palette().midlight().color(), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(muted)
            beside = QRectF(0, y - metrics.height() / 2, area.left() - _GAP, metrics.height())
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        below = QRectF(area.left(), area.bottom() + _GAP / 2, area.width(), metrics.height() + _GAP / 2)
        if self.begin_s:
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, clock(self.begin_s))
            painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, clock(self.end_s))

    def _draw_line(self, painter: QPainter, area: QRectF, line: Line, top: float, *, first: bool) -> None:
        colour = colour_of(self, first=first)
        pen = QPen(colour, 2)
        pen.setStyle(Qt.PenStyle.SolidLine if first else Qt.PenStyle.DashLine)
        painter.setPen(pen)
        span = self.end_s - self.begin_s
        places = [
            QPointF(
                area.left() + area.width() * min(1.0, max(0.0, (at - self.begin_s) / span)),
                area.bottom() - area.height() * min(1.0, max(0.0, value / top)),
            )
            for at, value in line.points
        ]
        painter.drawPolyline(QPolygonF(places))
        if len(places) <= _DOTS:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            for place in places:
                painter.drawEllipse(place, 2.5, 2.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)


def colour_of(widget: QWidget, *, first: bool) -> QColor:
    """The colour of a chart's first line, and of its others, which are dashed too."""
    return widget.palette().highlight().color() if first else widget.palette().mid().color()


def clock(at_s: float) -> str:
    """The time of the day."""
    return time.strftime("%H:%M", time.localtime(at_s))


class Chart(QWidget):
    """A title, the plot, and what it shows in words: for readers who do not see it, and to be copied."""

    def __init__(self, title: str, written: Callable[[float], str]) -> None:
        super().__init__()
        self._written = written
        self.plot = Plot(written)
        self.plot.setAccessibleName(title)
        self.words = label(look="small", wrap=True, selectable=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(label(title))
        layout.addWidget(self.plot)
        layout.addWidget(self.words)
        layout.addStretch(1)

    def show_lines(self, lines: Sequence[Line], begin_s: float, end_s: float) -> None:
        """Draw these lines, and show their newest, lowest and highest values in words."""
        self.plot.show_lines(lines, begin_s, end_s)
        summary = "\n".join(self._summary(line, named=len(lines) > 1, first=line is lines[0]) for line in lines)
        if summary != self.words.text():
            self.words.setText(summary)
            self.plot.setAccessibleDescription(summary)

    def _summary(self, line: Line, *, named: bool, first: bool) -> str:
        values = [value for _, value in line.points]
        if not values:
            text = tr("nothing yet")
        else:
            newest, low, high = (self._written(one) for one in (values[-1], min(values), max(values)))
            text = tr("newest {newest}, lowest {low}, highest {high}", newest=newest, low=low, high=high)
        if not named:
            return text
        return (
            tr("━ {name}: {values}", name=line.name, values=text)
            if first
            else tr("╍ {name}: {values}", name=line.name, values=text)
        )
