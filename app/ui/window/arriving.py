"""Files that come from outside while Lectern runs: from a second start, or from the Finder, as an event."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.engine.threads.single import Call
from app.ui.window.services import Common


class Arriving(QObject):
    """Hands them to the window that was used last and brings it to the front."""

    def __init__(self, common: Common) -> None:
        super().__init__(common)
        self._common = common
        self._coming: list[Path] = []
        # Several files opened at once come as one event each: they are attached together.
        self._gather = QTimer(self, singleShot=True, interval=0)
        self._gather.timeout.connect(self._hand_in)

    def take(self, call: Call) -> None:
        """Attach the files of a second start, and raise the window."""
        if call.token:
            os.environ["XDG_ACTIVATION_TOKEN"] = call.token  # Wayland: Qt shows it when it asks for the focus
        self.open(call.files)

    def open(self, files: Sequence[Path]) -> None:
        """Attach files, if there are any, in the window that the user used last."""
        self._coming += files
        self._gather.start()

    def _hand_in(self) -> None:
        files, self._coming = self._coming, []
        window = self._common.front
        if window is not None:
            window.come_to_front()
            if files:
                window.add_paths(files)
