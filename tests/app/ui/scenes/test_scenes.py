"""Scenes in the window: found by the real process, described one after the other, jumped to, exported."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.chat.scenes.store import SceneStore
from app.engine.media.shots import ShotsBridge
from app.ingest.shots.finder import ShotFinder
from app.session.items import Item
from app.ui.scenes.work import Phase, SceneWork, Work
from app.ui.viewer.video.view import VideoView
from model.messages import plain
from model.types import Failed, TakenBack, TextDelta
from tests.fakes import FakeEngineBridge, finished, model_info
from tests.files import videos
from tests.files.videos import Scene

WORDS = ("Harbour", "Market", "Tower")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    background = videos.texture(random.Random(1), (192, 108))
    scenes = [Scene(videos.title(background, words), 2.0) for words in WORDS]
    return videos.write(tmp_path_factory.mktemp("clips") / "titles.mp4", scenes, rate=10).path


class Room:
    """A player with its scenes, an engine that a test speaks for, and a real finder."""

    def __init__(self, qtbot: QtBot, engine: FakeEngineBridge, clip: Path, store: SceneStore | None = None) -> None:
        self.qtbot, self.engine, self.clip = qtbot, engine, clip
        self.bridge = ShotsBridge()
        self.work = SceneWork(engine, self.bridge, store=store)  # type: ignore[arg-type]
        self.view = VideoView()
        self.view.use_scenes(self.work)
        self.view.resize(560, 800)
        self.view.show()
        qtbot.waitExposed(self.view)
        assert self.view.scenes is not None
        self.panel = self.view.scenes

    def open(self) -> None:
        self.view.show_video(Item(1, self.clip))
        self.until(lambda: not self.view.canvas.image.isNull())

    def click_scenes(self) -> None:
        self.qtbot.mouseClick(self.view.controls.scenes_button, Qt.MouseButton.LeftButton)

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=60_000)

    def answer(self, request: int, *texts: str, end: object = None) -> None:
        for text in texts:
            self.engine.event.emit(request, TextDelta(text))
        self.engine.event.emit(request, end or finished())

    @property
    def state(self) -> Work:
        work = self.work.of(self.clip)
        assert work is not None
        return work

    def row(self, number: int) -> QModelIndex:
        return self.panel.model.index(number)

    def words(self, number: int) -> str:
        return str(self.panel.model.data(self.row(number), Qt.ItemDataRole.AccessibleTextRole))

    closed = False

    def close(self) -> None:
        self.closed = True
        self.view.shutdown()
        self.work.shutdown()
        assert not self.bridge.running
        self.view.deleteLater()


@pytest.fixture
def make(qtbot: QtBot, clip: Path) -> Iterator[Callable[..., Room]]:
    rooms: list[Room] = []

    def build(model: bool = True, sample: bool = False, store: SceneStore | None = None) -> Room:
        engine = FakeEngineBridge(model_info(sample=sample) if model else None)
        rooms.append(Room(qtbot, engine, clip, store))
        rooms[-1].open()
        return rooms[-1]

    yield build
    for room in rooms:
        if not room.closed:
            room.close()


def test_one_click_finds_and_describes_the_scenes(make: Callable[..., Room]) -> None:
    room = make()
    panel, engine = room.panel, room.engine
    assert not panel.isVisible()
    room.click_scenes()
    assert panel.isVisible() and room.state.phase is Phase.FINDING and panel.stop_button.isVisible()
    room.until(lambda: engine.requests)
    assert panel.model.rowCount() == 3
    assert [scene.start_s for scene in room.view.timeline.scenes] == [0.0, 2.0, 4.0]
    assert room.words(1) == "00:02 to 00:04, Scene 2"
    assert len(engine.requests) == 1  # the next one waits: a person's question goes between
    room.answer(1, "A harb", "our\nBoats leave.")
    assert len(engine.requests) == 2
    assert room.words(0) == "current, 00:00 to 00:02, A harbour, Boats leave."
    engine.event.emit(99, TextDelta("somebody else's"))
    room.answer(2, "Market")
    room.answer(3, "Tower\nHigh.")
    assert panel.status.text() == "3 scenes · Describing the whole video"
    room.answer(4, "A day by the sea.")
    assert room.state.phase is Phase.DONE
    assert panel.summary.text() == "A day by the sea." and panel.status.text() == "3 scenes"
    short = panel.summary_area.height()
    panel.summary.setText("A day by the sea, and what else there was to see. " * 40)
    panel.resize(panel.width() - 1, panel.height())
    room.until(lambda: panel.summary_area.height() > short)
    assert panel.summary_area.height() <= 4 * panel.fontMetrics().lineSpacing(), "a long one leaves room for the scenes"
    assert panel.view.height() >= 150
    assert not panel.stop_button.isVisible() and not panel.again_button.isVisible()
    assert room.view.timeline.scenes[2].title == "Tower"
    said = "".join(part.text for part in engine.requests[0].messages[-1].parts if hasattr(part, "text"))
    assert "titles.mp4" in said and "from 00:00 to 00:02" in said


def test_a_long_summary_leaves_room_for_several_scenes(make: Callable[..., Room]) -> None:
    room = make(model=False)
    room.view.resize(420, 560)
    room.click_scenes()
    room.until(lambda: room.panel.view.model().rowCount() == len(WORDS))
    room.panel.summary.setText("A long summary of the whole video. " * 60)
    room.panel._fit_summary()
    view = room.panel.view
    room.until(lambda: view.viewport().height() >= 2 * view.visualRect(view.model().index(0, 0)).height() > 0)
    assert view.minimumHeight() >= 2 * view.visualRect(view.model().index(0, 0)).height()


def test_a_description_that_ran_into_a_loop_keeps_one_copy_and_says_so(make: Callable[..., Room]) -> None:
    room = make()
    room.click_scenes()
    room.until(lambda: room.engine.requests)
    room.engine.event.emit(1, TextDelta("A harbour\nBoats, boats, boats"))
    room.engine.event.emit(1, TakenBack(14, 0))
    room.answer(1, end=finished("repetition"))
    assert room.words(0) == "current, 00:00 to 00:02, A harbour, Boats"
    for request in (2, 3, 4):
        room.answer(request, "Something else")
    assert room.state.phase is Phase.DONE
    assert "The model started repeating itself in a description" in room.panel.status.text()


def test_a_click_on_a_scene_goes_there_and_the_shown_one_is_marked(make: Callable[..., Room]) -> None:
    room = make(model=False)
    room.click_scenes()
    room.until(lambda: room.panel.model.rowCount() == 3)
    view = room.panel.view
    room.until(lambda: view.visualRect(room.row(2)).height() > 40)
    room.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(room.row(1)).center())
    room.until(lambda: room.view.time == 2.0)
    assert room.panel.model.current == 1
    assert room.words(1).startswith("current")
    view.setCurrentIndex(room.row(2))
    room.qtbot.keyClick(view, Qt.Key.Key_Return)
    room.until(lambda: room.view.time == 4.0)


def test_without_a_model_there_are_scenes_and_one_that_comes_describes_them(make: Callable[..., Room]) -> None:
    room = make(model=False)
    room.click_scenes()
    room.until(lambda: room.state.phase is Phase.STOPPED)
    assert room.panel.model.rowCount() == 3 and room.engine.requests == []
    assert "Load a model" in room.panel.status.text()
    room.engine.info = model_info(sample=True)
    room.engine.loaded.emit(room.engine.info)
    assert len(room.engine.requests) == 1
    parts = room.engine.requests[0].messages[-1].parts
    assert "What is shown at 00:0" in parts[-1].text  # type: ignore[union-attr]


def test_stop_and_go_on(make: Callable[..., Room]) -> None:
    room = make()
    room.click_scenes()
    room.until(lambda: room.engine.requests)
    room.answer(1, "Harbour")
    room.qtbot.mouseClick(room.panel.stop_button, Qt.MouseButton.LeftButton)
    assert room.engine.stops == [2] and room.state.phase is Phase.STOPPED
    room.answer(2, "late", end=finished("cancelled"))
    assert room.words(0).endswith("Harbour") and room.words(1).endswith("Scene 2")
    room.qtbot.mouseClick(room.panel.again_button, Qt.MouseButton.LeftButton)
    assert len(room.engine.requests) == 3
    room.answer(3, "Market")
    assert room.words(1).endswith("Market")


def test_scenes_are_there_again_after_a_restart_and_the_describing_goes_on(
    make: Callable[..., Room], tmp_path: Path
) -> None:
    store = SceneStore(tmp_path / "scenes")
    room = make(store=store)
    room.click_scenes()
    room.until(lambda: room.engine.requests)
    room.answer(1, "Harbour\nBoats.")
    known = room.state.content_hash
    room.close()  # in the middle of the second scene

    again = make(store=store)
    again.panel.show_video(again.clip, known)
    assert again.state.phase is Phase.STOPPED and again.engine.requests == []
    assert "Harbour, Boats." in again.words(0) and not again.panel.model.picture(0, 1.0).isNull()
    again.panel.start()
    again.until(lambda: again.engine.requests)
    assert "Harbour, Boats." in again.words(0)  # not asked about again
    for number, words in ((1, "Market"), (2, "Tower"), (3, "A day.")):
        again.answer(number, words)
    assert again.state.phase is Phase.DONE
    again.close()

    third = make(model=False, store=store)
    third.panel.show_video(third.clip, known)
    assert third.state.phase is Phase.DONE and third.panel.summary.text() == "A day."
    assert third.words(2).endswith("Tower")


def test_a_forgotten_clip_leaves_nothing(make: Callable[..., Room], tmp_path: Path) -> None:
    store = SceneStore(tmp_path / "scenes")
    room = make(store=store)
    room.click_scenes()
    room.until(lambda: room.engine.requests and len(list((tmp_path / "scenes").iterdir())) == 2)
    known = room.state.content_hash
    room.work.forget_video(known)
    assert room.panel.model.rowCount() == 0 and room.engine.stops == [1]
    room.close()
    assert list((tmp_path / "scenes").iterdir()) == []


def test_stopping_while_it_is_looked_for_starts_anew(make: Callable[..., Room]) -> None:
    room = make()
    room.click_scenes()
    room.panel.stop()
    assert room.state.phase is Phase.STOPPED
    room.panel.start()
    room.until(lambda: room.panel.model.rowCount() == 3)


def test_an_engine_that_fails_says_so_and_keeps_the_scenes(make: Callable[..., Room]) -> None:
    room = make()
    room.click_scenes()
    room.until(lambda: room.engine.requests)
    room.answer(1, end=Failed(plain("There is not enough memory.")))
    assert room.panel.note.text == "There is not enough memory." and room.panel.model.rowCount() == 3
    room.panel.start()
    assert room.panel.note.text == "" and len(room.engine.requests) == 2


@pytest.mark.parametrize(("place", "suffix"), [(0, ".md"), (1, ".vtt"), (2, ".json")])
def test_export(
    make: Callable[..., Room], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: int, suffix: str
) -> None:
    room = make(model=False)
    room.click_scenes()
    room.until(lambda: room.panel.model.rowCount() == 3)
    suggested: list[str] = []

    def choose(parent: object, title: str, suggestion: str, kinds: str) -> tuple[str, str]:
        suggested.append(suggestion)
        return str(tmp_path / "out"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    room.panel.export_menu.actions()[place].trigger()
    path = tmp_path / f"out{suffix}"
    room.until(lambda: path.exists() and path.stat().st_size > 100)
    assert Path(suggested[0]).name == f"titles scenes{suffix}"
    text = path.read_text(encoding="utf-8")
    if suffix == ".json":
        assert [scene["start_s"] for scene in json.loads(text)["scenes"]] == [0.0, 2.0, 4.0]
    assert text.count("-->" if suffix == ".vtt" else "Scene" if suffix == ".md" else '"start_s"') >= 3


def test_an_export_that_cannot_be_written_says_so(
    make: Callable[..., Room], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    room = make(model=False)
    room.click_scenes()
    room.until(lambda: room.panel.model.rowCount() == 3)
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "file" / "x.vtt"), ""))
    room.panel.export_menu.actions()[1].trigger()
    room.until(lambda: room.panel.note.text)
    assert room.panel.note.text.startswith("x.vtt cannot be written")


def test_another_clip_has_its_own_scenes(make: Callable[..., Room], tmp_path: Path) -> None:
    room = make(model=False)
    room.click_scenes()
    room.until(lambda: room.panel.model.rowCount() == 3)
    other = videos.write(tmp_path / "other.mp4", [Scene(videos.still(random.Random(2), (96, 64)), 2.0)], size=(96, 64))
    room.view.show_video(Item(2, other.path))
    assert room.panel.model.rowCount() == 0 and not room.panel.isVisible()
    assert room.view.timeline.scenes == ()
    room.until(lambda: not room.view.canvas.image.isNull())
    room.click_scenes()
    room.until(lambda: room.panel.model.rowCount() == 1)
    room.open()
    assert room.panel.model.rowCount() == 3 and room.panel.isVisible()
    assert len(room.view.timeline.scenes) == 3


def test_another_content_under_the_same_name_is_looked_at_anew(make: Callable[..., Room]) -> None:
    room = make(model=False)
    room.click_scenes()
    room.until(lambda: room.panel.model.rowCount() == 3)
    room.panel.show_video(room.clip, room.state.found.content_hash)  # type: ignore[union-attr]
    assert room.panel.model.rowCount() == 3
    room.panel.show_video(room.clip, "f" * 64)
    assert room.panel.model.rowCount() == 0 and room.work.of(room.clip) is None


def test_a_file_that_is_no_clip_says_so(make: Callable[..., Room], tmp_path: Path) -> None:
    room = make()
    (tmp_path / "a.mp4").write_bytes(b"nothing")
    work = room.work.start(tmp_path / "a.mp4")
    room.until(lambda: work.phase is Phase.FAILED)
    assert str(work.error).endswith(".")


def test_shutdown_while_it_looks_is_clean(qtbot: QtBot, clip: Path) -> None:
    bridge = ShotsBridge(ShotFinder)
    work = SceneWork(FakeEngineBridge(None), bridge)  # type: ignore[arg-type]
    work.start(clip)
    work.shutdown()
    assert not bridge.running
    bridge.find(clip)
    assert not bridge.running
