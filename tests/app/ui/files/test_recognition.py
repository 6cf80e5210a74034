"""The words on pictures come to the window's files, page by page; a question waits for a short scan only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.engine.media.recognising import RecognitionBridge
from app.ingest.cues import Cue
from app.ingest.types import Document
from app.session.items import Item
from app.ui.files.recognition import SHORT, SHORT_S, Recognition
from tests.app.engine.media.test_recognising import ScriptedRecogniser, scan
from tests.app.ui.desk import Desk


@pytest.fixture
def recogniser() -> ScriptedRecogniser:
    return ScriptedRecogniser()


@pytest.fixture
def recognition(desk: Desk, recogniser: ScriptedRecogniser) -> Iterator[Recognition]:
    bridge = RecognitionBridge(lambda: recogniser)
    made = Recognition(bridge, desk.attachments, desk.engine)
    yield made
    made.close()
    bridge.shutdown()


def attach(desk: Desk, document: Document) -> Item:
    """A file that was read as this document."""
    desk.reading.auto = False
    path = desk.folder / document.name
    path.write_bytes(b"scan")
    desk.attachments.add_paths([path])
    desk.until(lambda: bool(desk.reading.jobs))
    desk.reading.done.emit(len(desk.reading.jobs), replace(document, path=path))
    return next(iter(desk.attachments.items))


def test_a_question_waits_for_the_words_of_a_short_scan(
    desk: Desk, recognition: Recognition, recogniser: ScriptedRecogniser
) -> None:
    recognition.in_sight = lambda: (next(iter(desk.attachments.items)).key, 2)
    item = attach(desk, scan("short.pdf", SHORT))
    assert desk.attachments.busy == 1
    desk.settle()
    assert item.document is not None
    assert [page.text for page in item.document.pages][:2] == ["words 1", "words 2"]
    assert recogniser.order[0] == 2


def test_no_question_waits_for_a_long_one(desk: Desk, recognition: Recognition) -> None:
    item = attach(desk, scan("long.pdf", SHORT + 1))
    assert desk.attachments.busy == 0
    desk.until(lambda: item.document is not None and all(page.text for page in item.document.pages))


def film(seconds: float) -> Document:
    """A video with a transcript whose frames wait."""
    said = Cue(0, 3, "Good morning", "transcript", "ears")
    return Document(
        "b" * 64, Path("talk.mp4"), "talk.mp4", "video", (), (), seconds, (), b"", cues=(said,), screen="waiting"
    )


def test_text_on_frames_comes_beside_what_is_said(desk: Desk, recognition: Recognition) -> None:
    item = attach(desk, film(SHORT_S))
    assert desk.attachments.busy == 1
    desk.settle()
    assert item.document is not None
    assert item.document.screen == "read"
    assert texts(item) == ("Good morning", "Safety first", "Wear goggles")


def test_no_question_waits_for_the_frames_of_a_long_video(desk: Desk, recognition: Recognition) -> None:
    item = attach(desk, film(SHORT_S + 1))
    assert desk.attachments.busy == 0
    desk.until(lambda: item.document is not None and item.document.screen == "read")


def texts(item: Item) -> tuple[str, ...]:
    return tuple(cue.text for cue in item.document.cues) if item.document is not None else ()


def test_a_file_that_goes_stops_its_recognition(desk: Desk, recognition: Recognition) -> None:
    item = attach(desk, scan("slow", 2))
    assert desk.attachments.busy == 1
    desk.attachments.remove(item.key)
    assert desk.attachments.busy == 0
