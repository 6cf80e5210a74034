"""Cuts a recording of any length into pieces of at most 30 seconds, at silences where there are any. numpy only.

Samples come as they are decoded, so an hour takes no more memory than a minute. A piece ends in the middle of the
longest silence of its last half. Where nobody pauses it ends at 30 seconds, and the next one begins a second earlier,
so that a word cut in two is whole in one of them; ``model.sound.merging`` joins such texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.soft_tokens import SOUND_LONGEST_S, SOUND_RATE

OVERLAP_S = 1.0
_FRAME = SOUND_RATE // 50
"""Samples whose loudness is measured together: 20 ms."""
_PAUSE = 8
"""Frames of the shortest silence to cut at: 160 ms, longer than the closure of a plosive."""
_NEAR_NOISE = 2.5
"""How many times as loud as the quietest frames a silence may be."""
_BELOW_SPEECH = 0.12
"""How loud it may be beside the loudest frames: noise alone is no silence between words."""
_HEARD = 40.0
"""The root mean square, in 16-bit steps, below which nothing is heard: −58 dB."""
_SHORTEST = SOUND_RATE // 10
"""Samples of the shortest piece; a shorter rest is filled up with silence."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a recording: ``samples`` [n] of 16 bits from sample ``start`` on."""

    start: int
    samples: NDArray[np.int16]
    overlap: int
    """How many of its first samples are also the last ones of the piece before."""
    silent: bool
    """Nothing is heard in it, so it need not be asked about."""

    @property
    def start_s(self) -> float:
        """The second at which it begins."""
        return self.start / SOUND_RATE

    @property
    def stop_s(self) -> float:
        """The second at which it ends."""
        return (self.start + len(self.samples)) / SOUND_RATE


class Cutter:
    """Cuts samples that come bit by bit. Begin at ``start`` to continue a recording behind what was done before."""

    def __init__(self, longest_s: float = SOUND_LONGEST_S, start: int = 0) -> None:
        """Raises ``ValueError`` for pieces of more than 30 seconds, or too short to be cut."""
        if not 2 * OVERLAP_S < longest_s <= SOUND_LONGEST_S:
            raise ValueError(f"Pieces have more than {2 * OVERLAP_S:g} and at most {SOUND_LONGEST_S} seconds.")
        self._longest = int(longest_s * SOUND_RATE) // _FRAME * _FRAME
        self._held: list[NDArray[np.int16]] = []
        self._length = self._overlap = 0
        self._start = start

    def push(self, samples: NDArray[np.int16]) -> Iterator[Piece]:
        """Mono samples [n] at 16,000 a second; yields the pieces that are whole."""
        step = self._longest
        for at in range(0, len(samples), step):
            self._held.append(samples[at : at + step])
            self._length += len(self._held[-1])
            while self._length > self._longest:
                yield self._cut()

    def finish(self) -> Iterator[Piece]:
        """The rest, as the last piece; nothing where all of it was in the one before."""
        rest = self._joined()
        if len(rest) > self._overlap:
            yield self._piece(np.pad(rest, (0, max(0, _SHORTEST - len(rest)))))
        self._held, self._length = [], 0

    def _cut(self) -> Piece:
        held = self._joined()
        stop, overlap = cut_place(held[: self._longest])
        piece = self._piece(held[:stop])
        rest = held[stop - overlap :].copy()
        self._held, self._length = [rest], len(rest)
        self._start, self._overlap = self._start + stop - overlap, overlap
        return piece

    def _joined(self) -> NDArray[np.int16]:
        return np.concatenate(self._held) if self._held else np.zeros(0, np.int16)

    def _piece(self, samples: NDArray[np.int16]) -> Piece:
        levels = loudness(samples)
        silent = bool(levels.size == 0 or levels.max() < _HEARD)
        return Piece(self._start, samples, self._overlap, silent)


def cut(
    samples: Iterable[NDArray[np.int16]] | NDArray[np.int16], longest_s: float = SOUND_LONGEST_S
) -> Iterator[Piece]:
    """All pieces of a recording, given whole or in any portions: mono, 16 bits, 16,000 samples a second."""
    cutter = Cutter(longest_s)
    for portion in (samples,) if isinstance(samples, np.ndarray) else samples:
        yield from cutter.push(portion)
    yield from cutter.finish()


def cut_place(samples: NDArray[np.int16]) -> tuple[int, int]:
    """Where a piece ends, and how many samples before that the next one begins again: 0 at a silence."""
    silences = quiet(loudness(samples))
    silences[: len(silences) // 2] = False
    borders = np.flatnonzero(np.diff(np.concatenate([[False], silences, [False]]).astype(np.int8)))
    runs = [(int(stop - start), int(start)) for start, stop in borders.reshape(-1, 2) if stop - start >= _PAUSE]
    if not runs:
        return len(samples), int(OVERLAP_S * SOUND_RATE)
    length, first = max(runs)  # of equally long ones the last
    return (first + length // 2) * _FRAME, 0


def quiet(levels: NDArray[np.float64]) -> NDArray[np.bool_]:
    """In which of the frames of ``loudness`` [n] nobody speaks."""
    floor, speech = np.percentile(levels, 5), np.percentile(levels, 95)
    return levels <= max(_HEARD, min(_NEAR_NOISE * floor, _BELOW_SPEECH * speech))


def loudness(samples: NDArray[np.int16]) -> NDArray[np.float64]:
    """The root mean square of each 20 ms, in 16-bit steps; also for drawing a waveform."""
    whole = samples[: len(samples) // _FRAME * _FRAME].astype(np.float64).reshape(-1, _FRAME)
    levels = np.sqrt((whole**2).mean(axis=1))
    rest = samples[len(whole) * _FRAME :].astype(np.float64)
    return np.append(levels, np.sqrt((rest**2).mean())) if len(rest) else levels
