"""Where the question is written. Enter sends, Shift+Enter starts a new line, Esc stops."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QPushButton, QSizePolicy, QWidget

from app.i18n import tr, translated
from app.session.conversation import Readiness
from app.session.quoting import with_quotation
from app.ui.conversation.meter import ContextMeter
from app.ui.look.icons import IconButton, Role
from app.ui.look.widgets import column, label, row
from model.messages import NOTHING

MAX_LINES = 9
SEND = QSize(34, 34)
ROOM_FOR_WORDS = 520
ROOM_WITH_REASON = 700


class QuestionEdit(QPlainTextEdit):
    """Grows with its text; hands pasted pictures and files on instead of inserting them."""

    send = Signal()
    stop = Signal()
    pasted = Signal(QMimeData)
    focused = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Your question"))
        self.setPlaceholderText(tr("Ask about your files…"))
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.document().documentLayout().documentSizeChanged.connect(lambda _: self._fit())
        self._fit()

    def _fit(self) -> None:
        lines = max(1, min(MAX_LINES, int(self.document().size().height())))
        margin = 2 * int(self.document().documentMargin()) + 2
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + margin)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Esc mean something here; everything else is writing."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.send.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.stop.emit()
        else:
            super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Pictures and files can be pasted too."""
        return source.hasImage() or source.hasUrls() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Text is inserted; a picture or a file is for the window."""
        files = any(url.isLocalFile() for url in source.urls())
        if files or (source.hasImage() and not source.hasText()):
            self.pasted.emit(source)
        else:
            super().insertFromMimeData(source)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Let the frame show the focus."""
        super().focusInEvent(event)
        self.focused.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Let the frame drop the focus."""
        super().focusOutEvent(event)
        self.focused.emit(False)


class Composer(QFrame):
    """The question, the buttons around it, and the reason when it cannot be asked."""

    asked = Signal(str)
    refused = Signal(str)
    """A question cannot be taken now, and why."""
    stopped = Signal()
    attach_wanted = Signal()
    pasted = Signal(QMimeData)
    thinking_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "composer")
        self._readiness = Readiness(True, False, NOTHING)
        self.editing: int | None = None
        """The earlier question that is being changed."""
        self._set_aside = ""
        self.edit_strip = self._make_edit_strip()
        self.edit = QuestionEdit()
        self.attach_button = IconButton("attach", tr("Add files (Ctrl+O)"))
        self.think_button = IconButton(
            "think", tr("Let the model think before it answers"), text=tr("Think"), look="chip"
        )
        self.think_button.setCheckable(True)
        self.reason = label(look="small", wrap=True)
        self.meter = ContextMeter()
        self.send_button = IconButton("send", tr("Ask (Enter)"), role=Role.HighlightedText, size=20, look="round")
        self.stop_button = IconButton("stop", tr("Stop (Esc)"), role=Role.HighlightedText, size=18, look="round")
        for button in (self.send_button, self.stop_button):
            button.setFixedSize(SEND)
        self._lay_out()
        self._connect()
        self.set_busy(False)

    def _make_edit_strip(self) -> QWidget:
        strip = QWidget()
        self.edit_words = label(tr("Editing a question. The original is kept."), "small", wrap=True)
        self.edit_cancel = QPushButton(tr("Cancel"))
        self.edit_cancel.setProperty("look", "link")
        self.edit_cancel.setAccessibleName(tr("Leave the earlier question as it is"))
        self.edit_cancel.clicked.connect(self._cancel_edit)
        line = row(spacing=8)
        line.addWidget(self.edit_words, 1)
        line.addWidget(self.edit_cancel)
        strip.setLayout(line)
        strip.hide()
        return strip

    def _lay_out(self) -> None:
        layout = column(self, margins=(12, 10, 10, 8), spacing=6)
        layout.addWidget(self.edit_strip)
        layout.addWidget(self.edit)
        line = row(spacing=6)
        line.addWidget(self.attach_button)
        line.addWidget(self.think_button)
        line.addWidget(self.reason, 1)
        line.addWidget(self.meter)
        line.addSpacing(4)
        line.addWidget(self.stop_button)
        line.addWidget(self.send_button)
        layout.addLayout(line)

    def _connect(self) -> None:
        self.edit.send.connect(self._send)
        self.edit.stop.connect(self._escape)
        self.edit.pasted.connect(self.pasted)
        self.edit.focused.connect(self._show_focus)
        self.edit.textChanged.connect(self._update)
        self.send_button.clicked.connect(self._send)
        self.stop_button.clicked.connect(self.stopped)
        self.attach_button.clicked.connect(self.attach_wanted)
        self.think_button.toggled.connect(self.thinking_changed)

    @property
    def text(self) -> str:
        """The text as typed."""
        return self.edit.toPlainText()

    def set_text(self, text: str) -> None:
        """Put a question there, to be sent or changed, with the cursor at its end."""
        self.edit.setPlainText(text)
        cursor = self.edit.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        self.edit.setTextCursor(cursor)
        self.edit.setFocus()

    def edit_question(self, key: int, question: str) -> None:
        """Change an earlier question; what was being written is set aside."""
        if self.editing is None:
            self._set_aside = self.text
        self.editing = key
        self.edit_strip.show()
        self.set_text(question)

    def end_edit(self) -> None:
        """It was sent, or another conversation is shown."""
        self.editing, self._set_aside = None, ""
        self.edit_strip.hide()

    def _cancel_edit(self) -> None:
        before = self._set_aside
        self.end_edit()
        self.set_text(before)

    def quote(self, words: str) -> None:
        """Put words of a file or of an answer there as a quotation, ready to be asked about."""
        self.set_text(with_quotation(self.text, words))

    def set_readiness(self, readiness: Readiness) -> None:
        """Whether asking works now, and the words beside it."""
        self._readiness = readiness
        self._update()

    def set_busy(self, busy: bool) -> None:
        """Show Stop while there is something to stop."""
        self.stop_button.setVisible(busy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow composer keeps the meter's bar and leaves its words to the tooltip."""
        super().resizeEvent(event)
        self._fit_meter()

    def _fit_meter(self) -> None:
        room = ROOM_WITH_REASON if self.reason.text() else ROOM_FOR_WORDS
        self.meter.set_room(self.width() >= room)

    def _update(self) -> None:
        written = bool(self.text.strip())
        self.send_button.setEnabled(self._readiness.allowed and written)
        # What Enter does is shown while there is something that it would send.
        self.reason.setText(translated(self._readiness.reason) if written or not self._readiness.allowed else "")
        self._fit_meter()

    def _escape(self) -> None:
        """Out of the change of an earlier question first."""
        if self.editing is not None:
            self._cancel_edit()
        else:
            self.stopped.emit()

    def _send(self) -> None:
        if self.send_button.isEnabled():
            self.asked.emit(self.text)
        elif self.text.strip():
            self.refused.emit(translated(self._readiness.reason))

    def _show_focus(self, focused: bool) -> None:
        self.setProperty("focused", focused)
        self.style().unpolish(self)
        self.style().polish(self)


def picture_of(data: QMimeData) -> QImage | None:
    """The clipboard's picture, if it holds one."""
    if not data.hasImage():
        return None
    image = data.imageData()
    picture = QImage(image) if image is not None else QImage()
    return None if picture.isNull() else picture
