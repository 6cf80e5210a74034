"""Get Gemma 4: the models that can be downloaded, what each needs here, and one click that opens a connection."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFrame,
    QHBoxLayout,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from app.engine.threads.background import Background
from app.fetch.catalogue import Fitting, host
from app.i18n import tr, translated
from app.text.sizes import size
from app.ui.look.buttons import close_button, push_button
from app.ui.look.widgets import Note, column, label
from app.ui.models.control import ModelControl


class GetDialog(QDialog):
    """The list. Nothing is connected to before *Download* is clicked; the download goes on when this is closed."""

    started = Signal()

    def __init__(self, control: ModelControl, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Get Gemma 4"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._control = control
        self.offers: list[Fitting] = []
        self.choices = QButtonGroup(self)
        self.note = Note("danger", closable=True)
        self.note.set_text("")
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 8, 0)
        self._list.setSpacing(8)
        self.download_button = push_button(tr("Download"), self._download)
        self.download_button.setProperty("look", "primary")
        self.download_button.setEnabled(False)
        buttons = close_button()
        buttons.rejected.connect(self.reject)
        layout = column(self, margins=(20, 18, 20, 16), spacing=12)
        layout.addWidget(label(tr("Which Gemma 4 suits this machine"), "heading"))
        inside = QWidget()
        inside.setLayout(self._list)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inside)
        layout.addWidget(self.area, 1)
        layout.addWidget(self.note)
        words = tr(
            "“Download” connects to {host} and gets the model's files; the connection ends when they are complete or "
            "when you stop it. Lectern sends none of your data, and connects to nothing else.",
            host=host(),
        )
        layout.addWidget(label(words, "small", wrap=True))
        line = QHBoxLayout()
        line.addStretch()
        line.addWidget(self.download_button)
        line.addWidget(buttons)
        layout.addLayout(line)
        self.resize(660, 640)
        from app.diagnostics.doctor import model_offers

        background.run(model_offers, self._on_found, self._on_not_found)

    def _on_found(self, found: list[Fitting]) -> None:
        if not isValid(self):
            return  # closed meanwhile
        self.offers = found
        for number, one in enumerate(found):
            self._list.addWidget(self._card(number, one))
        self._list.addStretch(1)
        self.choices.button(0).setChecked(True)
        self._enable()

    def _on_not_found(self, error: Exception) -> None:
        if isValid(self):
            self.note.set_text(tr("This machine could not be examined: {error}", error=str(error)))

    def _card(self, number: int, one: Fitting) -> QFrame:
        card = QFrame()
        card.setProperty("look", "card")
        inside = column(card, margins=(14, 10, 14, 10), spacing=3)
        name = tr("{name} (recommended)", name=one.offer.title) if one.recommended else one.offer.title
        choice = QRadioButton(name)
        choice.setAccessibleDescription(translated(one.verdict))
        choice.toggled.connect(self._enable)
        self.choices.addButton(choice, number)
        facts = tr(
            "{download} to download, {memory} of memory while it answers.",
            download=size(one.offer.download),
            memory=size(one.offer.needs.memory),
        )
        inside.addWidget(choice)
        inside.addWidget(label(f"{translated(one.offer.good_for)} {facts}", "muted", wrap=True))
        sign = "✓ " if one.fits else "⚠ "
        inside.addWidget(label(sign + translated(one.verdict), "small", wrap=True))
        return card

    def _enable(self) -> None:
        self.download_button.setEnabled(self.choices.checkedId() >= 0 and not self._control.jobs.busy)

    def choose(self, name: str) -> None:
        """Choose the model with this name."""
        number = next(number for number, one in enumerate(self.offers) if one.offer.name == name)
        self.choices.button(number).setChecked(True)

    def _download(self) -> None:
        if self._control.jobs.busy:
            self.note.set_text(tr("Lectern is already working on a model; wait until that is done."))
            return
        self._control.jobs.get(self.offers[self.choices.checkedId()].offer)
        self.started.emit()
        self.accept()
