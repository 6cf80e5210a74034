"""A window's place: never larger than its screen, and never partly beside it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

USUAL = QSize(1280, 800)
TITLE_BAR = 40
"""What the system's frame adds above; it is known only once the window is there."""
FRAME = 8
"""The same at the other sides."""
SHIFT = QPoint(32, 32)
"""Pixels that a further window is below and beside the one before."""


def fitted(wanted: QRect, available: QRect) -> QRect:
    """``wanted`` as it fits into ``available``: moved if that is enough, else made smaller."""
    size = wanted.size().boundedTo(available.size())
    right, bottom = available.left() + available.width(), available.top() + available.height()
    left = max(available.left(), min(wanted.left(), right - size.width()))
    top = max(available.top(), min(wanted.top(), bottom - size.height()))
    return QRect(QPoint(left, top), size)


def room_at(place: QPoint | None = None) -> QRect:
    """What a window without its frame may take of the screen at ``place``, or of the main one."""
    screen = (QGuiApplication.screenAt(place) if place is not None else None) or QGuiApplication.primaryScreen()
    return screen.availableGeometry().adjusted(FRAME, TITLE_BAR, -FRAME, -FRAME)


def keep_menu_on_screen(menu: QMenu) -> None:
    """A menu that is filled while it is shown grows to the right and downwards, past the screen's edge."""
    if menu.isVisible():
        menu.resize(menu.sizeHint())
        menu.move(fitted(menu.geometry(), menu.screen().availableGeometry()).topLeft())


def place_first(window: QWidget) -> None:
    """The usual size in the middle of the screen, or as much of it as there is."""
    room = room_at()
    wanted = QRect(QPoint(), USUAL)
    wanted.moveCenter(room.center())
    window.setGeometry(fitted(wanted, room))


def keep_on_screen(window: QWidget) -> None:
    """The screen may be another one than when the window was left, and letters may be larger."""
    if not window.isMaximized() and not window.isFullScreen():
        now = window.geometry()
        window.setGeometry(fitted(now, room_at(now.center())))


def place_beside(window: QWidget, other: QWidget) -> None:
    """As large as another one, a little below and beside it; where there is no room for that, at the top left."""
    place = other.normalGeometry()
    room = room_at(place.center())
    wanted = QRect(place.topLeft() + SHIFT, place.size())
    window.setGeometry(wanted if room.contains(wanted) else fitted(QRect(room.topLeft(), place.size()), room))
