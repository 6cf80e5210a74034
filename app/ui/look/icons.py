"""Our own line icons, drawn in the palette's colours at any scale, and the buttons that wear them."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QWidget

from app import paths

Role = QPalette.ColorRole


@lru_cache(maxsize=64)
def _source(name: str) -> str:
    return paths.resource("icons", f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def pixmap(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    """The icon as a picture of ``size`` logical pixels."""
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))
    picture = QPixmap(QSize(size, size) * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture


def icon(name: str, colour: QColor, size: int = 18) -> QIcon:
    """The icon for ordinary and for dense screens."""
    result = QIcon()
    for ratio in (1.0, 2.0, 3.0):
        result.addPixmap(pixmap(name, colour.name(), size, ratio))
    return result


def app_icon() -> QIcon:
    """The application's own sign, which keeps its colours."""
    result = QIcon()
    for size in (16, 32, 48, 64, 128, 256):
        result.addPixmap(pixmap("lectern", "#000000", size, 1.0))
    return result


def _theme_changed(event: QEvent) -> bool:
    return event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange)


class IconButton(QToolButton):
    """A button with one of Lectern's icons. ``name`` is its accessible name and its tooltip."""

    def __init__(
        self,
        icon_name: str,
        name: str,
        parent: QWidget | None = None,
        *,
        text: str = "",
        role: QPalette.ColorRole = Role.PlaceholderText,
        size: int = 18,
        look: str = "",
    ) -> None:
        super().__init__(parent)
        self._icon_name, self._role, self._size = icon_name, role, size
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setIconSize(QSize(size, size))
        if look:
            self.setProperty("look", look)
        if text:
            self.setText(text)
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._tint()

    def set_icon(self, icon_name: str, name: str) -> None:
        """Another icon and another meaning."""
        self._icon_name = icon_name
        self.setAccessibleName(name)
        self.setToolTip(name)
        self._tint()

    def _tint(self) -> None:
        colour = QApplication.palette().color(self._role)
        self.setIcon(icon(self._icon_name, colour, self._size))

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icon when the theme changes."""
        super().changeEvent(event)
        if _theme_changed(event):
            self._tint()


class IconLabel(QLabel):
    """An icon that is only looked at; its meaning is always given in words beside it."""

    def __init__(self, icon_name: str, role: QPalette.ColorRole = Role.PlaceholderText, size: int = 18) -> None:
        super().__init__()
        self._icon_name, self._role, self._size = icon_name, role, size
        self.setFixedSize(size, size)
        self._tint()

    def set_icon(self, icon_name: str) -> None:
        """Show another icon."""
        self._icon_name = icon_name
        self._tint()

    def _tint(self) -> None:
        colour = QApplication.palette().color(self._role)
        self.setPixmap(pixmap(self._icon_name, colour.name(), self._size, self.devicePixelRatioF()))

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the icon when the theme changes."""
        super().changeEvent(event)
        if _theme_changed(event):
            self._tint()


class ThemedAction(QAction):
    """An icon inside a text field."""

    def __init__(self, icon_name: str, name: str, field: QWidget) -> None:
        super().__init__(name, field)
        self._icon_name = icon_name
        field.installEventFilter(self)
        self._tint()

    def _tint(self) -> None:
        self.setIcon(icon(self._icon_name, QApplication.palette().color(Role.PlaceholderText), 16))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Redraw the icons when the theme changes."""
        if _theme_changed(event):
            self._tint()
        return super().eventFilter(watched, event)
