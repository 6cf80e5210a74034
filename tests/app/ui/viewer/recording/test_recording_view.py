"""A recording as a person listens to it: waveform, playhead, keys, evidence, and what is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from app.chat.evidence.places import Place
from app.ingest.cues import Cue
from app.ingest.read.reader import Reader
from app.session.items import Item, ItemState
from app.ui.files.words import summary
from app.ui.viewer.pane import ViewerPane
from app.ui.viewer.recording.view import RecordingView
from tests.files.recordings import recording

CUES = (Cue(0.5, 1.5, "Good morning.", "transcript", "E4B"), Cue(2.0, 3.5, "We deliver on 3 May.", "transcript", "E4B"))


@pytest.fixture(scope="module")
def item(tmp_path_factory: pytest.TempPathFactory) -> Item:
    path = recording(tmp_path_factory.mktemp("sound") / "talk.mp3", tags={"title": "Board meeting"})
    with Reader() as reader:
        document = reader.read(path)
    return Item(1, path, state=ItemState.READY, document=replace(document, cues=CUES))


@pytest.fixture
def pane(qtbot: QtBot, item: Item) -> Iterator[ViewerPane]:
    made = ViewerPane(make_recording=lambda: RecordingView(lambda _parent: None))
    made.resize(700, 560)
    made.show()
    qtbot.waitExposed(made)
    made.show_item(item)
    yield made
    made.shutdown()
    made.deleteLater()


def view(pane: ViewerPane) -> RecordingView:
    assert pane.recording is not None
    return pane.recording


def test_it_shows_what_it_is(pane: ViewerPane, item: Item) -> None:
    shown = view(pane)
    assert pane.stack.currentWidget() is shown
    assert shown.about.text() == "Board meeting"
    assert shown.controls.times.text() == "0:00 / 0:04"
    assert shown.words.panel.isVisible() and shown.waveform.accessibleName()
    assert not shown.controls.copy_button.isVisible() and not shown.controls.next_button.isVisible()
    assert summary(item) == "Recording · 0:04 · with transcript"


def test_it_plays_and_stops_at_the_end(pane: ViewerPane, qtbot: QtBot) -> None:
    shown = view(pane)
    shown.seek(3.5)
    qtbot.keyClick(shown.waveform, Qt.Key.Key_Space)
    assert shown.playing
    qtbot.waitUntil(lambda: not shown.playing, timeout=30_000)
    assert shown.time == pytest.approx(4.0, abs=0.1)
    shown.play()
    assert shown.time < 1.0
    shown.pause()


def test_keys_and_a_click_move_the_playhead(pane: ViewerPane, qtbot: QtBot) -> None:
    shown = view(pane)
    for key, seconds in ((Qt.Key.Key_PageDown, 0.5), (Qt.Key.Key_PageDown, 2.0), (Qt.Key.Key_PageUp, 0.5)):
        qtbot.keyClick(shown.waveform, key)
        assert shown.time == seconds
    qtbot.keyClick(shown.waveform, Qt.Key.Key_Home)
    middle = QPoint(round(shown.waveform.x_of(2.5)), shown.waveform.height() // 2)
    qtbot.mouseClick(shown.waveform, Qt.MouseButton.LeftButton, pos=middle)
    assert shown.time == pytest.approx(2.5, abs=0.05)
    assert shown.said.text() == "We deliver on 3 May."


def test_the_clock_follows_what_is_heard(pane: ViewerPane, qtbot: QtBot) -> None:
    shown = view(pane)
    shown.play()
    shown.sound.heard.emit(2.5)
    qtbot.waitUntil(lambda: shown.time >= 2.5, timeout=10_000)
    shown.pause()


def test_evidence_leaves_a_mark(pane: ViewerPane, item: Item) -> None:
    shown = view(pane)
    before = shown.waveform.grab().toImage()
    assert item.document is not None
    pane.show_place(item, Place(item.document.content_hash, time_s=2.0))
    assert shown.time == 2.0 and shown.waveform.marks == (2.0,)
    assert shown.waveform.grab().toImage() != before
    assert shown.words.panel.model.current == 1


def test_find_looks_in_what_is_said(pane: ViewerPane) -> None:
    assert pane.toolbar.find_button.isVisible()
    pane.begin_find()
    view(pane).words.panel.look_for("3 may")
    assert view(pane).time == 2.0


def test_another_file_takes_its_place(pane: ViewerPane, tmp_path: Path) -> None:
    shown = view(pane)
    path = recording(tmp_path / "other.wav", (), 2.0)
    with Reader() as reader:
        pane.show_item(Item(2, path, state=ItemState.READY, document=reader.read(path)))
    assert shown.controls.times.text() == "0:00 / 0:02" and shown.waveform.marks == ()
    assert not shown.words.panel.isVisible()
    pane.clear()
    assert shown.item is None and not shown.controls.isEnabled()


def test_a_video_that_turns_out_to_be_a_recording(pane: ViewerPane, qtbot: QtBot, tmp_path: Path) -> None:
    path = recording(tmp_path / "talk.mp4")
    item = Item(3, path)
    pane.show_item(item)
    assert pane.stack.currentWidget() is pane.video
    with Reader() as reader:
        item.document = reader.read(path)
    pane.show_item(item)
    assert pane.stack.currentWidget() is view(pane) and view(pane).time == 0


def test_a_recording_that_is_read_while_it_is_shown_comes_to_life(pane: ViewerPane, tmp_path: Path) -> None:
    item = Item(4, recording(tmp_path / "new.wav", (), 2.0), state=ItemState.READING)
    pane.show_item(item)
    assert not view(pane).controls.isEnabled()
    with Reader() as reader:
        item.document, item.state = reader.read(item.path), ItemState.READY
    pane.show_item(item)
    assert view(pane).controls.isEnabled() and view(pane).controls.times.text() == "0:00 / 0:02"
    assert view(pane).waveform.duration == pytest.approx(2.0, abs=0.1)
