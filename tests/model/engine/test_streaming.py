"""The predicted speed of a model larger than memory, and the figures that it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.engine import pace
from model.engine.needs import Needs, needs, needs_of_the_26b
from model.engine.streaming import REACHED, Pace, Streaming
from model.family.config_json import parse_config
from model.synthetic.shapes import shape_config

GB = 10**9
FAST = Pace(disk=1.5 * GB, memory=40 * GB)


def streaming(needed: Needs) -> Streaming:
    assert needed.streaming is not None
    return needed.streaming


def test_the_26b_is_mostly_experts_of_which_a_token_reads_a_sixteenth() -> None:
    needed = needs_of_the_26b()
    found = streaming(needed)
    assert 0.75 < found.experts / needed.weights < 0.85
    assert found.token_experts == found.experts // 16
    assert found.hot + found.experts < needed.weights, "the vision tower is neither"
    assert found.memory < 6 * GB
    assert found.token_hot < found.hot


def test_dense_models_are_not_streamed() -> None:
    assert needs(parse_config(shape_config("31b")), "nf4").streaming is None


def test_more_memory_and_a_faster_disk_are_quicker_up_to_memory_s_own_speed() -> None:
    found = streaming(needs_of_the_26b())
    limit = REACHED * FAST.memory / (found.token_hot + found.token_experts)
    speeds = [found.tokens_per_second(free * GB, FAST) for free in (0, 5, 8, 11, 14, 18, 64)]
    assert speeds == sorted(speeds) and speeds[-1] == pytest.approx(limit)
    assert found.tokens_per_second(8 * GB, Pace(FAST.disk / 10, FAST.memory)) < speeds[2] / 3


def test_a_token_costs_what_it_reads_from_each() -> None:
    found = Streaming(hot=2 * GB, beside=GB, experts=10 * GB, token_hot=GB, token_experts=GB)
    speed = found.tokens_per_second(8 * GB, Pace(disk=GB, memory=10 * GB / REACHED))
    assert 1 / speed == pytest.approx(2 / 10 + 0.5**1.75)


def test_the_disk_is_measured_with_large_files_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_LONGEST_S", 0.02)
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(bytes(1 << 20))
    assert pace.disk_rate([small]) is None and pace.disk_rate([]) is None
    assert pace.disk_rate([tmp_path / "missing"]) is None
    large.write_bytes(bytes(20 << 20))
    rate = pace.disk_rate([small, large])
    assert rate is not None and rate > 0
    found = pace.measured_pace([large])
    assert found is not None and found.memory > 0
    assert pace.measured_pace([small]) is None
