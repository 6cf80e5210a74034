"""Saving a scan or a picture as a PDF whose words can be searched: asks where to, writes beside the event loop."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from app.engine.threads.background import Background
from app.i18n import tr, translated
from app.ingest.searchable.saving import Saved, Saver, has_words
from app.ingest.types import Document
from app.session.items import Item
from app.ui.files.attachments import Attachments
from app.ui.notices.strips import Notices
from app.ui.viewer import ViewerPane
from model.errors import LecternError

TOPIC = "searchable"


class SearchableSaving(QObject):
    """For one window. Call ``shutdown`` before it goes; what is being written is then left out."""

    def __init__(self, window: QWidget, viewer: ViewerPane, attachments: Attachments, notices: Notices) -> None:
        super().__init__(window)
        self._window, self._viewer, self._attachments, self._notices = window, viewer, attachments, notices
        self._cancel = threading.Event()
        self._background = Background(self)  # a separate one: a long file must not delay other work

    @property
    def item(self) -> Item | None:
        """What would be saved: the file that the viewer shows, else the first one that has words from pictures."""
        current = self._viewer.current
        items = ([current] if current is not None else []) + list(self._attachments.items)
        return next((item for item in items if can_save(item)), None)

    def save(self) -> None:
        """Ask where to, and write it there."""
        item = self.item
        if item is None or item.document is None:
            words = tr("No text was read from pictures in the attached files.")
            self._notices.add(words, TOPIC, passing=True)
            return
        suggestion = item.path.with_name(f"{item.path.stem} ({tr('searchable')}).pdf")
        name, _ = QFileDialog.getSaveFileName(
            self._window, tr("Save as searchable PDF"), str(suggestion), tr("PDF (*.pdf)")
        )
        if name:
            path = Path(name) if Path(name).suffix else Path(name).with_suffix(".pdf")
            self._notices.add(tr("Saving {name}…", name=path.name), TOPIC)
            self._background.run(partial(_written, item.document, path, self._cancel), self._saved, self._failed)

    def shutdown(self) -> None:
        """Cancel the file being written, and end the thread."""
        self._cancel.set()
        self._background.shutdown()

    def _saved(self, saved: Saved) -> None:
        self._notices.drop(TOPIC)
        self._notices.add(saved_words(saved), TOPIC, passing=not saved.signed, saved=saved.path)

    def _failed(self, error: Exception) -> None:
        self._notices.drop(TOPIC)
        self._notices.add(translated(error.message) if isinstance(error, LecternError) else str(error), TOPIC)


def can_save(item: Item) -> bool:
    """Whether saving it as a searchable PDF adds something."""
    return item.document is not None and not item.altered and has_words(item.document)


def saved_words(saved: Saved) -> str:
    """The notice about the written file."""
    words = tr("Saved as {path}", path=saved.path)
    words += f" ({tr('PDF/A-2b')})." if saved.archival else "."
    if not saved.archival:
        words += " " + tr("It is not PDF/A unless the original is.")
    if saved.signed:
        words += " " + tr("The original's digital signature is not valid for the copy.")
    return words


def _written(document: Document, path: Path, cancel: threading.Event) -> Saved:
    with Saver() as saver:
        return saver.save(document, path, cancel)
