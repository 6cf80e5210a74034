"""Text on a video's frames: which words are read, from when to when, and what is not read again."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.ingest.cues import Cue, given, tracks_of
from app.ingest.ocr.recogniser import Recogniser
from app.ingest.ocr.screen import ScreenLine, ScreenText, allowed_s
from app.ingest.ocr.store import RecognitionStore
from app.ingest.ocr.watching import Shown, Watcher
from app.ingest.process.protocol import ProtocolError
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from model.errors import CancelledError
from tests.files import samples, screens

NEAR_S = 0.7
"""Frames are looked at twice a second."""


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as made:
        yield made


def check(film: screens.Film, document: Document) -> None:
    """Every line of the film is in a cue at about its times."""
    for line in film.lines:
        cues = [cue for cue in document.cues if line.text.replace(" ", "") in cue.line.replace(" ", "")]
        assert cues, (line.text, [cue.line for cue in document.cues])
        assert min(abs(cue.start_s - line.start_s) for cue in cues) <= NEAR_S, line
        assert min(abs(cue.end_s - line.end_s) for cue in cues) <= NEAR_S, line


def test_slides_a_dialog_and_captions_are_read_with_their_times(reader: Reader, tmp_path: Path) -> None:
    films = [
        screens.slides(tmp_path / "slides.mp4", random.Random(1), count=2, each=4.0),
        screens.dialog(tmp_path / "dialog.mp4"),
        screens.captioned(tmp_path / "captions.mp4", random.Random(4), count=2),
    ]
    with Recogniser(RecognitionStore(tmp_path / "read")) as recogniser:
        for film in films:
            document = reader.read(film.path)
            assert document.waits
            assert not document.cues
            document = recogniser.recognise(document)
            assert document.screen == "read"
            assert not document.waits
            assert {cue.source for cue in document.cues} == {"frames"}
            assert all(0.7 <= (cue.confidence or 0) <= 1 for cue in document.cues)
            check(film, document)


def test_what_was_read_is_cached_and_continued_after_a_stop_and_a_crash(reader: Reader, tmp_path: Path) -> None:
    image = Image.new("RGB", (320, 180), "white")
    image.paste(screens.words("Room 214 is closed", 24), (20, 60))
    film = samples.still_clip(tmp_path / "long.mp4", image, seconds=130, rate=1)
    store = RecognitionStore(tmp_path / "read")
    document, stop = reader.read(film), threading.Event()
    seen: list[float] = []

    def on_screen(grown: Document, upto_s: float) -> None:
        seen.append(upto_s)
        assert [cue.line for cue in grown.cues] == ["Room 214 is closed"]
        if len(seen) == 2:
            stop.set()

    with Recogniser(store) as recogniser:
        with pytest.raises(CancelledError):
            recogniser.recognise(document, on_screen=on_screen, cancel=stop)
        assert seen == [60.0, 120.0]
        read = recogniser.recognise(document)
        assert read.screen == "read"
        assert [(cue.line, cue.start_s) for cue in read.cues] == [("Room 214 is closed", 0.0)]
        assert read.cues[0].end_s == pytest.approx(130, abs=1.5)
    with Recogniser(store) as recogniser:
        assert recogniser.recognise(document) == read
        assert recogniser.pid is None  # nothing was asked of a process


def test_a_video_without_text_costs_little_and_gives_nothing(reader: Reader, tmp_path: Path) -> None:
    document = reader.read(samples.clip(tmp_path / "a.mp4", seconds=3, codec="libx264"))
    with Recogniser(RecognitionStore(tmp_path / "read")) as recogniser:
        read = recogniser.recognise(document)
    assert read == replace(document, screen="read")


def test_a_recording_has_no_screen(reader: Reader, tmp_path: Path) -> None:
    document = reader.read(samples.audio_only(tmp_path / "a.mp4"))
    assert document.screen == ""
    assert not document.waits


# The watcher by itself, on pictures whose text is written beside them


class Seen:
    """Shows pictures to a watcher; what is on them is ``texts``, of which each reading gives a line."""

    def __init__(self, there: Sequence[ScreenLine] = ()) -> None:
        self.texts: list[tuple[str, tuple[float, float, float, float]]] = []
        self.readings = 0
        self.watcher = Watcher(self._read, there)

    def _read(self, picture: Image.Image) -> list[ScreenLine]:
        self.readings += 1
        return [ScreenLine(text, box, 0.9) for text, box in self.texts]

    def show(self, time_s: float, picture: Image.Image) -> None:
        self.watcher.see(Shown(time_s, picture.convert("L"), lambda: picture))


TOP, LOW = (0.1, 0.1, 0.6, 0.25), (0.1, 0.6, 0.6, 0.75)


def page(*lines: tuple[str, tuple[float, float, float, float]]) -> Image.Image:
    image = Image.new("RGB", (480, 270), "white")
    for text, box in lines:
        image.paste(screens.words(text, 22), (int(box[0] * 480), int(box[1] * 270)))
    return image


def test_a_line_that_stays_is_one_and_a_picture_that_stays_is_read_once() -> None:
    seen = Seen()
    for step in range(20):
        seen.texts = [("Terms", TOP)] + ([("Clause 7", LOW)] if 6 <= step < 14 else [])
        seen.show(step / 2, page(*seen.texts))
    seen.watcher.finish(10.0)
    assert seen.readings == 3
    assert [(line.text, line.start_s, line.end_s) for line in seen.watcher.done] == [
        ("Clause 7", 3.0, 7.0),
        ("Terms", 0.0, 10.0),
    ]


def test_another_number_in_the_same_place_is_another_line() -> None:
    seen = Seen()
    for step in range(12):
        seen.texts = [("Total 318,400" if step < 6 else "Total 923,755", TOP)]
        seen.show(step / 2, page(*seen.texts))
    seen.watcher.finish(6.0)
    assert [line.text for line in seen.watcher.done] == ["Total 318,400", "Total 923,755"]
    assert [(line.start_s, line.end_s) for line in seen.watcher.done] == [(0.0, 3.0), (3.0, 6.0)]


def test_what_moves_all_the_time_is_read_now_and_then() -> None:
    seen, noise = Seen(), np.random.default_rng(1)
    for step in range(120):
        seen.show(step / 2, Image.fromarray(noise.integers(0, 256, (270, 480), dtype=np.uint8)))
    assert 3 <= seen.readings <= 20


def test_lines_continue_in_the_next_stretch() -> None:
    seen = Seen([ScreenLine("Terms", TOP, 0.9, 12.0), ScreenLine("Gone", LOW, 0.9, 50.0)])
    seen.texts = [("Terms", TOP)]
    seen.show(60.0, page(*seen.texts))
    assert [(line.text, line.start_s) for line in seen.watcher.there] == [("Terms", 12.0)]
    assert [(line.text, line.end_s) for line in seen.watcher.done] == [("Gone", 60.0)]


# What comes from the process


def answer(**changed: object) -> dict[str, object]:
    lines = [["Terms", 0.1, 0.1, 0.5, 0.2, 0.9, 1.0, 4.0], ["Clause 7", 0.1, 0.3, 0.5, 0.4, 0.7, 1.0, 4.5]]
    message: dict[str, object] = {
        "upto": 60.0,
        "over": False,
        "language": "eng",
        "spent": 1.0,
        "lines": lines,
        "there": [],
    }
    return message | changed


def test_lines_that_are_shown_together_are_one_cue() -> None:
    text = ScreenText()
    text.take(answer(there=[["Left", 0, 0, 0.5, 0.1, 0.8, 2.0, None]]))
    first, second = text.cues()
    assert (first.text, first.start_s, first.end_s) == ("Terms\nClause 7", 1.0, 4.5)
    assert first.confidence == pytest.approx((5 * 0.9 + 8 * 0.7) / 13)
    assert (second.text, second.end_s) == ("Left", 60.0)
    assert allowed_s(None) == allowed_s(60) == 120
    assert allowed_s(3600) == 1800


@pytest.mark.parametrize(
    "changed",
    [
        {"upto": 0.0},
        {"upto": "soon"},
        {"lines": [["Terms", 0.1, 0.1, 0.5, 0.2, 0.9, 4.0, 1.0]]},
        {"lines": [["Terms", 0.1, 0.1, 1.5, 0.2, 0.9, 1.0, 4.0]]},
        {"lines": [["Terms", 0.1, 0.1, 0.5, 0.2, 7, 1.0, 4.0]]},
        {"lines": "Terms"},
        {"there": [["Terms"]]},
        {"language": 5},
    ],
)
def test_an_answer_that_cannot_be_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ProtocolError):
        ScreenText().take(answer(**changed))


def test_a_model_is_given_what_is_said_and_what_was_read() -> None:
    cues = (
        Cue(0, 2, "Read", "frames"),
        Cue(1, 2, "Heard", "transcript", "ears"),
        Cue(0, 9, "One", "chapter"),
        Cue(1, 2, "Gehört", "track", "Deutsch"),
    )
    assert [track.source for track in tracks_of(cues)] == ["transcript", "track", "frames"]
    assert [cue.text for cue in given(cues)] == ["One", "Read", "Heard"]
