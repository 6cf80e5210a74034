"""Quotations of what is said: found at their second, and nothing else is."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from app.chat.evidence.checking import check
from app.chat.evidence.citing import state_words, where
from app.chat.evidence.places import Evidence
from app.ingest.cues import Cue, CueSource
from app.ingest.types import Document
from app.text.times import mm_ss
from tests.app.chat.evidence.papers import clip, paper

SPOKEN = (
    (0.5, 1.8, "Good morning, everybody."),
    (10.0, 13.4, "The invoice is for 1,788.84 euros,"),
    (13.5, 16.9, "and we deliver on 3 May,\nnot before noon."),
    (30.0, 32.0, "Good morning, everybody."),
    (50.0, 52.0, "That is not what we agreed on."),
)


def spoken(source: CueSource = "track", *, frames: bool = True) -> Document:
    times = range(0, 60, 5) if frames else ()
    cues = tuple(Cue(start, end, words, source, "eng") for start, end, words in SPOKEN)
    return replace(clip("talk.mp4", *times, duration=60), cues=cues)


def only(answer: str, *documents: Document) -> Evidence:
    (found,) = check(answer, documents)
    return found


@pytest.mark.parametrize(
    ("answer", "time"),
    [
        ('"The invoice is for 1,788.84 euros" (talk.mp4, 00:10)', 10.0),
        ('"the invoice is for 1,788.84 euros, and we deliver on 3 May" (talk.mp4, 00:10)', 10.0),
        ('"we deliver on 3 May, not before noon." [00:13–00:16]', 13.5),
        ('"The invoice … we deliver on 3 May" (00:10)', 10.0),
        ('They say "we deliver on 3 May, not before noon" there.', 13.5),
        ('"Good morning, everybody" (00:30)', 30.0),
        ('"Good morning, everybody" (00:00)', 0.5),
    ],
)
def test_found_at_its_second(answer: str, time: float) -> None:
    found = only(answer, spoken())
    assert (found.state, found.place and found.place.time_s) == ("found", time)
    assert str(found.reason) == f"Found in the subtitles of talk.mp4 at {mm_ss(time)}."


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ('"The invoice is for 1,788.48 euros" (talk.mp4, 00:10)', "unverified"),
        ('"we deliver on 4 May, not before noon" (00:13)', "unverified"),
        ('"That is what we agreed on" (talk.mp4, 00:50)', "seen"),
        ('They say "That is what we agreed on here and now" about it.', "unverified"),
    ],
)
def test_altered_words_are_not_found(answer: str, state: str) -> None:
    assert only(answer, spoken()).state == state


def test_said_at_another_time_than_cited() -> None:
    found = only('"That is not what we agreed on" (00:10)', spoken())
    assert (found.state, str(where(found.place))) == ("elsewhere", "00:50")
    assert str(found.reason) == "Said at 00:50 in talk.mp4, not where the answer cites it."


def test_what_a_model_heard_is_of_a_second_rank() -> None:
    found = only('"we deliver on 3 May" (00:13)', spoken("transcript"))
    assert (found.state, str(state_words(found))) == ("heard", "Heard by a model")
    assert found.place is not None and found.place.time_s == 13.5


def test_without_frames_and_without_words() -> None:
    silent = replace(spoken(frames=False), cues=())
    found = only('"we deliver on 3 May" (00:13)', silent)
    assert found.state == "seen" and "has no transcript" in str(found.reason)
    assert only('"we will never deliver" (00:13)', spoken(frames=False)).state == "unverified"


def test_a_page_is_not_taken_for_a_video() -> None:
    letter = paper("letter.pdf", ("We deliver on 3 May, not before noon.",))
    found = only('"deliver on 3 May, not before noon" (letter.pdf, page 1)', spoken(), letter)
    assert found.place is not None and found.place.page == 1
    found = only('"deliver on 3 May, not before noon" (talk.mp4, 00:13)', letter, spoken())
    assert found.place is not None and found.place.time_s == 13.5


def test_of_many_true_and_invented_quotations() -> None:
    """True ones of one to three cues with the time of their beginning; the invented ones have one word exchanged."""
    rng = random.Random(5)
    words = [
        f"{one}{other}" for one in ("har", "mel", "to", "wen", "qui", "sal") for other in ("bour", "on", "ter", "s")
    ]
    cues = []
    for number in range(600):
        text = " ".join(rng.choice(words) for _ in range(rng.randint(4, 9)))
        cues.append(Cue(3.0 * number, 3.0 * number + 2.5, f"{text} {number}.", "track", "eng"))
    talk = replace(clip("talk.mp4", *range(0, 1800, 10), duration=1800), cues=tuple(cues))
    located = accepted = 0
    for _ in range(300):
        at = rng.randrange(len(cues) - 2)
        said = " ".join(cue.line for cue in cues[at : at + rng.randint(1, 3)])
        time = cues[at].start_s
        found = only(f'"{said}" (talk.mp4, {mm_ss(time)})', talk)
        located += found.state == "found" and found.place is not None and found.place.time_s == time
        changed = said.split()
        changed[rng.randrange(len(changed) - 1)] = "entirely"
        accepted += only(f'"{" ".join(changed)}" (talk.mp4, {mm_ss(time)})', talk).state in ("found", "elsewhere")
    assert located >= 0.98 * 300
    assert accepted <= 0.005 * 300
