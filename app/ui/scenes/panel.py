"""The panel beside a video: its scenes as they are found and described, to jump to and to take out as a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QMenu, QProgressBar, QScrollArea, QToolButton

from app.chat.scenes.asking import SceneList
from app.chat.scenes.export import write_json, write_markdown, write_vtt
from app.engine.threads.background import Background
from app.i18n import tr, tr_n, translated
from app.ingest.cues import Cue
from app.ui.look.icons import IconButton
from app.ui.look.widgets import Note, column, label, row
from app.ui.scenes.list import SceneListView, SceneModel
from app.ui.scenes.work import Phase, SceneWork, Work, progress_words, share_done
from model.errors import LecternError

SUMMARY_LINES = 4
LEAST_SCENES = 168
"""Pixels: about two scenes."""
Write = Callable[[SceneList, Path], None]


class ScenesPanel(QFrame):
    """Shows one video's scenes. A click on one asks for its time."""

    seek_wanted = Signal(float)
    marks_changed = Signal(object)
    """The scenes, for a timeline"""
    closed = Signal()

    def __init__(self, work: SceneWork) -> None:
        super().__init__()
        self._work = work
        self._path: Path | None = None
        self._time = 0.0
        self._marked: list[tuple[float, str]] = []
        self._background = Background(self)
        self.model = SceneModel()
        self.view = SceneListView(self.model)
        self.title = label(tr("Scenes"), look="heading")
        self.status = label(look="small", wrap=True)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setRange(0, 1000)
        self.bar.setFixedHeight(4)
        self.bar.setAccessibleName(tr("Progress of the scenes"))
        self.summary = label(wrap=True, selectable=True)
        self.summary_area = self._make_summary_area()
        self.note = Note("danger")
        self.stop_button = IconButton("stop", tr("Stop"), size=16)
        self.again_button = IconButton("again", tr("Continue"), size=16)
        self.export_button = IconButton("save", tr("Export the scenes"), size=16)
        self.close_button = IconButton("close", tr("Close the scenes"), size=16)
        self.export_menu = QMenu(self)
        for words, kinds, suffix, write in (
            (tr("Markdown with pictures…"), "Markdown (*.md)", ".md", partial(write_markdown, tell=translated)),
            (tr("WebVTT chapters…"), "WebVTT (*.vtt)", ".vtt", partial(write_vtt, tell=translated)),
            (tr("JSON…"), "JSON (*.json)", ".json", write_json),
        ):
            self.export_menu.addAction(words, partial(self._export, kinds, suffix, write))
        self.export_button.setMenu(self.export_menu)
        self.export_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._lay_out()
        self._connect()
        self._draw(None)

    def _make_summary_area(self) -> QScrollArea:
        """A long summary scrolls in a few lines: the scenes below it are what one looks for."""
        area = QScrollArea()
        area.setWidget(self.summary)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.viewport().setAutoFillBackground(False)
        self.summary.setAutoFillBackground(False)
        self.summary.setAlignment(Qt.AlignmentFlag.AlignTop)
        return area

    def _fit_summary(self) -> None:
        lines = self.summary.heightForWidth(max(1, self.summary_area.viewport().width())) + 4
        self.summary_area.setFixedHeight(min(lines, SUMMARY_LINES * self.fontMetrics().lineSpacing()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrower panel needs more lines for the same words."""
        super().resizeEvent(event)
        self._fit_summary()

    def _lay_out(self) -> None:
        self.setProperty("look", "plain")
        self.view.setMinimumHeight(LEAST_SCENES)
        layout = column(self, margins=(10, 6, 6, 6), spacing=4)
        head = row(spacing=2)
        head.addWidget(self.title)
        head.addSpacing(8)
        head.addWidget(self.status, 1)
        for button in (self.stop_button, self.again_button, self.export_button, self.close_button):
            head.addWidget(button)
        layout.addLayout(head)
        layout.addWidget(self.bar)
        layout.addWidget(self.note)
        layout.addWidget(self.summary_area)
        layout.addWidget(self.view, 1)

    def _connect(self) -> None:
        self._work.changed.connect(self._changed)
        self.stop_button.clicked.connect(self.stop)
        self.again_button.clicked.connect(self.start)
        self.close_button.clicked.connect(self.closed)
        self.view.clicked.connect(self._chosen)
        self.view.activated.connect(self._chosen)

    @property
    def path(self) -> Path | None:
        """The video that is shown."""
        return self._path

    def show_video(self, path: Path | None, content_hash: str = "", cues: tuple[Cue, ...] = ()) -> None:
        """Show what is known about a video with this content, in which this is said."""
        if path is not None:
            self._work.expect(path, content_hash, cues)
        if path != self._path:
            self._path, self._time = path, 0.0
        self._draw(self._work.of(path) if path is not None else None)

    def start(self) -> None:
        """Find the scenes, or go on."""
        if self._path is not None:
            self._work.start(self._path)

    def stop(self) -> None:
        """Stop; what is known stays."""
        if self._path is not None:
            self._work.stop(self._path)

    def set_time(self, seconds: float) -> None:
        """The video shows this time now."""
        self._time = seconds
        work = self._work.of(self._path) if self._path is not None else None
        self._mark_current(work.scenes if work is not None else None)

    def shutdown(self) -> None:
        """End the thread that writes files."""
        self._background.shutdown()

    def _changed(self, work: Work) -> None:
        if work.path == self._path:
            self._draw(work)

    def _draw(self, work: Work | None) -> None:
        scenes = work.scenes if work is not None else None
        phase = work.phase if work is not None else Phase.NONE
        words = progress_words(work) if work is not None else ""
        if scenes is not None:
            count = tr_n("{n} scene", "{n} scenes", len(scenes.scenes))
            words = f"{count} · {words}" if words else count
        self.status.setText(words)
        self.bar.setVisible(phase.busy)
        self.bar.setValue(round(1000 * share_done(work)) if work is not None else 0)
        self.stop_button.setVisible(phase.busy)
        self.again_button.setVisible(phase in (Phase.STOPPED, Phase.FAILED, Phase.NONE))
        self.again_button.set_icon("again", tr("Find the scenes") if scenes is None else tr("Continue describing"))
        self.export_button.setEnabled(scenes is not None)
        self.note.set_text(translated(work.error) if work is not None else "")
        self.summary.setText(scenes.summary if scenes is not None else "")
        self.summary_area.setVisible(bool(self.summary.text()))
        self._fit_summary()
        if self.model.set_scenes(scenes):
            self.view.scheduleDelayedItemsLayout()
        self._mark_current(scenes)
        self._mark(scenes)

    def _mark_current(self, scenes: SceneList | None) -> None:
        self.model.set_current(scenes.at(self._time) if scenes is not None else -1)

    def _mark(self, scenes: SceneList | None) -> None:
        marks = [(one.start_s, one.title) for one in scenes.scenes] if scenes is not None else []
        if marks != self._marked:
            self._marked = marks
            self.marks_changed.emit(scenes.scenes if scenes is not None else ())

    def _chosen(self, index: QModelIndex) -> None:
        scene = self.model.scene(index.row())
        if scene is not None:
            self.seek_wanted.emit(scene.start_s)

    def _export(self, kinds: str, suffix: str, write: Write) -> None:
        work = self._work.of(self._path) if self._path is not None else None
        if work is None or work.scenes is None or self._path is None:
            return
        suggestion = self._path.with_name(f"{self._path.stem} scenes{suffix}")
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Export the scenes"), str(suggestion), kinds)
        if chosen:
            path = Path(chosen) if Path(chosen).suffix else Path(chosen).with_suffix(suffix)
            self._background.run(partial(write, work.scenes, path), self._written, self._not_written)

    def _written(self, _result: object) -> None:
        self.note.set_text("")

    def _not_written(self, error: Exception) -> None:
        if isinstance(error, LecternError):
            self.note.set_text(translated(error.message))
        else:
            self.note.set_text(str(error))
