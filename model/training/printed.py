"""What is printed where: the letter that covers a patch, and the letters that a soft token should spell.

Letters are dense: every word on a picture counts, whoever asks for it. What even a reader could not decide, since a
letter ends there within a pixel or two, is left open (``OPEN``), or else most of the lesson would be about edges.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.training.content import NUMBER, RING, Letter, near_tokens, token_at
from model.types import PATCH_PX, SOFT_TOKEN_PX

OPEN = -100
"""No lesson here."""
_HIGH, _UNSURE_HIGH = 0.28, 0.42
"""How far above and below its middle a letter surely reaches, and at most, times the print's size."""
_UNSURE_WIDE = 1.5
"""Pixels around a letter's left and right end that are left open."""


@dataclass(frozen=True, eq=False)
class Printed:
    """Of a picture: [patches], [patches] and [soft tokens, RING]."""

    letter: NDArray[np.int64]
    """The class of the letter that covers a patch's middle, 0 for none."""
    place: NDArray[np.int64]
    """That letter's place in its word, modulo RING."""
    ring: NDArray[np.int64]
    """A soft token's letters, each in the slot of its place in its word; 0 for none."""


def read_printed(letters: Sequence[Letter], size: tuple[int, int]) -> Printed:
    """Of a picture of this height and width."""
    rows, columns = size[0] // PATCH_PX, size[1] // PATCH_PX
    letter, place = np.zeros((rows, columns), np.int64), np.full((rows, columns), OPEN, np.int64)
    for one in letters:
        for row, column, sure in _covered(one, (rows, columns)):
            letter[row, column] = NUMBER.get(one.letter, OPEN) if sure else OPEN
            place[row, column] = one.index % RING if sure and one.index >= 0 else OPEN
    return Printed(letter.reshape(-1), place.reshape(-1), _ring(letters, size))


def _covered(one: Letter, shape: tuple[int, int]) -> Iterator[tuple[int, int, bool]]:
    """Patches whose middle the letter covers, and whether it surely does."""
    high, wide = _UNSURE_HIGH * one.size, one.half + _UNSURE_WIDE
    for row in range(_first(one.y - high), _first(one.y + high)):
        for column in range(_first(one.x - wide), _first(one.x + wide)):
            if 0 <= row < shape[0] and 0 <= column < shape[1]:
                down, across = (abs((at + 0.5) * PATCH_PX - middle) for at, middle in ((row, one.y), (column, one.x)))
                yield row, column, down <= _HIGH * one.size and across <= one.half - _UNSURE_WIDE


def _first(edge: float) -> int:
    """The first patch whose middle lies behind an edge."""
    return math.ceil(edge / PATCH_PX - 0.5)


def _ring(letters: Sequence[Letter], size: tuple[int, int]) -> NDArray[np.int64]:
    ring = np.zeros((size[0] * size[1] // SOFT_TOKEN_PX**2, RING), np.int64)
    taken = np.zeros(ring.shape, bool)
    for one in letters:
        token = token_at(one, size)
        if token is None:
            continue
        if one.index < 0 or one.letter not in NUMBER:
            slots: Sequence[int] = range(RING) if one.index < 0 else (one.index % RING,)
            ring[token, slots] = np.where(taken[token, slots], ring[token, slots], OPEN)
            continue
        slot = one.index % RING
        number = NUMBER[one.letter]
        ring[token, slot] = OPEN if taken[token, slot] and ring[token, slot] != number else number
        taken[token, slot] = True
        for near in near_tokens(one, size):
            if not ring[near, slot]:
                ring[near, slot] = OPEN
    return ring
