"""All words' logits from the native kernel against the 8-bit table written out: the best exactly, the others nearly."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from model.checkpoint.opening import open_checkpoint
from model.family.config_json import read_config
from model.family.decoder import Decoder
from model.formats import int8, quantize
from model.formats.quantized_weights import BlockEmbedding, SplitEmbedding
from model.formats.weights import soft_cap
from model.kernels import native
from model.kernels.native.head import BEST, NativeHead, Planes
from model.prompt.tokenizer import Tokenizer

pytestmark = [pytest.mark.native, pytest.mark.usefixtures("kernel_set")]
SAMPLE = Path(__file__).parents[4] / "resources" / "sample_model"


def table(rows: int, columns: int, seed: int, outlier: float = 0.0) -> tuple[Tensor, Tensor]:
    """Rows of different sizes; ``outlier`` makes one number of each row that much larger than the others."""
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(rows, columns, generator=generator) * (0.5 + torch.rand(rows, 1, generator=generator))
    if outlier:
        weight[torch.arange(rows), torch.randint(columns, (rows,), generator=generator)] = outlier
    return quantize.quantise(weight.bfloat16(), "int8")


def states(tokens: int, columns: int, seed: int) -> Tensor:
    x = torch.randn(tokens, columns, generator=torch.Generator().manual_seed(seed))
    x[:, 0] *= 20  # trained models have such a number
    return x.bfloat16()


def library() -> native.Library:
    found = native.library()
    assert found is not None
    return found


def planes(data: Tensor, piece: int = 1000) -> Planes:
    return Planes(library(), data.split(piece), *data.shape)


def head(data: Tensor, scales: Tensor, best: int = BEST) -> NativeHead:
    return NativeHead(library(), planes(data), scales, best)


def rounded(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """x = step · (first + second / 127), as the kernels round it: first, second, step."""
    step = x.float().abs().amax(1, keepdim=True) / 127
    first = (x.float() / step).round()
    return first.double(), ((x.float() / step - first) * 127).round().double(), step


def exact(x: Tensor, data: Tensor, scales: Tensor) -> Tensor:
    """What the kernels call exact, bit for bit: whole numbers in double precision are."""
    first, second, step = rounded(x)
    whole = (127 * first + second) @ data.double().T
    return (whole * (step / 127).double()).float() * scales.float()


def near(x: Tensor, data: Tensor, scales: Tensor) -> Tensor:
    """The first pass: high halves, with the mean of the low ones."""
    first, _, step = rounded(x)
    high = (data.int() + 128) >> 4
    return (first @ (16 * high - 120.5).double().T * step.double() * scales.double()).float()


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
    ours = head(data, scales)(x)
    truth = (x.double() @ data.double().T * scales.double()).float()
    # x is rounded to 1/16129 of its largest number, at most half a step off in each column.
    step = x.double().abs().amax(1, keepdim=True) / 16129
    bound = (0.51 * step * data.double().abs().sum(1) * scales.double() + 1e-5 * truth.abs().max()).float()
    assert bool(((ours - truth).abs() <= bound).all())
    assert torch.equal(ours, exact(x, data, scales))


@settings(max_examples=40)
@given(rows=st.integers(1, 200), groups=st.integers(1, 5), piece=st.integers(1, 90), seed=st.integers(0, 99))
def test_planes_give_every_number_back(rows: int, groups: int, piece: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    data = torch.randint(-128, 128, (rows, 64 * groups), dtype=torch.int8, generator=generator)
    split = planes(data, piece)
    ids = torch.randint(rows, (7,), generator=generator)
    assert torch.equal(split.numbers(slice(None)), data)
    assert torch.equal(split.numbers(ids), data[ids])


@settings(max_examples=40)
@given(
    rows=st.integers(0, 3000),
    groups=st.integers(1, 5),
    tokens=st.integers(1, 9),
    best=st.integers(1, 40),
    outlier=st.sampled_from([0.0, 12.0]),
    seed=st.integers(0, 99),
)
def test_the_best_are_exact_and_the_others_near(
    rows: int, groups: int, tokens: int, best: int, outlier: float, seed: int
) -> None:
    data, scales = table(64 * best + rows, 64 * groups, seed, outlier)
    x = states(tokens, 64 * groups, seed + 1)
    ours, truly, nearly = head(data, scales, best)(x), exact(x, data, scales), near(x, data, scales)
    close = (ours - nearly).abs() <= 2e-6 * (nearly.abs() + nearly.abs().amax(1, keepdim=True))
    assert bool(((ours == truly) | close).all())
    chosen = ours == truly
    assert bool(chosen.gather(1, nearly.topk(best).indices).all())
    assert torch.equal(ours.argmax(1), truly.argmax(1))


@pytest.mark.parametrize("columns", [64, 320, 2816])
def test_greedy_is_as_with_all_words_exact(columns: int) -> None:
    data, scales = table(10_007, columns, 5)
    some, every = head(data, scales, 16), head(data, scales, 10_007)
    x = states(200, columns, 6)
    assert not torch.equal(some(x), every(x))
    assert torch.equal(some(x).argmax(1), every(x).argmax(1))


def test_the_best_word_is_found_behind_many_that_seem_better() -> None:
    """All words have the same high halves: the first pass sees their scales only, and takes the wrong ones."""
    rows, columns = 5000, 256
    x = states(1, columns, 7).abs()
    low = torch.zeros(rows, columns, dtype=torch.int8)
    low[::2] = torch.randint(16, (rows // 2, columns), dtype=torch.int8, generator=torch.Generator().manual_seed(8))
    scales = torch.full((rows,), 1.0, dtype=torch.bfloat16)
    scales[1::2] = 1.0625
    data = 16 + low
    assert int(near(x, data, scales).argmax()) % 2 == 1
    assert int(head(data, scales, 8)(x).argmax()) == int(exact(x, data, scales).argmax())
    assert int(exact(x, data, scales).argmax()) % 2 == 0


def test_words_that_are_the_same_have_the_same_logits() -> None:
    data, scales = table(9000, 192, 9)
    x = states(3, 192, 10)
    first = exact(x, data, scales).argmax(1)
    for row in (4321, 8999):
        data[row], scales[row] = data[first[0]], scales[first[0]]
    ours = head(data, scales, 4)(x)
    assert ours[0, 4321] == ours[0, 8999] == ours[0, first[0]] == exact(x, data, scales)[0].max()
    assert int(ours[0].argmax()) == min(4321, int(first[0]))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_tokens_and_threads_change_nothing(threads: int) -> None:
    data, scales = table(20_001, 384, 11)
    x = states(8, 384, 12)
    ours = head(data, scales, 64)
    alone = torch.cat([ours(token) for token in x.split(1)])
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        together = [torch.cat([ours(part) for part in x.split(count)]) for count in (2, 3, 5, 8)]
    finally:
        torch.set_num_threads(before)
    assert all(torch.equal(alone, each) for each in together)


def test_kinds_of_processors_agree() -> None:
    data, scales = table(9000, 448, 13)
    ours, x = head(data, scales, 32), states(6, 448, 14)
    logits = ours(x)
    assert library().functions.lectern_choose(b"avx2")
    assert torch.equal(ours(x), logits)


def test_the_embedding_uses_it_and_agrees_with_the_plain_twin() -> None:
    data, scales = table(3_000, 256, 1)
    embedding = SplitEmbedding(library(), planes(data), scales)
    x = states(3, 256, 2)
    assert torch.equal(embedding.logits(x), head(data, scales)(x))
    plain = int8.multiply(x, data, scales)
    assert float((embedding.logits(x) - plain).abs().max()) < 0.01 * float(plain.abs().max())
    ids = torch.tensor([2999, 0, 5, 5])
    assert torch.equal(embedding.rows(ids), (data[ids].float() * scales[ids].float()[:, None]).bfloat16())


def test_zeros_and_what_is_not_finite() -> None:
    data, scales = table(9000, 64, 0)
    x = torch.zeros(2, 64, dtype=torch.bfloat16)
    for best in (0, 32):
        assert torch.equal(head(data, scales, best)(x), torch.zeros(2, 9000))
    embedding = SplitEmbedding(library(), planes(data), scales)
    x[0], x[1, 3] = states(1, 64, 3)[0], torch.inf
    assert torch.equal(embedding.logits(x)[0], int8.multiply(x, data, scales)[0])
    assert not torch.isfinite(embedding.logits(x)[1]).all()


@pytest.mark.parametrize("broken", [torch.nan, torch.inf, 3e38])
def test_scales_that_are_no_numbers_show_in_the_logits(broken: float) -> None:
    data, scales = table(9000, 64, 15)
    x = states(2, 64, 16)
    some = scales.clone()
    some[[0, 40, 8999]] = broken
    assert not torch.isfinite(head(data, some, 32)(x)).all()
    assert not torch.isfinite(head(data, torch.full_like(scales, broken), 32)(1e30 * x)).any()


def test_bytes_of_a_token() -> None:
    data, scales = table(9000, 256, 17)
    assert head(data, scales, 0).token_bytes == data.nbytes + scales.nbytes
    assert head(data, scales, 10).token_bytes == data.nbytes // 2 + scales.nbytes + 10 * 256


def test_the_sample_models_distributions_stay(tmp_path: Path) -> None:
    """With 32 words exact of its 2,880, on a text that it was not made for and is unsure about."""
    source = open_checkpoint(SAMPLE, device="cpu", dtype=torch.bfloat16, store=tmp_path)
    decoder = Decoder(read_config(SAMPLE).text, source)
    assert isinstance(decoder.embed_tokens, SplitEmbedding)
    text = (SAMPLE / "chat_template.jinja").read_text(encoding="utf-8")
    ids = torch.tensor(Tokenizer.open(SAMPLE).encode_data(text))
    with torch.inference_mode():
        hidden = decoder.forward(decoder.embed(ids), decoder.new_cache())
        split = decoder.embed_tokens
        some = NativeHead(library(), split._planes, split._scales, 32)(hidden).log_softmax(1)
        every = split.logits(hidden).log_softmax(1)
    divergence = torch.nn.functional.kl_div(some, every, log_target=True, reduction="batchmean")
    assert not torch.equal(some, every)
    assert torch.equal(some.argmax(1), every.argmax(1))
    assert 0 < divergence < 0.02


def test_the_soft_cap_is_torchs_and_keeps_the_order() -> None:
    data, scales = table(5000, 128, 4)
    x = states(3, 128, 5) * torch.tensor([[0.02], [1.0], [40.0]])
    plain = head(data, scales)(x.bfloat16())
    capped = head(data, scales)(x.bfloat16(), 30.0)
    assert (capped - soft_cap(plain, 30.0)).abs().max() < 2e-5
    assert capped[2].abs().max() <= 30.0 < plain[2].abs().max()
    order = plain.argsort(dim=1)
    assert (capped.gather(1, order).diff(dim=1) >= -4e-6).all(), "rounding alone may part them"


@settings(max_examples=40)
@given(
    rows=st.integers(0, 3000),
    tokens=st.integers(1, 9),
    best=st.integers(1, 40),
    few=st.booleans(),
    seed=st.integers(0, 99),
)
def test_of_words_that_are_allowed_the_best_are_exact(rows: int, tokens: int, best: int, few: bool, seed: int) -> None:
    """Also where hardly any are, and those are among the worst of all."""
    data, scales = table(64 * best + rows, 128, seed)
    x = states(tokens, 128, seed + 1)
    truth = exact(x, data, scales)
    generator = torch.Generator().manual_seed(seed)
    allowed = torch.rand(truth.shape, generator=generator) < (0.003 if few else 0.4)
    if few:
        allowed &= truth < truth.median(1, keepdim=True).values
    allowed[:, seed % len(data)] = True
    ours = head(data, scales, best)(x, allowed=allowed).masked_fill(~allowed, -torch.inf)
    first = near(x, data, scales).masked_fill(~allowed, -torch.inf)
    for row, own, wanted, rough in zip(truth, ours, allowed, first, strict=True):
        row = row.masked_fill(~wanted, -torch.inf)
        top = rough.topk(min(best, int(wanted.sum()))).indices
        assert torch.equal(own[top], row[top])
        assert own.argmax() == row.argmax()


def test_a_mask_of_everything_changes_nothing() -> None:
    data, scales = table(70_000, 128, 5)
    x = states(3, 128, 6)
    every = torch.ones(3, len(data), dtype=torch.bool)
    assert torch.equal(head(data, scales)(x, cap=30.0), head(data, scales)(x, cap=30.0, allowed=every))


def fine_table(rows: int, columns: int, seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(rows, columns, generator=generator) * (0.5 + torch.rand(rows, 1, generator=generator))
    return quantize.quantise(weight, "q8x16")


def over_fine(data: Tensor, scales: Tensor) -> tuple[Planes, Tensor]:
    """The high plane of a finer table in rows of 8 bits, and the rows' scales."""
    numbers, own = int8.encode(quantize.dequantise(data, scales, "q8x16", torch.float32))
    return Planes(library(), numbers.split(1000), *numbers.shape, with_low=False), own


@pytest.mark.parametrize("rows, best, columns", [(700, 0, 192), (9000, 32, 448), (9000, 0, 64)])
def test_the_best_come_from_a_finer_table(rows: int, best: int, columns: int) -> None:
    data, scales = fine_table(rows, columns, 21)
    planes, own = over_fine(data, scales)
    x = states(5, columns, 22)
    got = NativeHead(library(), planes, own, best, (data, scales))(x)
    exact = x.double() @ quantize.dequantise(data, scales, "q8x16", torch.float64).T
    off = (got.double() - exact).abs() / exact.abs().amax(1, keepdim=True)
    assert int((off < 1e-5).sum(1).min()) >= (best or rows)
    assert float(off.gather(1, exact.argmax(1)[:, None]).max()) < 1e-5
    assert torch.equal(got.argmax(1), exact.argmax(1))
    assert float(off.max()) < 0.3


def test_an_embedding_over_a_finer_table_agrees_with_its_plain_twin() -> None:
    data, scales = fine_table(3_000, 256, 23)
    embedding = SplitEmbedding(library(), *over_fine(data, scales), (data, scales))
    plain = BlockEmbedding(data, scales, "q8x16", torch.device("cpu"), torch.bfloat16)
    x, ids = states(3, 256, 24), torch.tensor([2999, 0, 5, 5])
    assert torch.equal(embedding.rows(ids), plain.rows(ids))
    expected = plain.logits(x, 30.0)
    assert torch.allclose(embedding.logits(x, 30.0), expected, atol=1e-4)
    x[1, 3] = torch.inf
    got = embedding.logits(x)
    assert torch.allclose(got[[0, 2]], plain.logits(x)[[0, 2]], rtol=1e-4, atol=1e-3)
    assert not torch.isfinite(got[1]).all()


def test_halves_are_widened_as_everywhere() -> None:
    """Each fp16 number is the scale of some row of ones; those that are not finite show."""
    halves = torch.arange(65536, dtype=torch.int32).to(torch.int16).view(torch.float16)
    data, scales = torch.ones(65536, 64, dtype=torch.int8), halves[:, None].expand(-1, 4).contiguous()
    planes, x = Planes(library(), data.split(1000), 65536, 64, with_low=False), torch.zeros(1, 64)
    x[0, 0] = 1.0
    got = NativeHead(library(), planes, torch.ones(65536, dtype=torch.bfloat16), 0, (data, scales))(x)[0]
    expected = halves.float()
    finite = torch.isfinite(expected)
    assert torch.equal(got[finite], expected[finite])
    assert not torch.isfinite(got[~finite]).any()
