"""The few windows beside the window: an address before it is opened, the shortcuts, about."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QPlainTextEdit, QPushButton, QWidget

from app import __version__
from app.i18n import tr
from app.ui.look.buttons import close_button
from app.ui.look.icons import app_icon
from app.ui.look.widgets import column, label, row

OPENABLE = ("http", "https")
Keys = list[tuple[str, str]]


def keys(shortcut: str) -> str:
    """A shortcut as the system and the language write it: ``Strg+V``, ``⌘V``."""
    return QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)


def other_keys() -> list[tuple[str, Keys]]:
    """Keys that belong to a part of the window and are in no menu."""
    return [
        (
            tr("Question"),
            [
                (tr("Enter"), tr("Ask")),
                (tr("Shift+Enter"), tr("New line")),
                (tr("Esc"), tr("Stop the answer, or cancel a queued question")),
                (keys("Ctrl+V"), tr("Paste a screenshot or copied files")),
            ],
        ),
        (
            tr("Lists"),
            [
                (tr("Enter"), tr("Open the conversation or the file")),
                (keys("F2"), tr("Rename the conversation")),
                (tr("Delete"), tr("Delete the conversation, remove the file")),
                (tr("Menu key"), tr("Everything else")),
            ],
        ),
        (
            tr("Viewer"),
            [
                (f"{keys('Ctrl++')} · {keys('Ctrl+-')}", tr("Zoom in, zoom out")),
                (tr("Space"), tr("Play, pause")),
                ("← · →", tr("Back, forward five seconds")),
                (", · .", tr("Previous, next frame")),
                (tr("Page Up · Page Down"), tr("Previous, next scene")),
                (tr("Esc"), tr("Close the viewer")),
            ],
        ),
    ]


def about_words() -> str:
    """Lectern's version and the licences it depends on."""
    return tr(
        "Lectern answers questions about your own documents, pictures, videos and recordings with Gemma 4 on this "
        "machine. Nothing leaves it, unless you choose a server that answers instead.\n\n"
        "Lectern is free software under the GNU Affero General Public License, version 3 or later. It uses Qt for "
        "Python (LGPL-3.0), PyMuPDF (AGPL-3.0), PyTorch (BSD-3-Clause), tokenizers (Apache-2.0), bitsandbytes (MIT), "
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
        self.setWindowTitle(tr("Open this address?"))
        self.url = url
        self.address = QPlainTextEdit(self.full_address)
        self.address.setReadOnly(True)
        self.address.setAccessibleName(tr("The whole address"))
        self.address.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.address.setMaximumHeight(110)
        words = tr("The model wrote this link; it may be wrong or harmful. It opens in your browser, outside Lectern.")
        layout = column(self, margins=(20, 18, 20, 16), spacing=12)
        layout.addWidget(label(tr("This link leads to {host}", host=url.host()), "heading", wrap=True))
        layout.addWidget(label(words, "muted", wrap=True))
        layout.addWidget(self.address)
        buttons = QDialogButtonBox()
        self.open_button = QPushButton(tr("Open in the browser"))
        self.cancel_button = QPushButton(tr("Do not open"))
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
        self.setWindowTitle(tr("Delete cached data?"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        words = tr(
            "This deletes the cached data of this file from memory and from disk. The file itself is not changed. The"
            " next question about it reads it again."
        )
        layout = column(self, margins=(20, 18, 20, 16), spacing=12)
        layout.addWidget(label(tr("Delete cached data for {name}?", name=name), "heading", wrap=True))
        layout.addWidget(label(words, "muted", wrap=True))
        buttons = QDialogButtonBox()
        self.forget_button = QPushButton(tr("Delete"))
        self.keep_button = QPushButton(tr("Cancel"))
        self.keep_button.setDefault(True)
        buttons.addButton(self.forget_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.keep_button, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.keep_button.setFocus()
        self.resize(460, self.sizeHint().height())


class ShortcutsDialog(QDialog):
    """All keys on one sheet, in two columns."""

    def __init__(self, groups: Sequence[tuple[str, Keys]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Shortcuts"))
        layout = column(self, margins=(26, 22, 26, 18), spacing=18)
        columns = row(spacing=44)
        for half in _halves([group for group in groups if group[1]]):
            columns.addWidget(self._make_column(half), 1, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(columns)
        layout.addWidget(_close_button(self))

    def _make_column(self, groups: Sequence[tuple[str, Keys]]) -> QWidget:
        part = QWidget()
        grid = QGridLayout(part)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(22)
        grid.setVerticalSpacing(6)
        line = 0
        for name, pairs in groups:
            if line:
                grid.setRowMinimumHeight(line, 10)
            grid.addWidget(label(name, "heading"), line + 1, 0, 1, 2)
            line += 2
            for shortcut, words in pairs:
                grid.addWidget(label(shortcut, "key"), line, 0, Qt.AlignmentFlag.AlignLeft)
                grid.addWidget(label(words), line, 1)
                line += 1
        grid.setColumnStretch(1, 1)
        return part


def _halves(groups: Sequence[tuple[str, Keys]]) -> tuple[Sequence[tuple[str, Keys]], Sequence[tuple[str, Keys]]]:
    """Two columns of about the same height."""
    heights = [len(keys) + 2 for _, keys in groups]
    cut = min(range(1, len(groups)), key=lambda at: abs(sum(heights[:at]) - sum(heights[at:])), default=len(groups))
    return groups[:cut], groups[cut:]


class AboutDialog(QDialog):
    """Show Lectern's version and the licences it depends on."""

    def __init__(self, model: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About Lectern"))
        layout = column(self, margins=(24, 20, 24, 16), spacing=10)
        sign = QLabel()
        sign.setPixmap(app_icon().pixmap(56, 56))
        layout.addWidget(sign)
        layout.addWidget(label(f"Lectern {__version__}", "title"))
        if model:
            layout.addWidget(label(tr("Loaded: {model}", model=model), "muted", wrap=True, selectable=True))
        words = label(about_words(), wrap=True, selectable=True)
        words.setMinimumWidth(460)
        layout.addWidget(words)
        layout.addWidget(_close_button(self))


def _close_button(dialog: QDialog) -> QDialogButtonBox:
    buttons = close_button()
    buttons.rejected.connect(dialog.reject)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return buttons
