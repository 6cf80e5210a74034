"""The files of a folder as a list, each with its state. Only visible rows are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from app.i18n import tr
from app.ingest.kinds import KINDS, kind_by_name
from app.session.folders import Entry
from app.ui.files.folder_words import spoken, standing
from app.ui.look.colours import small_font
from app.ui.look.icons import pixmap

Index = QModelIndex | QPersistentModelIndex
ENTRY = Qt.ItemDataRole.UserRole
SHOWN = Qt.ItemDataRole.UserRole + 1
MOST_ROWS = 6
"""So many rows are visible before the list scrolls."""

_PAD, _ICON = 5, 16
_WELL = frozenset({"read", "reading"})


class FolderModel(QAbstractListModel):
    """The entries, all or only those that are not read."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Entry] = []
        self.only_unread = False
        self.shown: int | None = None
        """The key of the file that the viewer shows."""

    def show(self, entries: Sequence[Entry]) -> None:
        """Other entries; the view keeps its place where they are the same files."""
        rows = [one for one in entries if not (self.only_unread and one.standing in _WELL)]
        if [one.name for one in rows] != [one.name for one in self.rows]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
        elif rows:
            self.rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))

    def row_of(self, path: Path | None) -> int:
        """A file's row; -1 if it has none."""
        return next((number for number, one in enumerate(self.rows) if one.path == path), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        """The number of entries."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The entry for the delegate, words for everybody else."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        entry = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return entry.name
            case Qt.ItemDataRole.ToolTipRole:
                return f"{entry.name}\n{standing(entry)}"
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(entry)
            case _ if role == ENTRY:
                return entry
            case _ if role == SHOWN:
                return entry.item is not None and entry.item.key == self.shown
        return None


class _Delegate(QStyledItemDelegate):
    """Icon and name, and the file's state below them."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Two lines."""
        return QSize(100, 2 * _PAD + option.fontMetrics.height() + QFontMetrics(small_font(option.font)).height() + 1)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the row; words say what is not read, colour only repeats it."""
        entry: Entry = index.data(ENTRY)
        colours, role, state = QApplication.palette(), QPalette.ColorRole, option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = option.rect.adjusted(1, 1, -1, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        if index.data(SHOWN):
            painter.setBrush(colours.color(role.Light))
            painter.drawRoundedRect(box, 6, 6)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(colours.color(role.Midlight))
            painter.drawRoundedRect(box, 6, 6)
        if state & QStyle.StateFlag.State_HasFocus or state & QStyle.StateFlag.State_Selected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(colours.color(role.Highlight))
            painter.drawRoundedRect(box, 6, 6)
        muted = colours.color(role.PlaceholderText)
        picture = pixmap(
            KINDS[kind_by_name(entry.path)].icon, muted.name(), _ICON, painter.device().devicePixelRatioF()
        )
        inside = box.adjusted(_PAD, _PAD - 1, -_PAD, 1 - _PAD)
        painter.drawPixmap(inside.left(), inside.top() + 2, picture)
        inside.setLeft(inside.left() + _ICON + 6)
        well = entry.standing in _WELL
        _draw(painter, option.font, inside, entry.name, colours.color(role.Text) if well else muted)
        below = inside.adjusted(0, option.fontMetrics.height() + 1, 0, 0)
        colour = colours.color(role.BrightText) if entry.standing == "failed" else muted
        end = Qt.TextElideMode.ElideRight  # a sentence is read from its start, a path from both ends
        _draw(painter, small_font(option.font), below, standing(entry), colour, end)
        painter.restore()


def _draw(
    painter: QPainter,
    font: QFont,
    box: QRect,
    words: str,
    colour: Any,
    elided: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
) -> None:
    painter.setFont(font)
    painter.setPen(colour)
    metrics = QFontMetrics(font)
    shown = metrics.elidedText(words, elided, box.width())
    painter.drawText(QRect(box.left(), box.top(), box.width(), metrics.height()), Qt.AlignmentFlag.AlignLeft, shown)


class FolderList(QListView):
    """Click or Enter opens a file that is read, Delete takes one out of the conversation."""

    chosen = Signal(object)
    """The current ``Entry``, or ``None``."""
    opened = Signal(int)
    remove_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.files = FolderModel()
        self.setModel(self.files)
        self.setItemDelegate(_Delegate(self))
        self.setProperty("look", "bare")
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Files of the folder"))
        self.selectionModel().currentChanged.connect(lambda index, _: self.chosen.emit(index.data(ENTRY)))
        self.clicked.connect(self._open)

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show other entries; the current one stays current."""
        at = self.current
        top = self.verticalScrollBar().value()
        self.files.show(entries)
        self._keep(at)
        self.verticalScrollBar().setValue(top)
        self._fit()

    def only_unread(self, on: bool, entries: Sequence[Entry]) -> None:
        """Show all, or only those that are not read."""
        self.files.only_unread = on
        self.show_entries(entries)

    @property
    def current(self) -> Path | None:
        """The path of the current entry."""
        entry = self.currentIndex().data(ENTRY)
        return entry.path if isinstance(entry, Entry) else None

    def go_to(self, path: Path) -> None:
        """Scroll to a file and make it current."""
        row = self.files.row_of(path)
        if row >= 0:
            self.setCurrentIndex(self.files.index(row))
            self.scrollTo(self.files.index(row))

    def _keep(self, path: Path | None) -> None:
        row = self.files.row_of(path)
        if row >= 0 and row != self.currentIndex().row():
            self.setCurrentIndex(self.files.index(row))
        elif path is not None:
            self.chosen.emit(self.currentIndex().data(ENTRY))

    def _fit(self) -> None:
        rows = min(MOST_ROWS, max(1, len(self.files.rows)))
        height = self.sizeHintForRow(0) if self.files.rows else self.fontMetrics().height()
        self.setFixedHeight(rows * max(1, height) + 2)

    def _open(self, index: Index) -> None:
        entry = index.data(ENTRY)
        if isinstance(entry, Entry) and entry.item is not None and entry.standing == "read":
            self.opened.emit(entry.item.key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Delete removes."""
        entry = self.currentIndex().data(ENTRY)
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._open(self.currentIndex())
            case Qt.Key.Key_Delete if isinstance(entry, Entry) and entry.item is not None:
                self.remove_wanted.emit(entry.item.key)
            case _:
                super().keyPressEvent(event)
