"""Print and its places: the letters that cover a patch, and the letters that a patch and a soft token should spell.

Letters are dense: every word on a picture counts, asked for or not. What even a reader could not decide, since a
letter ends there within a pixel or two, is left open (``OPEN``), or else most of the lesson would be about edges.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.soft_tokens import PATCH_PX
from model.training.data.content import NUMBER, RING, Cells, Letter, patches_of

OPEN = -100
"""No lesson here."""
_HIGH, _UNSURE_HIGH = 0.28, 0.42
"""How far above and below its middle a letter surely reaches, and at most, times the print's size."""
_UNSURE_WIDE = 1.5
"""Pixels around a letter's left and right end that are left open."""


@dataclass(frozen=True, eq=False)
class Printed:
    """Of a picture: [patches], [patches, 2], [patches], [patches, RING] and [soft tokens, RING]."""

    letter: NDArray[np.int64]
    """The class of the letter that covers a patch's middle, 0 for none."""
    sides: NDArray[np.int64]
    """The same a quarter of the patch from its left and from its right side: small print has two letters in a patch."""
    place: NDArray[np.int64]
    """The place of the letter in the middle in its word, modulo RING."""
    patch_ring: NDArray[np.int64]
    """The letters whose middle is in a patch, each in the slot of its place in its word."""
    ring: NDArray[np.int64]
    """A soft token's letters, each in the slot of its place in its word; 0 for none."""


def read_printed(letters: Sequence[Letter], size: tuple[int, int]) -> Printed:
    """Of a picture of this height and width."""
    rows, columns = size[0] // PATCH_PX, size[1] // PATCH_PX
    covering = np.zeros((rows, columns, len(_POINTS)), np.int64)
    place = np.full((rows, columns), OPEN, np.int64)
    for one in letters:
        for point, across in enumerate(_POINTS):
            for row, column, sure in _covered(one, (rows, columns), across):
                covering[row, column, point] = NUMBER.get(one.letter, OPEN) if sure else OPEN
                if point == _MIDDLE:
                    place[row, column] = one.index % RING if sure and one.index >= 0 else OPEN
    by_patch = covering.reshape(-1, len(_POINTS))
    sides = np.delete(by_patch, _MIDDLE, axis=1)
    rings = _ring(letters, patches_of(size)), _ring(letters, Cells(size))
    return Printed(by_patch[:, _MIDDLE], sides, place.reshape(-1), *rings)


_POINTS = (0.25, 0.5, 0.75)
"""Where in a patch, from its left side, it is asked which letter is there."""
_MIDDLE = 1


def _covered(one: Letter, shape: tuple[int, int], point: float) -> Iterator[tuple[int, int, bool]]:
    """Patches of which the letter covers a point, and whether it surely does."""
    high, wide = _UNSURE_HIGH * one.size, one.half + _UNSURE_WIDE
    for row in range(_first(one.y - high, 0.5), _first(one.y + high, 0.5)):
        for column in range(_first(one.x - wide, point), _first(one.x + wide, point)):
            if 0 <= row < shape[0] and 0 <= column < shape[1]:
                down, across = abs((row + 0.5) * PATCH_PX - one.y), abs((column + point) * PATCH_PX - one.x)
                yield row, column, down <= _HIGH * one.size and across <= one.half - _UNSURE_WIDE


def _first(edge: float, point: float) -> int:
    """The first patch whose point is behind an edge."""
    return math.ceil(edge / PATCH_PX - point)


def _ring(letters: Sequence[Letter], cells: Cells) -> NDArray[np.int64]:
    """[cells, RING]: the letters of each, in the slots of their places."""
    ring = np.zeros((len(cells), RING), np.int64)
    taken = np.zeros(ring.shape, bool)
    for one in letters:
        cell = cells.at(one)
        if cell is None:
            continue
        if one.index < 0 or one.letter not in NUMBER:
            slots: Sequence[int] = range(RING) if one.index < 0 else (one.index % RING,)
            ring[cell, slots] = np.where(taken[cell, slots], ring[cell, slots], OPEN)
            continue
        slot = one.index % RING
        number = NUMBER[one.letter]
        ring[cell, slot] = OPEN if taken[cell, slot] and ring[cell, slot] != number else number
        taken[cell, slot] = True
        for near in cells.near(one):
            if not ring[near, slot]:
                ring[near, slot] = OPEN
    return ring
