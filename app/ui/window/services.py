"""Shared by all windows: the bridges, the model, the theme, the settings. The last window to close ends them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from app import paths
from app.engine.media.recognising import RecognitionBridge
from app.engine.media.rendering import RenderBridge
from app.engine.model.bridges import ModelBridge
from app.engine.threads.background import Background, only_logged
from app.ingest.listen.store import forget_transcripts
from app.ui.api.control import ApiControl
from app.ui.asking.bridges import Reading, UserSettings
from app.ui.asking.controller import Asking
from app.ui.files.attachments import Attachments
from app.ui.history.history import History
from app.ui.look.theme import Theme
from app.ui.models.control import ModelControl
from app.ui.viewer import ViewerPane

if TYPE_CHECKING:
    from app.ui.scenes.work import SceneWork
    from app.ui.transcript.work import TranscriptWork
    from app.ui.viewer.recording.view import RecordingView
    from app.ui.viewer.video.view import VideoView


class OpenWindow(Protocol):
    """What the services need of a window."""

    @property
    def attachments(self) -> Attachments:
        """Its files."""

    @property
    def asking(self) -> Asking:
        """Its conversation."""

    def add_paths(self, files: list[Path]) -> None:
        """Attach files or folders."""

    def come_to_front(self) -> None:
        """Show the window before all others."""

    def close(self) -> bool:
        """Close the window, unless it refuses."""


class Common(QObject):
    """Made with the first window, given to every other one."""

    settings_changed = Signal()

    def __init__(
        self,
        engine: ModelBridge,
        reading: Reading,
        settings: UserSettings,
        spool: Path | None = None,
        history: History | None = None,
        rendering: RenderBridge | None = None,
    ) -> None:
        super().__init__()
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self.engine, self.reading, self.settings = engine, reading, settings
        self.spool = spool or paths.data_dir() / "pasted"
        self.history = history or History(spool=self.spool, parent=self)
        self.theme = Theme(app, settings.theme, settings.text_size)
        self.background = Background(self)
        self.model = ModelControl(engine, settings, self.background)
        self.api = ApiControl(engine, self.background, self)
        self.rendering = rendering or RenderBridge(parent=self)
        self.recognising = RecognitionBridge(parent=self)
        self.scenes: SceneWork | None = None
        """Found and described scenes of videos; made with the first video that is shown."""
        self.transcripts: TranscriptWork | None = None
        """What is said in recordings and videos; made with the first one that is shown."""
        self.windows: list[OpenWindow] = []

    def make_viewer(self) -> ViewerPane:
        """A window's own; what it shows is rendered by one process for all."""
        return ViewerPane(self.rendering, self._make_video, self._make_recording)

    def _make_video(self) -> VideoView:
        """A player that knows the scenes which were found in any window."""
        from app.chat.scenes.store import SceneStore
        from app.ui.scenes.work import SceneWork
        from app.ui.viewer.video.view import VideoView

        if self.scenes is None:
            self.scenes = SceneWork(self.engine, parent=self, store=SceneStore(paths.scenes_dir()))
        video = VideoView()
        video.use_scenes(self.scenes)
        video.words.use_transcripts(self._transcript_work())
        return video

    def _make_recording(self) -> RecordingView:
        """A recording's player, which knows the transcripts that are made in any window."""
        from app.ui.viewer.recording.view import RecordingView

        recording = RecordingView()
        recording.words.use_transcripts(self._transcript_work())
        return recording

    def _transcript_work(self) -> TranscriptWork:
        from app.ingest.listen.store import TranscriptStore
        from app.ui.transcript.work import TranscriptWork

        if self.transcripts is None:
            store = TranscriptStore(paths.transcripts_dir())
            self.transcripts = TranscriptWork(self.engine, self.settings, store, parent=self)
            self.transcripts.finished.connect(self._heard)
        return self.transcripts

    def _heard(self, content_hash: str) -> None:
        """More of a file's words are known: wherever it is attached, questions are about them too."""
        for window in self.windows:
            for item in window.attachments.items:
                document = item.document
                if document is not None and document.content_hash == content_hash and self.transcripts is not None:
                    cues = self.transcripts.with_words(document)
                    window.attachments.renew(item, replace(document, cues=cues), settled=True)

    def forget_file(self, content_hash: str) -> None:
        """Delete the stored scenes and the transcript of the file with this hash."""
        if self.scenes is not None:
            self.scenes.forget_video(content_hash)
        if self.transcripts is not None:
            self.transcripts.forget(content_hash)
        else:
            forget = partial(forget_transcripts, paths.transcripts_dir(), [content_hash])
            self.background.run(forget, lambda _: None, only_logged)

    def enter(self, window: OpenWindow) -> None:
        """Register a new window."""
        self.windows.append(window)

    def leave(self, window: OpenWindow) -> None:
        """A window has closed; after the last one nothing runs any more."""
        self.windows.remove(window)
        if not self.windows:
            self._shutdown()

    @property
    def front(self) -> OpenWindow | None:
        """The window that the user used last."""
        return self.windows[-1] if self.windows else None

    def used(self, window: OpenWindow) -> None:
        """A window came to the front."""
        if window in self.windows and window is not self.windows[-1]:
            self.windows.remove(window)
            self.windows.append(window)

    def bring_up(self, conversation: str) -> bool:
        """Bring the window to the front that shows a conversation; false where none does."""
        window = next((one for one in self.windows if one.asking.conversation.id == conversation), None)
        if window is not None:
            window.come_to_front()
        return window is not None

    def close(self) -> bool:
        """Quit: close every window, the last one ends the rest."""
        closed = [window.close() for window in list(self.windows)]  # every one, even if another refuses
        return all(closed)

    def _shutdown(self) -> None:
        if self.scenes is not None:
            self.scenes.shutdown()
        if self.transcripts is not None:
            self.transcripts.shutdown()
        self.model.close()
        self.api.shutdown()
        self.engine.shutdown()
        self.recognising.shutdown()
        self.reading.shutdown()
        self.rendering.shutdown()
        self.background.shutdown()
        self.history.close()
