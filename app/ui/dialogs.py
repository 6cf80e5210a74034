"""The few windows beside the window: an address before it is opened, the shortcuts, about."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QPlainTextEdit, QPushButton, QWidget

from app import __version__
from app.ui.icons import app_icon
from app.ui.widgets import column, label

OPENABLE = ("http", "https")
SHORTCUTS = (
    ("Enter", "Ask"),
    ("Shift+Enter", "New line in the question"),
    ("Esc", "Stop the answer, or withdraw a waiting question"),
    ("Ctrl+O", "Add files"),
    ("Ctrl+Shift+O", "Add a folder"),
    ("Ctrl+V", "Paste a screenshot or copied files"),
    ("Ctrl+N", "New conversation"),
    ("Ctrl+L", "Go to the question"),
    ("Ctrl+Shift+C", "Copy the last answer"),
    ("Ctrl+B", "Show or hide the files"),
    ("Delete", "Remove the selected file from the list"),
    ("F1", "These shortcuts"),
    ("Ctrl+Q", "Quit"),
)
ABOUT = (
    "Lectern answers questions about your own documents, screenshots and videos with a local Gemma 4. "
    "Nothing leaves this machine.\n\n"
    "Lectern is free software under the GNU Affero General Public License, version 3 or later. It uses Qt for "
    "Python (LGPL-3.0), PyMuPDF (AGPL-3.0), PyTorch (BSD-3-Clause), transformers (Apache-2.0), bitsandbytes (MIT), "
    "PyAV (BSD-3-Clause, with FFmpeg and GPL x264/x265) and Pillow (MIT-CMU). The full texts are in "
    "THIRD_PARTY_NOTICES.md beside the app. Gemma 4's weights are under Apache-2.0 and do not come with Lectern."
)


def openable(url: QUrl) -> bool:
    """Only an ordinary web address may ever be opened; files, shares and everything else may not."""
    return url.isValid() and url.scheme().lower() in OPENABLE and bool(url.host())


class LinkDialog(QDialog):
    """Shows the whole address that a link in an answer leads to, before anything is opened."""

    def __init__(self, url: QUrl, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Open this address?")
        self.url = url
        self.address = QPlainTextEdit(self.full_address)
        self.address.setReadOnly(True)
        self.address.setAccessibleName("The whole address")
        self.address.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.address.setMaximumHeight(110)
        words = "The model wrote this link; it may be wrong or harmful. It opens in your browser, outside Lectern."
        layout = column(self, margins=(20, 18, 20, 16), spacing=12)
        layout.addWidget(label(f"This link leads to {url.host()}", "heading", wrap=True))
        layout.addWidget(label(words, "muted", wrap=True))
        layout.addWidget(self.address)
        buttons = QDialogButtonBox()
        self.open_button = QPushButton("Open in the browser")
        self.cancel_button = QPushButton("Do not open")
        self.cancel_button.setDefault(True)
        buttons.addButton(self.open_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.cancel_button, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.cancel_button.setFocus()
        self.resize(520, self.sizeHint().height())

    @property
    def full_address(self) -> str:
        """Every character of the address; international names in their true (punycode) form."""
        return bytes(self.url.toEncoded().data()).decode("ascii", "replace")


def open_in_browser(url: QUrl) -> bool:
    """Hand an address to the system's browser."""
    return openable(url) and QDesktopServices.openUrl(url)


class ForgetDialog(QDialog):
    """Asks once before what was read of a file is deleted."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Forget what was read?")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        words = (
            "This deletes what the model has kept of this file, from memory and from disk. The file itself stays "
            "where it is. Another question about it means reading it again."
        )
        layout = column(self, margins=(20, 18, 20, 16), spacing=12)
        layout.addWidget(label(f"Forget what was read of {name}?", "heading", wrap=True))
        layout.addWidget(label(words, "muted", wrap=True))
        buttons = QDialogButtonBox()
        self.forget_button = QPushButton("Forget it")
        self.keep_button = QPushButton("Keep it")
        self.keep_button.setDefault(True)
        buttons.addButton(self.forget_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.keep_button, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.keep_button.setFocus()
        self.resize(460, self.sizeHint().height())


class ShortcutsDialog(QDialog):
    """All keys."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Shortcuts")
        layout = column(self, margins=(22, 18, 22, 16), spacing=14)
        grid = QGridLayout()
        grid.setHorizontalSpacing(28)
        grid.setVerticalSpacing(9)
        for line, (keys, words) in enumerate(SHORTCUTS):
            grid.addWidget(label(keys, "heading"), line, 0)
            grid.addWidget(label(words), line, 1)
        layout.addLayout(grid)
        layout.addWidget(_close_button(self))


class AboutDialog(QDialog):
    """What this is, and whose work it rests on."""

    def __init__(self, model: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Lectern")
        layout = column(self, margins=(24, 20, 24, 16), spacing=10)
        sign = QLabel()
        sign.setPixmap(app_icon().pixmap(56, 56))
        layout.addWidget(sign)
        layout.addWidget(label(f"Lectern {__version__}", "title"))
        if model:
            layout.addWidget(label(f"Loaded: {model}", "muted", wrap=True, selectable=True))
        words = label(ABOUT, wrap=True, selectable=True)
        words.setMinimumWidth(460)
        layout.addWidget(words)
        layout.addWidget(_close_button(self))


def _close_button(dialog: QDialog) -> QDialogButtonBox:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return buttons
