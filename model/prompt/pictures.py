"""Picture geometry and patches for the vision tower, with numpy only.

The results equal those of transformers' ``Gemma4ImageProcessorPil`` bit for bit, without its padding. The
resize itself happens where pictures are read (``app.ingest.formats.pictures``).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from model.soft_tokens import PATCH_PX, SOFT_TOKEN_PX, VISUAL_BUDGETS
from model.types import Picture

# uint8 → [0, 1], rounded from double precision once, as the reference does it.
_UNIT = (np.arange(256, dtype=np.float64) * (1 / 255)).astype(np.float32)


def fit_size(height: int, width: int, budget: int) -> tuple[int, int]:
    """The largest (height, width) in multiples of 48 px that keeps the aspect ratio and fits the budget.

    Raises ``ValueError`` on an unknown budget or on a picture without pixels.
    """
    if budget not in VISUAL_BUDGETS:
        raise ValueError(f"The visual budget must be one of {VISUAL_BUDGETS}, not {budget}.")
    if height < 1 or width < 1:
        raise ValueError("A picture needs at least one pixel.")
    factor = math.sqrt(budget * SOFT_TOKEN_PX**2 / (height * width))
    rows = math.floor(factor * height / SOFT_TOKEN_PX)
    columns = math.floor(factor * width / SOFT_TOKEN_PX)
    if rows == 0:
        rows, columns = 1, min(width // height, budget)
    elif columns == 0:
        rows, columns = min(height // width, budget), 1
    return rows * SOFT_TOKEN_PX, columns * SOFT_TOKEN_PX


def blocks(picture: Picture) -> NDArray[np.float32]:
    """Blocks of 48 × 48 px ``[n, 6912]`` in [0, 1], row by row (row, column, channel inside a block)."""
    return _cut(picture, SOFT_TOKEN_PX)


def _cut(picture: Picture, side: int) -> NDArray[np.float32]:
    """Squares of ``side`` px, ``[n, side² · 3]``."""
    rows, columns = picture.height // side, picture.width // side
    pixels = np.frombuffer(picture.read(), dtype=np.uint8)
    grid = pixels.reshape(rows, side, columns, side, 3).transpose(0, 2, 1, 3, 4)
    return _UNIT[grid.reshape(rows * columns, side * side * 3)]


def patchify(picture: Picture) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Patches ``[n, 768]`` in [0, 1] (row, column, channel inside a patch) and their ``[n, 2]`` x, y."""
    rows, columns = picture.height // PATCH_PX, picture.width // PATCH_PX
    patches = _cut(picture, PATCH_PX)
    x, y = np.meshgrid(np.arange(columns), np.arange(rows), indexing="xy")
    return patches, np.stack([x, y], axis=-1).reshape(rows * columns, 2).astype(np.int64)
