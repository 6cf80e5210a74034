"""Each kernel on the processor against torch; and that a kernel which is wrong is found before it is used."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from model.formats import quantize
from model.kernels.cuda.kernels import SHARED_SOURCES, fault_of, head
from model.kernels.cuda.launcher import (
    BF16,
    INT4,
    INT8,
    NF4,
    DequantiseArguments,
    Launch,
    Weights,
    dequantise,
    fits,
    job,
    project,
    sources,
)
from model.kernels.cuda.mixture import route
from tests.model.kernels.cuda.conftest import Emulate
from tests.model.kernels.cuda.emulator import Emulator

pytestmark = pytest.mark.compiler


def normal(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("backward", [False, True])
def test_all_are_right_in_any_order_of_threads(emulate: Emulate, backward: bool) -> None:
    assert fault_of(emulate(SHARED_SOURCES, backward=backward)) is None


@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        ("sums[row] += part[row] * scale[row]", "sums[row] += part[row]", "4 bits"),
        ("word >> 4 & 15", "word >> 8 & 15", "4 bits"),
        ("to_bf16(code_value(a.m.form, pair & 15) * scale)", "to_bf16(scale)", "4 bits"),
        ("gelu(sums[index]) * sums[index + each]", "sums[index] * sums[index + each]", "bf16"),
        ("inverse * j.norm[column]", "inverse", "bf16"),
        ("j.cap * tanhf(value / j.cap)", "value", "8 bits"),
        ("mine / total *", "mine *", "the router"),
        ("* a.scalar", "", "the residual"),
        ("routed_inverse * a.routed_norm[place]", "routed_inverse", "the residual"),
    ],
)
def test_a_wrong_kernel_is_found(right: str, wrong: str, found: str, built: Path) -> None:
    text = sources(SHARED_SOURCES)
    assert right in text
    fault = fault_of(Emulator(text.replace(right, wrong), built))
    assert fault is not None and fault.startswith(found)


def stored(form: int, rows: int, columns: int) -> tuple[Weights, Tensor]:
    """A matrix in each form, and the same numbers in float32."""
    weight = normal(rows, columns, seed=rows)
    if form == BF16:
        return Weights(BF16, weight.bfloat16(), None, rows, columns), weight.bfloat16().float()
    if form == INT8:
        data, scales = quantize.quantise(weight, "int8")
        return Weights(INT8, data, scales.float(), rows, columns), data.float() * scales.float()[:, None]
    if form == NF4:
        data, scales = quantize.quantise(weight.bfloat16(), "rows")
        truth = quantize.dequantise(data, scales, "rows", torch.float32)
        return Weights(NF4, data, scales.float(), rows, columns, 64), truth
    data, scales = quantize.convert(*quantize.quantise(weight, "int4"), "int4", "int4_rows")
    truth = quantize.dequantise(data, scales, "int4_rows", torch.float32)
    return Weights(INT4, data, scales, rows, columns, 32), truth


@pytest.mark.parametrize("form", [NF4, BF16, INT4, INT8])
@pytest.mark.parametrize(("rows", "columns"), [(96, 2816), (32, 704), (64, 2112), (32, 64), (32, 8192)])
def test_products_agree(emulate: Emulate, form: int, rows: int, columns: int) -> None:
    """At the widths of 26B-A4B, and at the smallest."""
    weights, truth = stored(form, rows, columns)
    x, out = normal(columns), torch.full((rows + 1,), float("nan"))
    assert fits(weights)
    emulate(SHARED_SOURCES).launch(project(job(weights.argument(), x, out)))
    expected = truth @ x
    assert (out[:rows] - expected).abs().max() < 1e-4 * expected.abs().max()
    assert out[rows].isnan(), "nothing is written behind the last row"


@pytest.mark.parametrize("form", [NF4, INT4])
def test_widened_weights_are_exact(emulate: Emulate, form: int) -> None:
    weights, truth = stored(form, 64, 192)
    wide = torch.zeros(32, 192, dtype=torch.bfloat16)
    emulate(SHARED_SOURCES).launch(dequantise(weights, wide, 32, 32))
    assert torch.equal(wide, truth[32:].bfloat16())


def test_experts_are_chosen_on_the_device(emulate: Emulate) -> None:
    """Three experts of five, their inner rows gated, their outputs weighted."""
    data, scales = zip(*(quantize.quantise(normal(64, 128, seed=s).bfloat16(), "rows") for s in range(5)), strict=True)
    weights = Weights(NF4, torch.stack(data), torch.stack(scales).float(), 5 * 64, 128, 64)
    ids, shares = torch.tensor([3, 0, 4], dtype=torch.int32), torch.tensor([0.5, 2.0, -1.0])
    x, out = normal(3, 128), torch.zeros(3, 32)
    gate, up = weights.argument(0, 32), weights.argument(32, 32)
    chosen = job(gate, x, out, second=up, ids=ids, weights=shares, count=3, expert_rows=64)
    emulate(SHARED_SOURCES).launch(project(chosen))
    for slot, expert in enumerate(ids.tolist()):
        both = quantize.dequantise(data[expert], scales[expert], "rows", torch.float32) @ x[slot]
        expected = torch.nn.functional.gelu(both[:32], approximate="tanh") * both[32:] * shares[slot]
        assert torch.allclose(out[slot], expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))


def test_of_equal_scores_the_first_is_chosen(emulate: Emulate) -> None:
    scores, scale = torch.zeros(128), torch.ones(128)
    ids, weights = torch.zeros(8, dtype=torch.int32), torch.zeros(8)
    scores[[5, 77]] = 1.0
    emulate(SHARED_SOURCES).launch(route(scores, scale, ids, weights))
    assert ids.tolist() == [5, 77, 0, 1, 2, 3, 4, 6]
    assert float(weights.sum()) == pytest.approx(1)


def test_the_head_caps_and_takes_no_cap(emulate: Emulate) -> None:
    weights, truth = stored(INT8, 48, 128)
    x = normal(1, 128)
    for cap in (None, 5.0):
        expected = x @ truth.T
        expected = expected if cap is None else torch.tanh(expected / cap) * cap
        assert torch.allclose(head(emulate(SHARED_SOURCES), x, weights, cap), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("if (threadIdx.x < 7) __syncthreads(); else __syncwarp();", "wait for others"),
        ("SHARED(m); m[3 * 32] = 1;", "behind the shared memory"),
    ],
)
def test_the_emulator_finds_what_a_card_would_not_forgive(body: str, fault: str, built: Path) -> None:
    """The tests' own tool: without this its silence would prove nothing."""
    kernel = f"struct nothing {{ matrix m; void *out; }};\nKERNEL(32) faulty(const nothing a) {{ {body} }}\n"
    text = sources(()) + kernel
    emulator = Emulator(text, built)
    with pytest.raises(RuntimeError, match=fault):
        emulator.launch(Launch("faulty", (1, 1), 32, 4 * 32 * 3, DequantiseArguments()))
