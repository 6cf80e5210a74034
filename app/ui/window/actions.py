"""The windows that one of Lectern's windows opens: each is asked for by a menu, a button or a link."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QDialog, QFileDialog

from app import paths
from app.i18n import tr, translated
from app.ingest.kinds import SUFFIXES
from app.library.budgets import default_disk, default_ram
from app.library.model_ref import LocalFolder
from app.library.settings import Settings
from app.session.conversation import Conversation
from app.session.export.markdown import ExportError, save_markdown
from app.session.recording import conversation_of
from app.text.file_names import fit_stem
from app.ui.conversation.instructions import InstructionsDialog
from app.ui.files.folders import show_in_folder
from app.ui.look.status import model_long
from app.ui.window import dialogs
from app.ui.window.reporting import choose_report, save_report
from model.memory import machine_memory

if TYPE_CHECKING:
    from app.ui.api.dialog import ApiDialog
    from app.ui.api.figures import FiguresDialog
    from app.ui.models.dialog import ModelsDialog
    from app.ui.models.get_dialog import GetDialog
    from app.ui.models.server_dialog import ServerDialog
    from app.ui.viewer import ViewerPane
    from app.ui.window.main_window import MainWindow


def with_suffix(path: Path, suffix: str) -> Path:
    """The kind by the name where it has a known suffix, else as it was chosen."""
    return path if path.suffix.lower() in (".pdf", ".md", ".docx") else path.with_name(path.name + suffix)


class WindowDialogs:
    """Opens them above ``window`` and carries out what is chosen."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def choose_files(self) -> None:
        """Open the dialog to choose files, and attach them."""
        patterns = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        kinds = f"{tr('Documents, pictures, videos, recordings')} ({patterns});;{tr('All files')} (*)"
        files, _ = QFileDialog.getOpenFileNames(self._window, tr("Add files"), "", kinds)
        if files:
            self._window.add_paths([Path(file) for file in files])
            self._window.focus_question()

    def choose_folder(self) -> None:
        """Ask for a folder of files."""
        folder = QFileDialog.getExistingDirectory(self._window, tr("Add a folder"))
        if folder:
            self._window.add_paths([Path(folder)])
            self._window.focus_question()

    def choose_model(self) -> None:
        """Ask for a model folder and load it."""
        folder = QFileDialog.getExistingDirectory(self._window, tr("Choose a model folder"))
        if folder:
            self._window.model.load(LocalFolder(Path(folder)))

    def export(self, conversation: str = "") -> None:
        """Ask where to, and save a conversation with its evidence; without a name the one that is open."""
        talk, names = self._conversation(conversation or self._window.asking.conversation.id)
        if talk is None:
            words = tr("There is nothing to export yet: ask something first.")
            self._window.talk.notices.add(words, "export", passing=True)
            return
        suggestion = f"{fit_stem(talk.title, tr('Conversation'))}.pdf"
        kinds = f"PDF (*.pdf);;{tr('Word document')} (*.docx);;{tr('Markdown')} (*.md)"
        name, kind = QFileDialog.getSaveFileName(self._window, tr("Export the conversation"), suggestion, kinds)
        if name:
            suffix = next((one for one in (".md", ".docx") if f"*{one}" in kind), ".pdf")
            self._save(talk, with_suffix(Path(name), suffix), names)

    def _conversation(self, name: str) -> tuple[Conversation | None, dict[str, str]]:
        """A conversation with something in it, and its files' names by what is in them."""
        window = self._window
        stored = window.history.load(name)
        names = {row.content_hash: row.name for row in stored.files} if stored is not None else {}
        talk = window.asking.conversation
        if name == talk.id:
            names |= {one.document.content_hash: one.name for one in window.attachments.items if one.document}
        elif stored is not None:
            talk = conversation_of(stored)
        return (talk if len(talk) else None), names

    def _save(self, talk: Conversation, path: Path, names: dict[str, str]) -> None:
        from app.session.export.word import save_docx
        from app.ui.conversation.printing import save_pdf

        written: dict[str, Callable[..., None]] = {".md": save_markdown, ".docx": save_docx}
        save = partial(written[kind], tell=translated) if (kind := path.suffix.lower()) in written else save_pdf
        try:
            save(talk, path, lambda key: names.get(key, ""))
        except ExportError as error:
            self._window.talk.notices.add(translated(error.message), "export")
        else:
            self._window.talk.notices.drop("export")
            self._window.talk.notices.add(tr("Saved as {path}", path=path), "export", passing=True, saved=path)

    def show_models(self) -> None:
        """The list of model folders with what can be done with them."""
        self._models_dialog()

    def get_model(self) -> GetDialog:
        """The models that can be downloaded."""
        from app.ui.models.get_dialog import GetDialog

        common = self._window.common
        dialog = GetDialog(common.model, common.background, self._window)
        dialog.open()
        return dialog

    def use_server(self) -> ServerDialog:
        """A model on a server."""
        from app.ui.models.server_dialog import ServerDialog

        common = self._window.common
        dialog = ServerDialog(common.model, common.background, self._window)
        dialog.open()
        return dialog

    def show_api(self) -> ApiDialog:
        """The API for other programs."""
        from app.ui.api.dialog import ApiDialog

        dialog = ApiDialog(self._window.common.api, self.show_figures, self._window)
        dialog.open()
        return dialog

    def show_figures(self) -> FiguresDialog:
        """Speeds, caches and memory since the start; it stays open beside what is asked."""
        from app.ui.api.figures import FiguresDialog

        dialog = self._window.findChild(FiguresDialog) or FiguresDialog(self._window.common.background, self._window)
        dialog.show()
        dialog.raise_()
        return dialog

    def import_model(self, file: Path) -> None:
        """Import a GGUF file that was dropped, shown in the list of models."""
        dialog = self._models_dialog()
        if dialog is not None:
            dialog.copy(file)

    def _models_dialog(self) -> ModelsDialog | None:
        from app.ui.models.dialog import ModelsDialog

        common = self._window.common
        if not isinstance(common.settings, Settings):
            return None
        dialog = ModelsDialog(common.model, common.settings, common.background, self._window)
        dialog.open()
        return dialog

    def show_settings(self) -> None:
        """How Lectern looks and what it may use."""
        from app.ui.models.settings_dialog import SettingsDialog

        common = self._window.common
        if isinstance(common.settings, Settings):
            weights = common.engine.info.weight_bytes if common.engine.info else 0
            automatic = (default_ram(machine_memory().total, weights), default_disk())
            dialog = SettingsDialog(common.settings, automatic, self._window)
            dialog.theme_chosen.connect(self._window.choose_theme)
            dialog.finished.connect(lambda _result: common.settings_changed.emit())
            dialog.open()

    def check_pages(self) -> None:
        """List, count, make a table: every page, one after the other, for the question that is being written."""
        self.check_pages_for(self._window.composer.text.strip())

    def check_pages_for(self, question: str) -> None:
        """The same for this question."""
        from app.ui.extract.panel import ExtractPanel, open_extract_panel

        window = self._window
        panel = next((one for one in window.findChildren(ExtractPanel) if one.isVisible()), None)
        if panel is not None:
            panel.take(question)
        else:
            items, viewer = window.attachments.items, self._make_viewer()
            panel = open_extract_panel(window.common.engine, items.documents, question, viewer, items.by_hash, window)
        panel.raise_()
        panel.activateWindow()

    def compare(self, key: int | None = None) -> None:
        """What is different between two attached documents; ``key``: the first one."""
        from app.ui.compare.panel import ComparePanel

        window = self._window
        panel = next((one for one in window.findChildren(ComparePanel) if one.isVisible()), None)
        if panel is None:
            panel = ComparePanel(window.common.engine, window.attachments.items, self._make_viewer, window)
            for changed in (window.attachments.added, window.attachments.changed, window.attachments.removed):
                changed.connect(panel.refresh)
            panel.show()
        panel.choose(key)
        panel.raise_()
        panel.activateWindow()

    def _make_viewer(self) -> ViewerPane:
        """For a panel, which ends it; what is quoted or cut out in it goes to this window's question."""
        viewer = self._window.common.make_viewer()
        self._window.viewing.take_from(viewer)
        viewer.link_wanted.connect(self.open_link)
        return viewer

    def edit_instructions(self) -> None:
        """Edit the instructions of this conversation."""
        asking = self._window.asking
        dialog = InstructionsDialog(asking.instructions, self._window)
        dialog.chosen.connect(self._instruct)
        dialog.open()

    def _instruct(self, text: str) -> None:
        self._window.asking.instructions = text
        self._window.talk.show_talk()

    def open_link(self, url: QUrl) -> None:
        """Show where a link leads and open it only if the user agrees; other schemes do nothing."""
        if dialogs.openable(url):
            dialog = dialogs.LinkDialog(url, self._window)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.accepted.connect(lambda: dialogs.open_in_browser(url))
            dialog.open()

    def save_report(self) -> None:
        """Save a problem report to a file."""
        path = choose_report(self._window)
        if path is not None:
            words, saved = save_report(path), path if path.exists() else None
            self._window.talk.notices.add(words, "report", passing=True, saved=saved)

    def show_log(self) -> None:
        """The folder that the log is in."""
        if not show_in_folder(paths.log_dir() / "lectern.log"):
            self._window.talk.notices.add(tr("There is no log yet."), "log", passing=True)

    def show_shortcuts(self) -> None:
        """All keys in one place."""
        groups = [*self._window.menus.shortcuts(), *dialogs.other_keys()]
        dialogs.ShortcutsDialog(groups, self._window).open()

    def close(self) -> None:
        """Close the window and the dialogs above it."""
        for dialog in self._window.findChildren(QDialog):
            dialog.close()

    def show_about(self) -> None:
        """Show the dialog with version, model and licences."""
        info = self._window.model.state.info
        dialogs.AboutDialog(model_long(info) if info else "", self._window).open()
