"""The menu bar. Every action has a place here, so that everything can be reached by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from app.ui.sizes import size
from app.ui.words import model_long

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow

THEME_NAMES = {"system": "As the system", "light": "Light", "dark": "Dark"}


class Menus:
    """Builds the menus of one window and keeps the model list current."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.model_menu = QMenu("&Model", window)
        self._fill_file()
        window.menuBar().addMenu(self.model_menu)
        self.model_menu.aboutToShow.connect(self._open_models)
        window.model.found_changed.connect(self.fill_models)
        self.fill_models()
        self._fill_view()
        self._fill_help()

    def _action(self, menu: QMenu, words: str, keys: str, do: Callable[[], object]) -> QAction:
        action = menu.addAction(words)
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _checked=False: do())
        return action

    def _fill_file(self) -> None:
        window = self._window
        menu = window.menuBar().addMenu("&File")
        self._action(menu, "&New conversation", "Ctrl+N", window.new_conversation)
        menu.addSeparator()
        self._action(menu, "Add &files…", "Ctrl+O", window.choose_files)
        self._action(menu, "Add a f&older…", "Ctrl+Shift+O", window.choose_folder)
        # Ctrl+V belongs to the text field first, which hands pictures and files on.
        self._action(menu, "&Paste", "Ctrl+V", window.paste)
        self._action(menu, "&Copy the last answer", "Ctrl+Shift+C", window.copy_last_answer)
        menu.addSeparator()
        self._action(menu, "&Quit", "Ctrl+Q", window.close)

    def _open_models(self) -> None:
        self.fill_models()
        self._window.model.look_for_models()

    def fill_models(self) -> None:
        """The loaded model, those that were found, and the two ways to another one."""
        window, menu = self._window, self.model_menu
        menu.clear()
        state = window.model.state
        loaded = menu.addAction(model_long(state.info) if state.info else "No model is loaded")
        loaded.setEnabled(False)
        menu.addSeparator()
        for found in window.model.found:
            action = menu.addAction(f"{found.name}  ({size(found.bytes)})")
            action.setEnabled(not found.problem)
            action.setToolTip(found.problem or str(found.path))
            action.setCheckable(True)
            action.setChecked(state.info is not None and state.info.folder == found.path)
            action.triggered.connect(partial(self._load, found.path))
        if window.model.found:
            menu.addSeparator()
        menu.setToolTipsVisible(True)
        self._action(menu, "&Choose a model folder…", "", window.choose_model)
        self._action(menu, "Use the &sample model", "", partial(window.model.load, None))
        if state.coming:
            self._action(menu, "Cancel &loading", "", window.model.cancel)

    def _load(self, folder: Path, _checked: bool = False) -> None:
        self._window.model.load(folder)

    def _fill_view(self) -> None:
        window = self._window
        menu = window.menuBar().addMenu("&View")
        self._action(menu, "Show or hide the &files", "Ctrl+B", window.toggle_side)
        self._action(menu, "&Go to the question", "Ctrl+L", window.composer.edit.setFocus)
        menu.addSeparator()
        themes = QActionGroup(window)
        for mode, words in THEME_NAMES.items():
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setChecked(window.theme.mode == mode)
            action.triggered.connect(partial(self._choose_theme, mode))
            themes.addAction(action)

    def _choose_theme(self, mode: str, _checked: bool = False) -> None:
        self._window.choose_theme(mode)

    def _fill_help(self) -> None:
        menu = self._window.menuBar().addMenu("&Help")
        self._action(menu, "&Shortcuts", "F1", self._window.show_shortcuts)
        self._action(menu, "&About Lectern", "", self._window.show_about)
