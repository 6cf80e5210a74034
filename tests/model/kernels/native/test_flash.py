"""Attention of a chunk by the native kernels against attention written out."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from model.family.attention import attend_plain
from model.kernels import native
from model.kernels.native import flash

pytestmark = [pytest.mark.native, pytest.mark.avx512]
ERROR = 6e-3
"""Weights and results are rounded to bf16."""


def random(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def plain(q: Tensor, spans: list[tuple[Tensor, Tensor]], first: Tensor, last: Tensor) -> Tensor:
    keys, values = (torch.cat(parts, dim=1).float() for parts in zip(*spans, strict=True))
    (tokens, heads, size), kv_heads = q.shape, keys.shape[0]
    at = torch.arange(keys.shape[1])
    mask = (at >= first[:, None]) & (at < last[:, None])
    rows = q.float().view(tokens, kv_heads, -1, size).permute(1, 2, 0, 3)
    groups = heads // kv_heads
    out, _ = attend_plain(rows, *(x[:, None].expand(-1, groups, -1, -1) for x in (keys, values)), mask)
    return out.permute(2, 0, 1, 3).reshape(q.shape)


def error(got: Tensor, expected: Tensor) -> float:
    return float((got.float() - expected.float()).norm() / expected.float().norm())


def compare(tokens: int, heads: tuple[int, int], size: int, lengths: list[int], window: int, seed: int) -> None:
    (kv_heads, groups), rotary = heads, 32
    q = (random(tokens, kv_heads * groups, size, seed=seed) * (2 * size**-0.5)).bfloat16()
    assert flash.takes(q, groups)
    rows = [random(kv_heads, count + 1, size + rotary, seed=seed + i).bfloat16() for i, count in enumerate(lengths)]
    spans = [(part[:, 1:, rotary:], part[:, 1:, :size]) for part in rows]  # overlapping, as global layers keep them
    index = torch.arange(sum(lengths) - tokens, sum(lengths), dtype=torch.int32)
    first, last = (index + 1 - window).clamp_(min=0), index + 1
    if tokens > 3:  # a picture, whose positions see each other
        last[tokens // 3 : tokens // 2 + 1] = last[tokens // 2]
    assert error(flash.attend(q, spans, first, last), plain(q, spans, first, last)) < ERROR


@pytest.mark.parametrize("threads", [1, 2, 5])
@given(
    tokens=st.integers(1, 90),
    heads=st.tuples(st.integers(1, 3), st.integers(1, 9)),
    size=st.sampled_from([32, 64, 160]),
    past=st.lists(st.integers(1, 200), max_size=3),
    window=st.integers(1, 300),
    seed=st.integers(0, 9),
)
def test_a_chunk_attends_as_written_out(
    threads: int, tokens: int, heads: tuple[int, int], size: int, past: list[int], window: int, seed: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native, "use_threads", lambda functions: functions.lectern_set_threads(threads))
        compare(tokens, heads, size, [*past, tokens], window, seed)
    native._threads = 0


@pytest.mark.parametrize("size, heads", [(256, (2, 2)), (512, (2, 8)), (64, (1, 128))])
def test_the_sizes_of_gemma_4(size: int, heads: tuple[int, int]) -> None:
    compare(150, heads, size, [300, 150], 100, 0)


def test_scores_far_apart_do_not_overflow() -> None:
    q = (random(40, 2, 64, seed=0) * 8).bfloat16()
    keys, values = random(1, 300, 64, seed=1).bfloat16() * 4, random(1, 300, 64, seed=2).bfloat16()
    last = torch.arange(261, 301, dtype=torch.int32)
    first = torch.zeros_like(last)
    got = flash.attend(q, [(keys, values)], first, last)
    assert error(got, plain(q, [(keys, values)], first, last)) < 0.02


def test_other_numbers_are_left_to_torch() -> None:
    assert not flash.takes(torch.empty(1, 1, 64), 1)
    assert not flash.takes(torch.empty(1, 1, 48, dtype=torch.bfloat16), 1)
    assert not flash.takes(torch.empty(1, 129, 64, dtype=torch.bfloat16), 129)
