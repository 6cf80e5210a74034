"""The row of tools under an answer: copy, ask again, quote, more, and the way to other answers at the same place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from app.i18n import tr
from app.ui.look.icons import IconButton
from app.ui.look.widgets import CopyButton, label, row


class MenuButton(IconButton):
    """Opens a menu that is made at that moment."""

    def __init__(self, name: str) -> None:
        super().__init__("more", name, size=15, look="small")
        self._make: Callable[[], QMenu] | None = None
        self.clicked.connect(self._open)

    def set_menu_maker(self, make: Callable[[], QMenu]) -> None:
        """Set the function that builds the menu when it is opened."""
        self._make = make

    def _open(self) -> None:
        if self._make is not None:
            menu = self._make()
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.mapToGlobal(QPoint(0, self.height())))


class BranchSwitch(QWidget):
    """‹ 2/3 ›: which of several answers is shown. Hidden where there is only one."""

    stepped = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.back = IconButton("left", tr("Previous answer"), size=14, look="small")
        self.on = IconButton("right", tr("Next answer"), size=14, look="small")
        self.words = label(look="small")
        self.back.clicked.connect(lambda: self.stepped.emit(-1))
        self.on.clicked.connect(lambda: self.stepped.emit(1))
        line = row(spacing=0)
        for part in (self.back, self.words, self.on):
            line.addWidget(part)
        self.setLayout(line)
        self.hide()

    def show_branch(self, at: int, count: int) -> None:
        """Show which branch is open; ``at`` counts from 1."""
        self.words.setText(f"{at}/{count}")
        self.words.setAccessibleName(tr("Answer {at} of {count}", at=at, count=count))
        self.words.setToolTip(self.words.accessibleName())
        self.back.setEnabled(at > 1)
        self.on.setEnabled(at < count)
        self.setVisible(count > 1)


class AnswerTools(QWidget):
    """The buttons for an answer."""

    stepped = Signal(int)

    def __init__(self, answer: Callable[[], str]) -> None:
        super().__init__()
        self.branches = BranchSwitch()
        self.copy_button = CopyButton(tr("Copy the answer as Markdown"), answer, text=tr("Copy"))
        self.again_button = IconButton("again", tr("Ask this again"), text=tr("Again"), look="small", size=15)
        self.quote_button = IconButton("quote", "", text=tr("Quote"), look="small", size=15)
        self.more_button = MenuButton(tr("More actions for this answer"))
        self.branches.stepped.connect(self.stepped)
        line = row(spacing=2)
        for part in (self.branches, self.copy_button, self.again_button, self.quote_button, self.more_button):
            line.addWidget(part)
        line.addStretch(1)
        self.setLayout(line)
        self.set_quotable(False)

    def set_answered(self, answered: bool) -> None:
        """Without an answer there is nothing to copy."""
        for part in (self.copy_button, self.quote_button, self.more_button):
            part.setVisible(answered)

    def set_quotable(self, some: bool) -> None:
        """Enable quoting if text is selected."""
        hint = tr("Quote the selected words in the question")
        if not some:
            hint = tr("Select words to quote them in the question")
        self.quote_button.setEnabled(some)
        self.quote_button.setToolTip(hint)
        self.quote_button.setAccessibleName(hint)

    def set_usable(self, allowed: bool, reason: str) -> None:
        """Whether a question can be asked now."""
        self.again_button.setEnabled(allowed)
        self.again_button.setToolTip(tr("Ask this again") if allowed else reason)

    def set_branches(self, at: int, count: int) -> None:
        """Which answer of how many."""
        self.branches.show_branch(at, count)
