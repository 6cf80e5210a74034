"""The mark that what is asked leaves this machine: above everything, in every window, as long as a server answers."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton

from app.i18n import tr
from app.session.conversation import ModelState
from app.ui.look.widgets import Note


class LeavingMark(Note):
    """It cannot be closed; its button leads to the models on this machine."""

    local_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("danger", copyable=False)
        self.button = QPushButton(tr("Use a model on this machine…"))
        self.button.setProperty("look", "link")
        self.button.clicked.connect(self.local_wanted)
        self.tools.addWidget(self.button)
        self.set_text("")

    def show_state(self, state: ModelState) -> None:
        """Visible while a server's model is open."""
        info = state.info
        if info is None or not info.host:
            self.set_text("")
        elif info.leaves:
            self.set_text(tr("Leaves this machine: {host}", host=info.host))
        else:
            self.set_text(tr("Another program on this machine answers: {host}", host=info.host))
