"""The row of buttons under a video, and the small card that shows what is under the mouse on its timeline."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from app.i18n import tr
from app.ingest.types import Frame
from app.text.times import clock
from app.ui.look.icons import IconButton
from app.ui.look.widgets import column, label

SPEEDS = (0.25, 0.5, 1.0, 1.25, 1.5, 2.0)
_CARD = QSize(168, 96)
_ROOMY, _COSY, _NARROWEST = 470, 400, 320


class PlayerControls(QWidget):
    """Buttons only: what the user wants comes out as signals."""

    play_wanted = Signal()
    step_wanted = Signal(int)
    speed_wanted = Signal(float)
    sound_wanted = Signal(bool)
    closer_wanted = Signal(bool)
    copy_wanted = Signal()
    save_wanted = Signal()
    scenes_wanted = Signal(bool)
    captions_wanted = Signal(bool)
    transcript_wanted = Signal(bool)

    def __init__(self, *, pictures: bool = True) -> None:
        """Without ``pictures`` only what a recording needs."""
        super().__init__()
        self._pictures = pictures
        self.play_button = IconButton("play", tr("Play"), size=22)
        self.back_button = IconButton("frame-back", tr("Previous frame"))
        self.next_button = IconButton("frame-next", tr("Next frame"))
        self.times = label(look="small")
        self.times.setAccessibleName(tr("Time"))
        self.times.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)
        self.speed_menu = QMenu(self)
        self.speed_button = self._make_speed()
        self.sound_button = IconButton("sound", tr("Mute"))
        self.sound_button.hide()
        self.closer_button = IconButton("closer", tr("Look closer: choose a region of the picture"))
        self.closer_button.setCheckable(True)
        self.copy_button = IconButton("copy", tr("Copy this frame"))
        self.save_button = IconButton("save", tr("Save this frame as a picture…"))
        self.scenes_button = IconButton("scenes", tr("Scenes of this video"), text=tr("Scenes"), look="small")
        self.scenes_button.setCheckable(True)
        self.scenes_button.hide()
        self.captions_button = IconButton("captions", tr("Show the words that are being said"))
        self.captions_button.setCheckable(True)
        self.captions_button.hide()
        self.transcript_button = IconButton("transcript", tr("Transcript: what is said"))
        self.transcript_button.setCheckable(True)
        self.transcript_button.hide()
        self._silent = False
        self._lay_out()
        self._connect()
        for part in (self.back_button, self.next_button, self.closer_button, self.copy_button, self.save_button):
            part.setVisible(pictures)

    def _make_speed(self) -> IconButton:
        button = IconButton("down", tr("Speed"), text="1×", size=10, look="small")
        button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = self.speed_menu
        group = QActionGroup(menu)
        for speed in SPEEDS:
            action = menu.addAction(f"{speed:g}×")
            action.setCheckable(True)
            action.setChecked(speed == 1.0)
            action.setData(speed)
            group.addAction(action)
        group.triggered.connect(lambda action: self.speed_wanted.emit(float(action.data())))
        button.setMenu(menu)
        return button

    def _lay_out(self) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2)
        for part in (self.play_button, self.back_button, self.next_button):
            line.addWidget(part)
        line.addSpacing(4)
        line.addWidget(self.times)
        line.addStretch()
        for part in (self.sound_button, self.speed_button, self.closer_button, self.copy_button, self.save_button):
            line.addWidget(part)
        for part in (self.captions_button, self.transcript_button, self.scenes_button):
            line.addWidget(part)

    def _connect(self) -> None:
        self.play_button.clicked.connect(self.play_wanted)
        self.back_button.clicked.connect(lambda: self.step_wanted.emit(-1))
        self.next_button.clicked.connect(lambda: self.step_wanted.emit(1))
        self.sound_button.clicked.connect(lambda: self.sound_wanted.emit(self._silent))
        self.closer_button.clicked.connect(self.closer_wanted)
        self.copy_button.clicked.connect(self.copy_wanted)
        self.save_button.clicked.connect(self.save_wanted)
        self.scenes_button.clicked.connect(self.scenes_wanted)
        self.captions_button.clicked.connect(self.captions_wanted)
        self.transcript_button.clicked.connect(self.transcript_wanted)

    def minimumSizeHint(self) -> QSize:
        """A narrow pane keeps what it has room for."""
        return QSize(_NARROWEST, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The less is needed often, the sooner it gives way; all of it is in the picture's menu too."""
        super().resizeEvent(event)
        width = event.size().width()
        only, beside = Qt.ToolButtonStyle.ToolButtonIconOnly, Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        self.scenes_button.setToolButtonStyle(beside if width >= _ROOMY else only)
        for button in (self.copy_button, self.save_button):
            button.setVisible(self._pictures and width >= _COSY)

    def set_playing(self, playing: bool) -> None:
        """What the big button does."""
        self.play_button.set_icon("pause" if playing else "play", tr("Pause") if playing else tr("Play"))

    def set_times(self, seconds: float, duration: float) -> None:
        """Show the current position and the length, in seconds."""
        self.times.setText(f"{clock(seconds)} / {clock(duration)}")

    def set_speed(self, speed: float) -> None:
        """The speed that is used."""
        self.speed_button.setText(f"{speed:g}×")
        for action in self.speed_menu.actions():
            action.setChecked(action.data() == speed)

    def set_words(self, said: bool, there: bool, *, captions: bool) -> None:
        """Whether there are words to show on the picture, any at all, and whether they are shown."""
        self.captions_button.setVisible(said)
        self.captions_button.setChecked(captions)
        self.transcript_button.setVisible(there)

    def set_sound(self, there: bool, silent: bool) -> None:
        """Whether there is sound to be heard, and whether it is off."""
        self._silent = silent
        self.sound_button.setVisible(there)
        self.sound_button.set_icon("muted" if silent else "sound", tr("Unmute") if silent else tr("Mute"))


class HoverCard(QFrame):
    """The read frame next to a place on the timeline, its time, and the scene's title."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self.setProperty("look", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._picture = label()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words = label(look="small")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = column(self, margins=(6, 6, 6, 4), spacing=3)
        layout.addWidget(self._picture)
        layout.addWidget(self._words)
        self._shown: str | None = None
        self.hide()

    def show_at(self, x: float, bottom: float, words: str, frame: Frame | None) -> None:
        """Move the card above a point of the parent."""
        self._words.setText(words)
        self._set_frame(frame)
        self.adjustSize()
        left = min(max(0.0, x - self.width() / 2), float(max(0, self._around.width() - self.width())))
        self.move(int(left), int(bottom - self.height()))
        self.show()
        self.raise_()

    def _set_frame(self, frame: Frame | None) -> None:
        key = frame.picture.content_hash if frame is not None else None
        self._picture.setVisible(frame is not None)
        if frame is None or key == self._shown:
            return
        self._shown = key
        try:
            data = frame.picture.read()
        except (OSError, ValueError):  # it has gone with its reader; the time is enough
            self._picture.hide()
            return
        size = frame.picture
        image = QImage(data, size.width, size.height, 3 * size.width, QImage.Format.Format_RGB888)
        fit, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        self._picture.setPixmap(QPixmap.fromImage(image.scaled(_CARD, fit, smooth)))
