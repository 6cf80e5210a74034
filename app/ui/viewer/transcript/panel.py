"""The panel beside a player: what is said, by time, to be searched, jumped to and saved as a file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QFrame, QLineEdit, QListView, QMenu, QToolButton, QWidget

from app.chat.transcript.export import ExportError, write
from app.i18n import number, tr, translated
from app.ingest.cues import Cue, Track, of_track, tracks_of
from app.ui.look.icons import IconButton
from app.ui.look.widgets import Note, column, label, row
from app.ui.viewer.transcript.list import CueListView, CueModel

_TYPING_MS = 180
_FORMS = ((".srt", "SubRip (*.srt)"), (".vtt", "WebVTT (*.vtt)"), (".txt", "Text (*.txt)"))


class TranscriptPanel(QFrame):
    """Shows one file's cues. A click on one asks for its time."""

    seek_wanted = Signal(float)
    track_changed = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._cues: tuple[Cue, ...] = ()
        self._path: Path | None = None
        self.model = CueModel()
        self.view = CueListView(self.model)
        self.title = label(tr("Transcript"), look="heading")
        self.tracks = QComboBox()
        self.tracks.setAccessibleName(tr("Track"))
        self.tracks.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.tracks.setMinimumContentsLength(10)
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Search the transcript"))
        self.field.setAccessibleName(tr("Search the transcript"))
        self.field.setClearButtonEnabled(True)
        self.count = label(look="small")
        self.back_button = IconButton("up", tr("Previous match"), size=16)
        self.next_button = IconButton("down", tr("Next match"), size=16)
        self.export_button = IconButton("save", tr("Save the transcript"), size=16)
        self.close_button = IconButton("close", tr("Close the transcript"), size=16)
        self.export_menu = QMenu(self)
        for suffix, kinds in _FORMS:
            self.export_menu.addAction(f"{kinds}…", partial(self._export, suffix, kinds))
        self.export_button.setMenu(self.export_menu)
        self.export_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.note = Note("danger")
        self.note.hide()
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._lay_out()
        self._connect()
        self._show_hits()

    def _lay_out(self) -> None:
        self.head = row(spacing=4)
        self.head.addWidget(self.title)
        self.head.addWidget(self.tracks)
        self.head.addStretch()
        self.head.addWidget(self.export_button)
        self.head.addWidget(self.close_button)
        self.lines = layout = column(self, margins=(10, 4, 8, 6), spacing=4)
        layout.addLayout(self.head)
        search = row(spacing=3)
        search.addWidget(self.field, 1)
        for part in (self.count, self.back_button, self.next_button):
            search.addWidget(part)
        layout.addLayout(search)
        layout.addWidget(self.note)
        layout.addWidget(self.view, 1)

    def _connect(self) -> None:
        self.view.clicked.connect(self._chosen)
        self.view.activated.connect(self._chosen)
        self.tracks.activated.connect(lambda _: self._show_track())
        self.field.textEdited.connect(lambda _: self._typing.start())
        self._typing.timeout.connect(self._search)
        self.field.installEventFilter(self)
        self.back_button.clicked.connect(lambda: self.step(-1))
        self.next_button.clicked.connect(lambda: self.step(1))
        self.close_button.clicked.connect(self.closed)

    # For the player

    @property
    def shown(self) -> tuple[Cue, ...]:
        """The cues of the track that is shown, by time."""
        return self.model.cues

    @property
    def caption_cues(self) -> tuple[Cue, ...]:
        """Those of them that are said; a chapter's title is none."""
        return tuple(cue for cue in self.model.cues if cue.source != "chapter")

    def set_cues(self, cues: Sequence[Cue], path: Path | None) -> None:
        """Show another file's cues, or more of the same."""
        if tuple(cues) == self._cues and path == self._path:
            return
        before = self.tracks.currentData() if path == self._path else None
        self._cues, self._path = tuple(cues), path
        self.note.set_text("")
        self.tracks.clear()
        for track in tracks_of(self._cues):
            self.tracks.addItem(track_name(track), track)
        self.tracks.setCurrentIndex(max(0, self.tracks.findData(before)) if self.tracks.count() else -1)
        on_screen = any(track.source == "frames" for track in tracks_of(self._cues))
        self.tracks.setVisible(self.tracks.count() > 1 or on_screen)
        self.export_button.setEnabled(bool(self._cues))
        self._show_track()

    def add_offer(self, offer: QWidget) -> None:
        """Show something above the words."""
        self.lines.insertWidget(1, offer)

    def set_time(self, seconds: float) -> None:
        """Mark what is said now, and bring it into sight unless somebody is reading elsewhere."""
        if self.model.set_time(seconds) and self.isVisible() and not self.view.underMouse():
            self.view.scrollTo(self.model.index(self.model.current), QListView.ScrollHint.EnsureVisible)

    def begin_find(self) -> None:
        """Ready to be written into."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def look_for(self, words: str) -> None:
        """Look for words; the first hit from the current cue on is shown."""
        self.field.setText(words)
        self._search()

    def step(self, by: int) -> None:
        """The next hit (1) or the one before (-1); behind the last comes the first."""
        if self._typing.isActive():
            self._search()
            return
        hits = self.model.hits
        if not hits:
            return
        at = self.view.currentIndex().row()
        later, earlier = [hit for hit in hits if hit > at], [hit for hit in hits if hit < at]
        self._go(later[0] if by > 0 and later else earlier[-1] if by < 0 and earlier else hits[0 if by > 0 else -1])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Next hit on Enter, previous on Shift+Enter; Esc leaves the field."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
                return True
            if event.key() == Qt.Key.Key_Escape and self.field.text():
                self.look_for("")
                return True
        return super().eventFilter(watched, event)

    # Inside

    def _show_track(self) -> None:
        track = self.tracks.currentData()
        said = of_track(self._cues, Track(*track)) if track is not None else ()
        chapters = [cue for cue in self._cues if cue.source == "chapter"]
        self.model.set_cues(sorted([*chapters, *said], key=lambda cue: (cue.start_s, cue.source != "chapter")))
        self._show_hits()
        self.track_changed.emit()

    def _search(self) -> None:
        self._typing.stop()
        self.model.find(self.field.text())
        hits = self.model.hits
        if hits:
            here = max(0, self.model.current)
            self._go(next((hit for hit in hits if hit >= here), hits[0]))
        self._show_hits()

    def _go(self, hit: int) -> None:
        index = self.model.index(hit)
        self.view.setCurrentIndex(index)
        self.view.scrollTo(index, QListView.ScrollHint.PositionAtCenter)
        self._show_hits()
        self._chosen(index)

    def _show_hits(self) -> None:
        hits = self.model.hits
        at = self.view.currentIndex().row()
        words = tr("Not found") if self.model.words else ""
        if hits:
            position = hits.index(at) + 1 if at in hits else 0
            words = tr("{position} of {count}", position=number(position), count=number(len(hits)))
        self.count.setText(words)
        for button in (self.back_button, self.next_button):
            button.setEnabled(bool(hits))

    def _chosen(self, index: QModelIndex) -> None:
        if 0 <= index.row() < len(self.model.cues):
            self.seek_wanted.emit(self.model.cues[index.row()].start_s)

    def _export(self, suffix: str, kinds: str) -> None:
        if self._path is None:
            return
        suggestion = str(self._path.with_suffix(suffix))
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Save the transcript"), suggestion, kinds)
        if chosen:
            path = Path(chosen)
            self.save(path if path.suffix else path.with_suffix(suffix))

    def save(self, path: Path) -> None:
        """Write the shown track; a chapter's title is no word of it."""
        try:
            write(self.caption_cues or self.shown, path)
        except ExportError as error:
            self.note.set_text(translated(error.message))


def track_name(track: Track) -> str:
    """What a track is called, in the user's language."""
    match track.source:
        case "transcript":
            return tr("Heard by {model}", model=track.name) if track.name else tr("Heard by a model")
        case "frames":
            return tr("Text on frames")
        case _:
            return track.name
