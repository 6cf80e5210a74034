"""How a stored frame is to be held: turned by quarters, mirrored, or both, according to its display matrix.

A front camera stores a mirror image and marks it in the matrix; a turn alone, which PyAV gives as ``frame.rotation``,
is not the whole of it then.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from av.sidedata.sidedata import Type
from numpy.typing import NDArray

_BYTES = 36
_STRAIGHT = 0.02
"""How far a side of the picture may lean, as a share of its length; less is rounding."""


@dataclass(frozen=True, slots=True)
class Orientation:
    """First rows become columns (``swapped``), then left and right change places, then top and bottom."""

    swapped: bool = False
    left_right: bool = False
    top_bottom: bool = False
    sound: bool = True
    """False where the file asks for what no picture can be, such as a turn by 30°: it is shown as it is stored."""

    def size(self, height: int, width: int) -> tuple[int, int]:
        """Height and width of what is stored in this size; the same function leads back."""
        return (width, height) if self.swapped else (height, width)

    def upright(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """``pixels`` [height, width, channels] as they are to be seen."""
        if self.swapped:
            pixels = pixels.swapaxes(0, 1)
        if self.left_right:
            pixels = pixels[:, ::-1]
        if self.top_bottom:
            pixels = pixels[::-1]
        return np.ascontiguousarray(pixels)


_AS_STORED = Orientation()


def orientation_of(frame: Any) -> Orientation:
    """What a frame's display matrix asks for."""
    matrix = next((bytes(one) for one in frame.side_data if one.type == Type.DISPLAYMATRIX), b"")
    if len(matrix) < _BYTES:
        return _AS_STORED
    return of_matrix(*(struct.unpack("=9i", matrix[:_BYTES])[place] for place in (0, 1, 3, 4)))


def of_matrix(a: float, b: float, c: float, d: float) -> Orientation:
    """A stored point (x, y) is shown at (a·x + c·y, b·x + d·y), in any unit; y points down."""
    size = max(abs(a), abs(b), abs(c), abs(d))
    if size == 0:
        return Orientation(sound=False)
    straight = max(abs(b), abs(c)) <= _STRAIGHT * size
    swapped = max(abs(a), abs(d)) <= _STRAIGHT * size
    if straight and a and d:
        return Orientation(False, a < 0, d < 0)
    if swapped and b and c:
        return Orientation(True, c < 0, b < 0)
    return Orientation(sound=False)
