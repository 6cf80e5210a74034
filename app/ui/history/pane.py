"""The left pane: conversations that can be searched, and below them the files of the one that is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QSizePolicy, QSplitter, QStackedWidget, QToolButton, QWidget

from app.i18n import tr
from app.library.store.records import Summary
from app.ui.files.pane import AttachmentsPane
from app.ui.history.list import ConversationList
from app.ui.look.icons import IconButton, ThemedAction
from app.ui.look.widgets import column, label, row
from app.ui.notices.undo import Undoing, UndoStrip

SEARCH_AFTER_MS = 120
FILES_LEAST = 150
LIST_LEAST = 96
PART = 200


Find = Callable[[str, int], Sequence[Summary]]
"""(search, how many) → the latest conversations that match."""


class SearchField(QLineEdit):
    """Down and Enter go to what was found, Esc empties it."""

    down = Signal()
    first = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "search")
        self.setAccessibleName(tr("Search in all conversations"))
        self.setPlaceholderText(tr("Search conversations"))
        self.addAction(ThemedAction("search", tr("Search"), self), QLineEdit.ActionPosition.LeadingPosition)
        self.empty_action = ThemedAction("close", tr("Clear the search field"), self)
        self.empty_action.triggered.connect(self.clear)
        self.addAction(self.empty_action, QLineEdit.ActionPosition.TrailingPosition)
        for button in self.findChildren(QToolButton):
            button.setAccessibleName(button.defaultAction().text())
        self.textChanged.connect(lambda text: self.empty_action.setVisible(bool(text)))
        self.empty_action.setVisible(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that leave the field."""
        match event.key():
            case Qt.Key.Key_Down:
                self.down.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.first.emit()
            case Qt.Key.Key_Escape if self.text():
                self.clear()
            case _:
                super().keyPressEvent(event)


class LibraryPane(QFrame):
    """Draws the history; what the user wants comes out as signals, most of them the list's own."""

    new_wanted = Signal()

    def __init__(self, find: Find, files: AttachmentsPane, undoing: Undoing) -> None:
        super().__init__()
        self.setProperty("look", "side")
        self.setAccessibleName(tr("Conversations and files"))
        self._find, self._limit, self._files_height = find, PART, 0
        self.files = files
        self.new_button = IconButton(
            "compose", tr("New conversation (Ctrl+N)"), text=tr("New conversation"), look="new"
        )
        self.new_button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.search = SearchField()
        self.list = ConversationList()
        self.nothing = label(look="muted", wrap=True)
        self.undo = UndoStrip(undoing)
        self._timer = QTimer(self, singleShot=True, interval=SEARCH_AFTER_MS)
        self._lay_out()
        self._connect()
        self.refresh()

    def _lay_out(self) -> None:
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        empty = QWidget()
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        column(empty, margins=(20, 18, 20, 0)).addWidget(self.nothing, 1)
        self.stack.addWidget(empty)
        top = QWidget()
        head = row(margins=(10, 10, 10, 2), spacing=6)
        head.addWidget(self.new_button, 1)
        field = row(margins=(10, 2, 10, 6))
        field.addWidget(self.search)
        above = column(top, spacing=2)
        above.addLayout(head)
        above.addLayout(field)
        above.addWidget(self.stack, 1)
        top.setMinimumHeight(LIST_LEAST + top.sizeHint().height() // 4)
        self.files.setMinimumHeight(FILES_LEAST)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(top)
        self.splitter.addWidget(self.files)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 1)
        strip = row(margins=(10, 0, 10, 10))
        strip.addWidget(self.undo)
        layout = column(self, spacing=0)
        layout.addWidget(self.splitter, 1)
        layout.addLayout(strip)

    def _connect(self) -> None:
        self.new_button.clicked.connect(self.new_wanted)
        self.search.textChanged.connect(self._search_changed)
        self.list.end_reached.connect(self._more)
        self.search.down.connect(self._to_list)
        self.search.first.connect(self._open_first)
        self._timer.timeout.connect(self.refresh)
        self.splitter.splitterMoved.connect(self._moved)

    def minimumSizeHint(self) -> QSize:
        """The list may be short; the window decides."""
        return QSize(super().minimumSizeHint().width(), 0)

    def refresh(self) -> None:
        """Query the history again."""
        self._timer.stop()
        search = self.search.text().strip()
        found = self._find(search, self._limit)
        self.list.show_rows(found, bool(search))
        self.nothing.setText(_nothing(search))
        self.stack.setCurrentIndex(0 if found else 1)

    def refresh_soon(self) -> None:
        """Something has changed: look once things are quiet, so that a growing answer costs nothing here."""
        if not self._timer.isActive():
            self._timer.start()

    def set_current(self, conversation: str | None) -> None:
        """Highlight the open conversation; ``None``: none."""
        self.list.conversations.set_current(conversation)

    def go_to_search(self) -> None:
        """The cursor where one searches."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    @property
    def files_height(self) -> int:
        """What the user gave the files; 0 while they have what they need."""
        return self._files_height

    def restore(self, files_height: int) -> None:
        """Heights as they were left."""
        self._files_height = files_height
        self._divide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The files keep the height that the user gave them; without one, each has half."""
        super().resizeEvent(event)
        self._divide()

    def _divide(self) -> None:
        whole = self.splitter.height()
        below = self._files_height or whole // 2
        self.splitter.setSizes([max(LIST_LEAST, whole - below), below])

    def _moved(self, _position: int, _index: int) -> None:
        self._files_height = self.splitter.sizes()[1]

    def _search_changed(self) -> None:
        self._limit = PART
        self._timer.start()

    def _more(self) -> None:
        """Only as much is asked for as somebody looks at."""
        if len(self.list.conversations.rows) >= self._limit:
            self._limit *= 2
            self.refresh()

    def _to_list(self) -> None:
        if self.list.conversations.rows:
            self.list.setFocus()

    def _open_first(self) -> None:
        """Enter opens the best find."""
        if self._timer.isActive():
            self.refresh()
        if self.list.conversations.rows and self.search.text().strip():
            self.list.wanted.emit(self.list.conversations.rows[0].id)


def _nothing(search: str) -> str:
    if search:
        return tr("No results for “{words}”.", words=search)
    return tr("Your conversations appear here, and stay on this machine.")
