"""A model over several places answers as on one: layers and experts of a plan, their caches, and what goes between."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor

from model.cache.kv_cache import KVCache
from model.checkpoint.opening import open_checkpoint
from model.engine import engine as engine_module
from model.engine import places as places_module
from model.engine.device_plan import DevicePlan, Place, layer_parts, plan_devices
from model.engine.engine import Engine
from model.engine.places import open_placed, planned
from model.family.config_json import parse_config, read_config
from model.family.decoder import Decoder
from model.formats.placed import PlacedSource
from model.formats.weights import WeightSource
from model.memory import Memory
from model.synthetic.shapes import shape_config
from model.synthetic.writing import write_checkpoint
from tests.model.engines import ask, run, user

FIRST, SECOND = torch.device("cpu"), torch.device("cpu", 1)
"""Two places that torch tells apart and that this machine has; what is computed at either is real."""
TOKENS = 70


@pytest.fixture(scope="module", params=["tiny", "tiny-dense", "tiny-odd"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("places") / request.param, request.param, quantised=True)


def opened(folder: Path, device: torch.device) -> WeightSource:
    return open_checkpoint(folder, device=device, dtype=torch.bfloat16, streams=False)


def over(folder: Path, layers: Sequence[int], experts: Sequence[int]) -> Decoder:
    source = PlacedSource(lambda device: opened(folder, device), (FIRST, SECOND), layers, experts)
    return Decoder(read_config(folder).text, source)


def at_one(folder: Path) -> Decoder:
    decoder = Decoder(read_config(folder).text, opened(folder, FIRST))
    decoder.native = None
    return decoder


def last_logits(decoder: Decoder, cache: KVCache) -> Tensor:
    """Logits of a prompt with a picture, of drafts of which some are taken back, and of tokens behind a point in it."""
    ids = torch.randint(300, 460, (TOKENS,), generator=torch.Generator().manual_seed(0))
    found = []

    def read(part: Tensor, pictures: Sequence[tuple[int, int]] = ()) -> None:
        found.append(decoder.logits(decoder.forward(decoder.embed(part), cache, pictures, ids=part)))

    read(ids[:40], [(3, 12)])
    here = cache.snapshot()
    read(ids[40:41])
    cache.mark(5)
    read(ids[41:46])
    cache.roll_back(43)
    read(ids[43:60])
    cache.restore(here)
    read(ids[60:])
    return torch.cat(found)


@pytest.mark.parametrize("kind", ["half", "experts", "alternating", "all elsewhere"])
def test_it_computes_the_same_to_the_last_bit(folder: Path, kind: str) -> None:
    count = read_config(folder).text.num_hidden_layers
    layers = {
        "half": [int(n >= count // 2) for n in range(count)],
        "experts": [0] * count,
        "alternating": [n % 2 for n in range(count)],
        "all elsewhere": [1] * count,
    }[kind]
    experts = [int(n > 0) for n in range(count)] if kind == "experts" else layers
    split, whole = over(folder, layers, experts), at_one(folder)
    has_experts = read_config(folder).text.has_experts
    assert split.is_split is (any(layers) or has_experts) and not whole.is_split
    for layer, place, other in zip(split.layers, layers, experts, strict=True):
        assert layer.device == (FIRST, SECOND)[place]
        assert not has_experts or layer.experts.device == (FIRST, SECOND)[other]
    split.native = None
    assert torch.equal(last_logits(split, split.new_cache()), last_logits(whole, whole.new_cache()))
    assert torch.equal(last_logits(split, split.new_cache(int8=True)), last_logits(whole, whole.new_cache(int8=True)))


def test_a_plan_is_carried_out(folder: Path) -> None:
    """Planned by free bytes: two small places, of which the first holds less than the model."""
    config = read_config(folder)
    roomy = Place("cpu:1", "", 1 << 40, 1e9)
    whole = plan_devices(config, "nf4", 256, (roomy,))
    assert whole is not None
    layers = sum(part.rest + part.cache + part.experts for part in layer_parts(config, "nf4", 256))
    share = whole.used[0] - layers // 2
    plan = plan_devices(config, "nf4", 256, (Place("cpu", "small", share, 1e10), roomy))
    assert isinstance(plan, DevicePlan) and plan.is_split
    split = Decoder(config.text, open_placed(plan, partial(opened, folder)))
    one = at_one(folder)
    assert split.native is None and torch.equal(
        last_logits(split, split.new_cache()), last_logits(one, one.new_cache())
    )


def test_the_engine_opens_by_the_plan_says_so_and_answers_as_at_one_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = read_config(folder).text.num_hidden_layers
    half = tuple(int(n >= count // 2) for n in range(count))
    two = (Place("cpu", "First", 1 << 40, 1e9), Place("cpu:1", "", 1 << 40, 1e9))
    plan = DevicePlan(two, half, half, (1, 1), 8.0)
    answers = []
    for given in (plan, None):
        monkeypatch.setattr(engine_module, "planned", lambda config, given=given: given)
        engine = Engine.open(folder, dtype="float32")
        try:
            said = " ".join(map(str, engine.info.remarks))
            assert ("go to First." in said and "about 6 words a second" in said) is (given is not None)
            answers.append([run(engine, ask(user(words), limit=12)).answer for words in ("What is it?", "And then?")])
        finally:
            engine.close()
    assert answers[0] == answers[1]


def test_rates_are_measured_only_where_a_model_is_split(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a card as torch would describe it; this machine's memory is its own."""
    config = parse_config(shape_config("26b"))
    asked: list[str] = []

    def rate(device: str = "memory") -> float:
        asked.append(device)
        return 1e11

    assert planned(config) is None or torch.cuda.is_available()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: "Card")
    monkeypatch.setattr(places_module, "_card_rate", rate)
    monkeypatch.setattr(places_module, "memory_rate", rate)
    monkeypatch.setattr(places_module, "machine_memory", lambda: Memory(64 << 30, 60 << 30))
    for free, measured in ((24 << 30, []), (12 << 30, ["cuda:0", "memory"])):
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda index, free=free: (free, 24 << 30))
        plan = planned(config)
        assert plan is not None and plan.is_split is bool(measured) and asked == measured
