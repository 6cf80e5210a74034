"""Asking for a file's password. It goes to the file's item, stays in memory, and is gone with the item."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QPushButton, QWidget

from app.i18n import tr
from app.ingest.limits import MAX_PASSWORD
from app.session.items import ItemState
from app.ui.files.attachments import Attachments
from app.ui.look.widgets import Note, column, label


class PasswordDialog(QDialog):
    """One line for the password of one file."""

    def __init__(self, name: str, wrong: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Password"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        words = tr("The password is kept in memory while the file is attached, and is never saved.")
        self.note = Note("danger", copyable=False)
        self.note.set_text(tr("Wrong password.") if wrong else "")
        self.edit = QLineEdit()
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setMaxLength(MAX_PASSWORD)
        self.edit.setAccessibleName(tr("Password for {name}", name=name))
        # No completion, prediction or learning by an input method: that would write it down.
        hints = Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        self.edit.setInputMethodHints(self.edit.inputMethodHints() | hints)
        layout = column(self, margins=(20, 18, 20, 16), spacing=12)
        layout.addWidget(label(tr("Password for {name}", name=name), "heading", wrap=True))
        layout.addWidget(label(words, "muted", wrap=True))
        layout.addWidget(self.note)
        layout.addWidget(self.edit)
        layout.addWidget(self._make_buttons())
        self.edit.setFocus()
        self.resize(440, self.sizeHint().height())

    @property
    def password(self) -> str:
        """The password as typed."""
        return self.edit.text()

    def _make_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox()
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.setAutoDefault(False)
        buttons.addButton(self.cancel_button, QDialogButtonBox.ButtonRole.RejectRole)
        self.open_button = QPushButton(tr("Open"))
        self.open_button.setDefault(True)
        self.open_button.setEnabled(False)
        buttons.addButton(self.open_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.show_button = QPushButton(tr("Show"))
        self.show_button.setCheckable(True)
        self.show_button.setAutoDefault(False)
        self.show_button.setAccessibleName(tr("Show the password"))
        self.show_button.toggled.connect(self._show_password)
        buttons.addButton(self.show_button, QDialogButtonBox.ButtonRole.HelpRole)
        self.edit.textChanged.connect(lambda text: self.open_button.setEnabled(bool(text)))
        return buttons

    def _show_password(self, on: bool) -> None:
        self.edit.setEchoMode(QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password)


class Passwords(QObject):
    """Asks, and asks again after a wrong one, until it is right or the user gives up."""

    def __init__(self, attachments: Attachments, parent: QWidget) -> None:
        super().__init__(parent)
        self._attachments, self._window = attachments, parent
        self._trying: set[int] = set()
        """Files that are being opened with a password that was just typed."""
        self.dialog: PasswordDialog | None = None
        attachments.changed.connect(self._changed)
        attachments.removed.connect(self._trying.discard)

    def ask(self, key: int) -> None:
        """Ask for the password of a file."""
        item = self._attachments.items.get(key)
        if item is None or not item.locked or self.dialog is not None:
            return
        self.dialog = dialog = PasswordDialog(item.name, item.wrong, self._window)
        dialog.accepted.connect(lambda: self._try(key, dialog.password))
        dialog.finished.connect(self._closed)
        dialog.open()

    def _closed(self) -> None:
        self.dialog = None

    def _try(self, key: int, password: str) -> None:
        self._trying.add(key)
        self._attachments.unlock(key, password)

    def _changed(self, key: int) -> None:
        item = self._attachments.items.get(key)
        if key not in self._trying or item is None or item.state is ItemState.READING:
            return
        self._trying.discard(key)
        if item.wrong:
            self.ask(key)
