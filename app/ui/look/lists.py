"""Lists whose rows are several lines of text: how the list behaves, and how a row is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QPointF, QRect, Qt
from PySide6.QtGui import QFont, QPainter, QTextLayout, QTextOption
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

_BAR_PX = 3


class TextList(QListView):
    """Rows as high as their text, scrolled by pixels, one selected at a time, never edited."""

    def __init__(self, model: QAbstractItemModel, name: str, parent: QWidget | None = None) -> None:
        """``name``: for screen readers."""
        super().__init__(parent)
        self.setModel(model)
        self.setAccessibleName(name)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)


class TextDelegate(QStyledItemDelegate):
    """What the rows of such lists have in common."""

    def width_for(self, option: QStyleOptionViewItem) -> int:
        """The width that a row has in its list."""
        view = option.widget
        return view.viewport().width() if isinstance(view, QAbstractItemView) else 320

    def draw_mark(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        """The background and the bar of the current row."""
        rect = option.rect
        painter.fillRect(rect, option.palette.light())
        painter.fillRect(QRect(rect.left(), rect.top(), _BAR_PX, rect.height()), option.palette.highlight())

    def draw_focus(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        """The frame of the row with the keyboard focus."""
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(option.palette.highlight().color())
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))


def laid_out(
    text: str, font: QFont, width: int, most_lines: int, formats: Sequence[QTextLayout.FormatRange] = ()
) -> tuple[QTextLayout, int]:
    """The text in at most so many lines of ``width``, and their height."""
    layout = QTextLayout(text, font)
    wrap = QTextOption()
    wrap.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(wrap)
    layout.setFormats(list(formats))
    layout.beginLayout()
    height = 0.0
    for _ in range(most_lines):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        line.setPosition(QPointF(0.0, height))
        height += line.height()
    layout.endLayout()
    return layout, int(height) + 1
