"""Use a server: its address and key, the models that it has, and what it means to use one."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QHBoxLayout, QLineEdit, QWidget
from shiboken6 import isValid

from app.engine.remote.secrets import allow, disallow
from app.engine.remote.server import address_of, is_on_this_machine, is_readable_by_others, models_of
from app.engine.threads.background import Background
from app.i18n import tr, translated
from app.library.model_ref import RemoteModel
from app.ui.look.buttons import close_button, push_button
from app.ui.look.widgets import Note, column, form_row, label
from app.ui.models.control import ModelControl
from model.errors import LecternError


class ServerDialog(QDialog):
    """Nothing is connected to before *Connect* is clicked, and no file is sent before *Use this model* is."""

    def __init__(self, control: ModelControl, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Use a server"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._control, self._background = control, background
        self._address = ""
        self.address = QLineEdit(placeholderText="https://gpu.example:8000/v1")
        self.key = QLineEdit(echoMode=QLineEdit.EchoMode.Password, placeholderText=tr("if it asks for one"))
        self.models = QComboBox()
        self.models.setEnabled(False)
        self.note = Note("danger")
        self.note.set_text("")
        self.warning = Note("warning", copyable=False)
        self.warning.set_text("")
        self.connect_button = push_button(tr("Connect"), self._ask)
        self.use_button = push_button(tr("Use this model"), self._use, "primary")
        self.use_button.setEnabled(False)
        self.forget_button = push_button(tr("Delete the stored key"), self._forget)
        self.forget_button.setEnabled(False)
        self.address.textChanged.connect(self._changed)
        self.key.textChanged.connect(self._changed)
        self.address.returnPressed.connect(self._ask)
        self._lay_out()
        self._begin()
        self.resize(560, self.heightForWidth(560))

    def _lay_out(self) -> None:
        layout = column(self, margins=(20, 18, 20, 16), spacing=12)
        layout.addWidget(label(tr("A model on a server"), "heading"))
        words = tr(
            "A server with OpenAI's API, such as vLLM, SGLang, llama.cpp, LM Studio, Ollama or another Lectern, "
            "answers instead of a model on this machine. Your questions and the contents of your files are sent to "
            "it."
        )
        layout.addWidget(label(words, "muted", wrap=True))
        form = QFormLayout()
        for name, field in ((tr("Address"), self.address), (tr("Key"), self.key), (tr("Model"), self.models)):
            field.setAccessibleName(name)
            field.setMinimumHeight(field.sizeHint().height())
            form_row(form, name, field)
        layout.addLayout(form)
        layout.addWidget(self.warning)
        layout.addWidget(self.note)
        layout.addWidget(label(tr("The key is stored in the system's keyring."), "small", wrap=True))
        line = QHBoxLayout()
        line.addWidget(self.connect_button)
        line.addWidget(self.forget_button)
        line.addStretch()
        line.addWidget(self.use_button)
        buttons = close_button()
        buttons.rejected.connect(self.reject)
        line.addWidget(buttons)
        layout.addLayout(line)

    def _begin(self) -> None:
        """Begin with the server that was used last."""
        if (last := self._control.server) is not None:
            self.address.setText(last.address)

    def _forget(self) -> None:
        """Delete key and consent: the server is not asked again before it is connected to anew."""
        self.forget_button.setEnabled(False)
        self._background.run(partial(disallow, self._address_typed()), self._on_forgotten, self._on_failed)

    def _on_forgotten(self, _nothing: None) -> None:
        if isValid(self):
            self.key.clear()
            self._say(tr("The key has been deleted; the server is not used again unless you choose it."))

    def _address_typed(self) -> str:
        try:
            return address_of(self.address.text())
        except LecternError:
            return ""

    def _changed(self) -> None:
        address = self._address_typed()
        last = self._control.server
        self.forget_button.setEnabled(last is not None and address == last.address)
        self.models.clear()
        self.models.setEnabled(False)
        self.use_button.setEnabled(False)
        self.warning.set_text("")

    def _say(self, words: str) -> None:
        self.note.set_text(words)
        self._fit()

    def _fit(self) -> None:
        """Room for what is said now, in lines as wide as the dialog."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def _ask(self) -> None:
        try:
            self._address = address_of(self.address.text())
        except LecternError as error:
            self._say(translated(error.message))
            return
        self.note.set_text("")
        self.connect_button.setEnabled(False)
        self._background.run(partial(models_of, self._address, self.key.text()), self._on_found, self._on_failed)

    def _on_found(self, names: list[str]) -> None:
        if not isValid(self):
            return  # closed meanwhile
        self.connect_button.setEnabled(True)
        self.models.addItems(names)
        self.models.setEnabled(bool(names))
        self.use_button.setEnabled(bool(names))
        if not names:
            self._say(tr("The server has no models; load one there first."))
            return
        host = RemoteModel(self._address, names[0]).host
        if is_readable_by_others(self._address):
            self.warning.set_text(
                tr("What is sent to {host} is not encrypted: others on the network can read it.", host=host)
            )
        elif not is_on_this_machine(self._address):
            self.warning.set_text(
                tr("Your questions and the contents of your files will leave this machine: {host}", host=host)
            )
        self._fit()

    def _on_failed(self, error: Exception) -> None:
        if not isValid(self):
            return
        self.connect_button.setEnabled(True)
        if isinstance(error, LecternError):
            self._say(translated(error.message))
        else:
            self._say(tr("The server did not answer as expected."))

    def _use(self) -> None:
        """The keyring may ask the user to unlock it, so another thread waits for it."""
        self.use_button.setEnabled(False)
        model = RemoteModel(self._address, self.models.currentText())
        self._background.run(
            partial(allow, self._address, self.key.text()), lambda _nothing: self._on_allowed(model), self._on_failed
        )

    def _on_allowed(self, model: RemoteModel) -> None:
        self._control.load(model)
        if isValid(self):
            self.accept()
