"""One selection across the pieces of an answer: drag from a paragraph through code into a table, copy it as one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QTextCursor

from app.ui.conversation.code_view import CodeEdit
from app.ui.conversation.markdown import MarkdownView

Editor = MarkdownView | CodeEdit
Keep, Move = QTextCursor.MoveMode.KeepAnchor, QTextCursor.MoveOperation


class Selecting(QObject):
    """Watches the editors of one answer."""

    changed = Signal()
    copy_wanted = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._editors: list[Editor] = []
        self._origin: tuple[Editor, int] | None = None
        self._spread = False
        self.everything = False
        """The whole answer was selected at once."""

    def set_editors(self, editors: Sequence[Editor]) -> None:
        """The editors in the order in which they are read."""
        for editor in editors:
            if editor not in self._editors:
                editor.installEventFilter(self)
                editor.viewport().installEventFilter(self)
                editor.selectionChanged.connect(self.changed)
        self._editors = list(editors)
        self._origin = None

    @property
    def parts(self) -> list[str]:
        """The selected words of each piece that has any."""
        return [editor.selected() for editor in self._editors if editor.textCursor().hasSelection()]

    @property
    def any(self) -> bool:
        """Whether anything is selected."""
        return any(editor.textCursor().hasSelection() for editor in self._editors)

    def select_all(self) -> None:
        """Select the whole answer."""
        for editor in self._editors:
            editor.selectAll()
        self._spread = self.everything = True
        self.changed.emit()

    def clear(self, but: Editor | None = None) -> None:
        """Nothing is selected any more, or only what one piece has."""
        self._spread = self.everything = False
        for editor in self._editors:
            cursor = editor.textCursor()
            if editor is not but and cursor.hasSelection():
                cursor.clearSelection()
                editor.setTextCursor(cursor)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A drag that leaves its piece continues in the next one."""
        if isinstance(event, QKeyEvent):
            return self._key(event)
        if not isinstance(event, QMouseEvent):
            return False
        editor = next((one for one in self._editors if one.viewport() is watched), None)
        if editor is None:
            return False
        if event.type() is QEvent.Type.MouseButtonPress and event.button() is Qt.MouseButton.LeftButton:
            self.clear(but=None if self._spread else editor)
            self._origin = (editor, editor.cursorForPosition(event.position().toPoint()).position())
        elif event.type() is QEvent.Type.MouseMove and event.buttons() & Qt.MouseButton.LeftButton:
            return self._drag(event.globalPosition().toPoint())
        elif event.type() is QEvent.Type.MouseButtonRelease:
            self._origin = None
        return False

    def _drag(self, at: QPoint) -> bool:
        if self._origin is None or self._origin[0] not in self._editors:
            return False
        origin, target = self._origin[0], self._under(at)
        if target is origin:
            if self._spread:
                self.clear(but=origin)
            return False
        self._spread = True
        first, last = sorted((self._editors.index(origin), self._editors.index(target)))
        down = self._editors[first] is origin
        for index, editor in enumerate(self._editors):
            cursor = editor.textCursor()
            if editor is origin:
                cursor.setPosition(self._origin[1])
                cursor.movePosition(Move.End if down else Move.Start, Keep)
            elif editor is target:
                cursor.movePosition(Move.Start if down else Move.End)
                cursor.setPosition(editor.cursorForPosition(editor.viewport().mapFromGlobal(at)).position(), Keep)
            elif first < index < last:
                cursor.select(QTextCursor.SelectionType.Document)
            else:
                cursor.clearSelection()
            editor.setTextCursor(cursor)
        return True

    def _under(self, at: QPoint) -> Editor:
        """The piece at this height, else the nearest one."""

        def distance(editor: Editor) -> int:
            top = editor.viewport().mapToGlobal(QPoint(0, 0)).y()
            return max(top - at.y(), at.y() - top - editor.viewport().height(), 0)

        return min(self._editors, key=distance)

    def _key(self, event: QKeyEvent) -> bool:
        """Copy and select all mean the whole answer's selection."""
        if event.matches(QKeySequence.StandardKey.SelectAll):
            if event.type() is QEvent.Type.KeyPress:
                self.select_all()
            event.accept()
            return True
        if event.type() is QEvent.Type.KeyPress and event.matches(QKeySequence.StandardKey.Copy) and self._spread:
            self.copy_wanted.emit()
            return True
        return False


def copy(text: str) -> None:
    """Copy ``text`` to the clipboard."""
    if text:
        QGuiApplication.clipboard().setText(text)
