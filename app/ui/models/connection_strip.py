"""The mark that Lectern is connected: in every window, as long as a model is downloaded, with a button to stop it."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QProgressBar

from app.engine.folders.jobs import ModelJobs
from app.i18n import tr, translated
from app.text.sizes import size
from app.ui.look.buttons import push_button
from app.ui.look.widgets import column, label, row
from model.types import LoadProgress


class ConnectionStrip(QFrame):
    """Visible while a model is downloaded and imported; it names the host as long as there is a connection."""

    def __init__(self, jobs: ModelJobs) -> None:
        super().__init__()
        self._jobs = jobs
        self.setProperty("look", "warning")
        self.words = label(wrap=True)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedHeight(4)
        self.bar.setAccessibleName(tr("Progress of the download"))
        self.stop_button = push_button(tr("Stop"), jobs.cancel)
        self.stop_button.setAccessibleName(tr("Stop the download"))
        self.stop_button.setProperty("look", "link")
        line = row(spacing=10)
        line.addWidget(self.words, 1)
        line.addWidget(self.stop_button)
        layout = column(self, margins=(12, 6, 8, 10), spacing=4)
        layout.addLayout(line)
        layout.addWidget(self.bar)
        jobs.progress.connect(self._show)
        jobs.ended.connect(lambda _folder, _error: self.hide())
        self.hide()

    def _show(self, progress: LoadProgress) -> None:
        offer = self._jobs.offer
        if offer is None:
            return
        if self._jobs.connected:
            words = tr("Connected to {host}, downloading {name}", host=self._jobs.connected, name=offer.title)
        else:
            words = f"{offer.title}: {translated(progress.stage)}"
        known = progress.total > 0
        amount = f": {size(progress.done)} / {size(progress.total)}" if known else "…"
        self.words.setText(words + amount)
        self.bar.setRange(0, 1000 if known else 0)
        self.bar.setValue(1000 * progress.done // progress.total if known else 0)
        self.show()
