"""How long something will take, from measured rates: a soft token of a large picture takes longer."""

from __future__ import annotations

import json

import pytest

from model.engine.rates import Rates

TWO_CORES = {70: 2.2, 280: 13.7, 1120: 130.0}
"""Seconds of a picture in 26B-A4B's tower."""


def test_nothing_is_said_before_it_was_measured() -> None:
    assert Rates().seconds(1, []) is None
    assert Rates().seconds(0, [70]) is None
    assert Rates().seconds(0, []) == 0
    assert Rates(prefill=100.0).seconds(50, [70]) is None
    assert Rates(prefill=100.0).seconds(50, []) == 0.5
    assert Rates(encode=((70, 35.0),)).seconds(0, [70, 70]) == pytest.approx(4)


@pytest.mark.parametrize("seen", TWO_CORES)
def test_one_budget_foretells_the_others(seen: int) -> None:
    rates = Rates().with_picture(seen, TWO_CORES[seen])
    for budget, seconds in TWO_CORES.items():
        assert rates.seconds(0, [budget]) == pytest.approx(seconds, rel=0.1)


def test_what_was_measured_counts_more_than_the_law() -> None:
    rates = Rates().with_picture(70, 1.0).with_picture(280, 4.0)
    assert rates.seconds(0, [280]) == pytest.approx(4)
    assert rates.seconds(0, [70, 280]) == pytest.approx(5)
    between = rates.seconds(0, [140])
    assert between is not None and 140 / 70 <= between <= 140 / 70 + 1e-9  # a soft token takes 1/70 s at both


def test_a_new_measurement_counts_half() -> None:
    assert Rates().with_prefill(100, 1).with_prefill(300, 1).prefill == 200
    assert Rates().with_prefill(10, 1).prefill is None  # too short to tell anything
    assert dict(Rates().with_picture(70, 1).with_picture(70, 0.5).encode) == {70: 105}
    assert Rates().with_picture(0, 1) == Rates().with_picture(70, 0) == Rates()


def test_a_picture_that_does_not_fill_its_budget_counts_as_one_that_does() -> None:
    rates = Rates().with_picture(200, 8.0)
    assert [budget for budget, _ in rates.encode] == [280]
    assert rates.seconds(0, [200]) == pytest.approx(8.0, rel=1e-6)


def test_what_is_kept_comes_back() -> None:
    rates = Rates().with_prefill(100, 1).with_picture(70, 1).with_picture(1120, 100)
    assert Rates.parse(json.loads(json.dumps(rates.as_json()))) == rates
