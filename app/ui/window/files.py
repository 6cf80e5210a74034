"""What comes into a window's conversation and what is taken out of it: files, pictures, text, and the samples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from app.i18n import tr, tr_n
from app.ingest.filekind import Kind
from app.ingest.kinds import KINDS
from app.library.model_ref import LocalFolder, SampleModel
from app.library.models import hearing_sample
from app.session.items import Item
from app.ui.conversation.composer import picture_of
from app.ui.conversation.suggestions import questions, sample_path
from app.ui.window.dropping import local_paths, model_files, web_address

if TYPE_CHECKING:
    from app.ui.window.main_window import MainWindow


class WindowFiles:
    """For one window: dropped, pasted, named, removed."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def add_paths(self, files: list[Path]) -> None:
        """Attach files or folders, as from the command line or "Open with"; a GGUF file is a model to import."""
        models = model_files(files)
        if others := [file for file in files if file not in models]:
            self._window.attachments.add_paths(others)
        if models:
            self._window.dialogs.import_model(models[0])

    def take(self, data: QMimeData) -> bool:
        """Attach what was dropped or pasted; false when there is nothing to attach."""
        files = local_paths(data)
        picture = picture_of(data)
        if files:
            self.add_paths(files)
        elif picture is not None:
            self._window.attachments.add_image(picture)
        return bool(files) or picture is not None

    def wants(self, data: QMimeData) -> bool:
        """Whether a drop would be of any use; what is done with it is decided when it is let go."""
        return bool(local_paths(data)) or data.hasImage() or data.hasText() or bool(web_address(data))

    def take_text(self, data: QMimeData) -> bool:
        """Dropped text goes into the question; an address is not fetched, and a notice says so."""
        if web_address(data):
            self._window.talk.notices.add(tr("Lectern does not open web addresses: save the file, then add it."))
            return False
        if not data.hasText():
            return False
        self._window.composer.edit.setFocus()
        self._window.composer.edit.insertPlainText(data.text())
        return True

    def paste(self) -> None:
        """Attach the clipboard's picture or files, or put its text into the question."""
        data = QGuiApplication.clipboard().mimeData()
        if not self.take(data) and data.hasText():
            self._window.composer.edit.setFocus()
            self._window.composer.edit.paste()

    def remove(self, key: int) -> None:
        """Take a file or a folder out of the conversation, with a way back."""
        items = self._window.attachments.items
        named = items.get(key) or items.folders.get(key)
        name = named.name if named is not None else ""
        removed = self._window.attachments.remove(key)
        if removed is not None:
            words = tr("{name} was removed.", name=name)
            self._window.undoing.offer(words, lambda: self._window.attachments.put_back(removed))

    def remove_all(self) -> None:
        """Take every file out of the conversation, with a way back."""
        removed = self._window.attachments.remove_all()
        if removed.rows:
            words = tr_n("{n} file was removed.", "{n} files were removed.", removed.files)
            self._window.undoing.offer(words, lambda: self._window.attachments.put_back(removed))

    def try_sample(self) -> None:
        """The sample model with the first of its files and a question that it can answer; what is there stays."""
        self._window.model.load(SampleModel())
        if not len(self._window.attachments.items):
            self._add_sample("pdf")

    def try_sample_file(self, kind: Kind) -> None:
        """Another of the sample files, in a new conversation: the sample model is poor at several files at once.

        A recording comes with the sample model that hears, and the others with the one that reads.
        """
        self._load_sample_for(kind)
        if len(self._window.asking.conversation) or len(self._window.attachments.items):
            self._window.new_conversation()
        self._add_sample(kind)

    def _add_sample(self, kind: Kind) -> None:
        path = sample_path(kind)
        self._window.attachments.add_paths([path], quiet=True)
        asked = questions([Item(0, path)], True)
        if asked and not self._window.composer.text.strip():
            self._window.composer.set_text(asked[0])

    def _load_sample_for(self, kind: Kind) -> None:
        hearing, info = hearing_sample(), self._window.model.state.info
        if hearing is None or info is None:
            return
        sound = KINDS[kind].view == "sound"
        if sound != (info.folder == hearing):
            self._window.model.load(LocalFolder(hearing) if sound else SampleModel())
