"""The lower part of the left pane: the files of the conversation that is open."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QWidget

from app.i18n import number as shown_number
from app.i18n import tr, tr_n
from app.session.items import Item, ItemState
from app.ui.asking.residency import Residency
from app.ui.files.attachments import Attachments
from app.ui.files.coverage import CoverageLegend
from app.ui.files.folder_card import FolderCard
from app.ui.files.item_row import ItemRow
from app.ui.files.passwords import Passwords
from app.ui.look.icons import IconButton
from app.ui.look.widgets import column, label, row
from app.ui.window.dialogs import ForgetDialog

LEGEND_MARGIN = 28
NEAR = 12
"""Pixels around a card that is scrolled to."""


class AttachmentsPane(QFrame):
    """Draws ``Attachments`` as a list of rows."""

    open_wanted = Signal()
    opened = Signal(int)
    """A file is to be shown."""
    place_wanted = Signal(object)
    inside_opened = Signal(int, int)
    inside_wanted = Signal(int)
    compare_wanted = Signal(int)
    remove_wanted = Signal(int)
    remove_all_wanted = Signal()
    new_wanted = Signal()
    """A new conversation with the files that are attached."""

    def __init__(self, attachments: Attachments, residency: Residency) -> None:
        super().__init__()
        self.setProperty("look", "side")
        self.setAccessibleName(tr("Attached files"))
        self._attachments, self._residency = attachments, residency
        self.passwords = Passwords(attachments, self)
        self.rows: dict[int, ItemRow | FolderCard] = {}
        """The cards in their order: of files by the item's key, of folders by the folder's."""
        self._heading = label(tr("Files"), "heading")
        self._count = label(look="small", wrap=True)
        self.add_button = IconButton("add", tr("Add files (Ctrl+O)"))
        self.add_button.clicked.connect(self.open_wanted)
        self.new_button = IconButton("compose", tr("New conversation with these files (Ctrl+Alt+N)"))
        self.new_button.clicked.connect(self.new_wanted)
        self.remove_all_button = IconButton("remove-all", tr("Remove all files"))
        self.remove_all_button.clicked.connect(self.remove_all_wanted)
        self._fresh: set[int] = set()
        """Files that were just added: the list shows them, and those that want something."""
        self._adding = False
        self._followed: ItemRow | FolderCard | None = None
        """The row that is kept in sight until a user scrolls or another file comes: rows above it still grow."""
        self._header = QTimer(self, singleShot=True, interval=50)
        self._header.timeout.connect(self._update_head)
        self._empty = self._make_empty()
        self.legend = CoverageLegend()
        self.legend.hide()
        self._list = QWidget()
        self._list_layout = column(self._list, margins=(12, 2, 12, 12), spacing=8)
        self._list_layout.addWidget(self._empty)
        self._list_layout.addStretch(1)
        self._lay_out()
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.applicationStateChanged.connect(self._on_state)
        attachments.coming.connect(self.follow_next)
        attachments.added.connect(self._add)
        attachments.changed.connect(self._change)
        attachments.removed.connect(self._remove)
        attachments.folders.added.connect(self._add_folder)
        attachments.folders.changed.connect(self._change_folder)
        attachments.folders.removed.connect(self._remove)
        self._update_head()

    def _make_empty(self) -> QWidget:
        empty = QWidget()
        layout = column(empty, margins=(4, 24, 4, 0), spacing=12)
        words = label(tr("Drop files or folders anywhere in this window."), "muted", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(words)
        button = QPushButton(tr("Add files…"))
        button.clicked.connect(self.open_wanted)
        layout.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        return empty

    def _lay_out(self) -> None:
        head = row(margins=(16, 0, 10, 0), spacing=8)
        head.addWidget(self._heading)
        head.addWidget(self._count, 1)
        for button in (self.new_button, self.remove_all_button, self.add_button):
            head.addWidget(button)
        bar = QFrame()
        bar.setLayout(head)
        bar.setMinimumHeight(44)
        self._area = area = QScrollArea()
        area.setWidget(self._list)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.verticalScrollBar().rangeChanged.connect(self._follow)
        area.verticalScrollBar().actionTriggered.connect(self._stop_following)
        area.viewport().setAutoFillBackground(False)
        self._list.setAutoFillBackground(False)
        layout = column(self, spacing=0)
        layout.addWidget(bar)
        layout.addWidget(area, 1)
        foot = row(margins=(16, 4, 12, 8))
        foot.addWidget(self.legend)
        layout.addLayout(foot)

    def _add(self, key: int) -> None:
        item = self._attachments.items.get(key)
        if item is None:
            return
        if item.folder in self.rows:
            self._change_folder(item.folder)
            self._head_soon()
            return
        new = self._make_row(item)
        new.stepped.connect(self.step)
        self._put(key, new)

    def _add_folder(self, key: int) -> None:
        attachments = self._attachments
        folder = attachments.items.folders.get(key)
        if folder is None:
            return
        new = FolderCard(folder, attachments.items, attachments.folders.seen, self._make_row)
        new.opened.connect(self.opened)
        new.remove.connect(self.remove_wanted)
        new.update_wanted.connect(attachments.update_folder)
        new.look_wanted.connect(attachments.look_again)
        new.stop_wanted.connect(attachments.stop_folder)
        new.retry_wanted.connect(attachments.retry_folder)
        new.take_back_wanted.connect(attachments.folders.take_back)
        new.add_wanted.connect(lambda path: attachments.add_paths([path]))
        new.stepped.connect(self.step)
        self._put(key, new)

    def _put(self, key: int, new: ItemRow | FolderCard) -> None:
        self.rows[key] = new
        self._list_layout.insertWidget(self._list_layout.count() - 1, new)
        if self._adding:
            self._fresh.add(key)
            self._look_at(new)
        self._update_head()

    def _make_row(self, item: Item) -> ItemRow:
        new = ItemRow(item, lambda: self._residency.possible, lambda: self._compares(item))
        new.opened.connect(self.opened)
        new.place_wanted.connect(self.place_wanted)
        new.remove.connect(self.remove_wanted)
        new.cancel.connect(self._attachments.cancel)
        new.retry.connect(self._attachments.retry)
        new.unlock.connect(self.passwords.ask)
        new.options.connect(self._attachments.set_options)
        new.pages.connect(self._attachments.set_pages)
        new.pin.connect(self._residency.pin)
        new.unload.connect(self._residency.unload)
        new.forget.connect(self._ask_to_forget)
        new.inside_opened.connect(self.inside_opened)
        new.inside_wanted.connect(self.inside_wanted)
        new.compare_wanted.connect(self.compare_wanted)
        return new

    def _compares(self, item: Item) -> bool:
        comparable = self._attachments.items.comparable
        return len(comparable) > 1 and item in comparable

    def _on_state(self, state: Qt.ApplicationState) -> None:
        """Somebody comes back to the window: files may have been edited meanwhile."""
        if state is Qt.ApplicationState.ApplicationActive:
            self._attachments.look_again()

    def _follow(self) -> None:
        """Once the rows are where they belong."""
        if new := self._followed:
            QTimer.singleShot(0, new, lambda: self._show_followed(new))

    def _show_followed(self, row: ItemRow | FolderCard) -> None:
        if row is self._followed:  # unless the user has scrolled meanwhile
            self._area.ensureWidgetVisible(row, 0, NEAR)

    def _stop_following(self) -> None:
        self._followed = None

    def follow_next(self) -> None:
        """What comes next was added here: the list shows it."""
        self._adding, self._fresh = True, set()

    def show_others(self) -> None:
        """Another conversation: the list begins at its top."""
        self._adding, self._fresh, self._followed = False, set(), None

    def _look_at(self, row: ItemRow | FolderCard) -> None:
        """Scroll to a card, and keep it in sight."""
        self._followed = row
        self._follow()

    def _ask_to_forget(self, key: int) -> None:
        item = self._attachments.items.get(key)
        if item is not None:
            dialog = ForgetDialog(item.name, self)
            dialog.accepted.connect(lambda: self._residency.forget(key))
            dialog.open()

    def set_shown(self, key: int | None) -> None:
        """Mark the file that the viewer shows."""
        item = self._attachments.items.get(key) if key is not None else None
        for number, one in self.rows.items():
            if isinstance(one, FolderCard):
                one.set_shown(key if item is not None and item.folder == number else None)
            else:
                one.set_shown(number == key)

    def show_page(self, key: int, page: int) -> None:
        """The viewer has turned to a page: its cell in the coverage is the current one."""
        item = self._attachments.items.get(key)
        row = self.rows.get(key) or self.rows.get(item.folder or 0 if item is not None else 0)
        if isinstance(row, FolderCard):
            row.show_page(key, page)
        elif row is not None:
            row.coverage.show_page(page)

    def _update_legend(self) -> None:
        """What the patterns mean, as long as there are patterns of pages."""
        strips = [(one, one.coverage) for one in self.rows.values()]
        shown = any(strip is not None and strip.isVisibleTo(one) and strip.cells for one, strip in strips)
        self.legend.setVisible(shown and self.legend.sizeHint().width() <= self.width() - LEGEND_MARGIN)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where the legend does not fit, each cell's tooltip explains it."""
        super().resizeEvent(event)
        self._update_legend()

    def _change(self, key: int) -> None:
        item = self._attachments.items.get(key)
        if item is not None and item.folder in self.rows:
            self._change_folder(item.folder)
        row = self.rows.get(key)
        if not isinstance(row, ItemRow):
            self._head_soon()
            return
        row.refresh()
        if key in self._fresh and row.item.state is not ItemState.READING:
            self._fresh.discard(key)
            if row.item.state is ItemState.FAILED:  # it may want a password
                self._look_at(row)
        self._update_head()

    def _change_folder(self, key: int | None) -> None:
        card = self.rows.get(key or 0)
        if isinstance(card, FolderCard):
            card.refresh_soon()

    def _remove(self, key: int) -> None:
        gone = self.rows.get(key)
        if gone is not None:
            self._pass_on_focus(key, gone)
            del self.rows[key]
            if gone is self._followed:
                self._followed = None
            gone.hide()
            gone.deleteLater()
            self._update_head()
            return
        for one in self.rows.values():  # it was a folder's
            if isinstance(one, FolderCard):
                one.refresh_soon()
        self._head_soon()

    def _pass_on_focus(self, key: int, gone: ItemRow | FolderCard) -> None:
        """The keys stay in the list: Delete can be pressed again."""
        focus = self.window().focusWidget()
        if focus is gone or gone.isAncestorOf(focus or self):
            keys = list(self.rows)
            at = keys.index(key)
            neighbour = next(iter(keys[at + 1 :] or keys[:at][::-1]), None)
            if neighbour is not None:
                self.rows[neighbour].setFocus()

    def step(self, key: int, by: int) -> None:
        """The keys go to the card below or above."""
        keys = list(self.rows)
        at = keys.index(key) + by
        if 0 <= at < len(keys):
            self.rows[keys[at]].setFocus(Qt.FocusReason.TabFocusReason)
            self._area.ensureWidgetVisible(self.rows[keys[at]], 0, NEAR)

    def _head_soon(self) -> None:
        """A folder's files come and go by the hundred."""
        if not self._header.isActive():
            self._header.start()

    def _update_head(self) -> None:
        number = len(self._attachments.items)
        self._empty.setVisible(not self.rows)
        for button in (self.new_button, self.remove_all_button):
            button.setVisible(bool(self.rows))
        self._update_legend()
        failed = self._attachments.items.failed
        words = shown_number(number) if number else ""
        unread = tr_n("{n} not read", "{n} not read", failed)
        self._count.setText(f"{words} · {unread}" if failed else words)
        name = tr_n("{n} file attached", "{n} files attached", number)
        self._count.setAccessibleName(f"{name}, {unread}" if failed else name)
