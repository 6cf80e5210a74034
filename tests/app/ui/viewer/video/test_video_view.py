"""The player as a person uses it: real widgets, the real bridge, the real process, small real clips."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.chat.scenes.asking import Scene
from app.engine.media.sounding import BYTES_A_SECOND
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from app.session.items import Item, ItemState
from app.ui.viewer.video import export as video_export
from app.ui.viewer.video.canvas import VideoCanvas
from app.ui.viewer.video.view import VideoView
from tests.app.engine.media.test_sounding import Tape, pitch, tones
from tests.app.ingest.formats.video.test_labels import evenly, grey_clip
from tests.files import samples


class Player:
    def __init__(self, view: VideoView, item: Item, qtbot: QtBot) -> None:
        self.view, self.item, self.qtbot = view, item, qtbot

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=60_000)

    def press(self, key: Qt.Key) -> None:
        self.qtbot.keyClick(self.view.canvas, key)

    @property
    def shown(self) -> int:
        """The number of the frame that is drawn, out of its own pixels."""
        image = self.view.canvas.image
        return round(image.pixelColor(image.width() - 5, image.height() - 5).red() / 4)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Document]:
    with Reader() as reader:
        yield reader.read(samples.clip(tmp_path_factory.mktemp("clips") / "walk.mp4", seconds=6, codec="libx264"))


@pytest.fixture
def player(qtbot: QtBot, document: Document) -> Iterator[Player]:
    view = VideoView()
    view.resize(700, 500)
    view.show()
    qtbot.waitExposed(view)
    item = Item(1, document.path, state=ItemState.READY, document=document)
    view.show_video(item)
    player = Player(view, item, qtbot)
    player.until(lambda: not view.canvas.image.isNull())
    yield player
    pid = view._bridge.pid
    view.shutdown()
    assert not view._bridge.running
    assert pid is None or not psutil.pid_exists(pid)
    view.deleteLater()


def test_it_opens_at_the_first_frame_with_its_marks(player: Player) -> None:
    view = player.view
    assert player.shown == 0 and not view.playing
    assert view.timeline.frames == (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
    assert view.controls.times.text() == "0:00 / 0:06"
    assert view.timeline.accessibleName() and view.canvas.accessibleName()
    buttons = view.controls.findChildren(type(view.controls.play_button))
    assert all(button.accessibleName() for button in buttons)


def test_space_plays_and_pauses(player: Player) -> None:
    view = player.view
    player.press(Qt.Key.Key_Space)
    assert view.playing and view.controls.play_button.accessibleName() == "Pause"
    player.until(lambda: view.time > 0.5)
    player.press(Qt.Key.Key_Space)
    assert not view.playing
    player.until(lambda: abs(player.shown - view.time * 10) < 1.6)
    player.qtbot.mouseClick(view.controls.play_button, Qt.MouseButton.LeftButton)
    before = view.time
    player.until(lambda: view.time > before)


def test_it_stops_at_the_end_and_starts_again(player: Player) -> None:
    view = player.view
    view.seek(5.7)
    player.until(lambda: player.shown == 57)
    view.play()
    player.until(lambda: not view.playing)
    assert player.shown == 59
    view.play()
    player.until(lambda: player.shown < 20)


def test_keys_seek_and_step(player: Player) -> None:
    view = player.view
    for key, frame in (
        (Qt.Key.Key_Right, 50),
        (Qt.Key.Key_Comma, 49),
        (Qt.Key.Key_Period, 50),
        (Qt.Key.Key_Left, 0),
        (Qt.Key.Key_End, 59),
        (Qt.Key.Key_Home, 0),
    ):
        player.press(key)
        player.until(lambda number=frame: player.shown == number)
        player.until(lambda number=frame: abs(view.time - number / 10) < 0.11)


def test_the_clock_shows_the_second_that_was_asked_for(qtbot: QtBot, tmp_path: Path) -> None:
    """At 29.97 frames a second, no frame begins at a whole second."""
    clip = grey_clip(tmp_path / "broadcast.mp4", evenly(Fraction(30000, 1001), 4))
    with Reader() as reader:
        document = reader.read(clip)
    view = VideoView()
    view.show()
    view.show_video(Item(1, document.path, state=ItemState.READY, document=document))
    try:
        for second in (1, 2, 3, 2):
            with qtbot.waitSignal(view._bridge.shown, timeout=60_000):
                view.seek(float(second))
            expected = f"0:0{second} /"
            qtbot.waitUntil(lambda words=expected: view.controls.times.text().startswith(words), timeout=60_000)
    finally:
        view.shutdown()
        view.deleteLater()


def test_a_picture_that_was_asked_for_before_does_not_move_the_time_back(player: Player) -> None:
    view = player.view
    times: list[float] = []
    view.position_changed.connect(times.append)
    view._bridge.set_fit(64, 64)  # shows the first frame once more
    view.seek(3.0)
    player.until(lambda: player.shown == 30)
    player.press(Qt.Key.Key_Left)
    player.press(Qt.Key.Key_Right)
    player.until(lambda: player.shown == 50)
    assert times[0] == 3.0 and 0.0 in times and times[-1] == 5.0
    assert [round(time) for time in times if time not in (0.0, 3.0)] == [5] * (
        len(times) - times.count(0.0) - times.count(3.0)
    )


def test_scenes_are_marked_and_reached_by_keys(player: Player) -> None:
    view = player.view
    view.set_scenes([Scene(0, 2, "Harbour"), Scene(2, 4.5, "Market"), Scene(4.5, 6, "")])
    player.press(Qt.Key.Key_PageDown)
    player.until(lambda: player.shown == 20)
    player.press(Qt.Key.Key_PageDown)
    player.until(lambda: player.shown == 45)
    player.press(Qt.Key.Key_PageUp)
    player.until(lambda: player.shown == 20)


def test_a_click_on_the_timeline_goes_there_and_hovering_shows_the_frame(player: Player) -> None:
    view = player.view
    timeline = view.timeline
    at = QPoint(round(timeline.x_of(3.05)), timeline.height() // 2)
    player.qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=at)
    player.until(lambda: player.shown == 30)
    view.set_scenes([Scene(0, 2, "Harbour"), Scene(2, 6, "Market")])
    timeline.hovered.emit(4.2, timeline.x_of(4.2))
    card = view._card
    assert card.isVisible() and card._words.text() == "0:04 · Market"
    assert not card._picture.pixmap().isNull()
    timeline.hovered.emit(-1, -1)
    assert not card.isVisible()


def test_look_closer_gives_the_region_in_pixels_of_the_frame(player: Player) -> None:
    view, canvas = player.view, player.view.canvas
    view.seek(2.0)
    player.until(lambda: player.shown == 20)
    player.qtbot.mouseClick(view.controls.closer_button, Qt.MouseButton.LeftButton)
    assert canvas.choosing
    places: list[QRectF] = []

    def settled() -> bool:
        places.append(canvas.picture_rect())
        return len(places) > 3 and places[-1] == places[-3] and not view._fit_timer.isActive()

    player.until(settled)  # a layout that is still to come would move the picture under the mouse
    place = canvas.picture_rect()
    # Not the very corner: (0, 0) means the middle to QTest.
    corner, middle = place.topLeft().toPoint() + QPoint(1, 1), place.center().toPoint()
    with player.qtbot.waitSignal(view.region_wanted) as wanted:
        player.qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=corner)
        player.qtbot.mouseMove(canvas, middle)
        player.qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=middle)
    seconds, box = wanted.args
    assert seconds == 2.0
    assert box == pytest.approx((0, 0, 80, 48), abs=1.5)
    assert not canvas.choosing
    view.choose_region(True)
    with player.qtbot.waitSignal(view.region_wanted) as wanted:
        player.press(Qt.Key.Key_Return)
    assert wanted.args == [2.0, pytest.approx((0, 0, 160, 96))]
    view.choose_region(True)
    player.press(Qt.Key.Key_Escape)
    assert not canvas.choosing


def test_the_frame_can_be_copied_saved_and_dragged_out(
    player: Player, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    view = player.view
    view.seek(1.0)
    player.until(lambda: player.shown == 10)
    QGuiApplication.clipboard().clear()
    player.qtbot.mouseClick(view.controls.copy_button, Qt.MouseButton.LeftButton)
    player.until(lambda: not QGuiApplication.clipboard().image().isNull())
    assert QGuiApplication.clipboard().image().size().toTuple() == (160, 96)

    suggested: list[str] = []

    def choose(parent: object, title: str, suggestion: str, kinds: str) -> tuple[str, str]:
        suggested.append(suggestion)
        return str(tmp_path / "frame"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    player.qtbot.mouseClick(view.controls.save_button, Qt.MouseButton.LeftButton)
    player.until(lambda: (tmp_path / "frame.png").exists())
    assert Path(suggested[0]).name == "walk 00-00-01.0.png"
    assert QImage(str(tmp_path / "frame.png")).size().toTuple() == (160, 96)
    assert view.note.text == ""

    files = video_export.FrameFiles()
    written = files.write("a frame.png", QImage(str(tmp_path / "frame.png")))
    assert written is not None and QImage(str(written)).size().toTuple() == (160, 96)
    files.remove()
    assert not written.parent.exists()
    dragged: list[QImage] = []
    monkeypatch.setattr(video_export, "start_drag", lambda *arguments: dragged.append(arguments[-1]))
    middle = view.canvas.picture_rect().center().toPoint()
    player.qtbot.mousePress(view.canvas, Qt.MouseButton.LeftButton, pos=middle)
    player.until(lambda: view.frames.ready is not None)
    player.qtbot.mouseMove(view.canvas, middle + QPoint(60, 0))
    player.until(lambda: dragged)
    player.qtbot.mouseRelease(view.canvas, Qt.MouseButton.LeftButton, pos=middle)
    assert dragged[0].size().toTuple() == (160, 96)
    assert not view.playing  # a drag is no click


def test_a_narrow_pane_keeps_the_buttons_that_matter_and_the_menu_has_all(player: Player) -> None:
    view, controls = player.view, player.view.controls
    assert view.minimumSizeHint().width() <= 340
    view.resize(340, 400)
    player.until(lambda: not controls.save_button.isVisible())
    assert controls.play_button.isVisible() and controls.closer_button.isVisible()
    last = controls.closer_button.geometry().right()
    assert last <= controls.width()
    QGuiApplication.clipboard().clear()
    menu = view.menu()
    words = [action.text() for action in menu.actions() if action.text()]
    assert words == ["Play", "Look closer", "Copy this frame", "Save this frame as a picture…"]
    next(action for action in menu.actions() if action.text() == "Copy this frame").trigger()
    player.until(lambda: not QGuiApplication.clipboard().image().isNull())
    menu.deleteLater()


def test_a_broken_clip_says_so_and_the_next_one_plays(player: Player, tmp_path: Path) -> None:
    view = player.view
    (tmp_path / "broken.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(300))
    view.show_video(Item(2, tmp_path / "broken.mp4"))
    player.until(lambda: view.note.text)
    assert "damaged" in view.note.text and not view.playing
    assert view.canvas.image.isNull()
    view.show_video(player.item)
    assert view.note.text == ""
    player.until(lambda: not view.canvas.image.isNull())


def test_shutdown_while_it_plays_is_clean(player: Player) -> None:
    player.view.play()
    player.until(lambda: player.view.time > 0.2)


def test_clear_lets_the_process_go(player: Player) -> None:
    pid = player.view._bridge.pid
    player.view.play()
    player.view.clear()
    assert player.view.item is None and player.view.canvas.image.isNull()
    player.until(lambda: not psutil.pid_exists(pid))
    player.view.seek(3.0)  # nothing is open: nothing happens
    assert player.view.time == 0.0


class Loudspeaker(Tape):
    """One that takes as long as sound takes, and knows what it has played."""

    def __init__(self) -> None:
        super().__init__()
        self.played = bytearray()

    def write(self, samples: bytes) -> None:
        super().write(samples)
        self.played += samples

    def has_played(self, hertz: float) -> bool:
        """In any tenth of a second: on a busy machine a tone may be over before a test looks."""
        step = BYTES_A_SECOND // 10
        parts = (bytes(self.played[start : start + step]) for start in range(0, len(self.played) - step + 1, step))
        return any(pitch(part) == pytest.approx(hertz, abs=10) for part in parts)

    def start(self) -> None:
        super().start()
        self.begun = time.monotonic()

    def room(self) -> int:
        return max(0, int((self.played_s() + 0.2) * BYTES_A_SECOND) - len(self.data))

    def played_s(self) -> float:
        return min(super().played_s(), time.monotonic() - self.begun)


@pytest.fixture
def loud(qtbot: QtBot, tmp_path: Path) -> Iterator[tuple[Player, Loudspeaker]]:
    speaker = Loudspeaker()
    view = VideoView(make_output=lambda parent: speaker)
    view.resize(500, 400)
    view.show()
    item = Item(1, tones(tmp_path / "tones.mp4"))
    view.show_video(item)
    player = Player(view, item, qtbot)
    player.until(lambda: not view.canvas.image.isNull())
    yield player, speaker
    view.shutdown()
    assert not view.sound.running
    view.deleteLater()


def test_sound_goes_along_with_the_pictures(loud: tuple[Player, Loudspeaker]) -> None:
    player, speaker = loud
    view = player.view

    assert not view.controls.sound_button.isVisible() and speaker.starts == 0
    view.seek(2.0)
    view.play()
    player.until(lambda: speaker.has_played(900))
    view.seek(4.0)
    player.until(lambda: speaker.has_played(1500))
    view.pause()
    stops, data = speaker.stops, len(speaker.data)
    view.play()
    player.until(lambda: not view.playing)  # to the end
    assert speaker.stops > stops and len(speaker.data) != data
    speaker.played.clear()
    view.play()  # and from the start again
    player.until(lambda: speaker.has_played(300))
    player.until(lambda: speaker.has_played(600))


def test_sound_can_be_turned_off_and_on(loud: tuple[Player, Loudspeaker]) -> None:
    player, speaker = loud
    view = player.view
    view.play()
    player.until(lambda: speaker.starts == 1)
    button = view.controls.sound_button
    assert button.isVisible() and button.accessibleName() == "Mute"
    player.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert view.playing and button.accessibleName() == "Unmute"
    starts = speaker.starts
    view.seek(1.0)
    player.until(lambda: view.time > 1.3)
    assert speaker.starts == starts
    player.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    player.until(lambda: speaker.starts > starts)


def test_pictures_follow_the_sound(loud: tuple[Player, Loudspeaker]) -> None:
    player, _ = loud
    view = player.view
    view.play()
    player.until(lambda: view.time > 0.3)
    view.sound.heard.emit(4.0)  # the sound is far ahead
    player.until(lambda: view.time >= 3.9)


def test_a_video_that_is_being_opened_says_so(qtbot: QtBot) -> None:
    canvas = VideoCanvas()
    qtbot.addWidget(canvas)
    nothing = canvas.grab().toImage()
    canvas.set_opening(True)
    assert canvas.grab().toImage() != nothing
    canvas.set_image(QImage())
    assert canvas.grab().toImage() == nothing
