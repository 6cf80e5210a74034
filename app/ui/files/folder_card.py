"""One folder in the list of files: how much of it is read, what is not and why, what has changed, and its files."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QToolButton,
    QWidget,
)

from app.i18n import number as shown_number
from app.i18n import tr, tr_n
from app.session.folders import TAKEN_OUT, Entry, Folder, counts
from app.session.items import Item, Items
from app.ui.files import folder_words
from app.ui.files.card import Card
from app.ui.files.coverage import CoverageStrip
from app.ui.files.folder_list import FolderList
from app.ui.files.folders import show_in_folder
from app.ui.files.item_row import ItemRow, Thumbnail
from app.ui.look.flow import Flow
from app.ui.look.icons import IconButton
from app.ui.look.widgets import ElidedLabel, column, label, row

REFRESH_MS = 100
"""Files are read faster than anybody can follow, so the card is redrawn at most this often."""


class FolderCard(Card):
    """Draws one folder. Its list opens below it, and the file chosen there has its own row beneath that."""

    opened = Signal(int)
    """The key of a file that is to be shown."""
    update_wanted = Signal(int)
    look_wanted = Signal(int)
    stop_wanted = Signal(int)
    retry_wanted = Signal(int)
    """Its files that could not be read are to be read again."""
    take_back_wanted = Signal(int, object)
    add_wanted = Signal(object)
    """The path of a file or folder in it that is to be added separately."""

    def __init__(
        self,
        folder: Folder,
        items: Items,
        seen: Callable[[int], int | None],
        make_row: Callable[[Item], ItemRow],
    ) -> None:
        """``seen``: how many entries of it are listed so far; ``make_row``: a row for one of its files."""
        super().__init__(folder.key, folder.path)
        self.folder, self._items, self._seen, self._make_row = folder, items, seen, make_row
        self.detail: ItemRow | None = None
        """The row of the file that is chosen in the list."""
        self._chosen: Entry | None = None
        self.thumbnail = Thumbnail("folder")
        self.name = ElidedLabel(folder.name, "name")
        self.facts = label(look="small", wrap=True)
        self.remark = label(look="small", wrap=True)
        self.altered = label(look="remark", wrap=True)
        self.changes = label(look="remark", wrap=True)
        self.error = label(look="error", wrap=True, selectable=True)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedHeight(4)
        self.bar.setAccessibleName(tr("Reading progress of {name}", name=folder.name))
        self.update_button = self._link(tr("Update"), lambda: self.update_wanted.emit(folder.key))
        self.update_button.setToolTip(tr("Reads what is new or changed, and removes what is gone."))
        self.again_button = self._link(tr("Look again"), lambda: self.look_wanted.emit(folder.key))
        self.files_button = self._link("", self.toggle)
        self.unread_button = self._link("", self._toggle_unread)
        self.unread_button.setCheckable(True)
        self.list = FolderList()
        self.list.hide()
        self.list.opened.connect(self.opened)
        self.list.remove_wanted.connect(self.remove)
        self.list.chosen.connect(self._choose)
        self.reason = label(look="small", wrap=True, selectable=True)
        self.reason_button = self._link("", self._act_on_chosen)
        for part in (self.reason, self.reason_button):  # until an entry that is not read is chosen
            part.hide()
        self._refresher = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._refresher.timeout.connect(self.refresh)
        self._lay_out()
        self.refresh()

    def _link(self, words: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(words)
        button.setProperty("look", "link")
        button.clicked.connect(lambda: act())
        return button

    def _lay_out(self) -> None:
        more = IconButton("more", tr("Options for {name}", name=self.folder.name), size=16)
        close = IconButton("close", tr("Remove {name}", name=self.folder.name), size=16)
        close.clicked.connect(lambda: self.remove.emit(self.folder.key))
        for button in (more, close):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # one Tab stop for each card: its menu has these too
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more_button, self.remove_button = more, close
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill_menu)
        more.setMenu(self.menu)
        head = row(spacing=0)
        head.addWidget(self.name, 1)
        for button in (more, close):
            head.addWidget(button)
        words = column(right := QWidget(), spacing=3)
        words.addLayout(head)
        for part in (self.facts, self.remark, self.altered):
            words.addWidget(part)
        line = row(spacing=6)
        line.addWidget(self.changes, 1)
        line.addWidget(self.update_button, 0, Qt.AlignmentFlag.AlignBottom)
        words.addLayout(line)
        words.addWidget(self.error)
        words.addWidget(self.again_button, 0, Qt.AlignmentFlag.AlignLeft)
        words.addWidget(self.bar)
        words.addWidget(Flow((self.files_button, self.unread_button), gap=4))
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self.thumbnail, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(right, 1, Qt.AlignmentFlag.AlignTop)
        layout = column(self, margins=(8, 8, 6, 8), spacing=6)
        layout.addLayout(top)
        layout.addWidget(self.list)
        layout.addWidget(self.reason)
        layout.addWidget(self.reason_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._detail_at = layout

    # What is shown

    def refresh_soon(self) -> None:
        """Something in it has changed."""
        if not self._refresher.isActive():
            self._refresher.start()

    def refresh(self) -> None:
        """Draw the folder as it is now."""
        folder, items = self.folder, self._items
        entries = folder.entries(items)
        found, seen = counts(entries), self._seen(folder.key)
        coming = folder.taken is None and seen is not None
        self.facts.setText(folder_words.facts(folder, found, seen))
        _say(self.remark, folder_words.left_out(folder, found))
        _say(self.altered, folder_words.altered(folder, items))
        _say(self.changes, folder_words.changed(folder.changes(items)))
        self.update_button.setVisible(bool(self.changes.text()))
        _say(self.error, folder_words.gone(folder, items) if folder.gone else "")
        self.again_button.setVisible(folder.gone)
        self.bar.setVisible(coming or bool(found.reading))
        self.bar.setRange(0, 0 if coming else found.files)
        self.bar.setValue(found.files - found.reading)
        opened = not self.list.isHidden()
        shown = tr("Hide the files") if opened else tr_n("Show {n} entry", "Show all {n} entries", found.entries)
        self.files_button.setText(shown)
        self.files_button.setVisible(bool(found.entries))
        self.unread_button.setText(tr("Not read only ({n})", n=shown_number(found.unread)))
        self.unread_button.setVisible(opened and bool(found.unread or self.unread_button.isChecked()))
        if opened:
            self.list.show_entries(entries)
        if self.detail is not None:
            self.detail.refresh()
        self.setToolTip(str(folder.path))
        parts = (self.name.text(), self.facts.text(), self.remark.text(), self.changes.text(), self.error.text())
        self.setAccessibleName(", ".join(part for part in parts if part))
        if coming:
            self.refresh_soon()

    @property
    def coverage(self) -> CoverageStrip | None:
        """The coverage of the file that is chosen."""
        return self.detail.coverage if self.detail is not None else None

    def toggle(self) -> None:
        """Open or close the list of files."""
        opening = self.list.isHidden()
        self.list.setVisible(opening)
        if not opening:
            self._choose(None)
        self.refresh()

    def _toggle_unread(self) -> None:
        self.list.only_unread(self.unread_button.isChecked(), self.folder.entries(self._items))

    def set_shown(self, key: int | None) -> None:
        """The viewer shows this file; ``None``: none of this folder's."""
        self.list.files.shown = key
        self.list.viewport().update()
        self.mark_shown(key is not None)
        item = self._items.get(key) if key is not None else None
        if item is not None and not self.list.isHidden():
            self.list.go_to(item.path)
        if self.detail is not None:
            self.detail.set_shown(self.detail.item.key == key)

    def show_page(self, key: int, page: int) -> None:
        """The viewer has turned to a page of a file."""
        if self.detail is not None and self.detail.item.key == key:
            self.detail.coverage.show_page(page)

    # The chosen file

    def _choose(self, entry: Entry | None) -> None:
        self._chosen = entry
        item = entry.item if entry is not None else None
        if self.detail is not None and self.detail.item is not item:
            self.detail.hide()
            self.detail.deleteLater()
            self.detail = None
        if item is not None and self.detail is None:
            self.detail = self._make_row(item)
            self._detail_at.addWidget(self.detail)
            self.detail.show()
            self.detail.set_shown(self.list.files.shown == item.key)
        unread = entry is not None and item is None
        _say(self.reason, f"{entry.name}: {folder_words.standing(entry)}" if entry is not None and unread else "")
        words = ""
        if entry is not None and entry.why == TAKEN_OUT:
            words = tr("Read again")
        elif entry is not None and entry.standing == "refused":
            words = tr("Add it separately")
        self.reason_button.setText(words)
        self.reason_button.setVisible(bool(words))

    def _act_on_chosen(self) -> None:
        if self._chosen is None:
            return
        if self._chosen.why == TAKEN_OUT:
            self.take_back_wanted.emit(self.folder.key, self._chosen.path)
        else:
            self.add_wanted.emit(self._chosen.path)

    def _fill_menu(self) -> None:
        menu, folder = self.menu, self.folder
        found = counts(folder.entries(self._items))
        menu.clear()
        menu.addAction(tr("Show the files") if self.list.isHidden() else tr("Hide the files"), self.toggle)
        menu.addAction(tr("Look for changes"), lambda: self.look_wanted.emit(folder.key))
        if self.update_button.isVisibleTo(self):
            menu.addAction(tr("Update"), lambda: self.update_wanted.emit(folder.key))
        if found.reading:
            menu.addAction(tr("Stop reading"), lambda: self.stop_wanted.emit(folder.key))
        if found.failed - found.locked:
            words = tr("Read again what could not be read")
            menu.addAction(words, lambda: self.retry_wanted.emit(folder.key))
        menu.addAction(tr("Show in folder"), lambda: show_in_folder(folder.path))
        menu.addAction(tr("Remove"), lambda: self.remove.emit(folder.key))

    def act(self) -> None:
        """Show or hide the files."""
        self.toggle()

    def takes_keys(self) -> bool:
        """Keys in the list or on a button are not for the card."""
        return self.hasFocus()

    def takes_press(self, at: QPoint) -> bool:
        """Only above the list of files."""
        return self.list.isHidden() or at.y() < self.list.y()


def _say(part: QLabel, words: str) -> None:
    """Set a label's text, and hide the label where it is empty."""
    part.setText(words)
    part.setVisible(bool(words))
