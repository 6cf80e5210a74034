"""Taking back what was just removed: one offer at a time, in a strip where the eye is, and on Ctrl+Z."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QPushButton

from app.i18n import tr
from app.ui.look.widgets import Note

OFFERED_MS = 15_000
"""How long the strip is shown, in milliseconds."""


class Undoing(QObject):
    """Holds the newest thing that can be taken back. A newer one makes the older one final."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.words = ""
        self._undo: Callable[[], object] | None = None
        self._here = False
        self.timer = QTimer(self, singleShot=True, interval=OFFERED_MS)
        self.timer.timeout.connect(self._fade)

    def offer(self, words: str, undo: Callable[[], object], *, here: bool = True) -> None:
        """``words``: what happened; ``undo`` reverts it. ``here``: only in the conversation that is shown."""
        self.words, self._undo, self._here = words, undo, here
        self.timer.start()
        self.changed.emit()

    def leave(self) -> None:
        """Drop the undo that belongs to the conversation just closed."""
        if self._here:
            self.drop()

    def _fade(self) -> None:
        """The strip goes; Ctrl+Z still takes it back."""
        self.words = ""
        self.changed.emit()

    @property
    def possible(self) -> bool:
        """Whether there is something to take back."""
        return self._undo is not None

    def undo(self) -> None:
        """Undo the last removal."""
        undo = self._undo
        self.drop()
        if undo is not None:
            undo()

    def drop(self) -> None:
        """Make the removal final."""
        self.timer.stop()
        self.words, self._undo = "", None
        self.changed.emit()


class UndoStrip(Note):
    """Shows what was removed, with an undo button."""

    def __init__(self, undoing: Undoing) -> None:
        super().__init__("notice", closable=True, copyable=False)
        self._undoing, self._wanted = undoing, True
        self.button = QPushButton(tr("Undo"))
        self.button.setProperty("look", "link")
        self.button.setToolTip(tr("Undo (Ctrl+Z)"))
        self.button.clicked.connect(undoing.undo)
        self.tools.insertWidget(0, self.button)
        self.closed.connect(undoing.drop)
        undoing.changed.connect(self._show)
        self._show()

    def set_wanted(self, wanted: bool) -> None:
        """Of several strips one is enough: the one that is nearest."""
        self._wanted = wanted
        self._show()

    def _show(self) -> None:
        self.set_text(self._undoing.words if self._wanted else "")
        self.button.setAccessibleName(tr("Undo: {what}", what=self._undoing.words))
