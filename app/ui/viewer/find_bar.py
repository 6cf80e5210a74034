"""Finding words in the document that is shown: a field, how many there are, and the way from one to the next."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit

from app.i18n import number, tr
from app.ui.look.icons import IconButton
from app.ui.look.widgets import label
from app.ui.viewer.finding import Finder

_TYPING_MS = 180


class FindBar(QFrame):
    """Hidden until it is wanted."""

    closed = Signal()
    words_wanted = Signal(str)

    def __init__(self, finder: Finder) -> None:
        super().__init__()
        self.setProperty("look", "strip")
        self._finder = finder
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Find in this document"))
        self.field.setAccessibleName(tr("Find in this document"))
        self.field.setClearButtonEnabled(True)
        self.count = label(look="small")
        self.count.setAccessibleName(tr("Number of matches"))
        self.back_button = IconButton("up", tr("Previous match"), size=16)
        self.next_button = IconButton("down", tr("Next match"), size=16)
        self.close_button = IconButton("close", tr("Close the search"), size=16)
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 4, 6, 4)
        line.setSpacing(3)
        line.addWidget(self.field, 1)
        line.addSpacing(4)
        for part in (self.count, self.back_button, self.next_button, self.close_button):
            line.addWidget(part)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self._search)
        self.field.textEdited.connect(lambda _text: self._typing.start())
        self.field.installEventFilter(self)
        self.back_button.clicked.connect(lambda: self.step(-1))
        self.next_button.clicked.connect(lambda: self.step(1))
        self.close_button.clicked.connect(self.leave)
        finder.changed.connect(self._show_count)
        self._show_count()
        self.hide()

    def use(self, finder: Finder) -> None:
        """Find words with another view's finder."""
        if finder is not self._finder:
            self._finder.stop()
            self._finder.changed.disconnect(self._show_count)
            self._finder = finder
            finder.changed.connect(self._show_count)
            self._show_count()

    def begin(self, words: str = "") -> None:
        """Show it, ready to be written into."""
        self.show()
        if words:
            self.field.setText(words)
            self._search()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def leave(self) -> None:
        """Clear the search."""
        self._typing.stop()
        self._finder.stop()
        self.closed.emit()  # the keys go elsewhere while there is still a place that they come from
        self.hide()

    def step(self, by: int) -> None:
        """The next hit or the one before."""
        if self._typing.isActive() or self.field.text().strip() != self._finder.words:
            self._search()
        else:
            self._finder.step(by)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Next hit on Enter, previous on Shift+Enter, close on Esc."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.leave()
                return True
        return super().eventFilter(watched, event)

    def _search(self) -> None:
        self._typing.stop()
        self.words_wanted.emit(self.field.text())

    def _show_count(self) -> None:
        finder = self._finder
        more = "…" if finder.searching else ""
        if finder.count:
            words = tr("{position} of {count}", position=number(finder.position), count=f"{number(finder.count)}{more}")
        elif finder.searching:
            words = tr("Searching…")
        else:
            words = tr("Not found") if finder.words else ""
        self.count.setText(words)
        for button in (self.back_button, self.next_button):
            button.setEnabled(finder.count > 0)
