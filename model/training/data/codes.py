"""The content of a frame's soft token, as one fixed vector for each title and one for none.

The tower is taught to put these vectors under the titles that it sees, and the language side to read them,
each without waiting for the other. After that both are trained together.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from model.training.data.videos import TITLES

_SEED = 20_417
LOUDNESS = 1.0
"""Root mean square of a vector's numbers; about that of the words' embeddings."""


@cache
def title_codes(width: int) -> NDArray[np.float32]:
    """[1 + titles, width]; row 0 is the background's."""
    codes = np.random.default_rng(_SEED).standard_normal((1 + len(TITLES), width))
    codes *= LOUDNESS / np.sqrt((codes**2).mean(-1, keepdims=True))
    return codes.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Blur:
    """How far made-up soft tokens are from the vectors that they represent."""

    noise: tuple[float, float] = (0.0, 0.8)
    lost: float = 0.15
    """The share of a title's soft tokens that carry no title."""
    other: float = 0.03
    """The share of soft tokens that carry a wrong title, faintly."""


def made_up_frame(
    rng: random.Random, title: int, rows: int, columns: int, width: int, blur: Blur
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Soft tokens [rows × columns, width] as the tower would give them for a title (its number + 1); which show it."""
    noise = np.random.default_rng(rng.getrandbits(32))
    grid = np.zeros((rows, columns), np.int64)
    wide = min(columns, rng.randint(2, 6))
    high = min(rows, rng.randint(1, 2))
    top, left = rng.randint(0, rows - high), rng.randint(0, columns - wide)
    patch = np.where(noise.random((high, wide)) < blur.lost, 0, title)
    patch[rng.randrange(high), rng.randrange(wide)] = title
    grid[top : top + high, left : left + wide] = patch
    codes = title_codes(width)
    soft = codes[grid.reshape(-1)].astype(np.float64)
    wrong = noise.random(len(soft)) < blur.other
    soft = (
        soft + wrong[:, None] * noise.uniform(0, 0.6, (len(soft), 1)) * codes[noise.integers(1, len(codes), len(soft))]
    )
    spread = rng.uniform(*blur.noise)
    return (soft + spread * noise.standard_normal(soft.shape)).astype(np.float32), grid.reshape(-1) > 0
