"""The menu bar. Every action has a place here, so that everything can be reached by keyboard and is found."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from app.fetch.fetching import may_fetch
from app.i18n import tr, translated
from app.library.model_ref import LocalFolder, SampleModel
from app.library.policy import policy
from app.text.sizes import size
from app.ui.look.status import model_long
from app.ui.window.focus import hand_key
from app.ui.window.geometry import keep_menu_on_screen

if TYPE_CHECKING:
    from app.ui.window.main_window import MainWindow

WIDEN_BY = 40
MOST_RECENT = 12
CTRL = Qt.KeyboardModifier.ControlModifier


class Menus:
    """Builds the menus of one window and keeps what changes in them current."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.file_menu, self.edit_menu = self._menu(tr("&File")), self._menu(tr("&Edit"))
        self.talk_menu, self.tools_menu = self._menu(tr("&Conversation")), self._menu(tr("&Tools"))
        self.model_menu = self._menu(tr("&Model"))
        self.view_menu, self.help_menu = self._menu(tr("&View")), self._menu(tr("&Help"))
        self._fill_file(self.file_menu)
        self._fill_edit(self.edit_menu)
        self._fill_talk(self.talk_menu)
        self._fill_tools(self.tools_menu)
        self.fill_models()
        self._fill_view(self.view_menu)
        self._fill_help(self.help_menu)
        self.model_menu.aboutToShow.connect(self._open_models)
        window.model.found_changed.connect(self.fill_models)

    def _menu(self, words: str) -> QMenu:
        menu = QMenu(words, self._window)
        self._window.menuBar().addMenu(menu)
        return menu

    def _action(self, menu: QMenu, words: str, keys: str, do: Callable[[], object]) -> QAction:
        action = menu.addAction(words)
        if keys:
            action.setShortcuts([QKeySequence(one) for one in keys.split(" ")])
        action.triggered.connect(lambda _checked=False: do())
        return action

    # File

    def _fill_file(self, menu: QMenu) -> None:
        window = self._window
        self._action(menu, tr("&New conversation"), "Ctrl+N", window.new_conversation)
        with_files = partial(window.new_conversation, True)
        self.with_files_action = self._action(menu, tr("New conversation with &these files"), "Ctrl+Alt+N", with_files)
        self._action(menu, tr("New &window"), "Ctrl+Shift+N", window.new_window)
        menu.addSeparator()
        self._action(menu, tr("Add &files…"), "Ctrl+O", window.dialogs.choose_files)
        self._action(menu, tr("Add a f&older…"), "Ctrl+Shift+O", window.dialogs.choose_folder)
        self.remove_all_action = self._action(menu, tr("Re&move all files"), "", window.files.remove_all)
        for changed in (window.attachments.added, window.attachments.removed):
            changed.connect(self._show_file_menu)
        self._show_file_menu()
        self.recent_menu = menu.addMenu(tr("&Recent files"))
        self.recent_menu.aboutToShow.connect(self.fill_recent)
        menu.addSeparator()
        self._action(menu, tr("&Export this conversation…"), "Ctrl+Shift+E", window.dialogs.export)
        self.searchable_action = self._action(menu, tr("&Save as searchable PDF…"), "", window.searchable.save)
        menu.aboutToShow.connect(lambda: self.searchable_action.setEnabled(window.searchable.item is not None))
        menu.addSeparator()
        self._action(menu, tr("&Close window"), "Ctrl+W", window.close)
        self._action(menu, tr("&Quit"), "Ctrl+Q", window.common.close).setMenuRole(QAction.MenuRole.QuitRole)

    def _show_file_menu(self, _key: int = 0) -> None:
        attached = bool(len(self._window.attachments.items))
        for action in (self.with_files_action, self.remove_all_action):
            action.setEnabled(attached)

    def fill_recent(self) -> None:
        """Files of earlier conversations, the latest first."""
        menu = self.recent_menu
        menu.clear()
        menu.setToolTipsVisible(True)
        for recent in self._window.history.recent_files(MOST_RECENT):
            action = menu.addAction(recent.name.replace("&", "&&"))
            action.setToolTip(recent.path)
            action.triggered.connect(partial(self._add_recent, Path(recent.path)))
        if menu.isEmpty():
            menu.addAction(tr("None yet")).setEnabled(False)

    def _add_recent(self, path: Path, _checked: bool = False) -> None:
        self._window.add_paths([path])

    # Edit

    def _fill_edit(self, menu: QMenu) -> None:
        window = self._window
        # In a text field Ctrl+Z belongs to the text.
        self.undo_action = self._action(menu, tr("&Undo"), "Ctrl+Z", window.undoing.undo)
        window.undoing.changed.connect(self._show_undo)
        self._show_undo()
        self._hand_on(menu, tr("&Redo"), "Ctrl+Shift+Z", Qt.Key.Key_Z, CTRL | Qt.KeyboardModifier.ShiftModifier)
        menu.addSeparator()
        self._hand_on(menu, tr("C&ut"), "Ctrl+X", Qt.Key.Key_X)
        self._hand_on(menu, tr("&Copy"), "Ctrl+C", Qt.Key.Key_C)
        # Ctrl+V belongs to the text field first, which hands pictures and files on.
        self._action(menu, tr("&Paste"), "Ctrl+V", window.files.paste)
        self._hand_on(menu, tr("Select &all"), "Ctrl+A", Qt.Key.Key_A)
        self._action(menu, tr("Copy the &last answer"), "Ctrl+Shift+C", window.copy_last_answer)
        menu.addSeparator()
        self._action(menu, tr("&Find in the document…"), "Ctrl+F", window.find_words)
        self._action(menu, tr("&Search conversations"), "Ctrl+K Ctrl+Shift+F", window.search)
        menu.addSeparator()
        settings = self._action(menu, tr("S&ettings…"), "Ctrl+,", window.dialogs.show_settings)
        settings.setMenuRole(QAction.MenuRole.PreferencesRole)  # macOS has its own place for it

    def _hand_on(self, menu: QMenu, words: str, keys: str, key: Qt.Key, modifiers: Qt.KeyboardModifier = CTRL) -> None:
        """An entry for a key that belongs to whatever has the focus; pressed, it goes there without the menu."""
        action = self._action(menu, words, keys, partial(hand_key, key, modifiers))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)

    def _show_undo(self) -> None:
        self.undo_action.setEnabled(self._window.undoing.possible)

    # Conversation

    def _fill_talk(self, menu: QMenu) -> None:
        window = self._window
        self._action(menu, tr("&Instructions…"), "Ctrl+I", window.dialogs.edit_instructions)
        menu.addSeparator()
        self._action(menu, tr("&Rename"), "F2", window.rename)
        self._action(menu, tr("&Delete"), "Ctrl+Shift+Del", window.delete)
        menu.addSeparator()
        self._action(menu, tr("&Previous conversation"), "Alt+Up", partial(window.step, -1))
        self._action(menu, tr("Ne&xt conversation"), "Alt+Down", partial(window.step, 1))

    # Tools

    def _fill_tools(self, menu: QMenu) -> None:
        window = self._window
        self._action(menu, tr("&Check every page…"), "Ctrl+E", window.dialogs.check_pages)
        self.compare_action = self._action(menu, tr("Co&mpare two documents…"), "", window.dialogs.compare)
        self.scenes_action = self._action(menu, tr("Find the &scenes of the video"), "", window.viewing.show_scenes)
        if policy().serve:
            self._action(menu, tr("&API…"), "", window.dialogs.show_api)
        self._action(menu, tr("&Figures…"), "", window.dialogs.show_figures)
        menu.aboutToShow.connect(self._show_tools)

    def _show_tools(self) -> None:
        self.compare_action.setEnabled(len(self._window.attachments.items.comparable) > 1)
        self.scenes_action.setEnabled(self._window.viewing.video is not None)

    # Model

    def _open_models(self) -> None:
        self.fill_models()
        self._window.model.look_for_models()

    def fill_models(self) -> None:
        """The loaded model, those that were found, and the ways to another one."""
        window, menu = self._window, self.model_menu
        menu.clear()
        state = window.model.state
        loaded = menu.addAction(model_long(state.info) if state.info else tr("No model is loaded"))
        loaded.setEnabled(False)
        menu.addSeparator()
        for found in window.model.found:
            action = menu.addAction(f"{found.name}  ({size(found.bytes)})".replace("&", "&&"))
            action.setEnabled(not found.problem)
            action.setToolTip(translated(found.problem) or str(found.path))
            action.setCheckable(True)
            action.setChecked(state.info is not None and state.info.folder == found.path)
            action.triggered.connect(partial(self._load, found.path))
        if window.model.found:
            menu.addSeparator()
        menu.setToolTipsVisible(True)
        self._action(menu, tr("&Choose a model folder…"), "", window.dialogs.choose_model)
        self._action(menu, tr("Use the &sample model"), "", partial(window.model.load, SampleModel()))
        if may_fetch():
            self._action(menu, tr("&Get Gemma 4…"), "", window.dialogs.get_model)
        self._action(menu, tr("&All models…"), "", window.dialogs.show_models)
        if policy().remote:
            self._action(menu, tr("Use a ser&ver…"), "", window.dialogs.use_server)
        if state.coming:
            self._action(menu, tr("Cancel &loading"), "", window.model.cancel)
        keep_menu_on_screen(menu)

    def _load(self, folder: Path, _checked: bool = False) -> None:
        self._window.model.load(LocalFolder(folder))

    # View

    def _fill_view(self, menu: QMenu) -> None:
        window = self._window
        self.side_action = self._action(menu, tr("&Conversations and files"), "Ctrl+B", window.toggle_side)
        self.viewer_action = self._action(menu, tr("&Viewer"), "Ctrl+Shift+B", window.toggle_viewer)
        for action in (self.side_action, self.viewer_action):
            action.setCheckable(True)
        self._action(menu, tr("&Widen viewer"), "Ctrl+Alt+Right", partial(window.panes.nudge, WIDEN_BY))
        self._action(menu, tr("&Narrow viewer"), "Ctrl+Alt+Left", partial(window.panes.nudge, -WIDEN_BY))
        menu.addSeparator()
        self._action(menu, tr("&Go to the question"), "Ctrl+L", window.focus_question)
        self._action(menu, tr("Go to the ne&xt pane"), "F6", partial(window.next_pane, 1))
        self._action(menu, tr("Go to the &previous pane"), "Shift+F6", partial(window.next_pane, -1))
        menu.addSeparator()
        self._fill_themes(menu)

    def show_panes(self) -> None:
        """Ticks beside the panes that are shown."""
        shown = self._window.panes.shown
        self.side_action.setChecked(shown.side)
        self.viewer_action.setChecked(shown.viewer)

    def _fill_themes(self, menu: QMenu) -> None:
        names = {"system": tr("Follow &system colours"), "light": tr("&Light"), "dark": tr("&Dark")}
        self._themes = QActionGroup(self._window)
        for mode, words in names.items():
            action = self._action(menu, words, "", partial(self._window.choose_theme, mode))
            action.setCheckable(True)
            action.setData(mode)
            self._themes.addAction(action)
        menu.aboutToShow.connect(self._show_theme)
        self._show_theme()

    def _show_theme(self) -> None:
        """Another window may have chosen it."""
        for action in self._themes.actions():
            action.setChecked(action.data() == self._window.theme.mode)

    # Help

    def _fill_help(self, menu: QMenu) -> None:
        self._action(menu, tr("&Shortcuts"), "F1 Ctrl+/", self._window.dialogs.show_shortcuts)
        menu.addSeparator()
        self._action(menu, tr("Save a &report…"), "", self._window.dialogs.save_report)
        self._action(menu, tr("Show the &log"), "", self._window.dialogs.show_log)
        menu.addSeparator()
        about = self._action(menu, tr("&About Lectern"), "", self._window.dialogs.show_about)
        about.setMenuRole(QAction.MenuRole.AboutRole)

    def shortcuts(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Every menu's name with its keys and what they do, for the sheet that shows them all."""
        menus = (self.file_menu, self.edit_menu, self.talk_menu, self.tools_menu, self.view_menu, self.help_menu)
        return [(_plain(menu.title()), list(_keys(menu))) for menu in menus]


def _keys(menu: QMenu) -> list[tuple[str, str]]:
    native = QKeySequence.SequenceFormat.NativeText
    return [
        (" · ".join(keys.toString(native) for keys in action.shortcuts()), _plain(action.text()))
        for action in menu.actions()
        if action.shortcuts()
    ]


def _plain(words: str) -> str:
    return words.replace("&", "").rstrip("…")
