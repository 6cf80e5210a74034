"""A window for work that takes time: closing it ends the work, and Escape stops the work first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QWidget


class WorkWindow(QDialog):
    """Does not block the other windows, and is deleted when it is closed."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._closing = False

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nothing continues without the window."""
        self._leave()
        super().closeEvent(event)

    def done(self, result: int) -> None:
        """Escape closes without a close event."""
        self._leave()
        super().done(result)

    def reject(self) -> None:
        """Escape stops what is running first, then closes what is shown beside it, then the window."""
        if self._closing or not (self._stop_first() or self._hide_first()):
            super().reject()

    def _leave(self) -> None:
        if not self._closing:
            self._closing = True
            self._end()

    def _end(self) -> None:
        """End what runs; called once."""
        raise NotImplementedError

    def _stop_first(self) -> bool:
        """Stop what is running; false where nothing is."""
        raise NotImplementedError

    def _hide_first(self) -> bool:
        """Close what is shown beside the results; false where nothing is."""
        raise NotImplementedError
