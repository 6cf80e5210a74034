"""What is drawn over a page: the words that evidence rests on, hits of a search, selected text.

Paper is white in every theme, so these colours are fixed; each kind also has its own outline.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEasingCurve, QObject, QRectF, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from app.ui.viewer.motion import may_move

EVIDENCE_FILL = QColor(255, 212, 64, 110)
EVIDENCE_LINE = QColor("#8a4b00")
BESIDE_DARK = QColor("#f0c274")
"""Beside the paper, the theme's own ground is dark."""
HIT_FILL = QColor(255, 236, 130, 120)
HIT_LINE = QColor("#9a8420")
CURRENT_FILL = QColor(255, 158, 64, 130)
CURRENT_LINE = QColor("#8c3200")
SELECTED_FILL = QColor(66, 133, 214, 85)
_PULSE_MS = 900


class Pulse(QObject):
    """A mark that has just been put there grows and settles, once, unless the system is to keep still."""

    moved = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.value = 0.0
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(_PULSE_MS)
        self._animation.setStartValue(1.0)
        self._animation.setEndValue(0.0)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._moved)

    @property
    def running(self) -> bool:
        """Whether the animation is running."""
        return self._animation.state() == QVariantAnimation.State.Running

    def start(self) -> None:
        """Run the animation once, if motion is allowed."""
        self.stop()
        if may_move():
            self._animation.start()

    def stop(self) -> None:
        """Stop the animation and reset its value."""
        self._animation.stop()
        self.value = 0.0

    def _moved(self, value: object) -> None:
        self.value = float(value) if isinstance(value, float | int) else 0.0
        self.moved.emit()


def draw_evidence(painter: QPainter, boxes: Iterable[QRectF], pulse: float, paper: bool = True) -> None:
    """Words as with a text marker, with an outline; while it pulses, the outline comes in from outside."""
    boxes = list(boxes)
    shape = _around(boxes, 2)
    _fill(painter, shape, EVIDENCE_FILL, paper)
    if not paper:
        painter.strokePath(shape, QPen(BESIDE_DARK, 3.2))  # a light edge shows the line on dark pictures as well
    painter.strokePath(shape, QPen(EVIDENCE_LINE, 1.6))
    if pulse > 0:
        line = QColor(EVIDENCE_LINE)
        line.setAlphaF(min(1.0, 1.2 - pulse))
        painter.strokePath(_around(boxes, 2 + 18 * pulse), QPen(line, 2.5))


def draw_page_mark(painter: QPainter, page: QRectF, pulse: float, dark: bool) -> None:
    """A whole page is meant: a frame around it."""
    painter.setPen(QPen(BESIDE_DARK if dark else EVIDENCE_LINE, 2.5 + 3 * pulse))
    painter.drawRoundedRect(page.adjusted(-3, -3, 3, 3), 4, 4)


def draw_side_mark(painter: QPainter, page: QRectF, boxes: list[QRectF], dark: bool) -> None:
    """A bar beside the page at the height of the marked lines, so that they are found from afar."""
    top, bottom = min(box.top() for box in boxes), max(box.bottom() for box in boxes)
    painter.fillRect(QRectF(page.left() - 7, top - 2, 4, bottom - top + 4), BESIDE_DARK if dark else EVIDENCE_LINE)


def draw_hits(painter: QPainter, boxes: Iterable[QRectF], current: bool, paper: bool = True) -> None:
    """What a search has found; the one that the user is at has a stronger line."""
    shape = _around(boxes, 1)
    _fill(painter, shape, CURRENT_FILL if current else HIT_FILL, paper)
    painter.strokePath(shape, QPen(CURRENT_LINE, 2.0) if current else QPen(HIT_LINE, 1.0))


def draw_selection(painter: QPainter, boxes: Iterable[QRectF], paper: bool = True) -> None:
    """Draw the selection over selected text."""
    _fill(painter, _around(boxes, 0), SELECTED_FILL, paper)


def _around(boxes: Iterable[QRectF], room: float) -> QPainterPath:
    """One outline around all boxes: lines of print often overlap, and no line may run through their letters."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for box in boxes:
        radius = min(room + 1, 8.0) if room else 0.0
        path.addRoundedRect(box.adjusted(-room, -room, room, room), radius, radius)
    return path.simplified()


def _fill(painter: QPainter, shape: QPainterPath, colour: QColor, paper: bool) -> None:
    """Colour on paper, under black letters; on a picture, which may be dark, over them."""
    if paper:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
    painter.fillPath(shape, colour)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
