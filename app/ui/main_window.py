"""The window: puts the panes together, takes drops and shortcuts, and closes cleanly whatever runs.

It is made before any model: construct it, ``show()`` it, then let the engine load. The panes stand in a
splitter, where a viewer will find its place between the files and the conversation.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QMimeData, Qt, QUrl
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow, QSplitter

from app import paths
from app.ui import dialogs
from app.ui.asking import Asking
from app.ui.attaching import Attachments
from app.ui.attachments import AttachmentsPane
from app.ui.background import Background
from app.ui.bridges import Engine, Reading, UserSettings
from app.ui.composer import picture_of
from app.ui.conversation_pane import ConversationPane
from app.ui.dropping import DropVeil, local_paths
from app.ui.files import SUFFIXES, Spool
from app.ui.icons import app_icon
from app.ui.menus import Menus
from app.ui.model_control import ModelControl
from app.ui.residency import Residency
from app.ui.theme import Theme
from app.ui.words import model_long

SIDE_WIDTH = 300
NARROW = 760


class MainWindow(QMainWindow):
    """Lectern's window. Owns the panes; shuts the bridges down when it is closed."""

    def __init__(self, engine: Engine, reading: Reading, settings: UserSettings, spool: Path | None = None) -> None:
        super().__init__()
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self._engine, self._reading, self._settings = engine, reading, settings
        self._closed = False
        self.theme = Theme(app, settings.theme)  # type: ignore[arg-type]
        self._background = Background(self)
        self.attachments = Attachments(reading, self._background, Spool(spool or paths.data_dir() / "pasted"))
        self.model = ModelControl(engine, settings, self._background)
        self.residency = Residency(engine, self.attachments, settings)
        self.asking = Asking(engine, self.model, self.attachments, self.residency)
        self.side = AttachmentsPane(self.attachments, self.residency)
        self.talk = ConversationPane(self.asking, self.model, self.attachments, self.residency)
        self.composer = self.talk.composer
        self._side_wanted = True
        self._build()
        self._connect()
        self._restore()

    def _build(self) -> None:
        self.setWindowTitle("Lectern")
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self.setMinimumSize(480, 400)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.side)
        self.splitter.addWidget(self.talk)
        self.splitter.setStretchFactor(1, 1)
        self.setCentralWidget(self.splitter)
        self._veil = DropVeil(self)
        self.menus = Menus(self)
        self.talk.set_model_menu(self.menus.model_menu)
        # Drops anywhere are the window's; a text field would otherwise take them as text.
        self.composer.edit.setAcceptDrops(False)

    def _connect(self) -> None:
        talk = self.talk
        talk.side_button.clicked.connect(self.toggle_side)
        talk.new_button.clicked.connect(self.new_conversation)
        talk.view.link_clicked.connect(self.open_link)
        for wanted in (self.side.open_wanted, talk.empty.open_wanted, self.composer.attach_wanted):
            wanted.connect(self.choose_files)
        for wanted in (talk.first_run.choose_wanted, talk.sample.choose_wanted):
            wanted.connect(self.choose_model)
        talk.first_run.sample_wanted.connect(lambda: self.model.load(None))
        self.composer.pasted.connect(self.take)
        self.composer.thinking_changed.connect(self._set_thinking)

    def _restore(self) -> None:
        self.resize(1180, 760)
        self.splitter.setSizes([SIDE_WIDTH, 880])
        if self._settings.geometry:
            self.restoreGeometry(QByteArray.fromBase64(self._settings.geometry.encode()))
        self.asking.thinking = self._settings.think
        self.composer.think_button.setChecked(self._settings.think)
        self.talk.focus_question()

    # What the person wants

    def add_paths(self, files: list[Path]) -> None:
        """Attach files or folders, as from the command line or "Open with"."""
        self.attachments.add_paths(files)

    def take(self, data: QMimeData) -> bool:
        """Attach what was dropped or pasted; false when there is nothing to attach."""
        files = local_paths(data)
        picture = picture_of(data)
        if files:
            self.attachments.add_paths(files)
        elif picture is not None:
            self.attachments.add_image(picture)
        return bool(files) or picture is not None

    def paste(self) -> None:
        """Attach the clipboard's picture or files, or put its text into the question."""
        data = QGuiApplication.clipboard().mimeData()
        if not self.take(data) and data.hasText():
            self.composer.edit.setFocus()
            self.composer.edit.paste()

    def choose_files(self) -> None:
        """Ask for files."""
        patterns = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        kinds = f"Documents, pictures, videos ({patterns});;All files (*)"
        files, _ = QFileDialog.getOpenFileNames(self, "Add files", "", kinds)
        if files:
            self.attachments.add_paths([Path(file) for file in files])

    def choose_folder(self) -> None:
        """Ask for a folder of files."""
        folder = QFileDialog.getExistingDirectory(self, "Add a folder")
        if folder:
            self.attachments.add_paths([Path(folder)])

    def choose_model(self) -> None:
        """Ask for a model folder and load it."""
        folder = QFileDialog.getExistingDirectory(self, "Choose a model folder")
        if folder:
            self.model.load(Path(folder))

    def new_conversation(self) -> None:
        """Start anew; files stay."""
        self.asking.clear()
        self.talk.focus_question()

    def copy_last_answer(self) -> None:
        """The last answer's Markdown to the clipboard."""
        last = self.asking.conversation.last
        if last is not None and last.answer:
            QGuiApplication.clipboard().setText(last.answer)

    def open_link(self, url: QUrl) -> None:
        """Show where a link leads and open it only if the person agrees; other schemes do nothing."""
        if dialogs.openable(url):
            dialog = dialogs.LinkDialog(url, self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.accepted.connect(lambda: dialogs.open_in_browser(url))
            dialog.open()

    def choose_theme(self, mode: str) -> None:
        """Light, dark, or as the system."""
        self.theme.set_mode(mode)
        self._settings.theme = self.theme.mode
        self._settings.save()

    def toggle_side(self) -> None:
        """Show or hide the files."""
        self._side_wanted = not self.side.isVisible()
        self.side.setVisible(self._side_wanted)

    def show_shortcuts(self) -> None:
        """All keys in one place."""
        dialogs.ShortcutsDialog(self).open()

    def show_about(self) -> None:
        """Version, model, licences."""
        info = self.model.state.info
        dialogs.AboutDialog(model_long(info) if info else "", self).open()

    def _set_thinking(self, thinking: bool) -> None:
        self.asking.thinking = self._settings.think = thinking
        self.residency.schedule()  # thinking is asked for at the prompt's start

    # What Qt tells

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and pictures are welcome anywhere."""
        if local_paths(event.mimeData()) or event.mimeData().hasImage():
            event.acceptProposedAction()
            self._veil.cover()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They went away again."""
        self._veil.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Attach them."""
        self._veil.hide()
        if self.take(event.mimeData()):
            event.acceptProposedAction()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow window is for the conversation."""
        super().resizeEvent(event)
        self.side.setVisible(self._side_wanted and event.size().width() >= NARROW)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what runs, end the threads, remember the window. Asks nothing."""
        if not self._closed:
            self._closed = True
            self.hide()
            self._settings.geometry = bytes(self.saveGeometry().toBase64().data()).decode()
            self._settings.save()
            self.asking.close()
            self.residency.close()
            self._engine.shutdown()
            self._reading.shutdown()
            self._background.shutdown()
            self.attachments.close()
        super().closeEvent(event)
