"""The mark that other programs can ask: in every window, as long as the API is on."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton

from app.i18n import tr
from app.ui.api.control import ApiControl
from app.ui.look.widgets import Note


class ApiMark(Note):
    """It cannot be closed; its buttons show what is on, and turn it off."""

    details_wanted = Signal()
    off_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("warning", copyable=False)
        for words, signal in ((tr("Details…"), self.details_wanted), (tr("Turn off"), self.off_wanted)):
            button = QPushButton(words)
            button.setProperty("look", "link")
            button.clicked.connect(signal)
            self.tools.addWidget(button)
        self.set_text("")

    def show_state(self, control: ApiControl) -> None:
        """Visible while it is on."""
        address = control.address.removeprefix("http://").removesuffix("/v1")
        words = tr("The API is on: other programs on this machine can ask questions at {address}", address=address)
        self.set_text(words if address else "")
