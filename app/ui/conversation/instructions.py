"""The user's instructions for a conversation, which the model gets before everything else."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QPushButton, QWidget

from app.i18n import tr
from app.ui.look.flow import Flow
from app.ui.look.icons import IconButton
from app.ui.look.widgets import column, label

LONGEST = 8000
CHIP_CHARS = 28


def starters() -> list[tuple[str, str]]:
    """A few good ones to start from: a name, and the text in the user's language."""
    return [
        (
            tr("Brief and exact"),
            tr("Answer in one or two sentences. Give the exact words, numbers and dates from the files, nothing else."),
        ),
        (
            tr("For a newcomer"),
            tr(
                "I am new to this subject. Explain in plain words, say what each technical term means when it first"
                " comes up, and give a small example."
            ),
        ),
        (
            tr("Compare versions"),
            tr(
                "The files are versions of one document. For every question say what changed from the older to the"
                " newer one, what was added and what was removed, with the page in each version."
            ),
        ),
        (
            tr("Extract as a table"),
            tr(
                "Answer with a Markdown table: one row for each thing that was found, one column for each property, and"
                " a last column with the page or the time. Leave a cell empty where the files do not say."
            ),
        ),
        (
            tr("Translate into German"),
            tr("Answer in German, whatever language the files are in. Keep quotations in their own language."),
        ),
        (
            tr("Look for risks"),
            tr(
                "Read as a careful reviewer would. In every answer point out deadlines, duties, costs and anything"
                " unusual or contradictory, with its page."
            ),
        ),
    ]


class _Edit(QPlainTextEdit):
    """Ctrl+Enter takes the text, as everywhere where Enter is a new line."""

    done = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Finish editing on Ctrl+Enter."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.done.emit()
        else:
            super().keyPressEvent(event)


class InstructionsDialog(QDialog):
    """Write them, or begin with one of the starters."""

    chosen = Signal(str)

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Instructions"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.edit = _Edit()
        self.edit.setProperty("look", "field")
        self.edit.setAccessibleName(tr("Instructions for this conversation"))
        self.edit.setPlaceholderText(tr("For example: Answer briefly, and in German."))
        self.edit.setTabChangesFocus(True)
        self.edit.setPlainText(text)
        self.edit.setMinimumHeight(140)
        self.starters = [self._make_starter(*starter) for starter in starters()]
        self._buttons()
        self._lay_out()
        self.edit.done.connect(self._take)
        self.edit.moveCursor(self.edit.textCursor().MoveOperation.End)
        self.edit.setFocus()
        self.resize(600, self.sizeHint().height())

    def _make_starter(self, name: str, text: str) -> QPushButton:
        button = QPushButton(name)
        button.setProperty("look", "pill")
        button.setToolTip(text)
        button.setAccessibleName(tr("Template: {name}", name=name))
        button.setAccessibleDescription(text)
        button.clicked.connect(lambda: self._begin_with(text))
        return button

    def _buttons(self) -> None:
        self.save_button = QPushButton(tr("Save"))
        self.save_button.setProperty("look", "primary")
        self.save_button.setDefault(True)
        self.clear_button = QPushButton(tr("Clear"))
        self.cancel_button = QPushButton(tr("Cancel"))
        self.save_button.clicked.connect(self._take)
        self.clear_button.clicked.connect(self._clear)
        self.cancel_button.clicked.connect(self.reject)
        for button in (self.clear_button, self.cancel_button, *self.starters):
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        words = tr(
            "What the model should keep in mind in this conversation: how to answer, what to look for, in which"
            " language. It applies from your next question."
        )
        layout = column(self, margins=(22, 20, 22, 18), spacing=12)
        layout.addWidget(label(tr("Instructions for this conversation"), "heading"))
        layout.addWidget(label(words, "muted", wrap=True))
        layout.addWidget(label(tr("Templates"), "small"))
        layout.addWidget(Flow(self.starters))
        layout.addWidget(self.edit, 1)
        buttons = QDialogButtonBox()
        buttons.addButton(self.clear_button, QDialogButtonBox.ButtonRole.ResetRole)
        buttons.addButton(self.cancel_button, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.addButton(self.save_button, QDialogButtonBox.ButtonRole.AcceptRole)
        layout.addWidget(buttons)

    def _begin_with(self, text: str) -> None:
        """Append to the present text; undo reverts it."""
        cursor = self.edit.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        cursor.insertText(f"\n{text}" if self.edit.toPlainText().strip() else text)
        self.edit.setTextCursor(cursor)
        self.edit.setFocus()

    def _take(self) -> None:
        self.chosen.emit(self.edit.toPlainText().strip()[:LONGEST])
        self.accept()

    def _clear(self) -> None:
        self.chosen.emit("")
        self.accept()


class InstructionsButton(IconButton):
    """Shown above the conversation: an icon while there are none, a chip with their first words when there are."""

    def __init__(self) -> None:
        super().__init__("instructions", tr("Instructions for this conversation (Ctrl+I)"), look="head", size=17)
        self.setCheckable(False)
        self.show_text("")

    def show_text(self, text: str) -> None:
        """The instructions that count now."""
        words = " ".join(text.split())
        short = words if len(words) <= CHIP_CHARS else f"{words[: CHIP_CHARS - 1].rstrip()}…"
        self.setText(f" {short}" if short else "")
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if short else Qt.ToolButtonStyle.ToolButtonIconOnly
        self.setToolButtonStyle(style)
        self.setProperty("look", "set" if short else "head")
        self.style().unpolish(self)
        self.style().polish(self)
        name = tr("Instructions for this conversation (Ctrl+I)")
        self.setToolTip(f"{name}\n\n{text}" if text else name)
        self.setAccessibleName(tr("Instructions: {text}", text=words) if words else name)
