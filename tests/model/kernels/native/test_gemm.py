"""Products with many rows of activations against their plain twins: every format, kernel and number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from model.family.experts import Experts
from model.formats import quantize, table
from model.formats.quantize import Layout
from model.formats.quantized_weights import BlockExperts, BlockLinear, mixture
from model.kernels import native
from model.kernels.native import gemm
from model.kernels.native.gemm import Kernels

pytestmark = pytest.mark.native
CPU = torch.device("cpu")
NAMES = ["rows32", "int4", "int4m", "w8", "w8m", "w8x16"]
LAYOUTS = st.sampled_from(NAMES)
BLOCK = {name: table.format_of(name).block for name in NAMES}
ERROR = 1.5e-2
"""The error of 8 bits on both sides: 0.8 % for long rows, with AVX2 1.2."""
ONE = {"AVX512-BF16": 112, "AVX512-VNNI": 112, "AVX2": 53}
"""NF4's 1 in 8 bits."""


def chosen(name: str) -> Kernels:
    functions = native.functions()
    assert functions is not None, "the kernels were not built; install again"
    gemm.kernels()  # declares the functions' arguments
    return Kernels(functions, functions.lectern_gemm_choose(name.encode()).decode())


@pytest.fixture(params=["avx512", "vnni", "avx2"])
def kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernels]:
    functions = native.functions()
    assert functions is not None, "the kernels were not built; install again"
    gemm.kernels()
    if not functions.lectern_gemm_choose(request.param.encode()):
        request.param = "avx2"
    found = chosen(request.param)
    monkeypatch.setattr(gemm, "kernels", lambda: found)
    yield found
    functions.lectern_gemm_choose(b"")


THREADS = [1, 2, 5]


@pytest.fixture(params=THREADS)
def threads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Threads of the native kernels; torch keeps its own number, for its twins are many small operations."""
    yield use(request.param, monkeypatch)
    native._threads = 0  # to be set anew


@pytest.fixture
def any_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """For tests of many examples, each of which has its own number of threads."""
    yield monkeypatch
    native._threads = 0


def use(count: int, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(native, "use_threads", lambda functions: functions.lectern_set_threads(count))
    return count


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def stored(layout: Layout, *shape: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    weight = random(*shape, seed=seed).mul_(0.05).to(torch.bfloat16)
    parts = [quantize.quantise(matrix, layout) for matrix in weight.view(-1, *shape[-2:])]
    data, scales = (torch.stack(part) for part in zip(*parts, strict=True))
    return (data, scales) if len(shape) == 3 else (data[0], scales[0])


def error(got: Tensor, expected: Tensor) -> float:
    return float((got.float() - expected.float()).norm() / expected.float().norm().clamp_min(1e-30))


def in_8_bits(x: Tensor, block: int) -> Tensor:
    """Activations as the kernels round them."""
    parts = x.float().unflatten(-1, (-1, block))
    most, root = parts.abs().amax(-1, keepdim=True), parts.abs().sqrt().mean(-1, keepdim=True)
    step = (most / 127).clamp_min(1e-30)
    step = torch.where(most > 50 * root.square(), step / 254, step)  # blocks with outliers are rounded twice
    return ((parts / step).round() * step).flatten(-2)


def nf4_in_8_bits(weight: Tensor, scales: Tensor, one: int) -> Tensor:
    """NF4's 16 values as the kernels round them."""
    scales = scales.T.float().repeat_interleave(64, dim=1)
    return ((weight / scales.where(scales > 0, 1)) * one).round() / one * scales


@pytest.mark.parametrize("layout", NAMES)
def test_rounding_is_all_that_8_bits_change(kernels: Kernels, layout: Layout) -> None:
    one = ONE[kernels.name]
    data, scales = stored(layout, 96, 320)
    weight = quantize.dequantise(data, scales, layout, torch.float32)
    x = random(50, 320).mul_(random(1, 320, seed=5).exp()).bfloat16()
    rounded = nf4_in_8_bits(weight, scales, one) if layout == "rows32" else weight
    got = kernels.multiply(x, quantize.matrix(data, scales, layout))
    assert error(got, in_8_bits(x, BLOCK[layout]) @ rounded.T) < 2.5e-3, "nothing but the result's own rounding"


@pytest.mark.parametrize("layout", NAMES)
def test_outliers_cost_their_neighbours_little(kernels: Kernels, layout: Layout) -> None:
    """Trained models have numbers a hundred times as large as the others; 8 bits alone would leave nothing of those."""
    data, scales = stored(layout, 96, 512)
    matrix = quantize.matrix(data, scales, layout)
    x = random(20, 512, seed=1)
    x[:, 5::64] = 128
    x[3:9, 40::64] = -128
    large = torch.where(x.abs() == 128, x, 0)
    both, alone = (kernels.multiply(part.bfloat16(), matrix).float() for part in (x, large))
    exact = (x - large) @ quantize.dequantise(data, scales, layout, torch.float32).T
    rounding = 4e-3 * float(both.norm() / exact.norm())  # of the results, to bf16
    assert error(both - alone, exact) < 0.02 + rounding


@pytest.mark.parametrize("odd", [float("inf"), float("nan")])
def test_what_is_not_finite_stays_so(kernels: Kernels, odd: float) -> None:
    data, scales = stored("rows32", 64, 128)
    x = random(9, 128).bfloat16()
    plain = kernels.multiply(x, quantize.matrix(data, scales, "rows32"))
    x[3, 70] = odd
    got = kernels.multiply(x, quantize.matrix(data, scales, "rows32"))
    assert not torch.isfinite(got[3]).any()
    assert torch.equal(got[[*range(3), *range(4, 9)]], plain[[*range(3), *range(4, 9)]])


@pytest.mark.parametrize("layout", NAMES)
def test_zeros_stay_zeros(kernels: Kernels, layout: Layout) -> None:
    data, scales = stored(layout, 64, 128)
    assert not kernels.multiply(torch.zeros(5, 128, dtype=torch.bfloat16), quantize.matrix(data, scales, layout)).any()


@given(
    layout=LAYOUTS,
    groups=st.integers(1, 12),
    blocks=st.integers(1, 9),
    tokens=st.integers(1, 40),
    seed=st.integers(0, 9),
)
def test_a_matrix_is_multiplied_as_its_dequantised_form(
    kernels: Kernels, threads: int, layout: Layout, groups: int, blocks: int, tokens: int, seed: int
) -> None:
    rows, columns = groups * quantize.LANES, blocks * BLOCK[layout]
    data, scales = stored(layout, rows, columns, seed=seed)
    x = random(tokens, columns + 64, seed=seed + 1).bfloat16()[:, :columns]
    got = kernels.multiply(x, quantize.matrix(data, scales, layout))
    expected = x.float() @ quantize.dequantise(data, scales, layout, torch.float32).T
    assert got.dtype == x.dtype and error(got, expected) < ERROR


@pytest.mark.parametrize("layout", NAMES)
@pytest.mark.parametrize("tokens, columns", [(257, 64), (600, 1088), (13, 4160), (7, 8192)])
def test_long_rows_and_many_tokens_are_cut_into_blocks(
    kernels: Kernels, layout: Layout, tokens: int, columns: int
) -> None:
    data, scales = stored(layout, 192, columns)
    x = random(tokens, columns).bfloat16()
    expected = x.float() @ quantize.dequantise(data, scales, layout, torch.float32).T
    assert error(kernels.multiply(x, quantize.matrix(data, scales, layout)), expected) < 2 * ERROR


class _Plain(Experts):
    """The experts one by one, in float32, with weights that are dequantised first."""

    def __init__(self, gate_up: BlockExperts, down: BlockExperts) -> None:
        self.gate_up_proj, self.down_proj = _Wide(gate_up), _Wide(down)


class _Wide:
    def __init__(self, experts: BlockExperts) -> None:
        self.num_experts, self.in_features, self.out_features = (
            experts.num_experts,
            experts.in_features,
            experts.out_features,
        )
        pairs = zip(experts.data, experts.scales, strict=True)
        self._weights = [quantize.dequantise(d, s, experts.layout, torch.float32) for d, s in pairs]

    def expert(self, x: Tensor, index: int) -> Tensor:
        return x @ self._weights[index].T


@given(
    layouts=st.tuples(LAYOUTS, LAYOUTS),
    sizes=st.tuples(st.integers(1, 6), st.integers(1, 3), st.integers(1, 3)),
    tokens=st.integers(2, 70),
    top_k=st.integers(1, 4),
    seed=st.integers(0, 9),
    threads=st.sampled_from(THREADS),
)
def test_experts_are_mixed_as_one_by_one(
    kernels: Kernels,
    any_threads: pytest.MonkeyPatch,
    layouts: tuple[Layout, Layout],
    sizes: tuple[int, int, int],
    tokens: int,
    top_k: int,
    seed: int,
    threads: int,
) -> None:
    """Also where the second matrix is stored in another form, as imported models have it."""
    use(threads, any_threads)
    first, second = layouts
    count, hidden, inner = sizes[0], sizes[1] * 64, sizes[2] * 64
    top_k = min(top_k, count)
    gate_up = BlockExperts(*stored(first, count, 2 * inner, hidden, seed=seed), first, CPU)
    down = BlockExperts(*stored(second, count, hidden, inner, seed=seed + 1), second, CPU)
    x = random(tokens, hidden, seed=seed + 2).bfloat16()
    weights, ids = torch.topk(torch.softmax(random(tokens, count, seed=seed + 3), -1), top_k)
    got = mixture(gate_up, down, x, weights, ids)
    assert got is not None and got.dtype == x.dtype
    expected = _Plain(gate_up, down)._grouped(x.float(), weights, ids)
    assert error(got, expected) < 2 * ERROR


def test_one_expert_that_takes_every_token_is_shared_out(kernels: Kernels, threads: int) -> None:
    gate_up = BlockExperts(*stored("rows32", 4, 1408, 64), "rows32", CPU)
    down = BlockExperts(*stored("rows32", 4, 64, 704), "rows32", CPU)
    x = random(700, 64).bfloat16()
    weights, ids = torch.ones(700, 1), torch.full((700, 1), 2)
    got = mixture(gate_up, down, x, weights, ids)
    expected = _Plain(gate_up, down)._grouped(x.float(), weights, ids)
    assert got is not None and error(got, expected) < 2 * ERROR


def test_results_do_not_depend_on_threads(kernels: Kernels, monkeypatch: pytest.MonkeyPatch) -> None:
    gate_up = BlockExperts(*stored("rows32", 8, 128, 128), "rows32", CPU)
    down = BlockExperts(*stored("rows32", 8, 128, 64), "rows32", CPU)
    x = random(100, 128).bfloat16()
    weights, ids = torch.topk(torch.softmax(random(100, 8), -1), 3)
    results = []
    for count in (1, 2, 7, 2):
        use(count, monkeypatch)
        results.append(mixture(gate_up, down, x, weights, ids))
    native._threads = 0
    assert all(torch.equal(result, results[0]) for result in results)


def test_float32_goes_another_way_and_loses_nothing(kernels: Kernels) -> None:
    data, scales = stored("rows32", 64, 128)
    x = random(20, 128)
    expected = x @ quantize.dequantise(data, scales, "rows32", torch.float32).T
    got = BlockLinear(data, scales, "rows32", CPU)(x)
    assert got.dtype == torch.float32 and error(got, expected) < 1e-5


@pytest.mark.parametrize("switch, expected", [("off", "None"), ("avx2", "AVX2"), ("no such", "None")])
def test_the_environment_chooses(switch: str, expected: str) -> None:
    program = "from model.kernels.native import gemm; found = gemm.kernels(); print(found and found.name)"
    environment = os.environ | {native.SWITCH: switch}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == expected
