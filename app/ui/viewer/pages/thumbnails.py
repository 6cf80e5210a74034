"""The list of pages, small: only those that can be seen are drawn, and each can be dragged out as a picture."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QPainter, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.engine.media.rendering import RenderBridge, Source
from app.engine.media.rendering_jobs import Rank, Wish
from app.i18n import number, tr
from app.ingest.view.types import Sheets
from app.ui.viewer.pages.layout import A4
from app.ui.viewer.pages.tiling import preview

Index = QModelIndex | QPersistentModelIndex
WIDTH = 132
_CELL = QSize(112, 150)
_LABEL = 18


class _Pages(QAbstractListModel):
    """Numbers only; the delegate paints."""

    def __init__(self, total: int) -> None:
        super().__init__()
        self._total = total

    def rowCount(self, parent: Index | None = None) -> int:
        """A row for each page."""
        return 0 if parent is not None and parent.isValid() else self._total

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The accessible name, for screen readers."""
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return tr("Page {number}", number=index.row() + 1)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Pages can be chosen and dragged."""
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled


class _Painter(QStyledItemDelegate):
    """A page, its number, and a frame around the one that is read."""

    def __init__(self, view: Thumbnails) -> None:
        super().__init__(view)
        self._list = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One size for all thumbnails."""
        return QSize(_CELL.width(), _CELL.height() + _LABEL + 8)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The small picture, or blank paper until it has come."""
        cell: QRect = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        page = index.row() + 1
        place = self._list.paper(page, cell)
        palette = self._list.palette()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(place, QColor("white"))
        image = self._list.image(page)
        if image is not None:
            painter.drawImage(place, image)
        else:
            self._list.miss()
        role = QPalette.ColorRole.Highlight if chosen else QPalette.ColorRole.Mid
        painter.setPen(QPen(palette.color(role), 3 if chosen else 1))
        painter.drawRect(place.adjusted(-1, -1, 0, 0))
        painter.setPen(palette.color(QPalette.ColorRole.WindowText if chosen else QPalette.ColorRole.PlaceholderText))
        font = painter.font()
        font.setBold(chosen)
        painter.setFont(font)
        foot = QRect(cell.left(), cell.bottom() - _LABEL - 1, cell.width(), _LABEL)
        painter.drawText(foot, int(Qt.AlignmentFlag.AlignCenter), number(page))
        painter.restore()


class Thumbnails(QListView):
    """Opens the file once more for itself, so that its wishes do not mix with the pages'."""

    page_wanted = Signal(int)
    drag_begun = Signal(int)
    drag_wanted = Signal(int)

    def __init__(self, bridge: RenderBridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._source: Source | None = None
        self._sizes: tuple[tuple[float, float], ...] = ()
        self.setProperty("look", "bare")
        self.setAccessibleName(tr("List of pages"))
        self.setFixedWidth(WIDTH)
        self.setUniformItemSizes(True)
        self.setSpacing(4)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setDragEnabled(True)
        self.setItemDelegate(_Painter(self))
        self.setModel(_Pages(0))
        self._wishes = QTimer(self, singleShot=True)
        self._wishes.timeout.connect(self._wish)
        self.verticalScrollBar().valueChanged.connect(lambda _value: self._wishes.start(0))
        self.pressed.connect(lambda index: self.drag_begun.emit(index.row() + 1))

    def open(self, path: Path, password: str | None, page: int) -> None:
        """The pages of a file, at one of them."""
        self.clear()
        self._page = page
        self._source = source = self._bridge.source(path, password)
        source.opened.connect(self._opened)
        source.drawn.connect(lambda _page: self.viewport().update())

    def clear(self) -> None:
        """Remove all thumbnails."""
        self._wishes.stop()
        if self._source is not None:
            self._source.disconnect(self)
            self._source.close()
        self._source, self._sizes = None, ()
        self._fill(0)

    @property
    def is_open(self) -> bool:
        """Whether it has a file."""
        return self._source is not None

    def show_page(self, page: int) -> None:
        """The page that is read now."""
        self._page = page
        index = self.model().index(page - 1, 0)
        if index.isValid() and index != self.currentIndex():
            model = self.selectionModel()
            model.blockSignals(True)  # it is the reader who moved, not this list
            self.setCurrentIndex(index)
            model.blockSignals(False)
            self.scrollTo(index)
            self.viewport().update()

    def image(self, page: int) -> QImage | None:
        """A page's small picture, where it has been drawn."""
        return self._source.image(preview(page, self._size(page))) if self._source is not None else None

    def miss(self) -> None:
        """Something that can be seen is not there: not yet, or no longer."""
        if not self._wishes.isActive():
            self._wishes.start(0)

    def paper(self, page: int, cell: QRect) -> QRect:
        """The rectangle of a page in its cell."""
        width, height = self._size(page)
        size = QSize(max(1, round(width * 100)), max(1, round(height * 100)))
        fit = size.scaled(_CELL - QSize(8, 6), Qt.AspectRatioMode.KeepAspectRatio)
        left = cell.left() + (cell.width() - fit.width()) // 2
        return QRect(left, cell.bottom() - _LABEL - 3 - fit.height(), max(1, fit.width()), max(1, fit.height()))

    def _size(self, page: int) -> tuple[float, float]:
        size = self._sizes[page - 1] if page <= len(self._sizes) else A4
        return size if size[0] > 0 and size[1] > 0 else A4

    def _opened(self, sheets: Sheets) -> None:
        self._sizes = sheets.sizes
        self._fill(len(sheets.sizes))
        self.show_page(self._page)
        self._wishes.start(0)

    def _fill(self, total: int) -> None:
        self.setModel(_Pages(total))
        self.selectionModel().currentChanged.connect(self._chosen)

    def _chosen(self, index: QModelIndex) -> None:
        if index.isValid():
            self.page_wanted.emit(index.row() + 1)

    def _wish(self) -> None:
        if self._source is None or not self.isVisible():
            return
        first = max(1, self.indexAt(self.viewport().rect().topLeft() + QRect(20, 8, 0, 0).topLeft()).row() + 1)
        count = self.viewport().height() // (_CELL.height() + _LABEL) + 3
        pages = range(first, min(len(self._sizes), first + count) + 1)
        self._source.want([Wish(Rank.SMALL, preview(page, self._size(page))) for page in pages])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other pages can be seen."""
        super().resizeEvent(event)
        self._wishes.start(0)

    def startDrag(self, actions: Qt.DropAction) -> None:
        """A page as a picture."""
        self.drag_wanted.emit(self.currentIndex().row() + 1)
