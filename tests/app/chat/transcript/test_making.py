"""Making a transcript: in order, with times, stopped and resumed, texts of overlapping pieces joined once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.chat.parts import Reply
from app.chat.transcript.asking import PROMPT_VERSION, Transcribing, read_words
from app.chat.transcript.making import transcribe
from app.ingest.listen.listener import Listener
from app.ingest.listen.store import Transcript, TranscriptStore
from app.ingest.listen.types import Over, Utterance
from app.ingest.read.reader import Reader
from model.cancel import NEVER, Cancel
from model.messages import msg
from model.sound.samples import make_sound
from model.types import Event, Failed, Request, SoundPart, TextDelta, TextPart
from tests.fakes import finished
from tests.files.recordings import recording, spoken

SPANS = tuple((2.0 + 3 * number, 3.5 + 3 * number) for number in range(12))


class Ear:
    """Says which second it hears; ``stop_after`` requests it sets ``cancel``, as a person would."""

    def __init__(self, stop_after: int = 1000) -> None:
        self.asked: list[Request] = []
        self._left = stop_after
        self.cancel = threading.Event()

    def generate(self, request: Request, cancel: Cancel) -> Iterator[Event]:
        self.asked.append(request)
        (part, question) = request.messages[0].parts
        assert isinstance(part, SoundPart) and isinstance(question, TextPart)
        self._left -= 1
        if self._left < 0:
            self.cancel.set()
            yield finished("cancelled")
            return
        yield TextDelta(f"This is second {part.sound.start_s:.0f}.")
        yield finished()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recording(tmp_path_factory.mktemp("sound") / "talk.flac", SPANS, 40.0, rate=16_000, layout="mono")


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with Listener() as made:
        yield made


def test_each_utterance_is_asked_about_and_stored(path: Path, listener: Listener, tmp_path: Path) -> None:
    store, ear, work = TranscriptStore(tmp_path), Ear(), Transcribing("ab", "E4B")
    transcribe(work, path, listener, ear.generate, NEVER, store)
    assert work.over and not work.failure
    assert [cue.text for cue in work.cues] == [f"This is second {start:.0f}." for start, _ in SPANS]
    for cue, (start, end) in zip(work.cues, SPANS, strict=True):
        assert abs(cue.start_s - start) < 0.1 and abs(cue.end_s - end) < 0.1
    kept = store.load("ab")
    assert kept is not None and kept.over and kept.cues == tuple(work.cues)
    assert all(request.sampling.temperature == 0.0 for request in ear.asked)


def test_stopped_and_resumed_it_is_the_same(path: Path, listener: Listener, tmp_path: Path) -> None:
    whole = Transcribing("ab", "E4B")
    transcribe(whole, path, listener, Ear().generate, NEVER)
    store = TranscriptStore(tmp_path)
    for stop_after in (1, 5, 3, 1000):
        work, ear = Transcribing.resumed("ab", "E4B", store.load("ab")), Ear(stop_after)
        transcribe(work, path, listener, ear.generate, ear.cancel, store)
    assert work.over and [cue.text for cue in work.cues] == [cue.text for cue in whole.cues]
    assert [cue.start_s for cue in work.cues] == pytest.approx([cue.start_s for cue in whole.cues], abs=0.021)
    asked = Ear()
    transcribe(Transcribing.resumed("ab", "E4B", store.load("ab")), path, listener, asked.generate, NEVER)
    assert asked.asked == []


def test_another_model_or_question_begins_anew() -> None:
    kept = Transcript("ab", "E4B", (), 30.0, True, PROMPT_VERSION)
    assert Transcribing.resumed("ab", "E4B", kept).over
    assert Transcribing.resumed("ab", "12B", kept).done_s == 0
    assert Transcribing.resumed("ab", "E4B", Transcript("ab", "E4B", (), 30.0, True, 99)).done_s == 0


def test_a_failure_ends_it_and_leaves_what_was_heard(path: Path, listener: Listener, tmp_path: Path) -> None:
    def failing(request: Request, cancel: Cancel) -> Iterator[Event]:
        yield Failed(msg("x", "The engine failed."))

    work = Transcribing("ab", "E4B")
    transcribe(work, path, listener, failing, NEVER, TranscriptStore(tmp_path))
    assert str(work.failure) == "The engine failed." and not work.over


def spoke(start: float, end: float, *, overlaps: bool = False, resume: float | None = None) -> Utterance:
    sound = make_sound(spoken(((0.0, end - start),), end - start), start)
    return Utterance(start, end, sound, overlaps, end if resume is None else resume)


def test_words_that_two_pieces_tell_are_kept_once() -> None:
    work = Transcribing("ab", "E4B")
    texts = ("We deliver on the third of Ma", "third of May, not before noon.", "")
    spans = (spoke(0, 30, resume=0), spoke(29, 40, overlaps=True), spoke(41, 42))
    for found, text in zip(spans, texts, strict=True):
        work.give(found)
        assert work.next_request() is not None

        work.take(Reply(text))
        assert work.next_request() is None
    work.give(Over(42.0, damaged=True))
    joined = " ".join(cue.text for cue in work.cues)
    assert joined == "We deliver on the third of May, not before noon."
    assert (work.done_s, work.over, work.damaged) == (42.0, True, True)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("  Good\n morning. ", "Good morning."),
        ('"Good morning."', "Good morning."),
        ("[no speech]", ""),
        ("(silence)", ""),
        ("...", ""),
        ("", ""),
        ("(laughs) Well.", "(laughs) Well."),
    ],
)
def test_words_of_an_answer(answer: str, words: str) -> None:
    assert read_words(answer) == words


def test_what_was_heard_is_there_when_the_file_is_read_again(path: Path, tmp_path: Path) -> None:
    store = TranscriptStore(tmp_path)
    with Reader(transcripts=store) as reader:
        document = reader.read(path)
        assert document.cues == ()
        work = Transcribing(document.content_hash, "E4B")
        work.give(spoke(1, 2))

        work.take(Reply("Good morning."))
        store.save(work.transcript)
        again = reader.read(path)
    assert [(cue.source, cue.track, cue.text) for cue in again.cues] == [("transcript", "E4B", "Good morning.")]
