"""NF4 and 8 bits against their dense twins, in every layout and at every size."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from model.formats import nf4, quantize
from model.formats.quantize import Layout
from model.formats.quantized_weights import BlockEmbedding, BlockExperts, BlockLinear, Int8Embedding
from model.kernels.native import gemm

CPU = torch.device("cpu")
LAYOUTS: tuple[Layout, ...] = ("rows", "rows32")
TOKENS = (1, 3, 16, 17, 100, 129)


def weights(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).mul_(0.02).to(torch.bfloat16)


def tokens(count: int, width: int, dtype: torch.dtype = torch.bfloat16) -> Tensor:
    return torch.randn(count, width, generator=torch.Generator().manual_seed(1)).to(dtype)


def error(actual: Tensor, expected: Tensor) -> float:
    return float((actual.float() - expected.float()).norm() / expected.float().norm())


@pytest.fixture(params=[True, False], ids=["kernel", "no kernel"])
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """With the processor's 4-bit kernel, where it has one, and as on a processor without."""
    if not request.param:
        monkeypatch.setattr(nf4, "has_native_kernel", lambda: False)
    return bool(request.param)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(32, 64), (96, 192), (704, 128)])
def test_nf4_keeps_random_weights_to_about_nine_per_cent(layout: Layout, shape: tuple[int, int]) -> None:
    weight = weights(*shape)
    back = quantize.dequantise(*quantize.quantise(weight, layout), layout, torch.float32)
    assert 0.05 < error(back, weight) < 0.11


def test_the_numbers_are_those_of_bitsandbytes_own_quantiser() -> None:
    from bitsandbytes.functional import dequantize_4bit, quantize_4bit

    weight = weights(256, 512)
    ours = quantize.dequantise(*quantize.quantise(weight, "rows"), "rows", torch.float32)
    theirs = dequantize_4bit(*quantize_4bit(weight, blocksize=64, quant_type="nf4")).float()
    # Ours has its scales rounded to bf16, and a number midway between two may fall either way.
    assert error(ours, theirs) < 0.01


def test_the_wide_layout_is_the_one_of_bitsandbytes_kernel() -> None:
    from bitsandbytes.functional import _convert_weight_packed_for_cpu, quantize_4bit

    weight = weights(64, 128)
    packed, state = quantize_4bit(weight, blocksize=64, quant_type="nf4")
    theirs, state = _convert_weight_packed_for_cpu(packed, state)
    data, scales = quantize.quantise(weight, "rows32")
    assert (data == theirs).float().mean() > 0.99
    assert torch.equal(scales, state.absmax)


@pytest.mark.parametrize("shape", [(32, 64), (3, 64, 128)])
def test_layouts_convert_into_each_other_without_loss(shape: tuple[int, ...]) -> None:
    parts = [quantize.quantise(matrix, "rows") for matrix in weights(*shape).view(-1, *shape[-2:])]
    data, scales = (torch.stack(part) if len(shape) == 3 else part[0] for part in zip(*parts, strict=True))
    wide = quantize.convert(data, scales, "rows", "rows32")
    assert wide[0].shape == data.shape
    direct = quantize.quantise(weights(*shape).view(-1, *shape[-2:])[0], "rows32")
    assert torch.equal(wide[0].view(-1, *shape[-2:-1], shape[-1] // 2)[0], direct[0])
    back = quantize.convert(*wide, "rows32", "rows")
    assert torch.equal(back[0], data) and torch.equal(back[1], scales)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("count", TOKENS)
@pytest.mark.parametrize("shape", [(64, 64), (160, 192), (37, 128)], ids=str)
def test_linear_multiplies_with_the_numbers_that_it_stores(
    shape: tuple[int, int], count: int, dtype: torch.dtype, kernel: bool
) -> None:
    weight, x = weights(*shape), tokens(count, shape[1], dtype)
    layout: Layout = "rows32" if shape[0] % 32 == 0 else "rows"
    stored = quantize.quantise(weight, layout)
    linear = BlockLinear(*stored, layout, CPU)
    assert (linear.out_features, linear.in_features) == shape
    out = linear(x)
    assert (out.shape, out.dtype) == ((count, shape[0]), dtype)
    twin = x.float() @ quantize.dequantise(*stored, layout, torch.float32).T
    # Some kernels, such as those for AVX2, round x to 8 bits by blocks, and are 0.013 away; a wrong scale is 0.1.
    assert error(out, twin) < (1e-5 if dtype == torch.float32 else 0.02)
    assert error(out, x.float() @ weight.float().T) < 0.15


def test_rows_that_are_not_contiguous_are_multiplied_right() -> None:
    linear = BlockLinear(*quantize.quantise(weights(64, 64), "rows32"), "rows32", CPU)
    wide = tokens(6, 128)
    assert error(linear(wide[:, :64]), linear(wide[:, :64].clone())) == 0
    across = tokens(64, 6).T
    assert error(linear(across), linear(across.contiguous())) == 0


def test_nothing_is_multiplied_by_no_tokens() -> None:
    linear = BlockLinear(*quantize.quantise(weights(64, 64), "rows32"), "rows32", CPU)
    assert linear(tokens(0, 64)).shape == (0, 64)


def test_a_block_of_zeros_stays_zero() -> None:
    weight = weights(32, 128)
    weight[:, 64:] = 0
    for layout in LAYOUTS:
        back = quantize.dequantise(*quantize.quantise(weight, layout), layout, torch.float32)
        assert torch.equal(back[:, 64:], torch.zeros(32, 64))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_experts_are_views_into_one_tensor_and_do_not_mix(layout: Layout, kernel: bool) -> None:
    weight, x = weights(5, 96, 128), tokens(4, 128)
    parts = [quantize.quantise(expert, layout) for expert in weight]
    data, scales = (torch.stack(part) for part in zip(*parts, strict=True))
    experts = BlockExperts(data, scales, layout, CPU)
    assert (experts.num_experts, experts.out_features, experts.in_features) == (5, 96, 128)
    start = experts.data.data_ptr()
    for index, (stored, _) in enumerate(experts._views):
        assert stored.data_ptr() == start + index * stored.nbytes
    for index in range(5):
        assert error(experts.expert(x, index), x.float() @ weight[index].float().T) < 0.15
    other = x.float() @ weight[1].float().T
    assert error(experts.expert(x, 0), other) > 0.5


def test_the_layout_that_fits_is_kept_as_it_is() -> None:
    data, scales = quantize.quantise(weights(64, 64), "rows32")
    linear = BlockLinear(data, scales, "rows32", CPU)
    same = linear.data.data_ptr() == data.data_ptr()
    assert same == (gemm.kernels() is not None or nf4.has_native_kernel())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("count", [1, 3, 17])
@pytest.mark.parametrize("width", [64, 72])
def test_int8_embedding_loses_less_than_one_per_cent(dtype: torch.dtype, count: int, width: int) -> None:
    weight = weights(301, width)
    embedding = Int8Embedding(*quantize.quantise(weight, "int8"), CPU, dtype)
    ids = torch.tensor([300, 0, 7, 7])
    rows = embedding.rows(ids)
    assert rows.dtype == dtype and error(rows, weight[ids]) < 0.01
    x = tokens(count, width, dtype)
    logits = embedding.logits(x)
    assert (logits.dtype, logits.shape) == (torch.float32, (count, 301))
    assert error(logits, x.float() @ weight.float().T) < 0.01


def test_int8_keeps_a_row_of_zeros() -> None:
    weight = weights(4, 64)
    weight[2] = 0
    embedding = Int8Embedding(*quantize.quantise(weight, "int8"), CPU, torch.float32)
    assert torch.equal(embedding.rows(torch.tensor([2])), torch.zeros(1, 64))


@pytest.mark.parametrize("vocabulary", [96, 77])
def test_nf4_embedding_looks_up_the_rows_that_its_head_multiplies(vocabulary: int, kernel: bool) -> None:
    weight = weights(vocabulary, 128)
    layout: Layout = "rows32" if vocabulary % 32 == 0 else "rows"
    stored = quantize.quantise(weight, layout)
    embedding = BlockEmbedding(*stored, layout, CPU, torch.float32)
    ids = torch.tensor([0, 15, 16, 31, 32, 47, 76, 5])
    twin = quantize.dequantise(*stored, layout, torch.float32)
    torch.testing.assert_close(embedding.rows(ids), twin[ids])
    x = tokens(2, 128, torch.float32)
    torch.testing.assert_close(embedding.logits(x), x @ twin.T)


@pytest.mark.gpu
@pytest.mark.parametrize("count", TOKENS)
def test_cuda_multiplies_as_the_processor_does(count: int) -> None:
    stored = quantize.quantise(weights(96, 192), "rows32")
    x = tokens(count, 192)
    twin = x.float() @ quantize.dequantise(*stored, "rows32", torch.float32).T
    linear = BlockLinear(*stored, "rows32", torch.device("cuda"))
    assert error(linear(x.cuda()).cpu(), twin) < 0.01


@pytest.mark.gpu
def test_cuda_embedding_agrees_with_the_processors() -> None:
    stored = quantize.quantise(weights(301, 72), "int8")
    here, there = (Int8Embedding(*stored, torch.device(d), torch.bfloat16) for d in ("cpu", "cuda"))
    x, ids = tokens(3, 72), torch.tensor([5, 300])
    assert error(there.logits(x.cuda()).cpu(), here.logits(x)) < 0.01
    assert torch.equal(there.rows(ids.cuda()).cpu(), here.rows(ids))


def test_int4_for_cards_holds_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Matrices, packed experts, and rows of an embedding."""
    weights = torch.randn((3, 64, 96), generator=torch.Generator().manual_seed(1))
    stored = [quantize.quantise(weight, "int4") for weight in weights]
    truth = [quantize.dequantise(*one, "int4", torch.float32) for one in stored]
    data, scales = (torch.stack(parts) for parts in zip(*stored, strict=True))
    rows, widened = quantize.convert(data, scales, "int4", "int4_rows")
    assert widened.shape == (3, 64, 3) and widened.dtype == torch.float32
    for one, scale, expected in zip(rows, widened, truth, strict=True):
        assert torch.equal(quantize.dequantise(one, scale, "int4_rows", torch.float32), expected)
    monkeypatch.setattr(quantize, "best_layout", lambda device, rows, stored: "int4_rows")
    table = BlockEmbedding(*stored[0], "int4", torch.device("cpu"), torch.float32)
    ids = torch.tensor([63, 0, 5, 5])
    assert torch.equal(table.rows(ids), truth[0][ids])
    x = torch.randn((2, 96), generator=torch.Generator().manual_seed(2))
    assert torch.allclose(table.logits(x), x @ truth[0].T, atol=1e-4)
