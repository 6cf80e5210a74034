"""What the cards of files and of folders have in common: their look, keys, clicks, dragging and menu."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QMenu, QSizePolicy, QWidget

from app.ui.files.dragging import file_data, is_drag, start_drag
from app.ui.look.icons import IconButton


class Card(QFrame):
    """A click or Enter acts on it, a drag takes its file out of the window; the rest is in the small menu."""

    remove = Signal(int)
    """The key of what is to be removed."""
    stepped = Signal(int, int)
    """The card below (1) or above (-1) is to have the keyboard focus."""

    more_button: IconButton
    menu: QMenu
    thumbnail: QWidget

    def __init__(self, key: int, path: Path) -> None:
        super().__init__()
        self._key, self._path = key, path
        self._pressed_at: QPoint | None = None
        self.setProperty("look", "card")
        self.setProperty("shown", False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def act(self) -> None:
        """What a click or Enter does."""
        raise NotImplementedError

    def takes_keys(self) -> bool:
        """Whether keys that reach the card are meant for it."""
        return True

    def takes_press(self, at: QPoint) -> bool:
        """Whether a press there is the beginning of a click or a drag."""
        return True

    def mark_shown(self, shown: bool) -> bool:
        """Draw the card as what the viewer shows, or not; whether that is a change."""
        if self.property("shown") == shown:
            return False
        self.setProperty("shown", shown)
        self.style().unpolish(self)
        self.style().polish(self)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter acts, Delete removes, the menu key opens the menu, the arrows go to the next cards."""
        match event.key() if self.takes_keys() else None:
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self.remove.emit(self._key)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                self.act()
            case Qt.Key.Key_Down | Qt.Key.Key_Up:
                self.stepped.emit(self._key, 1 if event.key() == Qt.Key.Key_Down else -1)
            case Qt.Key.Key_Menu:
                self.more_button.showMenu()
            case _:
                super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The beginning of a click or a drag."""
        at = event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton and self.takes_press(at):
            self._pressed_at = at
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The file or folder itself can be dragged into another program."""
        if is_drag(event, self._pressed_at):
            self._pressed_at = None
            start_drag(self, file_data(self._path), self.thumbnail.grab())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The end of a click."""
        pressed, self._pressed_at = self._pressed_at, None
        if pressed is not None and self.rect().contains(event.position().toPoint()):
            self.act()
        super().mouseReleaseEvent(event)

    def event(self, event: QEvent) -> bool:
        """The context menu is the same as the small one."""
        if event.type() == QEvent.Type.ContextMenu:
            self.menu.popup(self.mapToGlobal(self.rect().center()))
            return True
        return super().event(event)
