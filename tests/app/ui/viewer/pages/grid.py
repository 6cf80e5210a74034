"""PDFs of which every word's place is known, and a mouse over them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ingest.formats.mupdf import pymupdf
from app.ui.viewer.pages.layout import Spot
from app.ui.viewer.pages.marks import EVIDENCE_LINE
from app.ui.viewer.pages.pdf_view import PdfView

Until = Callable[[Callable[[], object]], None]
LEFT, TOP, STEP, CELL = 50.0, 60.0, 14.0, 7.2
"""Courier at 12 points: each letter is 7.2 points wide."""


def grid_pdf(path: Path, pages: int = 3) -> Path:
    """Lines of words whose places are known: line n of page p says ``p<p> line<n> alpha beta``."""
    with pymupdf.open() as document:
        for page in range(1, pages + 1):
            sheet = document.new_page(width=595, height=842)
            for line in range(12):
                words = f"p{page} line{line:02d} alpha beta"
                sheet.insert_text((LEFT, TOP + STEP * line), words, fontsize=12, fontname="cour")
        document.save(path)
    return path


def at(view: PdfView, page: int, line: int, letter: float) -> QPoint:
    """The point in the middle of a line, between two letters."""
    return view.point_of(Spot(page, LEFT + CELL * letter, TOP + STEP * line - 4)).toPoint()


def drag(qtbot: QtBot, view: PdfView, start: QPoint, end: QPoint) -> None:
    port = view.viewport()
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
    for part in (0.3, 0.7, 1.0):
        point = QPointF(start) + (QPointF(end) - QPointF(start)) * part
        move(view, point)
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=end)


def move(view: PdfView, point: QPointF) -> None:
    port = view.viewport()
    where = QPointF(port.mapToGlobal(point.toPoint()))
    button = Qt.MouseButton.LeftButton
    event = QMouseEvent(QEvent.Type.MouseMove, point, where, button, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(port, event)


def wheel(view: PdfView, point: QPointF, delta: int, ctrl: bool) -> None:
    where = QPointF(view.viewport().mapToGlobal(point.toPoint()))
    modifier = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
    phase, button = Qt.ScrollPhase.NoScrollPhase, Qt.MouseButton.NoButton
    event = QWheelEvent(point, where, QPoint(), QPoint(0, delta), button, modifier, phase, False)
    QApplication.sendEvent(view.viewport(), event)


def box_of(line: int, first: int, last: int) -> tuple[float, float, float, float]:
    base = TOP + STEP * line
    return LEFT + CELL * first, base - 10, LEFT + CELL * last, base + 3


def line_coloured(image: QImage, point: QPointF) -> bool:
    x, y = round(point.x()), round(point.y())
    near = [image.pixelColor(x + dx, y + dy) for dx in (-2, -1, 0, 1, 2) for dy in (-2, -1, 0, 1, 2)]
    return any(_like(colour, EVIDENCE_LINE) for colour in near)


def _like(colour: QColor, other: QColor) -> bool:
    return max(abs(a - b) for a, b in zip(colour.getRgb()[:3], other.getRgb()[:3], strict=True)) < 60
