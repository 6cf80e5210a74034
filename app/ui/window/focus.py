"""Where the keys go in a window: never nowhere, and Enter presses the button that has them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QToolButton, QWidget
from shiboken6 import isValid

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class FocusKeeper(QObject):
    """One for each window; ``home`` puts the cursor where one writes.

    When the widget that has the keys is hidden or disabled, Qt gives them to whatever comes next in the order of
    tabs: a click on Send would end on a file's card. Here they go home instead. And Qt's buttons listen to Space
    only, except in dialogs.
    """

    def __init__(self, window: QWidget, home: Callable[[], None]) -> None:
        super().__init__(window)
        self._window, self._home = window, home
        self._button: QAbstractButton | None = None
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._moved)

    def _moved(self, old: QWidget | None, new: QWidget | None) -> None:
        if self._button is not None and isValid(self._button):
            self._button.removeEventFilter(self)
        mine = new is not None and new.window() is self._window
        self._button = new if mine and isinstance(new, QAbstractButton) else None
        if self._button is not None:
            self._button.installEventFilter(self)
        if mine and old is not None and isValid(old) and self._was_taken_away(old):
            self._home()

    def _was_taken_away(self, old: QWidget) -> bool:
        """Nobody moved the keys: what had them can no longer have them."""
        return self._window.isAncestorOf(old) and not (old.isVisible() and old.isEnabled())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter is a click, once however long it is held down."""
        plain = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in ENTER
            and event.modifiers() in plain
            and isinstance(watched, QAbstractButton)
        ):
            if not event.isAutoRepeat():
                press(watched)
            return True
        return super().eventFilter(watched, event)


def press(button: QAbstractButton) -> None:
    """What a click does; a button with a menu shows it."""
    instant = QToolButton.ToolButtonPopupMode.InstantPopup
    if isinstance(button, QToolButton) and button.menu() is not None and button.popupMode() == instant:
        button.showMenu()
    else:
        button.click()


def hand_key(key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
    """Give a key to whatever has the focus, as if it had been pressed there: what a menu entry for it does."""
    widget = QApplication.focusWidget()
    if widget is None:
        return False
    event = QKeyEvent(QEvent.Type.KeyPress, key, modifiers)
    QApplication.sendEvent(widget, event)
    return event.isAccepted()
