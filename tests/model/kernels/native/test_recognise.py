"""The products for text recognition against whole numbers in NumPy: the same, bit for bit."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.native_file import functions

pytestmark = pytest.mark.native


class Kernel(ctypes.Structure):
    """``recognise_kernel``."""

    _fields_ = (
        ("product", ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_int, *[ctypes.c_void_p] * 4)),
        ("lanes", ctypes.c_int),
        ("most", ctypes.c_int),
        ("filled_up", ctypes.c_int),
        ("group", ctypes.c_int),
        ("groups", ctypes.c_int),
    )


@pytest.fixture(scope="module")
def kernel() -> Kernel:
    found = functions()
    assert found is not None, "the kernels were not built; install again"
    found.lectern_recognise.restype, found.lectern_recognise.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    return Kernel.from_address(found.lectern_recognise(b""))


def laid_out(w: NDArray[np.int8], kernel: Kernel) -> NDArray[np.int8]:
    """As ``IntSimdMatrix::Init`` does it; the last column of ``w`` is the bias."""
    rows, inputs = w.shape[0], w.shape[1] - 1
    filled = -(-rows // kernel.lanes) * kernel.lanes
    padded = np.zeros((filled, -(-inputs // kernel.group) * kernel.group), np.int8)
    padded[:rows, :inputs] = w[:, :-1]
    bias = np.zeros(filled, np.int8)
    bias[:rows] = w[:, -1]
    parts, row, size = [], 0, kernel.most
    while size:
        while row + size * kernel.lanes <= filled:
            some = slice(row, row + size * kernel.lanes)
            parts += [padded[some].reshape(size * kernel.lanes, -1, kernel.group).swapaxes(0, 1).ravel(), bias[some]]
            row += size * kernel.lanes
        size //= 2
    return np.concatenate(parts)


@settings(max_examples=60)
@given(rows=st.integers(1, 200), columns=st.integers(2, 260), seed=st.integers(0, 99), steep=st.booleans())
def test_every_shape_is_multiplied_exactly(kernel: Kernel, rows: int, columns: int, seed: int, steep: bool) -> None:
    rng = np.random.default_rng(seed)
    w = rng.integers(-127, 128, (rows, columns), dtype=np.int8)
    x = rng.integers(-127, 128, columns - 1, dtype=np.int8)
    if steep:  # the largest sums of two products, which 16 bits have to hold
        w[:], x[:] = 127, rng.choice((-127, 127))
    scales = rng.random(rows)
    behind = rng.integers(-127, 128, -len(x) % kernel.filled_up, dtype=np.int8)  # may be anything
    given_x, shaped = np.concatenate([x, behind]), laid_out(w, kernel)
    out = np.full(rows + 1, 7.5)
    addresses = [array.ctypes.data for array in (shaped, scales, given_x, out)]
    kernel.product(rows, columns, *addresses)
    expected = (w[:, :-1].astype(np.int64) @ x + 127 * w[:, -1].astype(np.int64)) * scales
    assert np.array_equal(out[:-1], expected)
    assert out[-1] == 7.5
