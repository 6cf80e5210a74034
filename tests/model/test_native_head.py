"""All words' logits from our kernel against the 8-bit table written out, and against the plain twin."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from model import native, quantize
from model.native.head import NativeHead
from model.quantized_weights import Int8Embedding

pytestmark = [pytest.mark.native, pytest.mark.usefixtures("kernel_set")]


def table(rows: int, columns: int, seed: int, outlier: float = 0.0) -> tuple[Tensor, Tensor]:
    """Rows of different sizes; ``outlier`` makes one number of each row that much larger than the others."""
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(rows, columns, generator=generator) * (0.5 + torch.rand(rows, 1, generator=generator))
    if outlier:
        weight[torch.arange(rows), torch.randint(columns, (rows,), generator=generator)] = outlier
    return quantize.quantise_int8(weight.bfloat16())


def states(tokens: int, columns: int, seed: int) -> Tensor:
    x = torch.randn(tokens, columns, generator=torch.Generator().manual_seed(seed))
    x[:, 0] *= 20  # trained models have such a number
    return x.bfloat16()


def head(data: Tensor, scales: Tensor) -> NativeHead:
    library = native.library()
    assert library is not None
    return NativeHead(library, data, scales)


@settings(max_examples=40)
@given(
    rows=st.integers(1, 700),
    groups=st.integers(1, 6),
    tokens=st.integers(1, 18),
    outlier=st.sampled_from([0.0, 12.0]),
    seed=st.integers(0, 99),
)
def test_logits_are_those_of_the_table(rows: int, groups: int, tokens: int, outlier: float, seed: int) -> None:
    data, scales = table(rows, 64 * groups, seed, outlier)
    x = states(tokens, 64 * groups, seed + 1)
    truth = (x.double() @ data.double().T * scales.double()).float()
    # x is rounded to 1/16129 of its largest number, at most half a step off in each column.
    step = x.double().abs().amax(1, keepdim=True) / 16129
    bound = (0.51 * step * data.double().abs().sum(1) * scales.double() + 1e-5 * truth.abs().max()).float()
    assert bool(((head(data, scales)(x) - truth).abs() <= bound).all())


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_embedding_uses_it_and_agrees_with_the_plain_twin(threads: int) -> None:
    data, scales = table(3_000, 256, 1)
    embedding = Int8Embedding(data, scales, torch.device("cpu"), torch.bfloat16)
    x = states(3, 256, 2)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        ours = embedding.logits(x)
    finally:
        torch.set_num_threads(before)
    assert torch.equal(ours, head(data, scales)(x))
    plain = quantize.multiply_int8(x, data, scales)
    assert float((ours - plain).abs().max()) < 0.01 * float(plain.abs().max())


def test_zeros_and_what_is_not_finite() -> None:
    data, scales = table(300, 64, 0)
    embedding = Int8Embedding(data, scales, torch.device("cpu"), torch.bfloat16)
    x = torch.zeros(2, 64, dtype=torch.bfloat16)
    assert torch.equal(embedding.logits(x), torch.zeros(2, 300))
    x[1, 3] = torch.inf
    assert not torch.isfinite(embedding.logits(x)[1]).all()
