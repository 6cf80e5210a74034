"""Models: what there is, how large, whether it fits, which is loaded; add, copy, make smaller, remove, change."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QMessageBox,
    QProgressBar,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)
from shiboken6 import isValid

from app import paths
from app.engine.threads.background import Background
from app.i18n import number, tr, translated
from app.library.model_ref import LocalFolder
from app.library.models import ref_of
from app.library.settings import MOST_FOLDERS, Settings
from app.text.sizes import size
from app.ui.look.buttons import close_button, push_button
from app.ui.look.widgets import Note, column, label
from app.ui.models.adapter_list import AdapterList
from app.ui.models.control import ModelControl
from model.adapters.reading import is_adapter
from model.checkpoint.folder_names import actual_folder
from model.engine.needs import USUAL_CONTEXT
from model.messages import Message
from model.types import LoadProgress

CONTEXTS = (8_192, 32_768, 131_072, 262_144)


def _kinds() -> dict[str, str]:
    return {
        "published": tr("as published"),
        "quantised": tr("4-bit, ready"),
        "sample": tr("sample"),
        "gguf": tr("GGUF, not imported yet"),
    }


def _is(model: dict[str, Any], folder: Path) -> bool:
    return model["folder"] in (str(folder), str(actual_folder(folder)))


class ModelsDialog(QDialog):
    """The list of model folders. Long jobs run on another thread and continue when the dialog is closed."""

    def __init__(
        self, control: ModelControl, settings: Settings, background: Background, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Models"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._control, self._settings, self._background = control, settings, background
        self.jobs = control.jobs
        self.models: list[dict[str, Any]] = []
        self._make_table()
        self.adapters = AdapterList()
        self.adapters.ticked.connect(self._on_ticked)
        self._make_buttons()
        self.note = Note("danger", closable=True)
        self.note.set_text("")
        self._make_progress()
        self._lay_out()
        self.jobs.progress.connect(self._show_progress)
        self.jobs.ended.connect(self._on_ended)
        control.changed.connect(self._mark_loaded)
        self.resize(900, 460)
        if self.jobs.busy:
            self._begin(tr("Working…"))
        self.refresh()

    def _make_table(self) -> None:
        self.table = QTableWidget(0, 4)
        self.table.setAccessibleName(tr("Models"))
        self.table.setHorizontalHeaderLabels([tr("Model"), tr("Format"), tr("Size"), tr("On this machine")])
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setWordWrap(True)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(0, 260)
        self.table.itemSelectionChanged.connect(self._on_selected)
        self.table.itemActivated.connect(lambda _item: self._load())
        self.context = QComboBox()
        self.context.setAccessibleName(tr("Context length for the estimate"))
        for tokens in CONTEXTS:
            self.context.addItem(tr("{tokens} tokens of context", tokens=number(tokens)), tokens)
        self.context.setCurrentIndex(CONTEXTS.index(USUAL_CONTEXT))
        self.context.currentIndexChanged.connect(lambda _index: self.refresh())

    def _make_buttons(self) -> None:
        self.load_button = push_button(tr("Use this model"), self._load)
        self.quantise_button = push_button(tr("Quantise to 4-bit now"), self._quantise)
        self.remove_button = push_button(tr("Remove…"), self._remove)
        self.add_button = push_button(tr("Add a folder…"), self._add)
        self.import_button = push_button(tr("Import from a USB drive…"), self._import)
        self.gguf_button = push_button(tr("Import a GGUF file…"), self._import_file)
        self.close_buttons = close_button()
        self.close_buttons.rejected.connect(self.reject)

    def _make_progress(self) -> None:
        self.progress = QWidget()
        self.progress_words = label(look="small")
        self.progress_bar = QProgressBar(textVisible=False)
        self.progress_bar.setFixedHeight(5)
        self.progress_bar.setAccessibleName(tr("Model progress"))
        self.stop_button = push_button(tr("Stop"), self.jobs.cancel)
        line = QHBoxLayout(self.progress)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.progress_words)
        line.addWidget(self.progress_bar, 1)
        line.addWidget(self.stop_button)
        self.progress.hide()

    def _lay_out(self) -> None:
        layout = column(self, margins=(20, 18, 20, 16), spacing=12)
        head = QHBoxLayout()
        head.addWidget(label(tr("Models on this machine"), "heading"))
        head.addStretch()
        head.addWidget(self.context)
        layout.addLayout(head)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.adapters)
        layout.addWidget(self.note)
        layout.addWidget(self.progress)
        where = tr("Lectern also looks in {folder} and beside the program.", folder=str(paths.models_dir()))
        layout.addWidget(label(where, "small", wrap=True, selectable=True))
        line = QHBoxLayout()
        for button in (self.load_button, self.quantise_button, self.remove_button):
            line.addWidget(button)
        line.addStretch()
        for button in (self.add_button, self.import_button, self.gguf_button):
            line.addWidget(button)
        line.addWidget(self.close_buttons)
        layout.addLayout(line)

    # The list

    def refresh(self) -> None:
        """Look for models again, elsewhere."""
        from dataclasses import replace

        from app.diagnostics.doctor import model_reports

        look = partial(model_reports, replace(self._settings), self.context.currentData())
        self._background.run(look, self._on_found, self._on_not_found)
        self._enable()

    def _on_not_found(self, error: Exception) -> None:
        if isValid(self):
            self.note.set_text(tr("The model folders could not be checked: {error}", error=str(error)))

    def _on_found(self, result: list[dict[str, Any]]) -> None:
        if not isValid(self):
            return  # closed meanwhile
        chosen = self.selected and self.selected["folder"]
        self.models = result
        self.table.setRowCount(len(result))
        for line, model in enumerate(result):
            self._fill(line, model)
        self._mark_loaded()
        wanted = [model["folder"] for model in result]
        self.table.selectRow(wanted.index(chosen) if chosen in wanted else 0)
        self.table.resizeRowsToContents()
        self._on_selected()

    def _on_selected(self) -> None:
        model = self.selected
        wanted = self._settings.model
        used = wanted.adapters if isinstance(wanted, LocalFolder) and model and _is(model, wanted.path) else ()
        self.adapters.show_adapters(model["adapters"] if model else (), used)
        self._enable()

    def _on_ticked(self) -> None:
        """The model in use changes its adapters at once; another one has them when it is used."""
        folder, model = self._control.in_use, self.selected
        if folder is not None and model is not None and _is(model, folder):
            self._load()

    def _fill(self, line: int, model: dict[str, Any]) -> None:
        verdict = " ".join(map(translated, (model["problem"] or model["verdict"], *model["remarks"])))
        sign = "✓ " if model["fits"] and not model["problem"] else "⚠ "
        texts = (model["name"], _kinds()[model["kind"]], size(model["bytes"]), sign + verdict)
        for place, text in enumerate(texts):
            cell = QTableWidgetItem(text)
            cell.setToolTip(model["folder"])
            self.table.setItem(line, place, cell)

    def _mark_loaded(self) -> None:
        info = self._control.state.info
        for line, model in enumerate(self.models):
            cell = self.table.item(line, 0)
            if cell is None:
                continue
            loaded = info is not None and str(info.folder) == model["folder"]
            cell.setText(tr("{name}  (loaded)", name=model["name"]) if loaded else model["name"])
            font = cell.font()
            font.setBold(loaded)
            cell.setFont(font)
        self._enable()

    @property
    def selected(self) -> dict[str, Any] | None:
        """The selected entry; ``None`` where none is."""
        lines = {index.row() for index in self.table.selectedIndexes()}
        line = next(iter(lines), None)
        return self.models[line] if line is not None and line < len(self.models) else None

    def _enable(self) -> None:
        model, busy = self.selected, self.jobs.busy
        usable = model is not None and not model["problem"]
        self.load_button.setEnabled(usable)
        large = model is not None and model["kind"] == "published" and not model["small"]
        self.quantise_button.setEnabled(usable and large and not busy)
        self.remove_button.setEnabled(model is not None and model["kind"] not in ("sample", "gguf") and not busy)
        self.import_button.setEnabled(not busy)
        self.gguf_button.setEnabled(not busy)

    # What the user wants

    def _load(self) -> None:
        model = self.selected
        if model is None or model["problem"]:
            return
        self._control.load(ref_of(Path(model["folder"]), self.adapters.chosen))

    def _quantise(self) -> None:
        if self.selected is not None:
            self._begin(tr("Starting…"))
            self.jobs.quantise(Path(self.selected["folder"]))

    def _add(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Add a folder with a model or an adapter"))
        if folder:
            self.add(Path(folder))

    def add(self, folder: Path) -> None:
        """Put a folder on the list, without copying it; an adapter's goes below the models that it fits."""
        from app.library.models import problem_of

        if is_adapter(folder):
            rest = [one for one in self._settings.adapter_folders if one != folder]
            self._settings.adapter_folders = (folder, *rest)[:MOST_FOLDERS]
            self._settings.save()
            self.refresh()
            return
        problem = problem_of(folder)
        if problem:
            self.note.set_text(translated(problem))
            return
        self.note.set_text("")
        folder = actual_folder(folder)
        known = [one for one in self._settings.model_folders if one != folder]
        self._settings.model_folders = (folder, *known)[:MOST_FOLDERS]
        self._settings.save()
        self.refresh()

    def _import(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Import a model folder from a USB drive"))
        if folder:
            self.copy(Path(folder))

    def _import_file(self) -> None:
        """A chosen line that is such a file is meant; else one is asked for."""
        model = self.selected
        if model is not None and model["importable"]:
            self.copy(Path(model["folder"]))
            return
        file, _ = QFileDialog.getOpenFileName(
            self, tr("Import a GGUF file"), "", f"{tr('Models in GGUF')} (*.gguf);;{tr('All files')} (*)"
        )
        if file:
            self.copy(Path(file))

    def copy(self, folder: Path) -> None:
        """Bring a folder or a GGUF file into the user's models folder."""
        if self.jobs.busy:
            self.note.set_text(tr("Lectern is already working on a model; wait until that is done."))
            return
        self._begin(tr("Starting…"))
        self.jobs.import_model(folder)

    def _remove(self) -> None:
        model = self.selected
        if model is None:
            return
        folder = Path(model["folder"])
        if folder in self._settings.model_folders:
            self._settings.model_folders = tuple(one for one in self._settings.model_folders if one != folder)
            self._settings.save()
            self.refresh()
            return
        question = QMessageBox(self)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.setTextFormat(Qt.TextFormat.PlainText)
        question.setText(tr("Delete {name} from this machine?", name=model["name"]))
        question.setInformativeText(
            tr("This frees {size}. To restore the model, you need the original copy.", size=size(model["bytes"]))
        )
        delete = question.addButton(tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
        keep = question.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        question.setDefaultButton(keep)
        delete.clicked.connect(lambda: self.remove(folder))
        question.open()

    def remove(self, folder: Path) -> None:
        """Delete a folder of Lectern's own; a loaded one is let go first."""
        info = self._control.state.info
        if info is not None and info.folder == folder:
            self.note.set_text(tr("This model is loaded; switch to another one first."))
            return
        self._begin(tr("Deleting…"))
        self.jobs.remove(folder)

    # The work

    def _begin(self, words: str) -> None:
        self.note.set_text("")
        self.progress_words.setText(words)
        self.progress_bar.setRange(0, 0)
        self.progress.show()

    def _show_progress(self, progress: LoadProgress) -> None:
        self._enable()
        self.progress_words.setText(f"{translated(progress.stage)}: {size(progress.done)} / {size(progress.total)}")
        self.progress_bar.setRange(0, 1000 if progress.total else 0)
        self.progress_bar.setValue(1000 * progress.done // max(1, progress.total))

    def _on_ended(self, _folder: Path | None, error: Message) -> None:
        self.progress.hide()
        self.note.set_text(translated(error))
        self.refresh()
