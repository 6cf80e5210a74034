"""Buttons as they look here: our words, no pictures of the platform's."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialogButtonBox, QPushButton

from app.i18n import tr


def close_button() -> QDialogButtonBox:
    """One button that closes; connect ``rejected``."""
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    button = buttons.button(QDialogButtonBox.StandardButton.Close)
    button.setText(tr("Close"))
    button.setIcon(QIcon())
    return buttons


def push_button(words: str, do: Callable[[], object], look: str = "") -> QPushButton:
    """A button that Enter in a line of text does not press."""
    button = QPushButton(words)
    button.setAutoDefault(False)
    if look:
        button.setProperty("look", look)
    button.clicked.connect(lambda _checked=False: do())
    return button
