"""What a user does with whole conversations: begin, open, rename, delete and have back. One for each window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from app.i18n import tr, tr_n
from app.library.store.records import FileRow
from app.session.folders import FOLDER
from app.session.notebook import has_something
from app.ui.asking.controller import Asking
from app.ui.files.attachments import Attachments
from app.ui.history.history import History
from app.ui.history.pane import LibraryPane
from app.ui.notices.undo import Undoing


class Talks(QObject):
    """Mediates between the list, the history and this window's ``Asking``."""

    opened = Signal()
    """Another conversation is shown."""

    def __init__(
        self,
        asking: Asking,
        attachments: Attachments,
        history: History,
        library: LibraryPane,
        undoing: Undoing,
        elsewhere: Callable[[str], bool],
        parent: QObject,
    ) -> None:
        """``elsewhere`` brings the window to the front that has a conversation open; false where none has."""
        super().__init__(parent)
        self._asking, self._attachments = asking, attachments
        self._history, self._library, self._undoing = history, library, undoing
        self._elsewhere, self._reopening = elsewhere, ""
        rows = library.list
        rows.wanted.connect(self.open)
        rows.rename_wanted.connect(history.rename)
        rows.delete_wanted.connect(self.delete)
        library.new_wanted.connect(lambda: self.new())
        history.changed.connect(library.refresh_soon)
        asking.state_changed.connect(self._mark)
        asking.added.connect(self._mark)
        self._mark()

    def new(self, keep_files: bool = False) -> None:
        """An empty conversation, or one with the files that are attached; nothing of the old one is lost."""
        files = () if keep_files or has_something(self._asking.conversation) else self._attachments.rows()
        self._asking.new(keep_files)
        self._after()
        if files:  # no conversation has them: the way back is offered here
            number = sum(one.kind != FOLDER for one in files)
            words = tr_n("{n} file was not carried over.", "{n} files were not carried over.", number)
            self._undoing.offer(words, lambda: self._attach(files))

    def _attach(self, files: Sequence[FileRow]) -> None:
        """Attach files that were left behind, unless there are others by now."""
        if not len(self._attachments.items):
            self._attachments.restore(files)

    def open(self, conversation: str) -> None:
        """Show a conversation, here or in the window that has it already."""
        if conversation == self._asking.conversation.id:
            self.opened.emit()
        elif not self._elsewhere(conversation):
            self._asking.open(conversation)
            self._after()

    def reopen(self, conversation: str) -> None:
        """Show a conversation as it was left, once the history can be read; not where something was begun meanwhile."""
        self._reopening = conversation
        self._history.changed.connect(self._try_to_reopen)
        self._try_to_reopen()

    def _try_to_reopen(self) -> None:
        if not self._history.ready:
            return
        self._history.changed.disconnect(self._try_to_reopen)
        files = self._attachments
        begun = has_something(self._asking.conversation) or len(files.items) or files.busy
        if self._reopening and not begun and not self._elsewhere(self._reopening):
            self._asking.open(self._reopening)
            self._after()

    def step(self, by: int) -> None:
        """The conversation above or below this one in the list."""
        rows = self._library.list.conversations
        at = rows.row_of(self._asking.conversation.id)
        wanted = (at if at >= 0 else -1 if by > 0 else 0) + by
        if 0 <= wanted < len(rows.rows):
            self.open(rows.rows[wanted].id)

    def delete(self, conversation: str = "") -> None:
        """Delete one, or the one that is open. The way back is offered."""
        conversation = conversation or self._asking.conversation.id
        current = conversation == self._asking.conversation.id
        rows = self._library.list.conversations
        listed = rows.rows[rows.row_of(conversation)].title if rows.row_of(conversation) >= 0 else ""
        title = listed or (self._asking.title if current else "")
        if not title:
            return  # it is still empty
        self._history.delete(conversation)
        self._library.refresh()
        self._undoing.offer(tr("“{title}” was deleted.", title=title), lambda: self._have_back(current), here=False)

    def _have_back(self, reopen: bool) -> None:
        conversation = self._history.undo_delete()
        self._library.refresh()
        if conversation is not None and reopen:
            self.open(conversation)

    def _after(self) -> None:
        self._mark()
        self.opened.emit()

    def _mark(self, _key: int = 0) -> None:
        self._library.set_current(self._asking.conversation.id)
