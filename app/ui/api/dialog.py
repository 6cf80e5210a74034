"""*Tools → API…*: the switch, the address and the token to copy, and how many questions wait."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QHBoxLayout, QLineEdit, QWidget

from app.i18n import number, tr
from app.ui.api.control import ApiControl
from app.ui.look.buttons import close_button, push_button
from app.ui.look.widgets import CopyButton, Note, column, form_row, label, row

REFRESH_MS = 1000


class ApiDialog(QDialog):
    """Nothing listens before the switch is clicked."""

    def __init__(self, control: ApiControl, show_figures: Callable[[], object], parent: QWidget | None = None) -> None:
        """``show_figures``: opens the dialog of the figures."""
        super().__init__(parent)
        self.setWindowTitle(tr("API"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._control, self._figures = control, show_figures
        self.switch = QCheckBox(tr("Answer other programs on this machine"))
        self.switch.clicked.connect(self._switched)
        self.address = QLineEdit(readOnly=True)
        self.token = QLineEdit(readOnly=True, echoMode=QLineEdit.EchoMode.Password)
        self.copy_address = CopyButton(tr("Copy the address"), lambda: control.address)
        self.copy_token = CopyButton(tr("Copy the access token"), lambda: control.token)
        self.new_button = push_button(tr("New access token"), control.new_token)
        self.note = Note("danger")
        self.note.set_text("")
        self.queued = label()
        self.figures_button = push_button(tr("Figures…"), self._to_figures)
        self._lay_out()
        control.changed.connect(self.show_state)
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self._show_queue)
        self._timer.start()
        self.show_state()
        self.resize(560, self.heightForWidth(560))

    def _lay_out(self) -> None:
        layout = column(self, margins=(20, 18, 20, 16), spacing=12)
        layout.addWidget(label(tr("API for other programs"), "heading"))
        words = tr(
            "Other programs on this machine can send questions and files to the open model, through an API that works"
            " with OpenAI's clients. It listens on 127.0.0.1 only, every request needs the access token, and it is "
            "off when Lectern starts."
        )
        layout.addWidget(label(words, "muted", wrap=True))
        layout.addWidget(self.switch)
        form = QFormLayout()
        rows = (
            (tr("Address"), self.address, [self.copy_address]),
            (tr("Access token"), self.token, [self.copy_token, self.new_button]),
        )
        for name, field, buttons in rows:
            field.setAccessibleName(name)
            line = QHBoxLayout()
            line.addWidget(field, 1)
            for button in buttons:
                line.addWidget(button)
            form_row(form, name, line)
        layout.addLayout(form)
        layout.addWidget(self.note)
        line = row()
        line.addWidget(self.queued, 1)
        line.addWidget(self.figures_button)
        layout.addLayout(line)
        close = close_button()
        close.rejected.connect(self.reject)
        layout.addWidget(close)

    def show_state(self) -> None:
        """As it is now."""
        control = self._control
        self.switch.setChecked(control.running or control.starting)
        self.switch.setEnabled(not control.starting)
        self.address.setText(control.address)
        self.token.setText(control.token if control.running else "")
        for part in (self.address, self.token, self.copy_address, self.copy_token, self.new_button):
            part.setEnabled(control.running)
        self.note.set_text(control.problem)
        self._show_queue()

    def _switched(self, on: bool) -> None:
        if on:
            self._control.start()
        else:
            self._control.stop()

    def _to_figures(self) -> None:
        """This dialog would block the other one."""
        self.accept()
        self._figures()

    def _show_queue(self) -> None:
        self.queued.setText(tr("Questions from other programs in the queue: {n}", n=number(self._control.waiting)))
