"""A recording is cut into pieces that together hold all of it, at silences where there are any."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from model.soft_tokens import SOUND_RATE
from model.sound.pieces import Cutter, Piece, cut, loudness
from model.sound.samples import LONGEST, make_sound, to_int16, waveform
from model.types import Sound

RNG = np.random.default_rng(0)


def noise(seconds: float, loud: float) -> NDArray[np.int16]:
    return (RNG.standard_normal(int(seconds * SOUND_RATE)) * loud).clip(-32768, 32767).astype(np.int16)


def speech(*stretches: tuple[float, float]) -> NDArray[np.int16]:
    return np.concatenate([noise(seconds, loud) for seconds, loud in stretches])


def whole(pieces: list[Piece]) -> NDArray[np.int16]:
    return np.concatenate([piece.samples[piece.overlap :] for piece in pieces])


def test_it_is_cut_in_the_middle_of_a_silence() -> None:
    recording = speech((20, 3000), (0.4, 30), (15, 3000), (0.6, 30), (10, 3000))
    pieces = list(cut(recording))
    assert [piece.overlap for piece in pieces] == [0, 0]
    assert pieces[0].stop_s == pytest.approx(20.2, abs=0.05)
    assert np.array_equal(whole(pieces), recording)


def test_without_a_silence_pieces_overlap_by_a_second() -> None:
    recording = speech((70, 3000))
    pieces = list(cut(recording))
    assert all(len(piece.samples) <= LONGEST for piece in pieces)
    assert [piece.overlap for piece in pieces] == [0, SOUND_RATE, SOUND_RATE]
    assert [piece.start_s for piece in pieces] == [0, 29, 58]
    assert np.array_equal(whole(pieces), recording)


def test_noise_behind_the_words_does_not_hide_a_pause() -> None:
    """A room's noise is no silence, and yet a pause between words is heard in it."""
    recording = speech((22, 4000), (0.5, 250), (12, 4000))
    assert next(cut(recording)).stop_s == pytest.approx(22.25, abs=0.1)


@pytest.mark.parametrize("step", [1, 777, 4096, 100 * SOUND_RATE])
def test_how_samples_come_does_not_matter(step: int) -> None:
    recording = speech((12, 2000), (0.3, 10), (25, 2000), (1, 10), (33, 2000)) if step > 1 else speech((2, 900))
    wanted = list(cut(recording))
    cutter = Cutter()
    got = [p for at in range(0, len(recording), step) for p in cutter.push(recording[at : at + step])]
    got += cutter.finish()
    assert [(p.start, p.overlap, p.silent) for p in got] == [(p.start, p.overlap, p.silent) for p in wanted]
    assert np.array_equal(whole(got), whole(wanted))


def test_an_hour_is_held_a_piece_at_a_time() -> None:
    cutter, longest, pieces = Cutter(), 0, 0
    minute = speech((9, 2000), (0.5, 5), (20, 2000), (0.5, 5), (30, 2000))
    for _ in range(60):
        pieces += len(list(cutter.push(minute)))
        longest = max(longest, sum(map(len, cutter._held)))
    assert pieces >= 120
    assert longest <= 2 * LONGEST


def test_stretches_in_which_nothing_is_heard_are_marked() -> None:
    pieces = list(cut(np.concatenate([np.zeros(60 * SOUND_RATE, np.int16), noise(5, 2000)])))
    assert pieces[0].silent
    assert not pieces[-1].silent
    assert len(whole(pieces)) == 65 * SOUND_RATE


def test_a_recording_is_continued_behind_what_was_done() -> None:
    recording = speech((20, 3000), (0.4, 30), (40, 3000))
    first, *rest = cut(recording)
    cutter = Cutter(start=first.start + len(first.samples))
    again = [*cutter.push(recording[first.start + len(first.samples) :]), *cutter.finish()]
    assert [(p.start, len(p.samples)) for p in again] == [(p.start, len(p.samples)) for p in rest]


def test_the_shortest_and_the_empty() -> None:
    assert list(cut(np.zeros(0, np.int16))) == []
    assert len(next(cut(noise(0.001, 500))).samples) == SOUND_RATE // 10
    with pytest.raises(ValueError, match="Pieces have"):
        Cutter(31)


def test_loudness_is_a_root_mean_square() -> None:
    assert loudness(np.full(700, 100, np.int16)) == pytest.approx([100, 100, 100])


def test_samples_become_sixteen_bits() -> None:
    tone = np.sin(np.arange(1000, dtype=np.float32) / 7)
    sound = make_sound(tone, start_s=3.5)
    assert sound.start_s == 3.5
    assert (sound.count, sound.seconds) == (1000, 1000 / SOUND_RATE)
    assert np.abs(waveform(sound) - tone).max() <= 1 / 32768
    assert make_sound(to_int16(tone)) == sound
    loud = to_int16(np.array([2, -2, np.nan, np.inf], np.float32))
    assert loud.tolist() == [32767, -32768, 0, 32767]


@pytest.mark.parametrize(
    ("samples", "rate"),
    [
        (np.zeros((2, 10), np.int16), SOUND_RATE),
        (np.zeros(10, np.int16), 44_100),
        (np.zeros(10, np.float64), SOUND_RATE),
        (np.zeros(LONGEST + 1, np.int16), SOUND_RATE),
    ],
)
def test_other_samples_are_refused(samples: NDArray[np.int16], rate: int) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        make_sound(samples, rate=rate)


def test_a_sound_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="length"):
        waveform(Sound(b"123", 2, "x"))
