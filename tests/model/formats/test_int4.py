"""int4: the grid of ``Q4_0``, kept exactly where weights are on it."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from model.formats import int4, quantize
from model.formats.quantized_weights import BlockEmbedding, BlockExperts, BlockLinear

CPU = torch.device("cpu")


def on_a_grid(seed: int, rows: int, columns: int, most: int, spread: float, scales: torch.dtype) -> Tensor:
    """bf16 weights d q with d in ``scales`` and q from -most to the smaller of most and 7."""
    generator = torch.Generator().manual_seed(seed)
    d = 0.002 * torch.exp(spread * torch.randn(rows, columns // 32, 1, generator=generator))
    d = d.clamp_(1e-4, 1).to(scales)
    q = torch.randint(-most, min(most, 7) + 1, (rows, columns // 32, 32), generator=generator)
    return (d.float() * q).view(rows, columns).to(torch.bfloat16)


def ggml(weight: Tensor) -> Tensor:
    """``Q4_0`` group by group, as ggml's ``quantize_row_q4_0_ref`` and ``dequantize_row_q4_0`` define it."""
    out = torch.empty(weight.shape)
    for row, to in zip(weight.float(), out, strict=True):
        for start in range(0, len(row), 32):
            group = row[start : start + 32]
            largest = group[group.abs().argmax()]
            d = largest / -8
            inverse = 1 / d if d != 0 else torch.tensor(0.0)
            q = (group * inverse + 8.5).to(torch.int8).clamp(max=15)
            to[start : start + 32] = (q.float() - 8) * d.to(torch.float16).float()
    return out


def back(weight: Tensor, dtype: torch.dtype = torch.bfloat16) -> Tensor:
    return quantize.dequantise(*quantize.quantise(weight, "int4"), "int4", dtype)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    most=st.integers(1, 8),
    spread=st.floats(0, 1.5),
    scales=st.sampled_from([torch.float16, torch.bfloat16]),
)
def test_weights_on_a_grid_come_back_exactly(seed: int, most: int, spread: float, scales: torch.dtype) -> None:
    weight = on_a_grid(seed, 64, 256, most, spread, scales)
    assert torch.equal(back(weight), weight)


def test_scales_in_bf16_would_miss_a_grid_in_fp16() -> None:
    weight = on_a_grid(0, 64, 256, 8, 1.0, torch.float16)
    codes, scales = int4.encode(weight)
    rounded = int4.decode(codes, scales.to(torch.bfloat16), torch.bfloat16)
    assert 0.05 < (rounded != weight).float().mean() < 0.9


def test_other_weights_are_rounded_as_llama_cpp_does() -> None:
    weight = torch.randn(32, 128, generator=torch.Generator().manual_seed(1)).mul_(0.02).to(torch.bfloat16)
    weight[3, 32:64] = 0
    assert torch.equal(back(weight, torch.float32), ggml(weight))
    error = (back(weight, torch.float32) - weight.float()).norm() / weight.float().norm()
    assert 0.06 < error < 0.11


def test_a_few_groups_off_the_grid_follow_the_rule_and_leave_the_others_exact() -> None:
    weight = on_a_grid(2, 32, 256, 7, 0.5, torch.float16)
    weight[5, :32] += 1e-3 * torch.randn(32, generator=torch.Generator().manual_seed(3)).to(torch.bfloat16)
    other = torch.ones(32, 256, dtype=torch.bool)
    other[5, :32] = False
    found = back(weight, torch.float32)
    assert torch.equal(found.to(torch.bfloat16)[other], weight[other])
    assert torch.equal(found[5:6, :32], ggml(weight[5:6, :32]))


@pytest.mark.parametrize("count", [1, 3, 17, 129])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_int4_multiplies_with_the_numbers_that_it_stores(count: int, dtype: torch.dtype) -> None:
    weight = on_a_grid(4, 96, 160, 8, 0.5, torch.float16)
    x = torch.randn(count, 160, generator=torch.Generator().manual_seed(5)).to(dtype)
    stored = quantize.quantise(weight, "int4")
    linear = BlockLinear(*stored, "int4", CPU)
    assert (linear.out_features, linear.in_features) == (96, 160)
    twin = x.float() @ quantize.dequantise(*stored, "int4", torch.float32).T
    assert (linear(x).float() - twin).norm() / twin.norm() < (1e-5 if dtype == torch.float32 else 0.01)
    experts = BlockExperts(*(torch.stack([part, part]) for part in stored), "int4", CPU)
    assert torch.equal(experts.expert(x, 1), linear(x))


def test_an_int4_embedding_looks_up_the_rows_that_its_head_multiplies() -> None:
    weight = on_a_grid(6, 96, 64, 8, 0.5, torch.float16)
    embedding = BlockEmbedding(*quantize.quantise(weight, "int4"), "int4", CPU, torch.bfloat16)
    ids = torch.tensor([0, 15, 16, 31, 32, 95, 33])
    assert torch.equal(embedding.rows(ids), weight[ids])
