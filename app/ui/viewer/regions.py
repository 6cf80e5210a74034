"""A region of a page, a picture or a frame, and choosing one with the mouse."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPalette, QPen

from app.ingest.types import Box

CLICK_PX = 6.0
"""A region smaller than this was a click."""


@dataclass(frozen=True, slots=True)
class Region:
    """Where to look closer. ``box`` is in points on a PDF's page, in pixels on a picture or a frame; ``None``: all."""

    item_key: int
    page: int | None = None
    time_s: float | None = None
    box: Box | None = None


class Band:
    """The rectangle between where the mouse button went down and where the mouse is."""

    def __init__(self) -> None:
        self._from: QPointF | None = None
        self._to: QPointF | None = None

    @property
    def active(self) -> bool:
        """Whether it is being drawn."""
        return self._from is not None

    def begin(self, point: QPointF) -> None:
        """Start a rectangle at ``point``, on a mouse press."""
        self._from = self._to = point

    def move(self, point: QPointF) -> None:
        """Extend the rectangle to ``point``, on a mouse move."""
        self._to = point

    def end(self) -> None:
        """Remove the rectangle."""
        self._from = self._to = None

    def rect(self, within: QRectF) -> QRectF:
        """The rectangle inside of ``within``; empty for a click."""
        if self._from is None or self._to is None:
            return QRectF()
        drawn = QRectF(self._from, self._to).normalized().intersected(within)
        return drawn if drawn.width() >= CLICK_PX and drawn.height() >= CLICK_PX else QRectF()


def draw_band(painter: QPainter, page: QRectF, chosen: QRectF, palette: QPalette) -> None:
    """The chosen part bright, the rest of the page darker."""
    if chosen.isEmpty():
        return
    shade = QColor(0, 0, 0, 90)
    rest = QPainterPath()
    rest.addRect(page)
    rest.addRect(chosen)  # where two shapes of a path overlap, it is empty
    painter.fillPath(rest, shade)
    painter.setPen(QPen(QColor("white"), 3))
    painter.drawRect(chosen)
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 1.5))
    painter.drawRect(chosen)
