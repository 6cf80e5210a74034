"""The kernels for processors against their plain twins, at every number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from model.formats import quantize, table
from model.formats.quantize import Layout
from model.kernels import native
from model.kernels.native import Library

pytestmark = pytest.mark.native

LAYOUTS = ["rows32", "int4", "int4m", "w8", "w8m", "w8x16"]
LIMIT = 4e-3
"""Relative error: rounding to bf16 of the result or of the 16 values of NF4, and a sum in another order."""
WHOLE_NUMBERS = 6e-4
"""With AVX2, of a result in float32: x is rounded to 1/8191 of the largest of 32 numbers, off by 0.3 of that in the
mean, which is 2e-4 where all the others are small; the values of NF4 to 1/8192, 1e-4 of their mean size."""


@pytest.fixture(params=[1, 3])
def library(request: pytest.FixtureRequest, kernel_set: str) -> Iterator[Library]:
    """Each set of kernels on some threads."""
    found = native.library()
    assert found is not None, "the kernels were not built; install again"
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield found
    torch.set_num_threads(before)
    found.use_threads()


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def error(got: Tensor, expected: Tensor) -> float:
    return float((got.float() - expected.float()).norm() / expected.float().norm().clamp_min(1e-30))


@settings(max_examples=25)
@given(
    rows=st.integers(1, 12),
    blocks=st.integers(1, 9),
    tokens=st.integers(1, 19),
    wide=st.booleans(),
    seed=st.integers(0, 9),
)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_numbers_in_blocks_are_multiplied_as_their_dequantised_form(
    library: Library, kernel_set: str, layout: Layout, rows: int, blocks: int, tokens: int, wide: bool, seed: int
) -> None:
    rows, columns = rows * quantize.LANES, blocks * table.format_of(layout).block
    data, scales = quantize.quantise(random(rows, columns, seed=seed).bfloat16(), layout)
    x = random(tokens, columns + 64, seed=seed + 1).bfloat16()[:, :columns]
    dtype = torch.float32 if wide else torch.bfloat16
    got = library.multiply(x, native.matrix(native.FORMS[layout], data, scales, rows, columns), dtype)
    expected = x.float() @ quantize.dequantise(data, scales, layout, torch.float32).T
    assert got.dtype == dtype
    assert error(got, expected) < (WHOLE_NUMBERS if wide and kernel_set == "avx2" else LIMIT)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_outliers_cost_their_neighbours_little(library: Library, layout: Layout) -> None:
    """Trained models have numbers a hundred times as large as the others; 8 bits would leave nothing of those."""
    data, scales = quantize.quantise(random(64, 512).bfloat16(), layout)
    matrix = native.matrix(native.FORMS[layout], data, scales, 64, 512)
    x = random(2, 512, seed=1).bfloat16()
    x[:, ::32] = 128
    large = torch.where(x == 128, x, 0)
    both, alone = (library.multiply(part, matrix, torch.float32) for part in (x, large))
    expected = (x - large).float() @ quantize.dequantise(data, scales, layout, torch.float32).T
    assert error(both - alone, expected) < 0.01


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("odd", [torch.inf, -torch.inf, torch.nan])
def test_what_is_not_finite_shows(library: Library, layout: Layout, odd: float) -> None:
    """And in its own token only."""
    data, scales = quantize.quantise(random(32, 128).bfloat16(), layout)
    x = random(6, 128, seed=1).bfloat16()
    x[4, 77] = odd
    got = library.multiply(x, native.matrix(native.FORMS[layout], data, scales, 32, 128), torch.float32)
    finite = torch.isfinite(got).all(dim=1)
    assert finite.tolist() == [True, True, True, True, False, True]
    x[:] = 0
    got = library.multiply(x, native.matrix(native.FORMS[layout], data, scales, 32, 128), torch.float32)
    assert torch.equal(got, torch.zeros(6, 32))


@settings(max_examples=25)
@given(rows=st.integers(1, 300), columns=st.integers(1, 300), tokens=st.integers(1, 10), seed=st.integers(0, 9))
def test_bf16_is_multiplied_at_every_size(library: Library, rows: int, columns: int, tokens: int, seed: int) -> None:
    weight = random(rows, columns, seed=seed).bfloat16()
    x = random(tokens, columns, seed=seed + 1).bfloat16()
    got = library.multiply(x, native.matrix(native.BF16, weight, None, rows, columns))
    assert error(got, x.float() @ weight.float().T) < LIMIT


def test_large_matrices_are_shared_out_whole(library: Library) -> None:
    """Many chunks, the last one shorter, over and over: each is done exactly once."""
    data, scales = quantize.quantise(random(32 * 301, 128).bfloat16(), "rows32")
    x = random(3, 128).bfloat16()
    matrix = native.matrix(native.NF4, data, scales, 32 * 301, 128)
    first = library.multiply(x, matrix, torch.float32)
    for _ in range(200):
        assert torch.equal(library.multiply(x, matrix, torch.float32), first)


def test_two_python_threads_take_turns(library: Library) -> None:
    data, scales = quantize.quantise(random(320, 128).bfloat16(), "rows32")
    matrix = native.matrix(native.NF4, data, scales, 320, 128)
    inputs = [random(2, 128, seed=i).bfloat16() for i in range(4)]
    expected = [library.multiply(x, matrix) for x in inputs]
    wrong: list[int] = []

    def work(i: int) -> None:
        for _ in range(200):
            if not torch.equal(library.multiply(inputs[i], matrix), expected[i]):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("size", [256, 1 << 18, (1 << 20) + 1024])
def test_reading_memory_touches_all_of_it(library: Library, size: int) -> None:
    numbers = torch.randint(-(1 << 62), 1 << 62, (size // 8,), generator=torch.Generator().manual_seed(size))
    with_rest = torch.cat([numbers.view(torch.uint8), torch.full((5,), 255, dtype=torch.uint8)])
    assert library.read(with_rest) == int(numbers.sum()) % (1 << 64)


@pytest.mark.parametrize(
    ("switch", "expected"), [("off", "None"), ("no such kernels", "None"), ("", "AVX"), ("avx2", "AVX2")]
)
def test_the_switch_chooses(switch: str, expected: str) -> None:
    code = "from model.kernels import native; found = native.library(); print(found and found.kernels)"
    environment = os.environ | {native.SWITCH: switch}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert result.stdout.startswith(expected)
