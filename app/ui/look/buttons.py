"""Buttons at the end of a dialog, as they look here: our words, no pictures of the platform's."""

from __future__ import annotations

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialogButtonBox

from app.i18n import tr


def close_button() -> QDialogButtonBox:
    """One button that closes; connect ``rejected``."""
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    button = buttons.button(QDialogButtonBox.StandardButton.Close)
    button.setText(tr("Close"))
    button.setIcon(QIcon())
    return buttons
