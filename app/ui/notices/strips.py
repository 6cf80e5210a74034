"""Strips above the conversation: the sample model's warning, loading, and notices that can be dismissed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton

from app.fetch.fetching import may_fetch
from app.i18n import tr, tr_n, translated
from app.ingest.filekind import Kind
from app.library.models import sample_note
from app.session.conversation import ModelPhase, ModelState
from app.session.items import Item
from app.ui.conversation.suggestions import other_samples, sample_kind, sample_words
from app.ui.files.folders import show_in_folder
from app.ui.look.widgets import Note, column, label, row

MAX_NOTICES = 4
PASSING_MS = 12_000
"""How long a line that only reports success is shown, in milliseconds."""
ROOM_FOR_BUTTON = 560


class SampleBanner(Note):
    """Shown as long as the sample model answers, with the way to a real one: to download it, where that is allowed."""

    choose_wanted = Signal()
    get_wanted = Signal()
    sample_wanted = Signal(str)
    """The next sample file is to be tried; its kind."""

    def __init__(self) -> None:
        super().__init__("warning", copyable=False)
        self._next: Kind | None = None
        self.next_button = QPushButton(sample_words("image"))
        self.next_button.setProperty("look", "link")
        self.next_button.clicked.connect(lambda: self.sample_wanted.emit(self._next))
        self.tools.addWidget(self.next_button)
        self.button = QPushButton(tr("Get Gemma 4…") if may_fetch() else tr("Choose a model folder…"))
        self.button.setProperty("look", "link")
        self.button.clicked.connect(self.get_wanted if may_fetch() else self.choose_wanted)
        self.tools.addWidget(self.button)
        self.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow pane the words need the room; the model's own button leads to the same."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.button.setVisible(self.width() >= ROOM_FOR_BUTTON)
        self.next_button.setVisible(self._next is not None and self.width() >= ROOM_FOR_BUTTON)

    def show_files(self, items: Sequence[Item]) -> None:
        """Beside one of the sample files, the way to the next one."""
        self._next = other_samples(items)[0] if sample_kind(items) is not None else None
        if self._next is not None:
            self.next_button.setText(sample_words(self._next))
        self._fit()

    def show_state(self, state: ModelState) -> None:
        """Visible only for a sample model."""
        sample = state.phase is ModelPhase.READY and state.info is not None and state.info.sample
        note = translated(sample_note(state.info.folder)) if sample and state.info else ""
        self.set_text(tr("Sample model. {note}", note=note) if note else "")


class LoadingStrip(QFrame):
    """How far loading or quantising has come, with cancel. Files can be added meanwhile."""

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "notice")
        self.words = label(wrap=True)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedHeight(4)
        self.bar.setAccessibleName(tr("Progress of loading the model"))
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.setAccessibleName(tr("Cancel loading the model"))
        self.cancel_button.setProperty("look", "link")
        self.cancel_button.clicked.connect(self.cancelled)
        line = row(spacing=10)
        line.addWidget(self.words, 1)
        line.addWidget(self.cancel_button)
        layout = column(self, margins=(12, 6, 8, 10), spacing=4)
        layout.addLayout(line)
        layout.addWidget(self.bar)
        self.hide()

    def show_state(self, state: ModelState) -> None:
        """Visible only while a model is on its way."""
        self.setVisible(state.coming)
        progress = state.progress
        if progress is None:
            self.words.setText(tr("Loading the model…"))
            self.bar.setRange(0, 0)
            return
        share = f" · {100 * progress.done // progress.total} %" if progress.total > 0 else ""
        self.words.setText(f"{translated(progress.stage)}{share}")
        # Bytes of a large model do not fit into the bar's 32-bit range.
        self.bar.setRange(0, 1000 if progress.total > 0 else 0)
        self.bar.setValue(1000 * progress.done // progress.total if progress.total > 0 else 0)


class Notices(Note):
    """News about what was added and what was not; the newest few lines, as long as they matter.

    A line belongs to a conversation and goes with it, unless it is about the whole program. One with a ``topic`` goes
    when that is over, and one that only reports success disappears by itself.
    """

    def __init__(self) -> None:
        super().__init__("notice", closable=True, scrolls=True)
        self.passing_ms = PASSING_MS
        self._lines: dict[str, _Line] = {}
        self.folder_button = QPushButton(tr("Show in folder"))
        self.folder_button.setProperty("look", "link")
        self.folder_button.clicked.connect(self._show_saved)
        self.tools.insertWidget(0, self.folder_button)
        self.closed.connect(lambda: self._lines.clear())
        self.hide()

    def add(
        self,
        line: str,
        topic: str = "",
        *,
        passing: bool = False,
        everywhere: bool = False,
        saved: Path | None = None,
    ) -> None:
        """One more line. ``everywhere``: it is about the program, and newer ones about the same take its place.

        ``saved``: the file that was written; a button shows its folder.
        """
        if everywhere:
            self.drop(topic)
        self._lines[line] = self._lines.get(line) or _Line(topic, everywhere, saved)
        if passing:
            QTimer.singleShot(self.passing_ms, self, lambda: self._remove(line))
        self._show()

    def drop(self, topic: str) -> None:
        """Remove the lines about this topic: they are out of date."""
        self._keep({line: one for line, one in self._lines.items() if one.topic != topic})

    def leave(self) -> None:
        """Remove lines that belong to the conversation just closed."""
        self._keep({line: one for line, one in self._lines.items() if one.everywhere})

    def _remove(self, line: str) -> None:
        self._keep({other: one for other, one in self._lines.items() if other != line})

    def _keep(self, lines: dict[str, _Line]) -> None:
        if len(lines) != len(self._lines):
            self._lines = lines
            self._show()

    def _show(self) -> None:
        hidden, shown = len(self._lines) - MAX_NOTICES, list(self._lines)[-MAX_NOTICES:]
        more = [tr_n("({n} earlier message)", "({n} earlier messages)", hidden)] if hidden > 0 else []
        self.set_text("\n".join([*more, *shown]))
        self.folder_button.setVisible(self._saved is not None)

    @property
    def _saved(self) -> Path | None:
        """The file that was written last."""
        return next((one.saved for one in reversed(self._lines.values()) if one.saved is not None), None)

    def _show_saved(self) -> None:
        if self._saved is not None:
            show_in_folder(self._saved)


@dataclass(frozen=True)
class _Line:
    """What a line is about, whether it is about more than one conversation, and the file that was written."""

    topic: str
    everywhere: bool
    saved: Path | None = None
