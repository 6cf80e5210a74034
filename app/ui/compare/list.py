"""The differences between two documents as a list: kind and pages, the words with what went and came, what it means."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QListView, QStyle, QStyleOptionViewItem, QWidget

from app.chat.compare.aligning import Change, Piece
from app.chat.compare.export import heading, marked, shortened
from app.i18n import tr, translated
from app.ui.look.colours import scaled
from app.ui.look.lists import TextDelegate, TextList, laid_out

_PAD = 9
_GAP = 3
_LINES = 6
"""Of the words; all of them are in the tooltip."""

_MOST_LETTERS = 2000
_MOST_TIP = 4000
Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole


class ChangeModel(QAbstractListModel):
    """What the list shows, a row for each difference."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: tuple[Change, ...] = ()
        self.meanings: list[str] = []

    def set_changes(self, changes: Sequence[Change]) -> None:
        """Show these, without explanations."""
        self.beginResetModel()
        self.changes, self.meanings = tuple(changes), [""] * len(changes)
        self.endResetModel()

    def set_meanings(self, meanings: Sequence[str]) -> None:
        """Take over what was explained so far."""
        for row, meaning in enumerate(meanings):
            if self.meanings[row] != meaning:
                self.meanings[row] = meaning
                self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        """How many differences there are."""
        return 0 if parent.isValid() else len(self.changes)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> object:
        """The words of a row, for the eye and for a screen reader."""
        if not index.isValid():
            return None
        change, meaning = self.changes[index.row()], self.meanings[index.row()]
        if role == _ROLE.DisplayRole:
            return heading(change, translated)
        if role == _ROLE.ToolTipRole:
            words = "\n\n".join(piece for piece in (marked(change.pieces), meaning) if piece)
            return words[:_MOST_TIP]
        if role == _ROLE.AccessibleTextRole:
            parts = [_spoken(piece) for piece in shortened(change.pieces)]
            return ". ".join(part for part in (heading(change, translated), " ".join(parts), meaning) if part)
        return None


class ChangeDelegate(TextDelegate):
    """Draws a row: the heading, the words with what went struck through and what came bold, the explanation."""

    def __init__(self, parent: QListView) -> None:
        super().__init__(parent)
        self._sizes: dict[int, tuple[Change, str, int, str, QSize]] = {}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one difference."""
        model = index.model()
        assert isinstance(model, ChangeModel)
        change, meaning = model.changes[index.row()], model.meanings[index.row()]
        palette, rect = option.palette, option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            self.draw_mark(painter, option)
        area = _area(rect)
        head = _bold(option.font)
        painter.setFont(head)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        line = QFontMetrics(head).lineSpacing()
        words = QFontMetrics(head).elidedText(heading(change, translated), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area.left(), area.top() + QFontMetrics(head).ascent(), words)
        area.setTop(area.top() + line + _GAP)
        layout, height = _laid(change, option.font, area.width())
        layout.draw(painter, QPointF(area.topLeft()))
        if meaning:
            area.setTop(area.top() + height + _GAP)
            painter.setFont(_small(option.font))
            painter.drawText(area, int(Qt.TextFlag.TextWordWrap), meaning)
        painter.setPen(palette.color(QPalette.ColorRole.Midlight))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        self.draw_focus(painter, option)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as its words need, up to a few lines of them, and all of the explanation."""
        model = index.model()
        assert isinstance(model, ChangeModel)
        change, meaning = model.changes[index.row()], model.meanings[index.row()]
        width = self.width_for(option)
        known = self._sizes.get(index.row())
        if known is not None and known[0] is change and known[1:4] == (meaning, width, option.font.key()):
            return known[4]
        area = _area(QRect(0, 0, width, 10_000))
        height = QFontMetrics(_bold(option.font)).lineSpacing() + _GAP + _laid(change, option.font, area.width())[1]
        if meaning:
            wrap = int(Qt.TextFlag.TextWordWrap)
            height += _GAP + QFontMetrics(_small(option.font)).boundingRect(area, wrap, meaning).height()
        size = QSize(width, height + 2 * _PAD)
        self._sizes[index.row()] = (change, meaning, width, option.font.key(), size)
        return size


class ChangeListView(TextList):
    """The list view of the differences."""

    def __init__(self, model: ChangeModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Differences"), parent)
        self.setItemDelegate(ChangeDelegate(self))


def _spoken(piece: Piece) -> str:
    if piece.kind == "removed":
        return tr("removed: {words};", words=piece.text)
    return tr("added: {words};", words=piece.text) if piece.kind == "added" else piece.text


def _laid(change: Change, font: QFont, width: int) -> tuple[QTextLayout, int]:
    """The words in their lines, and the height that these take."""
    text, formats = "", []
    for piece in shortened(change.pieces):
        start = len(text)
        text += piece.text[: _MOST_LETTERS - start] + " "
        if piece.kind != "same":
            one = QTextLayout.FormatRange()
            look = QTextCharFormat()
            if piece.kind == "removed":
                look.setFontStrikeOut(True)
            else:
                look.setFontWeight(QFont.Weight.Bold)
                look.setFontUnderline(True)
            one.start, one.length, one.format = start, len(text) - start - 1, look
            formats.append(one)
        if len(text) >= _MOST_LETTERS:
            break
    return laid_out(text.rstrip(), font, width, _LINES, formats)


def _area(rect: QRect) -> QRect:
    return rect.adjusted(_PAD + 3, _PAD, -_PAD, -_PAD)


def _bold(base: QFont) -> QFont:
    font = QFont(base)
    font.setPointSizeF(scaled(base, 0.9))
    font.setWeight(QFont.Weight.DemiBold)
    return font


def _small(base: QFont) -> QFont:
    font = QFont(base)
    font.setPointSizeF(scaled(base, 0.92))
    font.setItalic(True)
    return font
