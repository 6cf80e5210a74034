"""Captions: white words on a dark ground, over the lower part of a video's picture."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

_SHARE = 0.055
"""A line's height as a share of the picture's."""

_SMALLEST, _LARGEST = 11, 40
_GROUND = QColor(0, 0, 0, 175)
_MOST_SHARE = 0.6
"""Of the picture's height; longer words are cut at its top."""


def paint_caption(painter: QPainter, picture: QRectF, words: str, base: QFont) -> None:
    """Draw ``words`` over the picture that is at ``picture``."""
    font = QFont(base)
    font.setPixelSize(round(min(max(_SHARE * picture.height(), _SMALLEST), _LARGEST)))
    font.setWeight(QFont.Weight.Medium)
    flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap)
    pad = font.pixelSize() * 0.4
    room = QRectF(0, 0, picture.width() * 0.92 - 2 * pad, picture.height() * _MOST_SHARE)
    needed = QFontMetricsF(font).boundingRect(room, flags, words)
    size = needed.size().boundedTo(room.size())
    place = QRectF(0, 0, size.width() + 2 * pad, size.height() + pad)
    place.moveCenter(picture.center())
    place.moveBottom(picture.bottom() - 0.04 * picture.height())
    painter.save()
    painter.setClipRect(picture)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_GROUND)
    painter.drawRoundedRect(place, 4, 4)
    painter.setPen(Qt.GlobalColor.white)
    painter.setFont(font)
    room.moveCenter(place.center())  # as wide as it was measured in, so that the lines break in the same places
    room.moveBottom(place.bottom() - pad / 2)
    painter.drawText(room, flags, words)
    painter.restore()
