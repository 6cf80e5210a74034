"""Listening in a separate process: utterances with exact times, from any second on, whatever the file."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.ingest.cues import Cue
from app.ingest.listen.listener import Listener
from app.ingest.listen.store import Transcript, TranscriptStore, forget_transcripts, with_transcript
from app.ingest.listen.types import Over, Silence, Utterance
from app.ingest.listen.utterances import utterances
from model.errors import CancelledError, IngestError
from model.soft_tokens import SOUND_RATE
from model.sound.pieces import cut
from tests.files import samples
from tests.files.recordings import recording, spoken, talking

SPANS = ((1.0, 3.0), (5.0, 6.5), (9.0, 15.0), (17.0, 18.0))


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with Listener() as made:
        yield made


def all_of(listener: Listener, path: Path, start_s: float = 0.0) -> tuple[list[Utterance], Over]:
    listener.open(path, start_s)
    found: list[Utterance] = []
    while True:
        match listener.next():
            case Utterance() as one:
                found.append(one)
            case Over() as over:
                return found, over
            case Silence():
                pass


@pytest.mark.parametrize("suffix", [".flac", ".mp3", ".opus", ".m4a"])
def test_each_utterance_has_its_times(suffix: str, listener: Listener, tmp_path: Path) -> None:
    path = recording(tmp_path / f"a{suffix}", SPANS, 20.0)
    found, over = all_of(listener, path)
    assert len(found) == 4
    for one, (start, end) in zip(found, SPANS, strict=True):
        assert one.start_s == pytest.approx(start, abs=0.15) and one.end_s == pytest.approx(end, abs=0.15)
        assert one.sound.start_s <= one.start_s and one.sound.seconds >= one.end_s - one.start_s
    assert over.time_s == pytest.approx(20.0, abs=0.1) and not over.damaged


def test_a_video_counts_from_its_first_frame(listener: Listener, tmp_path: Path) -> None:
    found, _ = all_of(listener, talking(tmp_path / "a.mp4", ((2.0, 3.0),)))
    assert [round(one.start_s, 1) for one in found] == [2.0]


def test_it_goes_on_where_it_was_stopped(listener: Listener, tmp_path: Path) -> None:
    path = recording(tmp_path / "a.flac", SPANS, 20.0)
    whole, _ = all_of(listener, path)
    for number, one in enumerate(whole):
        rest, _ = all_of(listener, path, one.resume_s)
        assert [other.start_s for other in rest] == pytest.approx(
            [other.start_s for other in whole[number + 1 :]], abs=0.021
        )


def test_nothing_is_lost_where_nobody_pauses() -> None:
    samples_ = spoken(((0.5, 70.0),), 71.0)
    pieces = list(cut(samples_))
    found = [
        one
        for piece, after in zip(pieces, [*pieces[1:], None], strict=True)
        for one in utterances(piece, cut=after is not None and after.overlap > 0)
    ]
    assert len(found) >= 3 and [one.overlaps for one in found] == [False] + [True] * (len(found) - 1)
    for one, after in pairwise(found):
        assert after.first < one.stop  # heard twice, so that no word is lost
        assert one.resume == one.first
    for one in found:
        assert np.array_equal(one.samples, samples_[one.first : one.first + len(one.samples)])
        assert len(one.samples) <= 30 * SOUND_RATE


def test_short_pauses_keep_a_sentence_together() -> None:
    (piece,) = cut(spoken(((1.0, 2.0), (2.3, 4.0), (4.7, 6.0), (8.0, 9.0)), 10.0))
    found = [(one.start / SOUND_RATE, one.stop / SOUND_RATE) for one in utterances(piece, cut=False)]
    assert [tuple(round(second, 1) for second in one) for one in found] == [(1.0, 6.0), (8.0, 9.0)]


def test_files_without_sound_are_refused(listener: Listener, tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="no sound"):
        listener.open(samples.clip(tmp_path / "a.mp4", seconds=1))
    with pytest.raises(IngestError, match="neither a recording nor a video"):
        listener.open(samples.text_pdf(tmp_path / "a.pdf"))
    stop = threading.Event()
    stop.set()
    with pytest.raises(CancelledError):
        listener.open(recording(tmp_path / "a.wav"), cancel=stop)


CUES = (Cue(0.5, 1.0, "One\ntwo", "transcript", "E4B"), Cue(2.0, 3.0, "three", "transcript", "E4B"))


def test_a_transcript_is_stored_and_deleted(tmp_path: Path) -> None:
    store = TranscriptStore(tmp_path / "t")
    kept = Transcript("ab12", "E4B", CUES, 3.5, True)
    assert store.save(kept) and store.load("ab12") == kept
    assert store.load("cd34") is None and store.load("../x") is None
    own = (Cue(0, 1, "own", "track", "eng"), Cue(0, 1, "older", "transcript", "12B"))
    assert with_transcript(own, kept) == (own[0], *CUES)
    assert forget_transcripts(tmp_path / "t", ["cd34", "ab12"]) > 0 and store.load("ab12") is None


@pytest.mark.parametrize(
    "change",
    [
        {"format": 9},
        {"cues": [[2, 1, "x"]]},
        {"cues": [[2, 3, "x"], [1, 2, "y"]]},
        {"done": -1},
        {"cues": 5},
        {"cues": [[1]]},
    ],
)
def test_a_damaged_transcript_is_none(change: dict[str, object], tmp_path: Path) -> None:
    store = TranscriptStore(tmp_path)
    store.save(Transcript("ab12", "E4B", CUES))
    path = tmp_path / "ab12.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert store.load("ab12") is None
    path.write_bytes(b"\xff")
    assert store.load("ab12") is None
