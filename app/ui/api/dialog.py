"""*Tools → API…*: the switch, the address and the token to copy, and what has been answered."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QHBoxLayout, QLineEdit, QWidget

from app.engine.model.figures import FIGURES, Counts
from app.i18n import number, tr
from app.text.sizes import size
from app.ui.api.control import ApiControl
from app.ui.look.buttons import close_button, push_button
from app.ui.look.widgets import CopyButton, Note, column, form_row, label

REFRESH_MS = 1000


class ApiDialog(QDialog):
    """Nothing listens before the switch is clicked."""

    def __init__(self, control: ApiControl, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("API"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._control = control
        self.switch = QCheckBox(tr("Answer other programs on this machine"))
        self.switch.clicked.connect(self._switched)
        self.address = QLineEdit(readOnly=True)
        self.token = QLineEdit(readOnly=True, echoMode=QLineEdit.EchoMode.Password)
        self.copy_address = CopyButton(tr("Copy the address"), lambda: control.address)
        self.copy_token = CopyButton(tr("Copy the access token"), lambda: control.token)
        self.new_button = push_button(tr("New access token"), control.new_token)
        self.note = Note("danger")
        self.note.set_text("")
        self.figures = label(wrap=True, selectable=True)
        self._lay_out()
        control.changed.connect(self.show_state)
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self._show_figures)
        self._timer.start()
        self.show_state()
        self.resize(560, self.sizeHint().height())

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
        layout.addWidget(label(tr("Figures since Lectern started"), "heading"))
        layout.addWidget(self.figures)
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
        self._show_figures()

    def _switched(self, on: bool) -> None:
        if on:
            self._control.start()
        else:
            self._control.stop()

    def _show_figures(self) -> None:
        lines = figure_lines(FIGURES.snapshot())
        lines.append(tr("Questions from other programs in the queue: {n}", n=number(self._control.waiting)))
        self.figures.setText("\n".join(lines))


def figure_lines(counts: Counts) -> list[str]:
    """What was read, reused and written, how fast, and what was found; one line each."""
    prompts = counts.read_tokens + counts.reused_tokens
    share = f"{counts.reused_tokens / prompts:.0%}" if prompts else "–"
    read, reused = number(counts.read_tokens), number(counts.reused_tokens)
    reading = number(round(counts.read_tokens / counts.read_s)) if counts.read_s else "–"
    writing = number(counts.written_tokens / counts.written_s, 1) if counts.written_s else "–"
    firsts = sum(counts.first_words)
    first = number(counts.first_word_s / firsts, 1) if firsts else "–"
    accepted = f"{counts.accepted_tokens / counts.drafted_tokens:.0%}" if counts.drafted_tokens else "–"
    found = sum(counts.evidence[state] for state in counts.evidence if state not in ("unverified", "seen"))
    written, lost = number(counts.written_tokens), number(counts.evidence["unverified"])
    return [
        tr("Answers: {n}", n=number(sum(counts.answers.values()))),
        tr(
            "Tokens read anew: {read}, reused from the cache: {reused} ({share})", read=read, reused=reused, share=share
        ),
        tr("Tokens written: {written}; drafts accepted: {share}", written=written, share=accepted),
        tr("Tokens per second: {reading} reading, {writing} writing", reading=reading, writing=writing),
        tr("Seconds to the first word, on average: {seconds}", seconds=first),
        tr("Quotations found: {found}, not found: {lost}", found=number(found), lost=lost),
        tr("Cached in memory: {size}", size=size(counts.cached_bytes)),
    ]
