"""A question that costs much, before it is read: what it costs, and what can be done. One panel, no dialogs."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from app.chat.plan import Plan
from app.i18n import tr, translated
from app.session.costs import held_facts, held_title, scan_words
from app.session.measuring import Held
from app.ui.look.status import plan_words
from app.ui.look.widgets import WrappingButton, column, label, row


class PreflightPanel(QFrame):
    """Shown above the composer as long as a question waits for the user's choice."""

    accepted = Signal()
    cancelled = Signal()
    chosen = Signal(object)
    """Plan"""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.setAccessibleName(tr("Before you continue"))
        self.title = label(look="heading", wrap=True)
        self.facts = label(look="muted", wrap=True, selectable=True)
        self.advice = label(tr("Ways to make it fit:"), "small", wrap=True)
        self.none_fits = label(tr("Take out a file, or ask about fewer of them."), "small", wrap=True)
        self.plans: list[QPushButton] = []
        self.read_button = QPushButton(tr("Read now"))
        self.read_button.setProperty("look", "primary")
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.setAccessibleName(tr("Cancel and put the question back"))
        self.read_button.clicked.connect(self.accepted)
        self.cancel_button.clicked.connect(self.cancelled)
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        layout = column(self, margins=(16, 12, 14, 12), spacing=6)
        layout.addWidget(self.title)
        layout.addWidget(self.facts)
        layout.addWidget(self.advice)
        layout.addWidget(self.none_fits)
        self._list = QWidget()
        self._list_layout = column(self._list, spacing=5)
        layout.addWidget(self._list)
        buttons = row(spacing=8)
        buttons.addStretch()
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.read_button)
        layout.addLayout(buttons)

    def show_held(self, held: Held | None) -> None:
        """Show what the held question costs; hidden where none is held."""
        was_visible = self.isVisible()
        self.setVisible(held is not None)
        if held is None:
            return
        kind = held.verdict.kind
        self.title.setText(translated(held_title(kind)))
        facts = " · ".join(map(translated, held_facts(held.costs, held.verdict)))
        self.facts.setText(facts if held.scans is None else f"{facts}\n{translated(scan_words(held.scans))}")
        self.setAccessibleDescription(f"{self.title.text()}. {self.facts.text()}")
        self._set_plans(held.plans)
        self.advice.setText(tr("Or sooner:") if kind == "large" else tr("Ways to make it fit:"))
        self.advice.setVisible(bool(held.plans))
        self.none_fits.setVisible(kind == "too long" and not held.plans)
        self.read_button.setVisible(kind != "too long")
        self.read_button.setText(tr("Read anyway") if kind == "no memory" else tr("Read now"))
        if not was_visible:
            first = self.plans[0] if self.plans else self.cancel_button
            (first if self.read_button.isHidden() else self.read_button).setFocus()

    def _set_plans(self, plans: tuple[Plan, ...]) -> None:
        for button in self.plans:
            button.hide()
            button.deleteLater()
        self.plans = []
        for plan in plans:
            button = WrappingButton(plan_words(plan))
            button.setProperty("look", "suggestion")
            button.clicked.connect(partial(self._choose, plan))
            self._list_layout.addWidget(button)
            self.plans.append(button)
        self._list.setVisible(bool(plans))

    def _choose(self, plan: Plan, _checked: bool = False) -> None:
        self.chosen.emit(plan)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes the question back."""
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)
