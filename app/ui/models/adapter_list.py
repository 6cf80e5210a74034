"""The adapters of the chosen model, under the list of models: ticked ones are applied together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from app.i18n import tr, translated
from app.ui.look.widgets import column, label

_SHOWN = 4
_FOLDER = Qt.ItemDataRole.UserRole


class AdapterList(QWidget):
    """Hidden where a model has none. Reports a tick; what it means is the dialog's affair."""

    ticked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Adapters"))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.itemChanged.connect(lambda _item: self.ticked.emit())
        layout = column(self, spacing=6)
        layout.addWidget(label(tr("Adapters (LoRA) for this model. Ticked ones are applied together."), "small"))
        layout.addWidget(self.list)
        self.hide()

    def show_adapters(self, adapters: Sequence[dict[str, Any]], used: Sequence[Path]) -> None:
        """Those of one model, with ``used`` ticked. One that cannot be applied has its reason and no box."""
        self.list.blockSignals(True)
        self.list.clear()
        for one in adapters:
            problem = translated(one["problem"])
            item = QListWidgetItem(f"⚠ {problem}" if problem else one["name"])
            item.setToolTip(one["folder"])
            item.setData(_FOLDER, one["folder"])
            if problem:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsUserCheckable)
            else:
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                ticked = Path(one["folder"]) in used
                item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.blockSignals(False)
        height = self.list.sizeHintForRow(0) * min(_SHOWN, len(adapters)) + 2 * self.list.frameWidth() + 2
        self.list.setFixedHeight(max(0, height))
        self.setVisible(bool(adapters))

    @property
    def chosen(self) -> tuple[Path, ...]:
        """The folders of the ticked ones, in the order of the list."""
        items = [self.list.item(line) for line in range(self.list.count())]
        return tuple(
            Path(item.data(_FOLDER))
            for item in items
            if item.flags() & Qt.ItemFlag.ItemIsUserCheckable and item.checkState() == Qt.CheckState.Checked
        )
