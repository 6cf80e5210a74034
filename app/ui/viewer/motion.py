"""Whether things may move on the screen: some people asked their system that they do not."""

from __future__ import annotations

import os

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QStyle

REDUCED = "reducedMotion"
"""A property of the application that overrides the system's setting."""


def may_move() -> bool:
    """Ask each time: the user may change it while the app runs."""
    app = QApplication.instance()
    if not isinstance(app, QApplication) or app.property(REDUCED) or os.environ.get("LECTERN_REDUCED_MOTION"):
        return False
    if QApplication.platformName() == "windows" and not QApplication.isEffectEnabled(Qt.UIEffect.UI_AnimateMenu):
        return False
    return app.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0
