"""The growing answer: Markdown and code as pieces, of which only the last is ever drawn again."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QTextCursor, QWheelEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

from app.ui.markdown import MarkdownView
from app.ui.segments import Segment, Segmenter
from app.ui.widgets import CopyButton, column, label, row

DRAW_MIN_MS = 40
DRAW_SHARE = 6
"""A piece that takes t to draw is not drawn again for 6 t: drawing never takes more than a seventh of the time."""


class CodeView(QFrame):
    """A block of code with its language and a copy button. Text is appended, never drawn anew."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.setProperty("look", "code")
        self._text = ""
        self._edit = _CodeEdit()
        head = row(margins=(10, 3, 5, 0))
        head.addWidget(label(language or "code", "small"))
        head.addStretch()
        head.addWidget(CopyButton("Copy this code", lambda: self._text, text="Copy"))
        layout = column(self, margins=(0, 0, 0, 6), spacing=0)
        layout.addLayout(head)
        layout.addWidget(self._edit)

    def set_text(self, text: str) -> None:
        """Show ``text``; what grew at the end is added there."""
        if text == self._text:
            return
        if self._text and text.startswith(self._text):
            cursor = QTextCursor(self._edit.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(text[len(self._text) :])
        else:
            self._edit.setPlainText(text)
        self._text = text
        self._edit.fit()


class _CodeEdit(QPlainTextEdit):
    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "mono")
        self.setAccessibleName("Code")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(8)
        self.horizontalScrollBar().rangeChanged.connect(lambda _low, _high: self.fit())

    def fit(self) -> None:
        lines = self.document().blockCount()
        if self.document().lastBlock().length() <= 1 and lines > 1:
            lines -= 1
        bar = self.horizontalScrollBar().sizeHint().height() if self.horizontalScrollBar().maximum() else 0
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 16 + bar)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if abs(event.angleDelta().x()) > abs(event.angleDelta().y()):
            super().wheelEvent(event)
        else:
            event.ignore()


class AnswerBody(QWidget):
    """The answer as pieces, of which only the last is drawn again, and not more often than it can afford."""

    link_clicked = Signal(QUrl)

    def __init__(self, name: str = "Answer") -> None:
        super().__init__()
        self._name = name
        self._segmenter = Segmenter()
        self._fed = ""
        self._views: list[MarkdownView | CodeView] = []
        self._drawn = 0  # pieces before this one are final
        self._layout = column(self, spacing=6)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._draw)
        self._rest_until = 0.0

    @property
    def pieces(self) -> list[MarkdownView | CodeView]:
        """The widgets, in order."""
        return self._views

    def set_text(self, text: str, final: bool) -> None:
        """The answer so far. Draws soon; at once when it is final."""
        if not text.startswith(self._fed):
            self.clear()
        delta = text[len(self._fed) :]
        if delta:
            self._segmenter.feed(delta)
            self._fed = text
        if final:
            self._segmenter.finish()
            self._draw()
        elif delta and not self._timer.isActive():
            self._timer.start(max(0, int(1000 * (self._rest_until - perf_counter()))))

    def clear(self) -> None:
        """Empty again."""
        self._timer.stop()
        for view in self._views:
            view.hide()
            view.deleteLater()
        self._views, self._segmenter, self._fed, self._drawn = [], Segmenter(), "", 0

    def _draw(self) -> None:
        self._timer.stop()
        start = perf_counter()
        segments = self._segmenter.segments
        for index in range(self._drawn, len(segments)):
            if index == len(self._views):
                self._views.append(self._new_view(segments[index]))
            _show(self._views[index], segments[index])
        self._drawn = max(0, len(segments) - (0 if segments and segments[-1].closed else 1))
        for extra in self._views[len(segments) :]:
            extra.hide()
            extra.deleteLater()
        del self._views[len(segments) :]
        took = perf_counter() - start
        self._rest_until = perf_counter() + max(DRAW_MIN_MS / 1000, DRAW_SHARE * took)

    def _new_view(self, segment: Segment) -> MarkdownView | CodeView:
        view: MarkdownView | CodeView
        if segment.kind == "code":
            view = CodeView(segment.language)
        else:
            view = MarkdownView(self._name)
            view.anchorClicked.connect(self.link_clicked)
        self._layout.addWidget(view)
        return view


def _show(view: MarkdownView | CodeView, segment: Segment) -> None:
    if isinstance(view, CodeView):
        view.set_text(segment.text)
    else:
        view.set_markdown(segment.text)
