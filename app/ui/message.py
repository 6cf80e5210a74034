"""One question and its answer: progress, folded thinking, growing Markdown, small print."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QProgressBar, QPushButton, QWidget

from app.i18n import tr
from app.ui.answer import AnswerBody
from app.ui.icons import IconButton
from app.ui.state import Exchange, Stage
from app.ui.widgets import BubbleLabel, CopyButton, Note, column, label, row
from app.ui.words import footer, progress_line, progress_parts, waiting_line


class Thinking(QFrame):
    """The model's thinking, folded away until someone wants to see it."""

    def __init__(self) -> None:
        super().__init__()
        self.button = IconButton("right", "Show the model's thinking", text="Thinking", look="small", size=14)
        self.button.setCheckable(False)
        self.button.clicked.connect(lambda: self.fold(self.body.isVisibleTo(self)))
        self.body: QFrame = QFrame()
        self.body.setProperty("look", "quote")
        self._words = QPlainTextEdit(readOnly=True)
        self._words.setAccessibleName("The model's thinking")
        self._words.setTabChangesFocus(True)
        self._words.setMaximumHeight(220)
        self._words.setUndoRedoEnabled(False)
        column(self.body, margins=(10, 0, 0, 0)).addWidget(self._words)
        layout = column(self, spacing=4)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.body)
        self._shown = ""
        self.fold(True)

    def fold(self, folded: bool) -> None:
        """Hide or show the text."""
        self.body.setVisible(not folded)
        name = "Show the model's thinking" if folded else "Hide the model's thinking"
        self.button.set_icon("right" if folded else "down", name)

    def set_text(self, text: str) -> None:
        """The thoughts so far; they only grow."""
        if not text.startswith(self._shown):
            self._words.clear()
            self._shown = ""
        if len(text) > len(self._shown):
            cursor = QTextCursor(self._words.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(text[len(self._shown) :])
            self._shown = text
        self.setVisible(bool(text.strip()))


class ExchangeView(QWidget):
    """Draws one exchange. Nothing in it decides anything."""

    link_clicked = Signal(QUrl)
    again = Signal(int)
    withdraw = Signal(int)

    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self.exchange = exchange
        self.setAccessibleName(f"Question: {exchange.question}")
        self.question = BubbleLabel(exchange.question)
        self.waiting = self._make_waiting()
        self.progress_words = label(look="small")
        self.progress_bar = QProgressBar(textVisible=False)
        self.progress_bar.setFixedHeight(4)
        self.progress_bar.setMaximumWidth(420)
        self.progress_bar.setAccessibleName("Progress before the answer")
        self.thinking = Thinking()
        self.body = AnswerBody()
        self.body.link_clicked.connect(self.link_clicked)
        self.error = Note("danger")
        self.small_print = label(look="small", wrap=True, selectable=True)
        self.tools = self._make_tools()
        self._lay_out()
        self.refresh("")

    def _make_waiting(self) -> QWidget:
        waiting = QWidget()
        self.waiting_words = label(look="small")
        button = QPushButton("Withdraw")
        button.setProperty("look", "link")
        button.setAccessibleName("Withdraw this question")
        button.clicked.connect(lambda: self.withdraw.emit(self.exchange.key))
        line = row()
        line.addStretch()
        line.addWidget(self.waiting_words)
        line.addWidget(button)
        waiting.setLayout(line)
        return waiting

    def _make_tools(self) -> QWidget:
        tools = QWidget()
        self.copy_button = CopyButton("Copy the answer", lambda: self.exchange.answer, text="Copy")
        self.again_button = IconButton("again", "Ask this again", text="Again", look="small", size=15)
        self.again_button.clicked.connect(lambda: self.again.emit(self.exchange.key))
        line = row(spacing=2)
        line.addWidget(self.copy_button)
        line.addWidget(self.again_button)
        line.addWidget(self.small_print, 1)
        tools.setLayout(line)
        return tools

    def _lay_out(self) -> None:
        bubble = QFrame()
        bubble.setProperty("look", "question")
        column(bubble, margins=(16, 10, 16, 10)).addWidget(self.question)
        asked = row()
        asked.addStretch(1)
        asked.addWidget(bubble)
        layout = column(self, margins=(0, 0, 0, 14), spacing=8)
        layout.addLayout(asked)
        parts = (self.waiting, self.thinking, self.progress_words, self.progress_bar, self.body, self.error)
        for part in (*parts, self.tools):
            layout.addWidget(part)

    def refresh(self, hold_up: str) -> None:
        """Draw the exchange as it is now. ``hold_up`` is what a waiting question waits for."""
        one = self.exchange
        self.waiting.setVisible(one.stage.pending)
        self.waiting_words.setText(waiting_line(one, hold_up))
        working = one.stage in (Stage.SENT, Stage.LOOKING, Stage.READING, Stage.THINKING)
        self.progress_words.setVisible(working)
        self.progress_bar.setVisible(working and one.stage is not Stage.THINKING)
        if working:
            done, total = progress_parts(one)
            self.progress_words.setText(progress_line(one))
            self.progress_bar.setRange(0, total)
            self.progress_bar.setValue(done)
        self.thinking.set_text(one.thinking)
        self.body.setVisible(bool(one.answer))
        self.body.set_text(one.answer, one.stage.over)
        self.error.set_text(one.error)
        self.tools.setVisible(one.stage.over)
        self.copy_button.setVisible(bool(one.answer))
        cut = tr("Stopped") if one.stage is Stage.STOPPED else ""  # by the end of the application
        self.small_print.setText(footer(one.finished) if one.finished else cut)

    def set_last(self, last: bool) -> None:
        """Only the last question can be asked again."""
        self.again_button.setVisible(last)
