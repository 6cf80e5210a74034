"""The application object. It imports nothing of ours: a second start makes one too, and leaves at once."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication


class Application(QApplication):
    """macOS reports here that a file was double-clicked, opened with Lectern, or dropped on its icon in the Dock."""

    file_opened = Signal(Path)

    def event(self, event: QEvent) -> bool:
        """Handle macOS's request to open a file."""
        if event.type() == QEvent.Type.FileOpen and isinstance(event, QFileOpenEvent) and event.file():
            self.file_opened.emit(Path(event.file()))
            return True
        return super().event(event)
