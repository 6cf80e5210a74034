"""The window: connects its parts, takes shortcuts, and closes cleanly whatever runs.

It is made before any model: construct it, ``show()`` it, then let the engine load. What a user does with whole
conversations is in ``talks``, what the viewer shows in ``viewing``; what several windows share in ``common``.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QMimeData, Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent

from app.chat.evidence.places import Place
from app.engine.media.rendering import RenderBridge
from app.engine.model.bridges import ModelBridge
from app.i18n import tr
from app.session.notebook import has_something
from app.ui.asking.bridges import Reading, UserSettings
from app.ui.history.history import History
from app.ui.look.icons import app_icon
from app.ui.window.actions import WindowDialogs
from app.ui.window.files import WindowFiles
from app.ui.window.focus import FocusKeeper
from app.ui.window.geometry import keep_on_screen, place_beside, place_first
from app.ui.window.menus import Menus
from app.ui.window.parts import WindowParts
from app.ui.window.searchable import SearchableSaving
from app.ui.window.services import Common


class MainWindow(WindowParts):
    """One of Lectern's windows. The last one shuts the bridges down when it is closed."""

    def __init__(
        self,
        engine: ModelBridge,
        reading: Reading,
        settings: UserSettings,
        spool: Path | None = None,
        history: History | None = None,
        rendering: RenderBridge | None = None,
        common: Common | None = None,
    ) -> None:
        """``common`` is another window's; without a ``history``, conversations are kept in memory only."""
        super().__init__(common or Common(engine, reading, settings, spool, history, rendering))
        self._closed = False
        self.dialogs = WindowDialogs(self)
        self.files = WindowFiles(self)
        self.searchable = SearchableSaving(self, self.viewer, self.attachments, self.talk.notices)
        self.focus = FocusKeeper(self, self._focus_home)
        self._build()
        self._connect()
        self._restore()
        self.common.enter(self)

    def _build(self) -> None:
        self.setWindowTitle("Lectern")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(480, 400)
        self.setCentralWidget(self.panes)
        self.menus = Menus(self)
        self.talk.set_model_menu(self.menus.model_menu)
        # Drops anywhere are the window's; a text field would otherwise take them as text.
        self.composer.edit.setAcceptDrops(False)
        self.library.search.setAcceptDrops(False)

    def _connect(self) -> None:
        talk, asking = self.talk, self.asking
        talk.side_button.clicked.connect(self.toggle_side)
        talk.viewer_button.clicked.connect(self.toggle_viewer)
        talk.new_button.clicked.connect(lambda: self.new_conversation())
        self.side.new_wanted.connect(lambda: self.new_conversation(keep_files=True))
        self.side.remove_all_wanted.connect(self.files.remove_all)
        talk.instructions.clicked.connect(self.dialogs.edit_instructions)
        talk.everywhere.wanted.connect(self.dialogs.check_pages_for)
        talk.view.pages_wanted.connect(self.dialogs.check_pages_for)
        talk.nothing_to_stop.connect(self.viewing.close)
        talk.view.link_clicked.connect(self.dialogs.open_link)
        talk.view.place_wanted.connect(self.viewing.show_place)
        talk.view.crop = self.viewing.crop
        talk.view.quote_wanted.connect(self.quote)
        talk.view.edit_wanted.connect(talk.begin_edit)
        talk.view.branch_wanted.connect(asking.switch)
        for wanted in (self.side.open_wanted, talk.empty.open_wanted, self.composer.attach_wanted):
            wanted.connect(self.dialogs.choose_files)
        for wanted in (talk.first_run.choose_wanted, talk.sample.choose_wanted):
            wanted.connect(self.dialogs.choose_model)
        for get_wanted in (talk.first_run.get_wanted, talk.sample.get_wanted):
            get_wanted.connect(self.dialogs.get_model)
        talk.leaving.local_wanted.connect(self.dialogs.show_models)
        talk.api.details_wanted.connect(self.dialogs.show_api)
        talk.api.off_wanted.connect(self.common.api.stop)
        self.common.api.changed.connect(lambda: talk.api.show_state(self.common.api))
        talk.api.show_state(self.common.api)
        talk.first_run.sample_wanted.connect(self.files.try_sample)
        for offer in (talk.empty.sample_wanted, talk.sample.sample_wanted):
            offer.connect(self.files.try_sample_file)
        self.side.remove_wanted.connect(self.files.remove)
        self.side.opened.connect(self.viewing.show_item)
        self.side.inside_opened.connect(self.inside.open)
        self.side.inside_wanted.connect(self.inside.add_all)
        self.side.compare_wanted.connect(self.dialogs.compare)
        self.inside.take_from(self.viewer.toolbar.inside, lambda: self.viewer.current)
        self.inside.opened.connect(self.viewing.show_item)
        self.inside.notice.connect(talk.notices.add)
        self.composer.pasted.connect(self.files.take)
        self.composer.thinking_changed.connect(self._set_thinking)
        self.composer.edit.textChanged.connect(self._keep_draft)
        self.viewer.link_wanted.connect(self.dialogs.open_link)
        self.viewer.searchable_wanted.connect(self.searchable.save)
        self.viewing.quoted.connect(self.quote)
        self.viewing.looked.connect(self._look_closer)
        self.viewing.notice.connect(talk.notices.add)
        self.panes.changed.connect(self._show_panes)
        self.talks.opened.connect(self.focus_question)
        asking.opened.connect(self._opened)
        asking.title_changed.connect(self._show_title)
        asking.title_changed.connect(self._remember_conversation)
        self.library.list.window_wanted.connect(self.new_window)
        self.library.list.export_wanted.connect(self.dialogs.export)
        self.history.notice.connect(lambda line: talk.notices.add(line, "history", everywhere=True))
        self.model.notice.connect(self._show_remarks)
        for leave in (self.undoing.leave, self.side.show_others):
            asking.cleared.connect(leave)
        self.common.settings_changed.connect(self._take_settings)
        self.residency.forgotten.connect(self.common.forget_file)
        self.residency.forgotten.connect(self.preparing.forget)
        self.residency.changed.connect(self.preparing.schedule)
        self.preparing.in_sight = self.recognition.in_sight = lambda: self.viewing.in_sight
        self.viewing.moved.connect(self.preparing.schedule)
        self.viewing.moved.connect(self.recognition.look)

    def _restore(self) -> None:
        settings = self._settings
        place_first(self)
        if settings.geometry:
            self.restoreGeometry(QByteArray.fromBase64(settings.geometry.encode()))
            keep_on_screen(self)
        self.panes.restore(settings.side_open, settings.side_width, settings.viewer_width)
        self.viewing.stays = settings.viewer_open
        self.library.restore(settings.files_height)
        self.asking.thinking = settings.think
        self.asking.tools = settings.tools
        self.asking.max_new_tokens, self.asking.max_thinking_tokens = settings.answer_tokens, settings.thinking_tokens
        self.composer.think_button.setChecked(settings.think)
        self._show_panes()
        self._show_title()
        self.focus_question()

    def add_paths(self, files: list[Path]) -> None:
        """Attach files or folders, as from the command line or "Open with"; a GGUF file is a model to import."""
        self.files.add_paths(files)

    # Conversations

    def new_conversation(self, keep_files: bool = False) -> None:
        """Start anew, without files or with those that are attached."""
        self.talks.new(keep_files)

    def new_window(self, conversation: str = "") -> MainWindow:
        """One more window beside this one, with its own conversation."""
        common = self.common
        window = MainWindow(common.engine, common.reading, common.settings, common=common)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        place_beside(window, self)
        window.show()
        if conversation:
            window.talks.open(conversation)
        return window

    def step(self, by: int) -> None:
        """The next conversation in the list."""
        self.talks.step(by)

    def rename(self) -> None:
        """Change a title in its place: of the chosen one while the keys are in the list, else of the open one."""
        rows = self.library.list
        self.panes.show_side(True)
        rows.rename((rows.chosen if rows.hasFocus() else "") or self.asking.conversation.id)

    def delete(self) -> None:
        """Delete the conversation that is open."""
        self.talks.delete()

    def find_words(self) -> None:
        """Find words in the document that the viewer shows, or in the first one that has pages."""
        if not self.viewing.find():
            self.talk.notices.add(tr("Only documents can be searched: add or open one first."), "files", passing=True)

    def search(self) -> None:
        """The cursor where one searches."""
        self.panes.show_side(True)
        self.library.go_to_search()

    def quote(self, words: str) -> None:
        """Words into the question, as a quotation."""
        self.panes.make_room_for_talk()
        self.composer.quote(words)

    def copy_last_answer(self) -> None:
        """The last answer's Markdown to the clipboard."""
        last = self.asking.conversation.last
        if last is not None and last.answer:
            QGuiApplication.clipboard().setText(last.answer)

    # The window itself

    def choose_theme(self, mode: str) -> None:
        """Light, dark, or as the system."""
        self.theme.set_mode(mode)
        self._settings.theme = self.theme.mode
        self._settings.save()

    def toggle_side(self) -> None:
        """Show or hide the conversations and files."""
        self.panes.show_side(not self.panes.shown.side)

    def toggle_viewer(self) -> None:
        """Show or hide the viewer."""
        self.viewing.toggle()

    def focus_question(self) -> None:
        """The cursor where one writes."""
        self.panes.make_room_for_talk()
        self.talk.focus_question()

    def _focus_home(self) -> None:
        """What had the keys is gone: they go where one writes, or to the one pane that is shown."""
        if self.panes.shown.talk:
            self.talk.focus_question()
        else:
            self.viewer.setFocus()

    def come_to_front(self) -> None:
        """Somebody started Lectern once more, or wants a conversation that is open here."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def _look_closer(self, path: Path, origin: Place, name: str) -> None:
        self.side.follow_next()
        self.attachments.add_region(path, origin, name)
        if not self.panes.shown.side:
            words = tr("{name} will be included in your next question.", name=name)
            self.talk.notices.add(words, "next question")
        self.focus_question()

    def _keep_draft(self) -> None:
        if self.composer.editing is None:
            self.asking.draft = self.composer.text

    def _opened(self) -> None:
        """Another conversation: its unsent words, its name, its files."""
        self.composer.set_text(self.asking.draft)
        self.talk.show_talk()
        self.viewing.conversation_changed()

    def _remember_conversation(self) -> None:
        """It is open again after a restart, also after one that nobody wanted."""
        talk = self.asking.conversation
        open_now = talk.id if has_something(talk) else ""
        if self._settings.conversation != open_now:
            self._settings.conversation = open_now
            self._settings.save()

    def _show_remarks(self, words: str) -> None:
        """What the model's folder holds that is left out; nothing once another model is there."""
        self.talk.notices.drop("model")
        if words:
            self.talk.notices.add(words, "model", everywhere=True)

    def _show_title(self) -> None:
        title = self.asking.title
        self.setWindowTitle(f"{title} – Lectern" if title else "Lectern")
        self.talk.show_talk()

    def _show_panes(self) -> None:
        self.talk.show_panes(self.panes.shown.side)
        self.menus.show_panes()

    def _take_settings(self) -> None:
        """The settings were changed, here or in another window."""
        self.composer.think_button.setChecked(self._settings.think)
        settings = self._settings
        self.asking.tools = settings.tools
        self.asking.max_new_tokens, self.asking.max_thinking_tokens = settings.answer_tokens, settings.thinking_tokens
        self.preparing.schedule()

    def _set_thinking(self, thinking: bool) -> None:
        self.asking.thinking = self._settings.think = thinking
        self.residency.schedule()  # thinking is asked for at the prompt's start

    # What Qt tells

    def wants(self, data: QMimeData) -> bool:
        """Files and pictures are welcome anywhere."""
        return self.files.wants(data)

    def take(self, data: QMimeData) -> bool:
        """Attach files and pictures; text goes into the question."""
        return self.files.take(data) or self.files.take_text(data)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc, where nothing else has a use for it, stops the answer, else closes the viewer; in it, it closes it."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.viewer.isAncestorOf(self.focusWidget() or self):
            self.viewing.close()
        else:
            self.talk.stop()

    def changeEvent(self, event: QEvent) -> None:
        """The window that is used is the one that files arrive in."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.common.used(self)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what runs here, remember the window, and with the last one end the threads. Asks nothing."""
        if not self._closed:
            self._closed = True
            self.hide()
            self._remember()
            self.dialogs.close()
            self.asking.close()
            self.residency.close()
            self.preparing.close()
            self.recognition.close()
            self.viewing.shutdown()
            self.searchable.shutdown()
            self._background.shutdown()
            self.attachments.close()
            self.common.leave(self)
        super().closeEvent(event)

    def _remember(self) -> None:
        settings = self._settings
        self._remember_conversation()
        settings.geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        settings.side_open, settings.viewer_open = self.panes.side_wanted, self.viewing.stays
        settings.side_width, settings.viewer_width = self.panes.side_width, self.panes.viewer_width
        settings.files_height = self.library.files_height
        settings.save()
