"""The list of conversations: open, rename in place, delete, all by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu

from app.i18n import tr
from app.library.store.records import Summary
from app.ui.history.rows import ConversationDelegate, ConversationModel, Index


class ConversationList(QListView):
    """Click or Enter opens, F2 renames in place, Delete deletes; the menu key has it all."""

    wanted = Signal(str)
    window_wanted = Signal(str)
    rename_wanted = Signal(str, str)
    delete_wanted = Signal(str)
    export_wanted = Signal(str)
    end_reached = Signal()
    """The last rows are nearly in sight."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Conversations"))
        self.conversations = ConversationModel()
        self.setModel(self.conversations)
        self.setItemDelegate(ConversationDelegate(self))
        self.setProperty("look", "bare")
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setTabKeyNavigation(False)
        self.conversations.renamed.connect(self.rename_wanted)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.clicked.connect(lambda index: self._emit(self.wanted, index))

    def show_rows(self, rows: Sequence[Summary], searching: bool = False) -> None:
        """Other rows; keys stay where they were."""
        if self.state() is QAbstractItemView.State.EditingState:
            return  # a title that is being written is not taken away; what changed comes with the next change
        at = self.chosen
        self.conversations.show(rows, searching)
        row = self.conversations.row_of(at)
        if row >= 0:
            self.setCurrentIndex(self.conversations.index(row))

    @property
    def chosen(self) -> str | None:
        """The conversation that the keys are at."""
        index = self.currentIndex()
        return self.conversations.rows[index.row()].id if index.isValid() else None

    def rename(self, conversation: str) -> None:
        """Begin to change a title in its place."""
        row = self.conversations.row_of(conversation)
        if row >= 0:
            index = self.conversations.index(row)
            self.scrollTo(index)
            self.setCurrentIndex(index)
            self.edit(index)

    def _scrolled(self, value: int) -> None:
        if value + 2 * self.height() >= self.verticalScrollBar().maximum() > 0:
            self.end_reached.emit()

    def _emit(self, signal: Any, index: Index) -> None:
        if index.isValid():
            signal.emit(self.conversations.rows[index.row()].id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Delete mean something here."""
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._emit(self.wanted, self.currentIndex())
            case Qt.Key.Key_Delete:
                self._emit(self.delete_wanted, self.currentIndex())
            case _:
                super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """All that can be done with a conversation."""
        keyboard = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if keyboard else self.indexAt(event.pos())
        if index.isValid():
            self.setCurrentIndex(index)
            at = self.visualRect(index).center() if keyboard else event.pos()
            self.menu_for(index, self.viewport().mapToGlobal(at))

    def menu_for(self, index: Index, at: QPoint) -> QMenu:
        """Open the small menu of one conversation."""
        conversation = self.conversations.rows[index.row()].id
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Open"), lambda: self.wanted.emit(conversation))
        menu.addAction(tr("Open in a new window"), lambda: self.window_wanted.emit(conversation))
        menu.addSeparator()
        menu.addAction(tr("Rename"), lambda: self.rename(conversation))
        menu.addAction(tr("Export…"), lambda: self.export_wanted.emit(conversation))
        menu.addSeparator()
        menu.addAction(tr("Delete"), lambda: self.delete_wanted.emit(conversation))
        menu.popup(at)
        return menu

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keys need a row to be at."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.conversations.rows:
            row = max(0, self.conversations.row_of(self.conversations.current))
            self.setCurrentIndex(self.conversations.index(row))
