"""Pieces of a recording as utterances: stretches of speech between pauses, with their exact times. numpy only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.soft_tokens import SOUND_RATE
from model.sound.pieces import Piece, loudness, quiet

FRAME = SOUND_RATE // 50
"""Samples whose loudness is measured together: 20 ms."""

_PAUSE = 25
"""Frames of the shortest pause between two utterances: half a second."""

_MOST = 12 * 50
"""Frames up to which neighbours with a short pause stay together: a model hears more words rightly in a sentence."""

_SHORT_PAUSE = 45
_BESIDE = 8
"""Frames of silence kept on both sides of speech, for its quiet beginnings and ends."""

_LEAST = 4
"""Frames of the shortest utterance; less is a click."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Speech from ``start`` to ``stop``, samples of the file; ``samples`` begin at ``first``, a little earlier.

    ``overlaps``: its beginning is also the end of the stretch before. ``resume``: the sample from which to listen again
    so that nothing after this stretch is lost.
    """

    start: int
    stop: int
    first: int
    samples: NDArray[np.int16]
    overlaps: bool
    resume: int


def utterances(piece: Piece, *, cut: bool) -> Iterator[Stretch]:
    """The speech of one piece, in order. ``cut``: the piece ends within speech, and the next one begins earlier."""
    if piece.silent:
        return
    levels = loudness(piece.samples)
    runs = _together(_runs(~quiet(levels)))
    for number, (first, stop) in enumerate(runs):
        before = runs[number - 1][1] if number else 0
        after = runs[number + 1][0] if number + 1 < len(runs) else len(levels)
        begin, end = max(before, first - _BESIDE) * FRAME, min(after, stop + _BESIDE) * FRAME
        end = min(end, len(piece.samples))
        last = number + 1 == len(runs)
        hard = cut and last and end >= len(piece.samples)
        yield Stretch(
            start=piece.start + first * FRAME,
            stop=piece.start + min(stop * FRAME, len(piece.samples)),
            first=piece.start + begin,
            samples=piece.samples[begin:end],
            overlaps=bool(piece.overlap) and number == 0 and begin < piece.overlap,
            resume=piece.start + (begin if hard else end),
        )


def _runs(loud: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """From and to of what is loud, pauses shorter than ``_PAUSE`` included."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], loud, [False]]).astype(np.int8))).reshape(-1, 2)
    found: list[tuple[int, int]] = []
    for first, stop in edges.tolist():
        if found and first - found[-1][1] < _PAUSE:
            found[-1] = (found[-1][0], stop)
        else:
            found.append((first, stop))
    return [(first, stop) for first, stop in found if stop - first >= _LEAST]


def _together(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Neighbours with a short pause, while they are not long together."""
    found: list[tuple[int, int]] = []
    for first, stop in runs:
        if found and first - found[-1][1] < _SHORT_PAUSE and stop - found[-1][0] <= _MOST:
            found[-1] = (found[-1][0], stop)
        else:
            found.append((first, stop))
    return found
