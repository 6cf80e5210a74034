"""The strip that reports a model that seems to hang, and offers to restart it or to wait."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton

from app.i18n import tr
from app.ui.look.widgets import Note
from app.ui.models.control import ModelControl


class StuckStrip(Note):
    """Shown until the model works again, is restarted, or the user waits."""

    def __init__(self, model: ModelControl) -> None:
        super().__init__("warning", copyable=False)
        self._model = model
        self.wait_button = QPushButton(tr("Wait"))
        self.restart_button = QPushButton(tr("Restart the model"))
        for button, do in ((self.wait_button, model.wait_longer), (self.restart_button, model.restart)):
            button.setProperty("look", "link")
            button.clicked.connect(do)
            self.tools.addWidget(button)
        model.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        words = tr(
            "The model has not responded for several minutes. You can wait, or restart it, which ends the current "
            "answer. Your conversation is saved. If that does not help, close Lectern and open it again."
        )
        self.set_text(words if self._model.stuck else "")
