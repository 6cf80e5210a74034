"""Cues as a list: times and words, the current one marked, what is searched for marked in each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPalette, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QListView, QStyleOptionViewItem

from app.i18n import tr
from app.ingest.cues import Cue
from app.text.times import h_mm_ss
from app.ui.look.lists import TextDelegate, TextList, laid_out

_PAD = 5
_LINES = 12
Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole


class CueModel(QAbstractListModel):
    """Rows are cues, by time. ``current`` is the one that is said; ``hits`` are the rows with what is searched for."""

    def __init__(self) -> None:
        super().__init__()
        self._cues: tuple[Cue, ...] = ()
        self._starts: list[float] = []
        self.current = -1
        self.words = ""
        self.hits: list[int] = []

    @property
    def cues(self) -> tuple[Cue, ...]:
        """The cues that are shown."""
        return self._cues

    def set_cues(self, cues: Sequence[Cue]) -> None:
        """Show these; where they only go on, what is in sight stays."""
        new, old = tuple(cues), self._cues
        if old and len(new) > len(old) and new[: len(old)] == old:
            self.beginInsertRows(QModelIndex(), len(old), len(new) - 1)
            self._take(new)
            self.endInsertRows()
            return
        self.beginResetModel()
        self._take(new)
        self.current = -1
        self.endResetModel()

    def _take(self, cues: tuple[Cue, ...]) -> None:
        self._cues = cues
        self._starts = [cue.start_s for cue in cues]
        self._search()

    def set_time(self, seconds: float) -> bool:
        """Mark the cue that is said at a time, or was last; whether it is another one than before."""
        row = bisect_right(self._starts, seconds + 0.0005) - 1
        if row == self.current:
            return False
        old, self.current = self.current, row
        for one in (old, row):
            if 0 <= one < len(self._cues):
                self.dataChanged.emit(self.index(one), self.index(one))
        return True

    def find(self, words: str) -> None:
        """Mark these words in all cues."""
        self.words = " ".join(words.split())
        self._search()
        if self._cues:
            self.dataChanged.emit(self.index(0), self.index(len(self._cues) - 1))

    def _search(self) -> None:
        wanted = self.words.casefold()
        self.hits = [row for row, cue in enumerate(self._cues) if wanted and wanted in cue.line.casefold()]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        """How many cues there are."""
        return 0 if parent.isValid() else len(self._cues)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> object:
        """The words of a row, for the eye and for a screen reader."""
        if not 0 <= index.row() < len(self._cues):
            return None
        cue = self._cues[index.row()]
        if role == _ROLE.DisplayRole:
            return cue.line
        if role == _ROLE.AccessibleTextRole:
            words = f"{h_mm_ss(cue.start_s)}, {cue.line}"
            return f"{tr('current')}, {words}" if index.row() == self.current else words
        return None


class CueDelegate(TextDelegate):
    """Draws a row: the time on the left, the words beside it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cue."""
        model = index.model()
        assert isinstance(model, CueModel)
        cue = model.cues[index.row()]
        painter.save()
        palette, rect = option.palette, option.rect
        if index.row() == model.current:
            self.draw_mark(painter, option)
        painter.setFont(option.font)
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        across = _time_width(option.fontMetrics)
        place = QRect(rect.left() + 10, rect.top() + _PAD, across, rect.height())
        painter.drawText(place, int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft), h_mm_ss(cue.start_s))
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        layout, _ = laid_out(cue.line, option.font, _words_width(option, rect.width()), _LINES)
        area = rect.adjusted(across + 20, _PAD, -_PAD, -_PAD)
        layout.draw(painter, area.topLeft(), _marks(cue.line, model.words, palette))
        self.draw_focus(painter, option)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as its words need."""
        width = self.width_for(option)
        _, height = laid_out(str(index.data() or ""), option.font, _words_width(option, width), _LINES)
        return QSize(width, height + 2 * _PAD)


class CueListView(TextList):
    """The list view of what is said."""

    def __init__(self, model: CueModel) -> None:
        super().__init__(model, tr("What is said"))
        self.setItemDelegate(CueDelegate(self))
        self.setBatchSize(200)
        self.setFrameShape(QListView.Shape.NoFrame)


def _time_width(metrics: QFontMetrics) -> int:
    return metrics.horizontalAdvance("0:00:00")


def _words_width(option: QStyleOptionViewItem, width: int) -> int:
    return max(40, width - _time_width(option.fontMetrics) - 20 - _PAD)


def _marks(line: str, words: str, palette: QPalette) -> list[QTextLayout.FormatRange]:
    """The places of the words searched for; none where folding changes a line's length."""
    folded, wanted = line.casefold(), words.casefold()
    if not wanted or len(folded) != len(line):
        return []
    look = QTextCharFormat()
    look.setBackground(palette.highlight())
    look.setForeground(palette.highlightedText())
    found, at = [], folded.find(wanted)
    while at >= 0:
        mark = QTextLayout.FormatRange()
        mark.start, mark.length, mark.format = at, len(wanted), look
        found.append(mark)
        at = folded.find(wanted, at + len(wanted))
    return found
