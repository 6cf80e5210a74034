"""What is said beside the player: captions, the transcript, finding, another track, a file of the words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.chat.evidence.places import Place
from app.ingest.read.reader import Reader
from app.session.items import Item, ItemState
from app.ui.viewer.pane import ViewerPane
from app.ui.viewer.video.view import VideoView
from tests.files.subtitles import SPOKEN, Words, subtitled


@pytest.fixture(scope="module")
def item(tmp_path_factory: pytest.TempPathFactory) -> Item:
    german = Words("srt", ((0.5, 1.8, "Guten Morgen."),), language="deu")
    folder = tmp_path_factory.mktemp("clips")
    path = subtitled(folder / "talk.mkv", [Words("srt"), german], chapters=((0.0, 6.0, "All of it"),))
    with Reader() as reader:
        return Item(1, path, state=ItemState.READY, document=reader.read(path))


@pytest.fixture
def pane(qtbot: QtBot, item: Item) -> Iterator[ViewerPane]:
    made = ViewerPane()
    made.resize(720, 620)
    made.show()
    qtbot.waitExposed(made)
    made.show_item(item)
    assert made.video is not None
    qtbot.waitUntil(lambda: not made.video.canvas.image.isNull(), timeout=60_000)  # type: ignore[union-attr]
    yield made
    made.shutdown()
    made.deleteLater()


def video(pane: ViewerPane) -> VideoView:
    assert pane.video is not None
    return pane.video


def test_captions_follow_the_position_and_can_be_hidden(pane: ViewerPane) -> None:
    view = video(pane)
    assert view.controls.captions_button.isVisible() and view.controls.captions_button.isChecked()
    view.seek(3.0)
    assert view.canvas.caption == SPOKEN[1][2]
    view.seek(1.9)
    assert view.canvas.caption == ""
    view.seek(4.0)
    assert view.canvas.caption == "We deliver on 3 May,\nnot before noon."
    before = view.canvas.grab().toImage()
    view.controls.captions_button.click()
    assert view.canvas.caption == "" and view.canvas.grab().toImage() != before


def test_the_transcript_marks_what_is_said_and_a_click_jumps_there(pane: ViewerPane, qtbot: QtBot) -> None:
    view = video(pane)
    panel = view.words.panel
    assert not panel.isVisible()
    view.controls.transcript_button.click()
    assert panel.isVisible()
    assert [cue.line for cue in panel.shown] == ["All of it", *(" ".join(words.split()) for *_, words in SPOKEN)]
    view.seek(2.5)
    assert panel.model.current == 2
    row = panel.view.visualRect(panel.model.index(3)).center()
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=row)
    assert view.time == 3.5
    panel.close_button.click()
    assert not panel.isVisible() and not view.controls.transcript_button.isChecked()


def test_find_looks_in_what_is_said(pane: ViewerPane, qtbot: QtBot) -> None:
    view, panel = video(pane), video(pane).words.panel
    assert pane.toolbar.find_button.isVisible()
    pane.begin_find()
    assert QApplication.focusWidget() is panel.field
    qtbot.keyClicks(panel.field, "O")
    qtbot.waitUntil(lambda: panel.count.text() == "1 of 4")
    qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    assert panel.count.text() == "2 of 4" and view.time == 0.5
    panel.look_for("3 may")
    assert panel.model.hits == [3] and view.time == 3.5
    panel.look_for("nothing of this")
    assert panel.count.text() == "Not found"


def test_another_track(pane: ViewerPane) -> None:
    view, panel = video(pane), video(pane).words.panel
    view.controls.transcript_button.click()
    assert [panel.tracks.itemText(index) for index in range(panel.tracks.count())] == ["eng", "deu"]
    panel.tracks.setCurrentIndex(1)
    panel.tracks.activated.emit(1)
    view.seek(1.0)
    assert view.canvas.caption == "Guten Morgen."


def test_evidence_jumps_to_the_second(pane: ViewerPane, item: Item) -> None:
    assert item.document is not None
    pane.show_place(item, Place(item.document.content_hash, time_s=2.0))
    assert video(pane).time == 2.0
    assert video(pane).words.panel.model.current == 2


def test_the_words_are_saved_as_a_file(pane: ViewerPane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = video(pane).words.panel
    for name, part in (("a.srt", "2\n00:00:02,000 --> 00:00:03,400"), ("a.vtt", "WEBVTT"), ("a.txt", "00:02  The")):
        chosen = str(tmp_path / name)
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, chosen=chosen: (chosen, ""))
        panel.export_menu.actions()[(".srt", ".vtt", ".txt").index(Path(name).suffix)].trigger()
        words = (tmp_path / name).read_text(encoding="utf-8")
        assert part in words and "All of it" not in words
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "a.txt" / "b.srt"), ""))
    panel.export_menu.actions()[0].trigger()
    assert "could not be saved" in panel.note.text


def test_a_video_without_words_has_no_buttons_for_them(pane: ViewerPane, tmp_path: Path) -> None:
    path = subtitled(tmp_path / "mute.mkv", ())
    with Reader() as reader:
        pane.show_item(Item(2, path, state=ItemState.READY, document=reader.read(path)))
    controls = video(pane).controls
    assert not controls.captions_button.isVisible() and not controls.transcript_button.isVisible()
    assert not pane.toolbar.find_button.isVisible()
