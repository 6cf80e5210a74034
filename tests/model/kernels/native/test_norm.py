"""Norms by the native kernels against norms written out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from model.family import vision_layers
from model.family.layers import rms_norm, rms_norm_plain
from model.kernels import native
from model.kernels.native import norm
from model.kernels.native.norm import Norms

pytestmark = pytest.mark.native
ERROR = 3e-4
"""A sum in another order, after which a few numbers fall to the other side where they are rounded to bf16."""
SIZES = st.sampled_from([8, 72, 100, 256, 2816])


@pytest.fixture(params=[1, 3])
def norms(request: pytest.FixtureRequest, kernel_set: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Norms]:
    """Each set of kernels on some threads."""
    norm._norms.cache_clear()
    found = norm._norms()
    assert found is not None, "the kernels were not built; install again"
    monkeypatch.setattr(native, "use_threads", lambda functions: functions.lectern_set_threads(request.param))
    yield found
    native._threads = 0
    norm._norms.cache_clear()


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def error(got: Tensor, expected: Tensor) -> float:
    return float((got.float() - expected.float()).norm() / expected.float().norm().clamp_min(1e-30))


@given(rows=st.integers(1, 300), size=SIZES, weighted=st.booleans(), seed=st.integers(0, 9))
def test_rows_are_normed_as_written_out(norms: Norms, rows: int, size: int, weighted: bool, seed: int) -> None:
    x = (random(rows, 3, size, seed=seed) * 5).bfloat16()[:, 1:]
    weight = random(size, seed=seed + 1).bfloat16() if weighted else None
    got = rms_norm(x, weight, 1e-6)
    assert got.shape == x.shape and got.dtype == x.dtype
    assert error(got, rms_norm_plain(x, weight, 1e-6)) < ERROR


@given(rows=st.integers(1, 300), size=SIZES, seed=st.integers(0, 9))
def test_a_norm_is_added_as_written_out(norms: Norms, rows: int, size: int, seed: int) -> None:
    x, y, weight = random(rows, size, seed=seed).bfloat16(), random(rows, size, seed=seed + 1).bfloat16(), random(size)
    got, expected = x.clone(), x.clone()
    vision_layers.add_norm_(got, y, weight, 1e-6)
    vision_layers.add_norm_plain_(expected, y, weight, 1e-6)
    assert error(got, expected) < ERROR and error(got, x) > 0.1
    assert error(vision_layers.norm(y, weight, 1e-6), vision_layers.norm_plain(y, weight, 1e-6)) < ERROR


@given(
    tokens=st.integers(1, 200),
    heads=st.integers(1, 5),
    size=st.sampled_from([8, 72, 128]),
    wide=st.booleans(),
    seed=st.integers(0, 9),
)
def test_heads_are_normed_and_turned_as_written_out(
    norms: Norms, tokens: int, heads: int, size: int, wide: bool, seed: int
) -> None:
    x, weight = random(tokens, heads * size, seed=seed).bfloat16(), random(size, seed=seed + 1)
    turned = torch.polar(torch.ones(tokens, 1, size // 2), random(tokens, 1, size // 2, seed=seed + 2) * 3)
    dtype = torch.float32 if wide else torch.bfloat16
    got = vision_layers.turned_heads(x, weight, turned, 1e-6, dtype)
    expected = vision_layers.turned_heads_plain(x, weight, turned, 1e-6, dtype)
    assert got.dtype == dtype and error(got, expected) < (1e-6 if wide else ERROR)
    room = torch.full((heads, tokens, size + 24), 7, dtype=torch.bfloat16)
    values = vision_layers.normed_values(x, room.clone(), size, 1e-6)
    assert error(values, vision_layers.normed_values_plain(x, room.clone(), size, 1e-6)) < ERROR
    assert (values[..., size:] == 7).all(), "what stands beside them stays"


def test_what_has_no_kernel_is_normed_plainly(norms: Norms) -> None:
    long, wide = random(2, norm.MOST + 8).bfloat16(), random(2, 64)
    assert torch.equal(rms_norm(long, None, 1e-6), rms_norm_plain(long, None, 1e-6))
    assert torch.equal(rms_norm(wide, None, 1e-6), rms_norm_plain(wide, None, 1e-6))
    assert rms_norm(wide[:0].bfloat16(), None, 1e-6).shape == (0, 64)
