"""A block of code in an answer: language, copy button, colours. Text is appended, never drawn anew."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QTextCursor, QWheelEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy

from app.i18n import tr
from app.ui.conversation.highlight import Highlighter
from app.ui.look.widgets import CopyButton, column, label, row


class CodeView(QFrame):
    """A block of code with its language and a copy button."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.setProperty("look", "code")
        self._text = ""
        self.edit = CodeEdit()
        self.colours = Highlighter(self.edit.document(), language, self)
        head = row(margins=(10, 3, 5, 0))
        head.addWidget(label(language or tr("code"), "small"))
        head.addStretch()
        head.addWidget(CopyButton(tr("Copy this code"), lambda: self._text, text=tr("Copy")))
        layout = column(self, margins=(0, 0, 0, 6), spacing=0)
        layout.addLayout(head)
        layout.addWidget(self.edit)

    def set_text(self, text: str, final: bool = False) -> None:
        """Show ``text``; what grew at the end is added there. ``final``: no more will come."""
        if text != self._text:
            if self._text and text.startswith(self._text):
                cursor = QTextCursor(self.edit.document())
                cursor.movePosition(QTextCursor.MoveOperation.End)
                cursor.insertText(text[len(self._text) :])
            else:
                self.edit.setPlainText(text)
            self._text = text
            self.edit.fit()
        self.colours.follow(text, final)

    def toPlainText(self) -> str:
        """The code without line numbers or colours."""
        return self._text

    def changeEvent(self, event: QEvent) -> None:
        """A new theme has other colours."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self._text:
            self.colours.rehighlight()


class CodeEdit(QPlainTextEdit):
    """The code itself, which can be selected and not changed."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "mono")
        self.setAccessibleName(tr("Code"))
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(8)
        self.horizontalScrollBar().rangeChanged.connect(lambda _low, _high: self.fit())
        # The empty line after the last is not shown; a cursor there must not scroll it in.
        self.verticalScrollBar().valueChanged.connect(lambda _value: self.verticalScrollBar().setValue(0))

    def fit(self) -> None:
        """As high as its lines."""
        lines = self.document().blockCount()
        if self.document().lastBlock().length() <= 1 and lines > 1:
            lines -= 1
        bar = self.horizontalScrollBar().sizeHint().height() if self.horizontalScrollBar().maximum() else 0
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 16 + bar)

    def selected(self) -> str:
        """The selected code."""
        return self.textCursor().selectedText().replace("\u2029", "\n")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The conversation scrolls, not the code."""
        if abs(event.angleDelta().x()) > abs(event.angleDelta().y()):
            super().wheelEvent(event)
        else:
            event.ignore()
