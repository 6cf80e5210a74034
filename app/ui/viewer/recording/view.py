"""A recording in the viewer: its waveform, its buttons and keys, and what is said below.

Decoding happens in the sound's separate process. The clock runs by itself and follows what is heard, so a recording
moves on where there is no loudspeaker as well.
"""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtWidgets import QLabel

from app.engine.media.sounding import default_output
from app.i18n import tr
from app.session.items import Item
from app.ui.look.widgets import label
from app.ui.viewer.player.controls import PlayerControls
from app.ui.viewer.player.sound import MakeOutput
from app.ui.viewer.player.view import PlayerView
from app.ui.viewer.recording.waveform import Waveform

_BEAT_MS = 40
_APART_S = 0.08
"""How far the clock may be from what is heard before it is set."""


class SaidLabel(QLabel):
    """What is said at the playhead."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumHeight(3 * self.fontMetrics().lineSpacing())

    def set_caption(self, words: str) -> None:
        """Show these words."""
        if words != self.text():
            self.setText(words)


class RecordingView(PlayerView):
    """Shows and plays one recording. Call ``shutdown`` before it goes."""

    def __init__(self, make_output: MakeOutput = default_output) -> None:
        waveform = Waveform()
        super().__init__(waveform, PlayerControls(pictures=False), make_output)
        self.waveform = waveform
        self._from = 0.0
        self._clock = QElapsedTimer()
        self._beat = QTimer(self, interval=_BEAT_MS)
        self._beat.timeout.connect(self._move)
        self.about = label(look="muted", wrap=True)
        self.waveform.setAccessibleName(tr("Position in the recording"))
        self.said = SaidLabel()
        rows = (self.about, self.waveform, self.said, self.controls)
        self._build(rows, self.waveform, self.said, spacing=6, stretch=2)
        self.words.panel.track_changed.connect(lambda: self.waveform.set_said(self.words.panel.caption_cues))

    # For the viewer

    def show_recording(self, item: Item) -> None:
        """Show a recording from its beginning; where it is shown already, it stays where it is."""
        same = self._item is not None and self._item.path == item.path
        if not same:
            self.clear()
        known = self.waveform.duration > 0  # else it was shown before it was read
        self._item = item
        document = item.document
        self.waveform.set_duration((document.duration_s if document is not None else None) or 0.0)
        self.waveform.set_peaks(document.waveform if document is not None else b"")
        self.about.setText(" · ".join(value for _, value in document.tags) if document is not None else "")
        self.about.setVisible(bool(self.about.text()))
        self.words.show_item(item)
        self._set_enabled(document is not None)
        if not same:
            self.sound.set_file(item.path)
        if not known:
            self.words.show_panel(True)
            self._show_time(0.0)

    def seek(self, seconds: float) -> None:
        """Move the playhead."""
        if self._item is None:
            return
        self._show_time(max(0.0, min(seconds, self.waveform.duration)))
        self._along()

    def mark(self, seconds: float) -> None:
        """Go to a second that evidence rests on, and leave a mark there."""
        self.waveform.set_marks([*self.waveform.marks, seconds])
        self.seek(seconds)

    def clear(self) -> None:
        """Show nothing, and be silent."""
        self.pause()
        self.sound.set_file(None)
        self._item = None
        self.words.show_item(None)
        self.waveform.set_peaks(b"")
        self.waveform.set_marks(())
        self.waveform.set_duration(0)
        self._set_enabled(False)
        self._show_time(0.0)

    def shutdown(self) -> None:
        """End the sound's process and thread."""
        self._beat.stop()
        self.sound.shutdown()

    # What the user wants

    def play(self) -> None:
        """Play from the playhead, at the end from the beginning."""
        if self._item is None or not self.waveform.duration:
            return
        if self._time >= self.waveform.duration:
            self._show_time(0.0)
        self._set_playing(True)
        self._along()

    def pause(self) -> None:
        """Pause at the playhead."""
        self._set_playing(False)
        self.sound.pause()

    # Inside

    def _to_mark(self, step: int) -> None:
        starts = [cue.start_s for cue in self.words.panel.caption_cues]
        later = [start for start in starts if start > self._time + 0.01]
        earlier = [start for start in starts if start < self._time - 0.01]
        if step > 0 and later:
            self.seek(later[0])
        elif step < 0 and earlier:
            self.seek(earlier[-1])

    def _along(self) -> None:
        """Clock and sound go on from the playhead; neither while somebody drags it."""
        if self._playing and not self.waveform.isSliderDown():
            self._from = self._time
            self._clock.restart()
            self._beat.start()
            self.sound.play(self._time, self._speed)
        else:
            self._beat.stop()
            self.sound.pause()

    def _move(self) -> None:
        seconds = self._from + self._clock.elapsed() / 1000 * self._speed
        if seconds >= self.waveform.duration:
            self.pause()
            seconds = self.waveform.duration
        self._show_time(seconds)

    def _heard(self, seconds: float) -> None:
        """What is heard counts: it begins later than the clock, with its process."""
        if self._playing and abs(seconds - self._time) > _APART_S:
            self._from = seconds
            self._clock.restart()

    def _set_playing(self, playing: bool) -> None:
        if not playing:
            self._beat.stop()
        super()._set_playing(playing)
