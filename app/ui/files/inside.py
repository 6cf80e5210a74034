"""Files inside of attached files: a button that lists them, and what makes one of them a file of the conversation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMenu, QToolButton

from app.chat.evidence.places import Place
from app.i18n import tr, tr_n, translated
from app.ingest.attached import AttachedFile
from app.session.items import Item
from app.text.sizes import size
from app.ui.asking.bridges import Reading
from app.ui.files.attachments import Attachments
from app.ui.look.icons import IconButton
from model.messages import Message

MOST_LISTED = 40
"""Entries of the menu; a portfolio may hold a thousand files, and *Add all* takes them."""

MOST_AT_ONCE = 200


class InsideButton(IconButton):
    """Says how many files are inside of a file, and lists them in its menu. Hidden where there are none."""

    opened = Signal(int)
    """The number of a file that is to be added and shown."""
    all_wanted = Signal()

    def __init__(self, *, words: bool) -> None:
        """``words``: it also shows what it opens, beside its icon."""
        super().__init__("attach", tr("Attached files"), size=14 if words else 16, look="small" if words else "")
        self._words = words
        self._files: tuple[AttachedFile, ...] = ()
        self.files_menu = QMenu(self)
        self.files_menu.aboutToShow.connect(self._fill)
        self.setMenu(self.files_menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        if words:
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.hide()

    @property
    def files(self) -> tuple[AttachedFile, ...]:
        """What it lists."""
        return self._files

    def set_files(self, files: Sequence[AttachedFile]) -> None:
        """List these files."""
        self._files = tuple(files)
        self.setVisible(bool(files))
        words = tr_n("{n} attached file", "{n} attached files", len(files))
        self.setAccessibleName(words)
        self.setToolTip("\n".join([words, *(one.name for one in self._files[:12])]))
        if self._words:
            self.setText(_cut(self._files[0].name) if len(self._files) == 1 else words)

    def _fill(self) -> None:
        menu = self.files_menu
        menu.clear()
        for file in self._files[:MOST_LISTED]:
            menu.addAction(_entry(file), partial(self.opened.emit, file.number))
        more = len(self._files) - MOST_LISTED
        if more > 0:
            menu.addAction(tr_n("and {n} more", "and {n} more", more)).setEnabled(False)
        if len(self._files) > 1:
            menu.addSeparator()
            menu.addAction(tr("Add all to the conversation"), self.all_wanted.emit)


def _cut(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:28]}…{name[-11:]}"


def _entry(file: AttachedFile) -> str:
    name = _cut(file.name).replace("&", "&&")
    return f"{name}  ({size(file.size)})" if file.size else name


class Inside(QObject):
    """Takes files out of other files, in the confined process, and adds them to the conversation."""

    opened = Signal(int)
    """The key of a file that was taken out and is to be shown."""
    notice = Signal(str)

    def __init__(self, reading: Reading, attachments: Attachments, folder: Path) -> None:
        """``folder`` takes the files; they live as long as a conversation has them."""
        super().__init__()
        self._reading, self._attachments, self._folder = reading, attachments, folder
        self._jobs: dict[int, tuple[int, AttachedFile, bool]] = {}
        reading.taken_out.connect(self._on_taken_out)
        reading.failed.connect(self._on_failed)

    def take_from(self, button: InsideButton, shown: Callable[[], Item | None]) -> None:
        """What is chosen at ``button`` is inside of the file that is ``shown``."""

        def key() -> int:
            item = shown()
            return item.key if item is not None else 0

        button.opened.connect(lambda number: self.open(key(), number))
        button.all_wanted.connect(lambda: self.add_all(key()))

    def open(self, key: int, number: int) -> None:
        """Add the file with this number inside of a file, and show it; one that was added before is only shown."""
        item = self._attachments.items.get(key)
        files = item.document.attached if item is not None and item.document is not None else ()
        if number < len(files):
            self._begin(key, files[number], show=True)

    def add_all(self, key: int) -> None:
        """Add every file inside of a file."""
        item = self._attachments.items.get(key)
        files = item.document.attached if item is not None and item.document is not None else ()
        for file in files[:MOST_AT_ONCE]:
            self._begin(key, file, show=False)
        if len(files) > MOST_AT_ONCE:
            self.notice.emit(
                tr("Only the first {n} attached files were added; open the others one by one.", n=MOST_AT_ONCE)
            )

    def _begin(self, key: int, file: AttachedFile, *, show: bool) -> None:
        item = self._attachments.items.get(key)
        if item is None or item.document is None:
            return
        known = self._known(item.document.content_hash, file)
        if known is not None:
            if show:
                self.opened.emit(known)
            return
        job = self._reading.take_out(item.path, file, self._folder, item.options.password)
        self._jobs[job] = key, file, show
        self._attachments.coming.emit()

    def _known(self, document: str, file: AttachedFile) -> int | None:
        """The item that this file has become already."""
        for item in self._attachments.items:
            origin = item.origin
            if origin is not None and origin.document == document and origin.spot == _spot(file):
                return item.key
        return None

    def _on_taken_out(self, job: int, path: Path) -> None:
        about = self._jobs.pop(job, None)
        if about is None:
            return
        key, file, show = about
        item = self._attachments.items.get(key)
        if item is None or item.document is None:  # it was removed, or another conversation is open
            self._attachments.abandon([path])
            return
        origin = Place(item.document.content_hash, name=item.name, spot=_spot(file))
        added = self._attachments.add_made(path, origin, file.name)
        if show and added is not None:
            self.opened.emit(added)

    def _on_failed(self, job: int, message: Message) -> None:
        about = self._jobs.pop(job, None)
        if about is not None:
            self.notice.emit(f"{about[1].name}: {translated(message)}")


def _spot(file: AttachedFile) -> str:
    """A file inside of another one, as a place in it."""
    return f"#{file.number} {file.name}"
