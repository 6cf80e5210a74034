"""Transcripts in the window: made utterance by utterance in the model's queue, shown as they come, stopped, resumed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.ingest.listen.store import TranscriptStore
from app.ingest.read.reader import Reader
from app.library.model_ref import LocalFolder
from app.library.settings import Settings
from app.paths import resource
from app.session.items import Item, ItemState
from app.ui.transcript.work import Phase, TranscriptWork
from app.ui.viewer.recording.view import RecordingView
from model.messages import plain
from model.types import Failed, SoundPart, TextDelta, TextPart
from tests.fakes import FakeEngineBridge, finished, model_info
from tests.files.recordings import recording

SPANS = ((0.5, 1.5), (3.0, 4.0), (6.0, 7.0))


@pytest.fixture(scope="module")
def item(tmp_path_factory: pytest.TempPathFactory) -> Item:
    path = recording(tmp_path_factory.mktemp("sound") / "talk.flac", SPANS, 8.0)
    with Reader(transcripts=TranscriptStore(path.parent / "none")) as reader:
        return Item(1, path, state=ItemState.READY, document=reader.read(path))


class Room:
    """A recording's view, an engine that a test speaks for, and the real listening process."""

    def __init__(self, qtbot: QtBot, engine: FakeEngineBridge, store: TranscriptStore, settings: Settings) -> None:
        self.qtbot, self.engine, self.store = qtbot, engine, store
        self.second = FakeEngineBridge()
        self.work = TranscriptWork(engine, settings, store, make_ears=lambda _parent: self.second)  # type: ignore[arg-type, return-value]
        self.view = RecordingView(lambda _parent: None)
        self.view.words.use_transcripts(self.work)
        self.view.resize(640, 560)
        self.view.show()
        qtbot.waitExposed(self.view)
        assert self.view.words.offer is not None
        self.offer = self.view.words.offer

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=60_000)

    def start(self) -> None:
        self.qtbot.mouseClick(self.offer.start_button, Qt.MouseButton.LeftButton)

    def hear(self, number: int, engine: FakeEngineBridge | None = None) -> None:
        """Answer the request about utterance ``number``, counted from 1, when it is asked."""
        engine = engine or self.engine
        self.until(lambda: len(engine.requests) == number)
        engine.say(TextDelta(f"Words {number}."))
        engine.say(finished())

    @property
    def words(self) -> list[str]:
        return [cue.text for cue in self.view.words.panel.shown]


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def engine() -> FakeEngineBridge:
    return FakeEngineBridge(model_info(name="Gemma 4 E4B", sound=True))


@pytest.fixture
def room(qtbot: QtBot, engine: FakeEngineBridge, settings: Settings, item: Item, tmp_path: Path) -> Iterator[Room]:
    made = Room(qtbot, engine, TranscriptStore(tmp_path / "t"), settings)
    made.view.show_recording(item)
    yield made
    made.work.shutdown()
    made.view.shutdown()
    made.view.deleteLater()


def test_words_appear_as_they_are_heard_and_are_stored(room: Room, item: Item) -> None:
    assert room.offer.isVisible() and room.offer.start_button.text() == "Transcribe"
    finished_hashes: list[str] = []
    room.work.finished.connect(finished_hashes.append)
    room.start()
    assert room.offer.stop_button.isVisible()
    for number in (1, 2, 3):
        room.hear(number)
        room.until(lambda number=number: room.words == [f"Words {one}." for one in range(1, number + 1)])
    room.until(lambda: not room.offer.isVisible())
    assert item.document is not None
    assert finished_hashes == [item.document.content_hash]
    work = room.work.of(item.document.content_hash)
    assert work is not None and work.phase is Phase.DONE
    for cue, (start, end) in zip(work.cues, SPANS, strict=True):
        assert abs(cue.start_s - start) < 0.1 and abs(cue.end_s - end) < 0.1
    (part, _question) = room.engine.requests[0].messages[0].parts
    assert isinstance(part, SoundPart)
    room.until(lambda: room.store.load(item.document.content_hash) == work.made.transcript)  # type: ignore[union-attr]


def test_stopped_it_goes_on_from_there(room: Room, item: Item) -> None:
    room.start()
    room.hear(1)
    room.until(lambda: len(room.engine.requests) == 2)
    room.qtbot.mouseClick(room.offer.stop_button, Qt.MouseButton.LeftButton)
    assert room.engine.stops and room.offer.status.text() == "Stopped"
    assert room.words == ["Words 1."]
    assert room.offer.start_button.text() == "Continue"
    assert item.document is not None
    room.until(lambda: room.store.load(item.document.content_hash) is not None)  # type: ignore[union-attr]
    room.start()
    for number in (3, 4):
        room.hear(number)
    room.until(lambda: room.words == ["Words 1.", "Words 3.", "Words 4."])


def test_a_failure_is_told(room: Room) -> None:
    room.start()
    room.until(lambda: room.engine.requests)
    room.engine.say(Failed(plain("The engine failed.")))
    assert room.offer.note.isVisible() and room.offer.note.text == "The engine failed."
    assert room.offer.start_button.isVisible()


def test_a_model_that_does_not_hear_and_ears(room: Room, settings: Settings) -> None:
    room.engine.become(model_info())
    assert not room.offer.start_button.isEnabled() and "does not hear" in room.offer.status.text()
    settings.ears = Path("/models/ears")
    room.engine.become(model_info())
    assert room.offer.start_button.isEnabled()
    room.start()
    assert room.second.loads == [LocalFolder(Path("/models/ears"))] and room.offer.status.text() == "Loading the model…"
    room.second.become(model_info(name="Gemma 4 E2B", sound=True))
    for number in (1, 2, 3):
        room.hear(number, room.second)
    room.until(lambda: not room.offer.isVisible())
    assert room.second.is_shut_down and room.engine.requests == []
    assert {cue.track for cue in room.view.words.panel.shown} == {"Gemma 4 E2B"}


def test_ears_that_do_not_hear(room: Room, settings: Settings) -> None:
    settings.ears = Path("/models/ears")
    room.engine.become(model_info())
    room.start()
    room.second.become(model_info())
    assert "does not hear" in room.offer.note.text and room.second.is_shut_down


def test_a_sample_model_that_does_not_hear_has_the_one_that_does(room: Room) -> None:
    hearing = resource("hearing_model")
    room.engine.become(model_info(sample=True))
    assert room.offer.start_button.isEnabled()
    room.start()
    assert room.second.loads == [LocalFolder(hearing)]
    room.second.become(model_info(name="Sample", sample=True, sound=True))
    room.until(lambda: room.second.requests)
    (_part, question) = room.second.requests[0].messages[0].parts
    assert isinstance(question, TextPart) and question.text == "Transcribe this speech."


def test_deleting_what_is_stored(room: Room, item: Item) -> None:
    assert item.document is not None
    room.start()
    room.hear(1)
    room.until(lambda: room.store.load(item.document.content_hash) is not None)  # type: ignore[union-attr]
    room.work.forget(item.document.content_hash)
    room.until(lambda: room.store.load(item.document.content_hash) is None)  # type: ignore[union-attr]
