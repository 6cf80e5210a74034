"""A video in the viewer: its picture, its timeline, its buttons and keys.

Decoding happens in a separate process behind ``PlayingBridge``; this widget only draws what comes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QMenu

from app.chat.scenes.asking import Scene
from app.engine.media.playing import PlayingBridge
from app.engine.media.sounding import default_output
from app.i18n import tr, translated
from app.ingest.play.playing import Shown, Video
from app.session.items import Item
from app.text.times import clock
from app.ui.look.widgets import Note
from app.ui.scenes.panel import ScenesPanel
from app.ui.scenes.work import SceneWork
from app.ui.viewer.player.controls import HoverCard, PlayerControls
from app.ui.viewer.player.sound import MakeOutput
from app.ui.viewer.player.timeline import Timeline
from app.ui.viewer.player.view import PlayerView
from app.ui.viewer.video.canvas import VideoCanvas
from app.ui.viewer.video.export import Failed, FrameTaker, GotFrame, save_frame
from model.messages import Message

_RESIZE_MS = 120
_LATE_S = 0.3


class VideoView(PlayerView):
    """Shows and plays one video item. Call ``shutdown`` before it goes."""

    region_wanted = Signal(float, object)
    """(seconds, (x0, y0, x1, y1) in pixels of the frame's full size): look closer there."""

    def __init__(self, bridge: PlayingBridge | None = None, make_output: MakeOutput = default_output) -> None:
        timeline = Timeline()
        super().__init__(timeline, PlayerControls(), make_output)
        self.timeline = timeline
        self._bridge = bridge or PlayingBridge(parent=self)
        self._ended = False
        self._sound_new = False
        self._video: Video | None = None
        self.frames = FrameTaker(self._bridge, self)
        self.canvas = VideoCanvas()
        self.note = Note("danger")
        self.note.hide()
        self.scenes: ScenesPanel | None = None
        self._fit_timer = QTimer(self, singleShot=True, interval=_RESIZE_MS)
        rows = (self.note, self.canvas, self.timeline, self.controls)
        self._build(rows, self.canvas, self.canvas, spacing=4, stretch=3)
        self._card = HoverCard(self)
        self._connect()

    def _connect(self) -> None:
        bridge, controls, canvas = self._bridge, self.controls, self.canvas
        bridge.opened.connect(self._opened)
        bridge.shown.connect(self._shown)
        bridge.moved.connect(self._moved)
        bridge.ended.connect(self._at_end)
        bridge.failed.connect(self._failed)
        controls.step_wanted.connect(self.step)
        controls.closer_wanted.connect(self.choose_region)
        controls.copy_wanted.connect(self.copy_frame)
        controls.save_wanted.connect(self.save_frame)
        canvas.clicked.connect(self.toggle)
        canvas.menu_wanted.connect(lambda where: self.menu().popup(where))
        canvas.resized.connect(self._fit_timer.start)
        canvas.region_chosen.connect(self._region_chosen)
        canvas.choosing_ended.connect(lambda: self.choose_region(False))
        canvas.drag_begun.connect(self._prepare_drag)
        canvas.drag_wanted.connect(self._drag)
        self._fit_timer.timeout.connect(self._set_fit)
        self.timeline.hovered.connect(self._hover)

    # For the viewer

    def use_scenes(self, work: SceneWork) -> None:
        """Offer the video's scenes: a button here, their list below the picture."""
        panel = self.scenes = ScenesPanel(work)
        self.splitter.addWidget(panel)
        self.splitter.setStretchFactor(1, 2)
        panel.hide()
        panel.seek_wanted.connect(self.seek)
        panel.marks_changed.connect(self.timeline.set_scenes)
        panel.closed.connect(lambda: self.show_scenes(False))
        self.position_changed.connect(panel.set_time)
        self.controls.scenes_wanted.connect(self.show_scenes)
        self.controls.scenes_button.show()

    def show_scenes(self, on: bool = True) -> None:
        """Show the video's scenes; the first time, find them."""
        if self.scenes is None or (on and self._item is None):
            return
        self.controls.scenes_button.setChecked(on)
        self.scenes.setVisible(on)
        if on and not self.scenes.model.rowCount():
            self.scenes.start()
        if not on:
            self.canvas.setFocus()

    def show_video(self, item: Item) -> None:
        """Open an item's video at its first frame. Nothing happens where it is open already."""
        if self._item is not None and self._item.path == item.path and not self.note.text:
            self._item = item
            self._mark_frames()
            self.words.show_item(item)
            self._show_known(item)
            return
        self.clear()
        self._item = item
        self._mark_frames()
        if item.document is not None and item.document.duration_s:
            self.timeline.set_duration(item.document.duration_s)
        self._show_time(0.0)
        self._set_fit()
        self._bridge.open(item.path)
        self.canvas.set_opening(True)
        self.words.show_item(item)
        if self.scenes is not None:
            self._show_known(item)
            self.show_scenes(self.scenes.model.rowCount() > 0)

    def _show_known(self, item: Item) -> None:
        """The scenes that are known of the video, which use what is said in it."""
        document = item.document
        if self.scenes is not None and document is not None:
            self.scenes.show_video(item.path, document.content_hash, document.cues)
        elif self.scenes is not None:
            self.scenes.show_video(item.path)

    def seek(self, seconds: float) -> None:
        """Show the frame that is on the screen at ``seconds``."""
        if self._item is None:
            return
        seconds = max(0.0, min(seconds, self.timeline.duration) if self.timeline.duration else seconds)
        self.note.set_text("")
        self._ended = False
        self._show_time(seconds)
        self._bridge.seek(seconds)
        self._along()

    def clear(self) -> None:
        """Show nothing; the video's process ends."""
        self._bridge.close_video()
        self.sound.set_file(None)
        self._item = self._video = None
        self.frames.set_video(None)
        self.canvas.set_image(QImage())
        self.note.set_text("")
        self.timeline.set_frames(())
        self.timeline.set_scenes(())
        self.timeline.set_duration(0)
        self.choose_region(False)
        self.words.show_item(None)
        if self.scenes is not None:
            self.scenes.show_video(None)
            self.show_scenes(False)
        self._set_playing(False)
        self._set_enabled(False)
        self._show_time(0.0)

    def shutdown(self) -> None:
        """End process and thread, remove files that were dragged out."""
        self._fit_timer.stop()
        if self.scenes is not None:
            self.scenes.shutdown()
        self.sound.shutdown()
        self._bridge.shutdown()
        self.frames.close()

    def set_scenes(self, scenes: Sequence[Scene]) -> None:
        """Mark scenes on the timeline."""
        self.timeline.set_scenes(scenes)

    # What the user wants

    def play(self) -> None:
        """Play from the current position."""
        if self._item is not None:
            self.note.set_text("")
            self._set_playing(True)
            self._bridge.play()
            self._along()

    def pause(self) -> None:
        """Pause at the current frame."""
        self._set_playing(False)
        self._bridge.pause()

    def step(self, frames: int) -> None:
        """One frame on or back."""
        if self._item is not None:
            self._set_playing(False)
            self._ended = False
            self._bridge.step(frames)

    def set_speed(self, speed: float) -> None:
        """Set the playing speed; 1 is normal."""
        self._bridge.set_speed(speed)
        super().set_speed(speed)

    def choose_region(self, on: bool) -> None:
        """Let the mouse choose a region to look closer at."""
        if on:
            self.pause()
            self.canvas.setFocus()
        self.controls.closer_button.setChecked(on)
        self.canvas.set_choosing(on)

    def grab_frame(self, seconds: float, got: GotFrame, failed: Failed | None = None) -> None:
        """The frame at ``seconds`` in full size, when it is there; else a sentence."""
        self.frames.take(seconds, got, failed or self.note.set_text)

    def copy_frame(self) -> None:
        """This frame, in full size, to the clipboard."""
        if self._video is not None:
            self.grab_frame(self._time, lambda image, _: QGuiApplication.clipboard().setImage(image))

    def save_frame(self) -> None:
        """This frame, in full size, as a file of the user's choice."""
        item = self._item
        if self._video is not None and item is not None:
            self.pause()
            self.grab_frame(
                self._time, lambda image, seconds: self.note.set_text(save_frame(self, item, seconds, image))
            )

    def menu(self) -> QMenu:
        """The context menu of this frame."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Pause") if self._playing else tr("Play"), self.toggle)
        menu.addSeparator()
        menu.addAction(tr("Look closer"), lambda: self.choose_region(True))
        menu.addAction(tr("Copy this frame"), self.copy_frame)
        menu.addAction(tr("Save this frame as a picture…"), self.save_frame)
        if self.words.offered:
            menu.addSeparator()
            menu.addAction(tr("Transcript: what is said"), lambda: self.words.show_panel(True))
        if self.scenes is not None:
            menu.addSeparator()
            menu.addAction(tr("Scenes of this video"), self.show_scenes)
        return menu

    def _keys(self) -> dict[int, Callable[[], None]]:
        """A comma and a full stop besides, for frames."""
        keys: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Comma: lambda: self.step(-1),
            Qt.Key.Key_Period: lambda: self.step(1),
        }
        return {**super()._keys(), **keys}

    def _to_mark(self, step: int) -> None:
        starts = [scene.start_s for scene in self.timeline.scenes]
        index = bisect_right(starts, self._time + 0.001) - 1
        if step < 0 and index >= 0 and self._time - starts[index] > 1.0:
            step = 0  # first to where this scene begins
        if 0 <= index + step < len(starts):
            self.seek(starts[index + step])

    def _region_chosen(self, share: QRectF) -> None:
        self.choose_region(False)
        if self._video is not None:
            width, height = self._video.width, self._video.height
            x0, y0 = share.left() * width, share.top() * height
            box = (x0, y0, min(x0 + share.width() * width, width), min(y0 + share.height() * height, height))
            self.region_wanted.emit(self._time, box)

    # What the bridge tells

    def _opened(self, video: Video) -> None:
        self._video = video
        self.frames.set_video(video)
        if video.sound and self._item is not None:
            self.sound.set_file(self._item.path)
            self._along()
        self.timeline.set_duration(video.duration_s)
        self._set_enabled(True)
        self._show_time(self._time)

    def _shown(self, picture: Shown) -> None:
        size = (picture.width, picture.height, 4 * picture.width)
        image = QImage(picture.pixels, *size, QImage.Format.Format_RGB32)
        self.canvas.set_image(image)
        if not picture.passing:
            self._moved(self._time if self._is_at(picture) else picture.time_s)

    def _is_at(self, picture: Shown) -> bool:
        """Whether it is the frame on the screen at the time that is shown already: that time stays, since the frame
        itself begins a little earlier (at 29.97 frames a second, the one at 0:01 begins at 0.968 s)."""
        rate = self._video.rate if self._video is not None else 0
        return rate > 0 and picture.time_s <= self._time < picture.time_s + 1 / rate

    def _moved(self, seconds: float) -> None:
        if not self.timeline.isSliderDown():
            self._show_time(seconds)

    def _at_end(self) -> None:
        self._ended = True
        self._set_playing(False)

    def _along(self) -> None:
        """Sound from where the pictures are; none while somebody drags the slider."""
        if self._playing and not self.timeline.isSliderDown():
            self._sound_new = True
            self.sound.play(0.0 if self._ended else self._time, self._speed)
            self._ended = False
        else:
            self.sound.pause()

    def _heard(self, seconds: float) -> None:
        """Pictures follow the sound; only a sound that began late, with its process, is first brought to them."""
        if self._sound_new and seconds < self._time - _LATE_S:
            self.sound.play(self._time, self._speed)
        else:
            self._bridge.set_heard(seconds)
        self._sound_new = False

    def _failed(self, message: Message) -> None:
        self._set_playing(False)
        self.canvas.set_opening(False)
        self.note.set_text(translated(message))

    # Drawing

    def _set_playing(self, playing: bool) -> None:
        if self._playing and not playing:
            self.sound.pause()
        super()._set_playing(playing)

    def _mark_frames(self) -> None:
        document = self._item.document if self._item is not None else None
        self.timeline.set_frames([frame.time_s for frame in document.frames] if document is not None else ())

    def _set_fit(self) -> None:
        ratio = self.devicePixelRatioF()
        self._bridge.set_fit(round(self.canvas.width() * ratio), round(self.canvas.height() * ratio))

    def _hover(self, seconds: float, x: float) -> None:
        if seconds < 0 or self._item is None:
            self._card.hide()
            return
        document, scene = self._item.document, self.timeline.scene_at(seconds)
        frames = document.frames if document is not None else ()
        near = bisect_right([frame.time_s for frame in frames], seconds) - 1
        words = clock(seconds) + (f" · {scene.title}" if scene is not None and scene.title else "")
        place = self.timeline.geometry()
        self._card.show_at(place.left() + x, place.top() - 2.0, words, frames[near] if near >= 0 else None)

    def _prepare_drag(self) -> None:
        if self._video is not None:
            self.frames.prepare_drag(self._time)

    def _drag(self) -> None:
        if self._item is not None and not self.canvas.image.isNull():
            self.frames.drag(self._item, self._time, self.canvas.image)
