"""A picture made ready for recognition: dark print on even paper, and which way its lines run.

Arrays are (height, width) of 8-bit grey.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

Grey = npt.NDArray[np.uint8]

_CELL = 24
"""Pixels a side of the cells whose usual brightness counts as the paper's there."""

_FAINT = 64.0
"""Differences from the paper below this are never stretched to full contrast: they are noise."""

_PAPER = 40.0
"""What differs from the paper less than this, once it is stretched, is paper: grain in wide gaps is read as signs."""

_SMALL = 1000
"""Pixels of the longer side of the picture on which directions are measured."""

_MOST_POINTS = 60_000
_WIDEST = 7.0
_LETTER = 5
"""Pixels there over which stems of letters are smoothed away, but no lines."""

_INK = 128


@dataclass(frozen=True, slots=True)
class Lie:
    """The direction of a picture's lines: across (or down), and the degrees they fall to the right (negative: rise).

    ``clear`` is how much more the lines show in this direction than in the other: near 1, it was a guess.
    """

    across: bool
    degrees: float
    clear: float


def evened(image: Image.Image) -> Image.Image:
    """Dark print on white, whatever print and paper were: what differs from the paper around it becomes dark.

    Light print on dark, and both on one screen, come out alike; shadows of a photographed sheet go.
    """
    grey = np.asarray(image.convert("L"), dtype=np.float32)
    paper = _paper(grey)
    difference = np.abs(grey - paper)
    reach = _spread_out(_by_cells(difference, 0.98, _CELL * 2), grey.shape)
    strongest = float(np.quantile(difference, 0.995))
    difference *= 255.0 / np.maximum(reach, max(_FAINT, 0.5 * strongest))
    difference = np.minimum(difference, np.maximum(0.0, 2.0 * (difference - _PAPER)))
    return Image.fromarray((255.0 - np.minimum(difference, 255.0)).astype(np.uint8))


def lie_of(image: Image.Image) -> Lie:
    """Which way the lines of an evened picture run."""
    factor = -(-max(image.size) // _SMALL)
    small = np.asarray(image.reduce(factor) if factor > 1 else image)
    ys, xs = np.nonzero(small < _INK)
    if len(ys) < 50:
        return Lie(True, 0.0, 1.0)
    if len(ys) > _MOST_POINTS:
        step = len(ys) // _MOST_POINTS + 1
        keep = np.random.default_rng(0).permutation(len(ys))[: len(ys) // step]
        ys, xs = ys[keep], xs[keep]
    falling, leaning = _steepest(ys, xs), _steepest(xs, ys)
    across, down = _striped(ys, xs, falling), _striped(xs, ys, leaning)
    if across >= down:
        return Lie(True, falling, across / max(1e-9, down))
    return Lie(False, -leaning, down / max(1e-9, across))


def _paper(grey: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The brightness of the background of the print, pixel by pixel: the usual one around it."""
    return _spread_out(_by_cells(grey, 0.5, _CELL), grey.shape)


def _by_cells(grey: npt.NDArray[np.float32], share: float, cell: int) -> npt.NDArray[np.float32]:
    """One value a cell: the quantile ``share`` of the cells around it, so that no line of large print is the paper."""
    height, width = grey.shape
    rows, columns = -(-height // cell), -(-width // cell)
    padded = np.pad(grey, ((0, rows * cell - height), (0, columns * cell - width)), mode="edge")
    thin = padded[:, ::2] if cell % 2 == 0 else padded
    cells = thin.reshape(rows, cell, columns, -1).swapaxes(1, 2).reshape(rows, columns, -1)
    values = np.quantile(cells, share, axis=2).astype(np.float32)
    around = np.pad(values, 1, mode="edge")
    near = [around[y : y + rows, x : x + columns] for y in range(3) for x in range(3)]
    return np.max(near, axis=0) if share > 0.9 else np.median(near, axis=0).astype(np.float32)


def _spread_out(values: npt.NDArray[np.float32], shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    image = Image.fromarray(values, mode="F")
    return np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BILINEAR), dtype=np.float32)


def _steepest(along: npt.NDArray[np.intp], across: npt.NDArray[np.intp]) -> float:
    """The angle in degrees at which the ink falls into the clearest lines."""
    tried = [(_clear(along, across, degrees), degrees) for degrees in np.arange(-_WIDEST, _WIDEST + 0.1, 0.5)]
    middle = max(tried)[1]
    tried += [(_clear(along, across, degrees), degrees) for degrees in middle + np.arange(-0.4, 0.45, 0.1)]
    return float(max(tried)[1])


def _clear(along: npt.NDArray[np.intp], across: npt.NDArray[np.intp], degrees: float) -> float:
    """How much the ink comes in lines when it is projected at an angle: steps between neighbouring rows, squared."""
    return float((np.diff(_profile(along, across, degrees)) ** 2).sum())


def _striped(along: npt.NDArray[np.intp], across: npt.NDArray[np.intp], degrees: float) -> float:
    """How much of the ink comes and goes from row to row; an edge of a column of print counts once only."""
    counts = np.convolve(_profile(along, across, degrees), np.ones(_LETTER) / _LETTER)
    return float(np.abs(np.diff(counts)).sum() / max(1.0, counts.sum()))


def _profile(along: npt.NDArray[np.intp], across: npt.NDArray[np.intp], degrees: float) -> npt.NDArray[np.float64]:
    rows = np.rint(along - across * np.tan(np.radians(degrees))).astype(np.int64)
    return np.bincount(rows - rows.min()).astype(np.float64)
