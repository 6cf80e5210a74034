"""Plans of layers and experts over cards and memory, for the published shapes, by free memory alone."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from app.library.fitting import fit
from model.engine.device_plan import DevicePlan, Place, layer_parts, plan_devices, plan_words, runs
from model.engine.needs import WORK_SPACE, needs_of, needs_of_the_26b
from model.family.config import ModelConfig
from model.family.config_json import parse_config
from model.family.families import PUBLISHED
from model.synthetic.shapes import shape_config

GIB = 1 << 30
CONTEXT = 32_768
CARD_RATE, MEMORY_RATE = 900e9, 60e9


def places(*cards: float, memory: float = 64) -> tuple[Place, ...]:
    """Cards and memory with so many GiB free."""
    own = [Place(f"cuda:{n}", f"Card {n}", int(size * GIB), CARD_RATE) for n, size in enumerate(cards)]
    return (*own, Place("cpu", "", int(memory * GIB), MEMORY_RATE))


def config(shape: str = "26b") -> ModelConfig:
    return parse_config(shape_config(shape))


def plan(shape: str, *cards: float, memory: float = 64) -> DevicePlan:
    found = plan_devices(config(shape), "nf4", CONTEXT, places(*cards, memory=memory))
    assert found is not None
    return found


def test_a_card_that_holds_the_model_has_all_of_it() -> None:
    found = plan("26b", 24)
    assert not found.is_split and set(found.layers) == set(found.experts) == {0}


def test_without_a_card_everything_is_in_memory() -> None:
    found = plan("26b")
    assert not found.is_split and found.places[found.layers[0]].device == "cpu"


def test_a_card_that_is_too_small_gives_experts_to_memory_and_no_more_than_it_must() -> None:
    found = plan("26b", 12)
    assert set(found.layers) == {0} and set(found.experts) == {0, 1}
    assert list(found.experts) == sorted(found.experts), "those of the last layers"
    part = layer_parts(config(), "nf4", CONTEXT)[0]
    free = 12 * GIB - found.used[0]
    assert 0 <= free < part.experts, "one more layer's experts would not have fitted"
    assert found.used[1] == found.experts.count(1) * part.experts + WORK_SPACE


def test_two_cards_share_the_layers_in_order() -> None:
    found = plan("31b", 16, 16)
    assert set(found.layers) == {0, 1} and list(found.layers) == sorted(found.layers)
    assert found.experts == found.layers
    assert [index for index, _, _ in runs(found.layers)] == [0, 1]


def test_a_dense_model_gives_whole_layers_to_memory() -> None:
    found = plan("31b", 16)
    assert found.is_split and found.layers[0] == 0 and found.layers[-1] == 1
    assert list(found.layers) == sorted(found.layers)


def test_a_small_card_holds_what_every_token_needs_before_any_experts() -> None:
    found = plan("26b", 6)
    assert set(found.layers) == {0} and found.experts.count(1) > 20
    tiny = plan("26b", 4)
    assert 1 in tiny.layers, "and whole layers only where that is not enough"


@pytest.mark.parametrize("shape", ["e2b", "12b", "26b", "31b"])
def test_more_memory_on_a_card_is_never_slower(shape: str) -> None:
    speeds = [plan(shape, size).tokens_per_second for size in (5, 8, 12, 16, 24, 48)]
    assert all(less <= more * 1.0001 for less, more in pairwise(speeds)) and (shape == "e2b" or speeds[-1] > speeds[0])


@pytest.mark.parametrize("one", PUBLISHED, ids=lambda one: one.shape)
def test_nothing_is_lost_and_no_place_is_overfull(one: object) -> None:
    shape = one.shape  # type: ignore[attr-defined]
    needed = needs_of(one, context=CONTEXT)  # type: ignore[arg-type]
    for cards in ((), (6,), (10, 6), (16,), (8, 8, 8), (40,)):
        found = plan_devices(config(shape), "nf4", CONTEXT, places(*cards))
        assert found is not None
        assert all(used <= place.free for used, place in zip(found.used, found.places, strict=True))
        taken = sum(1 for used in found.used if used)
        whole = sum(found.used) - (taken - 1) * WORK_SPACE
        assert abs(whole - needed.memory) < 0.01 * needed.memory


def test_layers_that_share_a_cache_stay_together() -> None:
    assert not plan("e4b", 2).is_split and plan("e4b", 2).places[0].device == "cpu"
    assert plan("e4b", 2, 12).places[0].device == "cuda:1"


def test_what_nothing_can_hold_has_no_plan() -> None:
    assert plan_devices(config("31b"), "nf4", CONTEXT, places(4, memory=8)) is None


def test_the_plan_in_words() -> None:
    experts = str(plan_words(plan("26b", 12)))
    assert (
        experts.startswith("Layers 1 to 30 go to Card 0. The experts of layers ") and "to 30 stay in memory." in experts
    )
    assert re.search(r"That gives about \d+(?:\.\d)? words a second\.$", experts)
    layers = str(plan_words(plan("31b", 12)))
    assert re.match(r"Layers 1 to \d+ go to Card 0\. Layers \d+ to 60 stay in memory\. That", layers)


def test_doctor_and_models_say_the_plan_where_one_card_is_too_small() -> None:
    needed = needs_of_the_26b()
    memory, card = {"total": 64 * GIB, "available": 60 * GIB}, {"kind": "cuda", "memory": 12 * GIB}
    fits, message = fit(needed.memory, 0, memory, card, 0, plan=lambda: plan("26b", 12))
    assert fits and message.cause == "fit.split" and "Layers 1 to 30 go to Card 0." in str(message)
    fits, message = fit(needed.memory, 0, memory, card | {"memory": 24 * GIB}, 0, plan=lambda: plan("26b", 24))
    assert fits and message.cause == "fit.gpu"
