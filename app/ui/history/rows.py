"""Conversations as rows: a model of summaries, and a delegate that paints two or three lines of each.

Only what is in sight is painted or formatted, so thousands of conversations cost no more than twenty.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QDate,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTime,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.i18n import tr
from app.library.store.records import Summary
from app.ui.look.colours import small_font

Index = QModelIndex | QPersistentModelIndex
SUMMARY = Qt.ItemDataRole.UserRole
CURRENT = Qt.ItemDataRole.UserRole + 1
PAD = 10
LINE_GAP = 3
MARK = 3


def when(updated: float, now: datetime) -> str:
    """As short as it is clear: an hour today, a day this week, a date before."""
    moment = datetime.fromtimestamp(updated)
    locale, days = QLocale(), (now.date() - moment.date()).days
    if days <= 0:
        return locale.toString(QTime(moment.hour, moment.minute), QLocale.FormatType.ShortFormat)
    if days == 1:
        return tr("Yesterday")
    if days < 7:
        return locale.dayName(moment.isoweekday(), QLocale.FormatType.LongFormat)
    return locale.toString(
        QDate(moment.year, moment.month, moment.day), "d MMM" if moment.year == now.year else "d MMM yyyy"
    )


def title_of(summary: Summary) -> str:
    """A conversation always has a name."""
    return summary.title or tr("Untitled conversation")


class ConversationModel(QAbstractListModel):
    """List model of conversation summaries, newest first."""

    renamed = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Summary] = []
        self.current: str | None = None
        self.searching = self.snippets = False

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        """The number of conversations."""
        return 0 if parent.isValid() else len(self.rows)

    def show(self, rows: Sequence[Summary], searching: bool) -> None:
        """Other summaries; the view keeps its place where they are the same conversations."""
        snippets = any(row.snippet for row in rows)
        before, now = [row.id for row in self.rows], [row.id for row in rows]
        same = (searching, snippets) == (self.searching, self.snippets)
        if not same or now[: len(before)] != before:
            self.beginResetModel()
            self.rows, self.searching, self.snippets = list(rows), searching, snippets
            self.endResetModel()
            return
        if len(now) > len(before):
            self.beginInsertRows(QModelIndex(), len(before), len(now) - 1)
            self.rows = list(rows)
            self.endInsertRows()
        self.rows = list(rows)
        self._tell_all()

    def set_current(self, conversation: str | None) -> None:
        """Which one is open in this window."""
        if conversation != self.current:
            self.current = conversation
            self._tell_all()

    def row_of(self, conversation: str | None) -> int:
        """A conversation's row; -1 if it has none."""
        return next((number for number, row in enumerate(self.rows) if row.id == conversation), -1)

    def _tell_all(self) -> None:
        if self.rows:
            self.dataChanged.emit(self.index(0), self.index(len(self.rows) - 1))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The summary for the delegate, words for editing, for the tooltip and for a screen reader."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        summary = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return title_of(summary)
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join([title_of(summary), *summary.files])
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(summary, summary.id == self.current)
            case _ if role == SUMMARY:
                return summary
            case _ if role == CURRENT:
                return summary.id == self.current
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Rename the conversation."""
        title = " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or not index.isValid() or not title:
            return False
        self.renamed.emit(self.rows[index.row()].id, title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every title can be changed in its place."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable


def spoken(summary: Summary, current: bool) -> str:
    """A line of the list for a screen reader."""
    parts = [title_of(summary), when(summary.updated, datetime.now()), files_line(summary, current)]
    return ", ".join([*parts, tr("open now")] if current else parts)


class ConversationDelegate(QStyledItemDelegate):
    """Title and time, below them the files or what was found."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Two lines; three where the search matched the conversation's text."""
        lines = 3 if getattr(index.model(), "snippets", False) else 2
        small = QFontMetrics(small_font(option.font)).height()
        height = 2 * PAD + option.fontMetrics.height() + (lines - 1) * (small + LINE_GAP)
        return QSize(120, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the row."""
        summary: Summary = index.data(SUMMARY)
        current = bool(index.data(CURRENT))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = option.rect.adjusted(8, 1, -8, -1)
        self._paint_ground(painter, option, box, current)
        inside = box.adjusted(PAD + 2, PAD - 1, -PAD, 1 - PAD)
        self._paint_words(painter, option, inside, summary, current)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, box: QRect, current: bool) -> None:
        """What is open is tinted and has a bar; where the keys are is a ring."""
        colours, state = QApplication.palette(), option.state
        over = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.setPen(Qt.PenStyle.NoPen)
        if current or over:
            painter.setBrush(colours.color(QPalette.ColorRole.Light if current else QPalette.ColorRole.Midlight))
            painter.drawRoundedRect(box, 8, 8)
        if current:
            painter.setBrush(colours.color(QPalette.ColorRole.Highlight))
            painter.drawRoundedRect(QRect(box.left() + 2, box.top() + 9, MARK, box.height() - 18), 1.5, 1.5)
        if state & QStyle.StateFlag.State_HasFocus:
            pen = painter.pen()
            pen.setStyle(Qt.PenStyle.SolidLine)
            pen.setColor(colours.color(QPalette.ColorRole.Highlight))
            pen.setWidth(2)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 8, 8)

    def _paint_words(
        self, painter: QPainter, option: QStyleOptionViewItem, box: QRect, summary: Summary, current: bool
    ) -> None:
        # The view's own palette is derived from the style sheet and paler than it may be.
        colours, role = QApplication.palette(), QPalette.ColorRole
        pen = Pen(painter, option.font, colours.color(role.Text), colours.color(role.PlaceholderText))
        line = QRect(box.left(), box.top(), box.width(), pen.title.height)
        side = pen.draw(line, when(summary.updated, datetime.now()), small=True, right=True)
        pen.draw(line.adjusted(0, 0, -side - 10, 0), title_of(summary), strong=current)
        below = QRect(box.left(), line.bottom() + 1 + LINE_GAP, box.width(), pen.small.height)
        if summary.snippet:
            pen.draw_found(below, summary.snippet, summary.marks)
            below.translate(0, pen.small.height + LINE_GAP)
        pen.draw(below, files_line(summary, current), small=True)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Where a title is changed."""
        editor = QLineEdit(parent)
        editor.setAccessibleName(tr("Title of the conversation"))
        editor.setMaxLength(200)
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Place the editor over the title."""
        box = option.rect.adjusted(10, 0, -10, 0)
        height = editor.sizeHint().height()
        editor.setGeometry(box.left(), box.top() + (box.height() - height) // 2, box.width(), height)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Only a title that was changed is a new one."""
        if isinstance(editor, QLineEdit) and editor.isModified():
            model.setData(index, editor.text())


def files_line(summary: Summary, current: bool) -> str:
    """The conversation's files, and whether an answer is written in it or an unsent question waits unseen."""
    names = ", ".join(summary.files) or tr("No files")
    if summary.writing:
        return tr("Answering… · {files}", files=names)
    return tr("Draft · {files}", files=names) if summary.draft and not current else names


class _Face:
    """A font with its measures."""

    def __init__(self, font: QFont) -> None:
        self.font, self.metrics = font, QFontMetrics(font)
        self.height = self.metrics.height()


class Pen:
    """Draws single lines of a row, shortened where there is no room."""

    def __init__(self, painter: QPainter, font: QFont, text: QColor, muted: QColor) -> None:
        self._painter, self._text, self._muted = painter, text, muted
        strong, bold = QFont(font), small_font(font)
        strong.setWeight(QFont.Weight.DemiBold)
        bold.setWeight(QFont.Weight.Bold)
        self.title, self._strong = _Face(QFont(font)), _Face(strong)
        self.small, self._bold = _Face(small_font(font)), _Face(bold)

    def draw(self, box: QRect, words: str, *, small: bool = False, strong: bool = False, right: bool = False) -> int:
        """Draw one line of text; returns its width."""
        face = self.small if small else self._strong if strong else self.title
        shown = face.metrics.elidedText(words, Qt.TextElideMode.ElideRight, box.width())
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self._painter.setFont(face.font)
        self._painter.setPen(self._muted if small else self._text)
        self._painter.drawText(box, int(side | Qt.AlignmentFlag.AlignVCenter), shown)
        return face.metrics.horizontalAdvance(shown)

    def draw_found(self, box: QRect, snippet: str, marks: Sequence[tuple[int, int]]) -> None:
        """The words around what was searched for, with the words themselves in bold."""
        left = box.left()
        for words, marked in pieces(snippet, marks):
            face = self._bold if marked else self.small
            shown = face.metrics.elidedText(words, Qt.TextElideMode.ElideRight, box.right() - left)
            self._painter.setFont(face.font)
            self._painter.setPen(self._text)
            self._painter.drawText(left, box.top() + self.small.metrics.ascent(), shown)
            left += face.metrics.horizontalAdvance(shown)
            if left >= box.right() or shown != words:
                return


def pieces(snippet: str, marks: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    """A snippet in one line, as stretches that match and stretches that do not."""
    line = snippet.replace("\n", " ").replace("\t", " ")
    found: list[tuple[str, bool]] = []
    at = 0
    for start, end in sorted(marks):
        start, end = max(start, at), min(end, len(line))
        if start < end:
            found += [(line[at:start], False)] * (at < start) + [(line[start:end], True)]
            at = end
    return [*found, (line[at:], False)] if at < len(line) else found
