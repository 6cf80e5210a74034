"""What of a document was read, at a glance: a strip with a cell for each page, or a time axis with a video's frames.

A cell is told apart by its pattern as well as by its colour: lines are text, a full cell is a picture, half and half is
both, and a crossed empty one was not read. Cells can be clicked and walked with the arrow keys.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.chat.evidence.places import Place
from app.i18n import tr
from app.ingest.types import Document, PageState
from app.ui.files.coverage_cells import Cell, cell_words, cells_of, frame_words, length_of, summary
from app.ui.look.widgets import label, row

HEIGHT = 18
_MARGIN = 2.0
_NARROWEST = 5.0
_WIDEST = 22.0
_GAP = 1.0
_REACH = 6.0
"""A click this near to a frame's mark, in pixels, means the frame."""

_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10}
_ENDS = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: 1 << 30}
_GO = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class CoverageStrip(QWidget):
    """One document's coverage. ``place_wanted`` carries a ``Place`` to show."""

    place_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document: Document | None = None
        self.cells: list[Cell] = []
        self.current = 0
        self._most: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)
        self.setMouseTracking(True)
        self.set_document(None)

    def sizeHint(self) -> QSize:
        """Room for some cells; it grows with its pane."""
        return QSize(200, HEIGHT)

    def set_document(self, document: Document | None, max_pages: int | None = None) -> None:
        """Show a document's coverage, in at most ``max_pages`` cells, or in as many as there is room for."""
        self.document, self._most, self.current = document, max_pages, 0
        self.setAccessibleName(tr("Coverage of {name}", name=document.name) if document else tr("Coverage"))
        self.setVisible(document is not None)
        self._arrange()

    def show_page(self, number: int) -> None:
        """Make the page's cell the current one, as the viewer turns to it."""
        for index, cell in enumerate(self.cells):
            if cell.first <= number - 1 <= cell.last and index != self.current:
                self._select(index)

    def words(self, index: int) -> str:
        """The tooltip of a cell or a frame."""
        if self.document is None or not 0 <= index < self._count():
            return ""
        if self.document.file_kind.timed:
            return frame_words(self.document, index)
        return cell_words(self.document, self.cells[index])

    def _count(self) -> int:
        if self.document is not None and self.document.file_kind.timed:
            return len(self.document.frames)
        return len(self.cells)

    def _arrange(self) -> None:
        pages = self.document.pages if self.document is not None else ()
        room = max(1, int((self.width() - 2 * _MARGIN) // (_NARROWEST + _GAP)))
        self.cells = cells_of(pages, min(room, self._most) if self._most else room)
        self.current = max(0, min(self.current, self._count() - 1))
        self._describe()
        self.update()

    def _describe(self) -> None:
        if self.document is None:
            self.setAccessibleDescription("")
            return
        self.setAccessibleDescription(f"{summary(self.document)}. {self.words(self.current)}")

    def _select(self, index: int) -> None:
        self.current = max(0, min(index, self._count() - 1))
        self._describe()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.update()

    def rect_of(self, index: int) -> QRectF:
        """Where a cell, or a frame's mark, is drawn."""
        height = HEIGHT - 2 * _MARGIN
        across = self.width() - 2 * _MARGIN
        if self.document is not None and self.document.file_kind.timed:
            share = max(0.0, self.document.frames[index].time_s) / length_of(self.document)
            return QRectF(_MARGIN + share * (across - 3), _MARGIN, 3, height)
        wide = min(_WIDEST, across / max(1, len(self.cells)))
        return QRectF(_MARGIN + index * wide, _MARGIN, max(2.0, wide - _GAP), height)

    def _index_at(self, x: float) -> int | None:
        """The cell under ``x``, or the frame within reach."""
        count = self._count()
        if not count:
            return None
        if self.document is not None and self.document.file_kind.timed:
            nearest = min(range(count), key=lambda index: abs(self.rect_of(index).center().x() - x))
            return nearest if abs(self.rect_of(nearest).center().x() - x) <= _REACH else None
        index = int((x - _MARGIN) // (self.rect_of(0).width() + _GAP))
        return index if 0 <= index < count else None

    def _want(self, index: int) -> None:
        if self.document is None or not 0 <= index < self._count():
            return
        key = self.document.content_hash
        if self.document.file_kind.timed:
            self.place_wanted.emit(Place(key, time_s=self.document.frames[index].time_s))
        else:
            self.place_wanted.emit(Place(key, page=self.document.pages[self.cells[index].shown].number))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move between cells with the arrow keys; Enter opens the page."""
        key = Qt.Key(event.key())
        if key in _GO:
            self._want(self.current)
        elif key in _STEPS or key in _ENDS:
            self._select(_ENDS[key] if key in _ENDS else self.current + _STEPS[key])
            at = self.rect_of(self.current).bottomLeft().toPoint() if self._count() else QPoint()
            QToolTip.showText(self.mapToGlobal(at), self.words(self.current), self)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to what is clicked: a page, a frame, or between frames a second."""
        if event.button() is not Qt.MouseButton.LeftButton or self.document is None:
            return
        x = event.position().x()
        index = self._index_at(x)
        if index is not None:
            self._select(index)
            self._want(index)
        elif self.document.file_kind.timed:
            share = (x - _MARGIN) / max(1.0, self.width() - 2 * _MARGIN)
            time_s = min(1.0, max(0.0, share)) * length_of(self.document)
            self.place_wanted.emit(Place(self.document.content_hash, time_s=time_s))

    def event(self, event: QEvent) -> bool:
        """The tooltip is that of the cell under the pointer; elsewhere, the whole document's."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self.document is not None:
            index = self._index_at(event.pos().x())
            words = self.words(index) if index is not None else summary(self.document)
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many cells as there is room for."""
        self._arrange()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The current cell gets its frame."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus frame."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The cells, or the time axis; then the frame around the current one."""
        painter = QPainter(self)
        if self.document is None or not self._count():
            return
        if self.document.file_kind.timed:
            self._paint_times(painter)
        else:
            for index, cell in enumerate(self.cells):
                paint_cell(painter, self.rect_of(index), cell.state, self.palette())
        current = self.rect_of(self.current).adjusted(-1, -1, 1, 1)
        focused = self.hasFocus()
        role = QPalette.ColorRole.WindowText if focused else QPalette.ColorRole.Mid
        painter.setPen(QPen(self.palette().color(role), 2 if focused else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(current)

    def _paint_times(self, painter: QPainter) -> None:
        middle = self.height() / 2
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
        painter.drawLine(QPointF(_MARGIN, middle), QPointF(self.width() - _MARGIN, middle))
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        for index in range(self._count()):
            painter.fillRect(self.rect_of(index), accent)


def paint_cell(painter: QPainter, box: QRectF, state: PageState, palette: QPalette) -> None:
    """One cell in its state's pattern and colour."""
    accent, strong = palette.color(QPalette.ColorRole.Highlight), palette.color(QPalette.ColorRole.Mid)
    if state == "skipped":
        danger = palette.color(QPalette.ColorRole.BrightText)
        painter.fillRect(box, palette.color(QPalette.ColorRole.Base))
        painter.setPen(QPen(danger, 1, Qt.PenStyle.DotLine))
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setPen(QPen(danger, 1))
        painter.drawLine(box.bottomLeft(), box.topRight())
        return
    painter.fillRect(box, palette.color(QPalette.ColorRole.Light))
    picture = QRectF(box)
    if state == "both":
        picture.setTop(box.center().y())
    if state in ("image", "both"):
        painter.fillRect(picture, accent)
    if state in ("text", "both"):
        painter.setPen(QPen(strong, 1))
        bottom = box.bottom() if state == "text" else picture.top()
        y = box.top() + 1.5
        while y < bottom:
            painter.drawLine(QPointF(box.left() + 0.5, y), QPointF(box.right() - 1, y))
            y += 3


class _Sample(QWidget):
    """One cell for the legend."""

    def __init__(self, state: PageState) -> None:
        super().__init__()
        self._state = state
        self.setFixedSize(12, HEIGHT - 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sample cell."""
        paint_cell(QPainter(self), QRectF(self.rect()), self._state, self.palette())


class CoverageLegend(QWidget):
    """The legend of the cell patterns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        line = row(spacing=5)
        meanings: tuple[tuple[PageState, str], ...] = (
            ("text", tr("text")),
            ("image", tr("picture")),
            ("both", tr("both")),
            ("skipped", tr("not read")),
        )
        for state, words in meanings:
            line.addWidget(_Sample(state))
            line.addWidget(label(words, "small"))
        line.addStretch()
        self.setLayout(line)
        self.setAccessibleName(tr("Lines: text. Solid: picture. Split: both. Crossed out: not read."))
