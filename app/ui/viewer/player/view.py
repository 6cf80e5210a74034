"""The frame of a player: a slider, a row of buttons, keys, sound, and the transcript below."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSplitter, QWidget

from app.session.items import Item
from app.ui.look.widgets import column
from app.ui.viewer.player.controls import PlayerControls
from app.ui.viewer.player.sound import MakeOutput, PlayerSound
from app.ui.viewer.player.timeline import Timeline
from app.ui.viewer.player.words import Captioned, PlayerWords

JUMP_S = 5.0
_MODIFIERS = Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier


class PlayerView(QWidget):
    """Has one item and a position in it, and plays or not. Subclasses do the playing: see the methods that raise."""

    position_changed = Signal(float)
    playing_changed = Signal(bool)

    def __init__(self, slider: Timeline, controls: PlayerControls, make_output: MakeOutput) -> None:
        super().__init__()
        self.sound = PlayerSound(make_output, self)
        self.controls = controls
        self._slider = slider
        self._item: Item | None = None
        self._time, self._speed = 0.0, 1.0
        self._playing = False
        self.splitter = QSplitter(Qt.Orientation.Vertical)

    def _build(self, rows: Sequence[QWidget], large: QWidget, caption: Captioned, spacing: int, stretch: int) -> None:
        """Stack the rows, ``large`` taking the remaining room, with the words at the bottom."""
        around = column(self)
        around.addWidget(self.splitter)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(player := QWidget())
        self.splitter.setStretchFactor(0, stretch)
        layout = column(player, margins=(10, 10, 10, 8), spacing=spacing)
        for row in rows:
            layout.addWidget(row, 1 if row is large else 0)
        self.setFocusProxy(large)
        self.words = PlayerWords(caption, self.controls, self.splitter, self)
        self.sound.heard.connect(self._heard)
        self.sound.changed.connect(lambda: self.controls.set_sound(self.sound.there, self.sound.silent))
        self.controls.play_wanted.connect(self.toggle)
        self.controls.speed_wanted.connect(self.set_speed)
        self.controls.sound_wanted.connect(self.set_sound)
        self._slider.sought.connect(self.seek)
        self._slider.sliderReleased.connect(self._along)
        self.words.panel.seek_wanted.connect(self.seek)
        self._set_enabled(False)

    @property
    def item(self) -> Item | None:
        """The item that is shown."""
        return self._item

    @property
    def time(self) -> float:
        """The position, in seconds."""
        return self._time

    @property
    def playing(self) -> bool:
        """Whether it is playing."""
        return self._playing

    # What the user wants

    def play(self) -> None:
        """Play from the current position."""
        raise NotImplementedError

    def pause(self) -> None:
        """Pause at the current position."""
        raise NotImplementedError

    def seek(self, seconds: float) -> None:
        """Go to ``seconds``."""
        raise NotImplementedError

    def toggle(self) -> None:
        """Play if paused, else pause."""
        self.pause() if self._playing else self.play()

    def set_speed(self, speed: float) -> None:
        """Set the playing speed; 1 is normal."""
        self._speed = speed
        self.controls.set_speed(speed)
        self._along()

    def set_sound(self, on: bool) -> None:
        """Switch the sound on or off."""
        self.sound.set_silent(not on)
        self._along()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space, arrows, Home and End; Page Up and Page Down from one mark to the next."""
        do = None if event.modifiers() & ~_MODIFIERS else self._keys().get(event.key())
        if do is None:
            super().keyPressEvent(event)
        else:
            do()

    def _keys(self) -> dict[int, Callable[[], None]]:
        return {
            Qt.Key.Key_Space: self.toggle,
            Qt.Key.Key_K: self.toggle,
            Qt.Key.Key_Left: lambda: self.seek(self._time - JUMP_S),
            Qt.Key.Key_Right: lambda: self.seek(self._time + JUMP_S),
            Qt.Key.Key_Home: lambda: self.seek(0.0),
            Qt.Key.Key_End: lambda: self.seek(self._slider.duration),
            Qt.Key.Key_PageUp: lambda: self._to_mark(-1),
            Qt.Key.Key_PageDown: lambda: self._to_mark(1),
        }

    # Inside

    def _to_mark(self, step: int) -> None:
        """To the mark on the slider that comes next, or before."""
        raise NotImplementedError

    def _along(self) -> None:
        """Continue the sound from the position, unless the slider is being dragged."""
        raise NotImplementedError

    def _heard(self, seconds: float) -> None:
        """The sound is at ``seconds``."""
        raise NotImplementedError

    def _set_playing(self, playing: bool) -> None:
        if playing != self._playing:
            self._playing = playing
            self.controls.set_playing(playing)
            self.playing_changed.emit(playing)

    def _set_enabled(self, on: bool) -> None:
        self._slider.setEnabled(on)
        self.controls.setEnabled(on)

    def _show_time(self, seconds: float) -> None:
        self._time = seconds
        if not self._slider.isSliderDown():
            self._slider.set_seconds(seconds)
        self.controls.set_times(seconds, self._slider.duration)
        self.words.set_time(seconds)
        self.position_changed.emit(seconds)
