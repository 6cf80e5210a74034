"""Settings: how Lectern looks, what the model may do, how much of the machine documents may take, and reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QWidget,
)

from app.i18n import tr
from app.library.settings import FEWEST_TOKENS, MOST_TOKENS, TEXT_SIZES, Settings
from app.text.sizes import size
from app.ui.look.buttons import close_button
from app.ui.look.icons import IconButton
from app.ui.look.widgets import ChoiceBox, column, form_row, label, row
from app.ui.models.languages import Languages
from app.ui.window.reporting import choose_report, save_report

GB = 1_000_000_000
_MOST_OF_SCREEN = 0.9
_EDGE = 1
"""Pixels of the style's border around a scrolling part."""


class BytesField(QWidget):
    """Gigabytes, or as the machine allows."""

    def __init__(self, name: str, value: int | None, automatic: int, least: int) -> None:
        super().__init__()
        self.automatic = QCheckBox(tr("Automatic ({size})", size=size(automatic)))
        self.automatic.setAccessibleName(tr("{name}: automatic", name=name))
        self.amount = QSpinBox()
        self.amount.setRange(least, 4000)
        self.amount.setGroupSeparatorShown(True)
        self.amount.setSuffix(" GB")
        self.amount.setAccessibleName(tr("{name} in gigabytes", name=name))
        self.amount.setValue(round((automatic if value is None else value) / GB))
        self.automatic.setChecked(value is None)
        self.amount.setEnabled(value is not None)
        self.automatic.toggled.connect(lambda on: self.amount.setEnabled(not on))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.automatic)
        line.addWidget(self.amount)
        line.addStretch()

    @property
    def changed(self) -> tuple[SignalInstance, SignalInstance]:
        """The two signals that mean another value."""
        return self.automatic.toggled, self.amount.valueChanged

    @property
    def value(self) -> int | None:
        """The limit in bytes; ``None``: automatic."""
        return None if self.automatic.isChecked() else self.amount.value() * GB


def _tokens(name: str, value: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(FEWEST_TOKENS, MOST_TOKENS)
    box.setSingleStep(512)
    box.setGroupSeparatorShown(True)
    box.setSuffix(tr(" tokens"))
    box.setKeyboardTracking(False)
    box.setAccessibleName(name)
    box.setValue(value)
    return box


class SettingsDialog(QDialog):
    """Changes take effect at once and are saved at once; what needs a restart or a new load says so."""

    theme_chosen = Signal(str)

    def __init__(self, settings: Settings, automatic: tuple[int, int], parent: QWidget | None = None) -> None:
        """``automatic``: bytes of memory and disk for documents when the machine decides."""
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._settings = settings
        self.theme = self._choice(
            tr("Theme"), {"system": tr("Same as system"), "light": tr("Light"), "dark": tr("Dark")}, settings.theme
        )
        self.language = self._choice(
            tr("Language"), {"system": tr("Same as system"), "en": "English", "de": "Deutsch"}, settings.language
        )
        sizes = {f"{percent}": tr("{n} %", n=percent) for percent in TEXT_SIZES}
        self.text_size = self._choice(tr("Text size"), sizes, str(settings.text_size))
        self.thinking = QCheckBox(tr("Let the model think before it answers"))
        self.thinking.setChecked(settings.think)
        self.answer_tokens = _tokens(tr("Longest answer, in tokens"), settings.answer_tokens)
        self.thinking_tokens = _tokens(tr("Longest thinking, in tokens"), settings.thinking_tokens)
        self.tools = QCheckBox(tr("Let the model use tools to look closer, search and jump to times"))
        self.tools.setChecked(settings.tools)
        self.prepare = QCheckBox(tr("Prepare pictures in advance (faster answers, more battery use)"))
        self.prepare.setChecked(settings.prepare)
        self.ears = QPushButton()
        self.ears.setAutoDefault(False)
        self.no_ears = IconButton("close", tr("No transcription model"), size=16)
        self._show_ears()
        self.memory = BytesField(tr("Memory for documents"), settings.document_memory, automatic[0], 1)
        self.disk = BytesField(tr("Disk for documents"), settings.document_disk, automatic[1], 0)
        self.int8 = QCheckBox(tr("Use half the memory for documents (slightly less precise)"))
        self.int8.setChecked(settings.document_int8)
        self._lay_out()
        self._connect()

    def _choice(self, name: str, words: dict[str, str], value: str) -> QComboBox:
        box = ChoiceBox()
        box.setAccessibleName(name)
        for key, text in words.items():
            box.addItem(text, key)
        box.setCurrentIndex(max(0, box.findData(value)))
        return box

    def _lay_out(self) -> None:
        outside = column(self, margins=(0, 0, 0, 0), spacing=0)
        layout = column(body := QWidget(), margins=(24, 16, 24, 12), spacing=9)
        looks = [(tr("Theme"), self.theme), (tr("Text size"), self.text_size), (tr("Language"), self.language)]
        self._section(layout, tr("Appearance"), looks)
        layout.addWidget(label(tr("Restart Lectern to change the text size or the language."), "small", wrap=True))
        lengths = [(tr("Longest answer"), self.answer_tokens), (tr("Longest thinking"), self.thinking_tokens)]
        switches = [("", self.thinking), ("", self.tools), ("", self.prepare)]
        self._section(layout, tr("Answers"), [*switches, *lengths])
        ears = QWidget()
        line = QHBoxLayout(ears)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.ears)
        line.addWidget(self.no_ears)
        line.addStretch()
        self._section(layout, tr("Sound"), [(tr("Transcription model"), ears)])
        words = tr("A second model, which hears. It makes transcripts when the open model does not hear.")
        layout.addWidget(label(words, "small", wrap=True))
        rows = [(tr("In memory"), self.memory), (tr("On disk"), self.disk), ("", self.int8)]
        self._section(layout, tr("Document cache"), rows)
        words = tr("Set 0 GB to keep nothing on disk. Takes effect when the model is next loaded.")
        layout.addWidget(label(words, "small", wrap=True))
        self.languages = Languages()
        self._section(layout, tr("Text in pictures"), [("", self.languages)])
        self._section(layout, tr("Troubleshooting"), [("", self._report_button())])
        words = tr("A report contains versions and the log, but no file names, texts or questions. Nothing is sent.")
        layout.addWidget(label(words, "small", wrap=True))
        buttons = close_button()
        buttons.rejected.connect(self.reject)
        layout.addStretch()
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(body)
        outside.addWidget(area)
        foot = row(margins=(24, 6, 24, 12))
        foot.addWidget(buttons)
        outside.addLayout(foot)
        most = self.screen().availableSize() * _MOST_OF_SCREEN
        beside = area.verticalScrollBar().sizeHint().width() + 2 * _EDGE
        area.setMinimumWidth(min(body.minimumSizeHint().width() + beside, most.width()))
        wanted = body.sizeHint() + QSize(beside, foot.sizeHint().height() + 2 * _EDGE)
        self.resize(wanted.boundedTo(most))

    def _section(self, layout: QBoxLayout, title: str, rows: Sequence[tuple[str, QWidget]]) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(6)
        form.addRow(label(title, "heading"))
        for name, widget in rows:
            form_row(form, name, widget) if name else form.addRow(widget)
        layout.addLayout(form)

    def _report_button(self) -> QPushButton:
        self.report_button = QPushButton(tr("Save a report…"))
        self.report_button.setAutoDefault(False)
        self.report_button.clicked.connect(self._choose_report)
        return self.report_button

    def _connect(self) -> None:
        take: dict[SignalInstance, Callable[[], None]] = {
            self.theme.currentIndexChanged: self._take_theme,
            self.text_size.currentIndexChanged: self._take,
            self.language.currentIndexChanged: self._take,
            self.thinking.toggled: self._take,
            self.tools.toggled: self._take,
            self.prepare.toggled: self._take,
            self.int8.toggled: self._take,
        }
        lengths = (self.answer_tokens.valueChanged, self.thinking_tokens.valueChanged)
        for signal in (*self.memory.changed, *self.disk.changed, *lengths):
            take[signal] = self._take
        self.ears.clicked.connect(self._choose_ears)
        self.no_ears.clicked.connect(lambda: self.set_ears(None))
        for signal, do in take.items():
            signal.connect(lambda *_value, do=do: do())

    def _show_ears(self) -> None:
        folder = self._settings.ears
        self.ears.setText(folder.name if folder is not None else tr("Choose a model folder…"))
        self.ears.setAccessibleName(tr("Transcription model: {name}", name=self.ears.text()))
        self.no_ears.setVisible(folder is not None)

    def _choose_ears(self) -> None:
        start = self._settings.ears or self._settings.model_folder
        chosen = QFileDialog.getExistingDirectory(self, tr("Choose a model that hears"), str(start or ""))
        if chosen:
            self.set_ears(Path(chosen))

    def set_ears(self, folder: Path | None) -> None:
        """Transcripts are made by the model in this folder, where the open one does not hear."""
        self._settings.ears = folder
        self._settings.save()
        self._show_ears()

    def _take_theme(self) -> None:
        self._take()
        self.theme_chosen.emit(self.theme.currentData())

    def _take(self) -> None:
        settings = self._settings
        settings.theme, settings.language = self.theme.currentData(), self.language.currentData()
        settings.text_size = int(self.text_size.currentData())
        settings.think, settings.tools = self.thinking.isChecked(), self.tools.isChecked()
        settings.prepare = self.prepare.isChecked()
        settings.answer_tokens, settings.thinking_tokens = self.answer_tokens.value(), self.thinking_tokens.value()
        settings.document_memory, settings.document_disk = self.memory.value, self.disk.value
        settings.document_int8 = self.int8.isChecked()
        settings.save()

    def _choose_report(self) -> None:
        path = choose_report(self)
        if path is not None:
            self.save_report(path)

    def save_report(self, path: Path) -> None:
        """Write the report, and show that on the button."""
        self.report_button.setText(save_report(path))
