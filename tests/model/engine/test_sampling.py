"""Sampling against transformers' own logits processors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformers.generation.logits_process import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from model.engine.sampling import Sampler, SamplingDefaults, read_defaults
from model.errors import CheckpointError, LecternError, ModelError
from model.types import Sampling

CPU = torch.device("cpu")


def logits(seed: int, vocabulary: int = 500) -> Tensor:
    return torch.randn(vocabulary, generator=torch.Generator().manual_seed(seed)) * 4


def reference(scores: Tensor, temperature: float, top_p: float, top_k: int) -> Tensor:
    """The distribution that transformers' generate draws from."""
    batch = scores[None].clone()
    ids = torch.zeros(1, 1, dtype=torch.long)
    if temperature != 1:
        batch = TemperatureLogitsWarper(temperature)(ids, batch)
    if top_k:
        batch = TopKLogitsWarper(top_k)(ids, batch)
    if top_p < 1:
        batch = TopPLogitsWarper(top_p)(ids, batch)
    return batch[0].softmax(0)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("top_k", [0, 1, 7, 64, 10_000])
@pytest.mark.parametrize("top_p", [0.0, 0.3, 0.95, 1.0])
@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_distribution_is_that_of_transformers(seed: int, top_k: int, top_p: float, temperature: float) -> None:
    scores = logits(seed)
    sampler = Sampler(Sampling(temperature, top_p, top_k), SamplingDefaults(), CPU)
    ids, chances = sampler.candidates(scores)
    own = torch.zeros_like(scores)
    own[ids] = chances
    expected = reference(scores, temperature, top_p, min(top_k, len(scores)))
    assert torch.equal(own > 0, expected > 0)
    torch.testing.assert_close(own, expected, atol=1e-6, rtol=1e-5)


def test_ties_with_the_last_of_top_k_stay() -> None:
    scores = torch.tensor([1.0, 5.0, 3.0, 3.0, 3.0, 0.0])
    ids, chances = Sampler(Sampling(1.0, 1.0, 2), SamplingDefaults(), CPU).candidates(scores)
    assert sorted(ids.tolist()) == [1, 2, 3, 4]
    own = torch.zeros_like(scores)
    own[ids] = chances
    torch.testing.assert_close(own, reference(scores, 1.0, 1.0, 2))


def test_draws_follow_the_distribution() -> None:
    scores = logits(1, 12)
    sampler = Sampler(Sampling(1.5, 0.9, 8, seed=5), SamplingDefaults(), CPU)
    counts = torch.zeros(12)
    for _ in range(4000):
        counts[sampler.draw(scores)] += 1
    assert (counts / 4000 - reference(scores, 1.5, 0.9, 8)).abs().max() < 0.03


def test_the_same_seed_gives_the_same_tokens() -> None:
    def draws(seed: int | None) -> list[int]:
        sampler = Sampler(Sampling(seed=seed), SamplingDefaults(temperature=2.0), CPU)
        return [sampler.draw(logits(i)) for i in range(40)]

    assert draws(3) == draws(3) != draws(4)
    assert draws(None) != draws(None)
    assert draws(-1) == draws(-1)


def test_greedy_at_temperature_nought() -> None:
    sampler = Sampler(Sampling(temperature=0), SamplingDefaults(), CPU)
    assert [sampler.draw(logits(i)) for i in range(5)] == [int(logits(i).argmax()) for i in range(5)]


def test_a_tiny_temperature_is_greedy_too() -> None:
    sampler = Sampler(Sampling(temperature=1e-30), SamplingDefaults(), CPU)
    assert [sampler.draw(logits(i)) for i in range(5)] == [int(logits(i).argmax()) for i in range(5)]


def test_suppressed_tokens_are_never_drawn() -> None:
    best = int(logits(0).argmax())
    defaults = SamplingDefaults(suppressed=(best,))
    assert Sampler(Sampling(temperature=0), defaults, CPU).draw(logits(0)) == int(logits(0).topk(2).indices[1])


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_overflow_is_an_error_and_not_a_token(bad: float) -> None:
    scores = logits(0)
    scores[3] = bad
    with pytest.raises(ModelError, match="overflowed"):
        Sampler(Sampling(), SamplingDefaults(), CPU).draw(scores)


@pytest.mark.parametrize("sampling", [Sampling(temperature=-1), Sampling(top_p=1.5), Sampling(top_k=-1)])
def test_settings_out_of_range(sampling: Sampling) -> None:
    with pytest.raises(LecternError, match="change the settings"):
        Sampler(sampling, SamplingDefaults(), CPU)


def test_defaults_come_from_the_generation_config(tmp_path: Path) -> None:
    assert read_defaults(tmp_path) == SamplingDefaults(1.0, 0.95, 64)
    path = tmp_path / "generation_config.json"
    path.write_text(
        json.dumps({"do_sample": True, "temperature": 0.7, "top_p": 0.9, "top_k": 20, "suppress_tokens": [4]})
    )
    assert read_defaults(tmp_path) == SamplingDefaults(0.7, 0.9, 20, (4,))
    path.write_text(json.dumps({"do_sample": False}))
    assert read_defaults(tmp_path).temperature == 0


@pytest.mark.parametrize("text", ["{", "[]", '{"temperature": "warm"}'])
def test_a_damaged_generation_config(text: str, tmp_path: Path) -> None:
    (tmp_path / "generation_config.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"generation_config\.json"):
        read_defaults(tmp_path)
