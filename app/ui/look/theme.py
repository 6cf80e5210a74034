"""Light or dark, following the system unless the user chose one.

Widgets take their colours from ``QPalette`` roles, which are set here, so that a change of theme is one
palette change and no widget has to be notified.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication

from app.ui.look.colours import DARK, LIGHT, Colours, palette, scaled
from app.ui.look.stylesheet import stylesheet

Mode = Literal["system", "light", "dark"]
MODES: tuple[Mode, ...] = ("system", "light", "dark")
_SCHEMES = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}


class Theme(QObject):
    """Keeps the application's palette and style sheet in step with the system and the user's choice."""

    changed = Signal()

    def __init__(self, app: QApplication, mode: str = "system", text_size: int = 100) -> None:
        """``text_size``: per cent of the system's own, for all text; it counts from the start on."""
        super().__init__()
        if text_size != 100:
            font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
            font.setPointSizeF(scaled(font, text_size / 100))
            app.setFont(font)
        self._app = app
        self.mode: Mode = "system"
        self._shown: tuple[Colours, float] | None = None
        app.setStyle("fusion")
        app.styleHints().colorSchemeChanged.connect(self._apply)
        self.set_mode(mode)

    @property
    def dark(self) -> bool:
        """Whether dark colours are shown now."""
        if self.mode != "system":
            return self.mode == "dark"
        return self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark

    @property
    def colours(self) -> Colours:
        """The colours in use."""
        return DARK if self.dark else LIGHT

    def set_mode(self, mode: str) -> None:
        """Light, dark, or as the system is set; anything else means the system."""
        self.mode = next((known for known in MODES if known == mode), "system")
        self._app.styleHints().setColorScheme(_SCHEMES[self.mode])
        self._apply()

    def _apply(self) -> None:
        shown = (self.colours, self._app.font().pointSizeF())
        if shown == self._shown:
            return
        self._shown = shown
        self._app.setPalette(palette(self.colours))
        self._app.setStyleSheet(stylesheet(self.colours, self._app.font()))
        self.changed.emit()
