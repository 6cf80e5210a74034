"""All layers in one call of the kernels against the plain decoder and against its own truth in float32."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from model.cache.kv_cache import KVCache, Snapshot
from model.family.config_json import read_config
from model.family.decoder import Decoder
from model.formats import quantize
from model.formats.quantize import Layout
from model.formats.quantized_weights import BlockExperts, BlockLinear
from model.formats.weights import DenseSource, ExpertLinear, Linear
from model.kernels.native.decode import MAX_TOKENS, NativeLayers
from tests.model import reference
from tests.model.family.test_decoder import small_blocks

pytestmark = [pytest.mark.native, pytest.mark.usefixtures("kernel_set")]

TOKENS = 70
FOUR_BIT = reference.MOE | {
    "hidden_size": 128,
    "intermediate_size": 192,
    "head_dim": 32,
    "global_head_dim": 64,
    "moe_intermediate_size": 64,
}
"""Sizes that divide into blocks of 64."""
WITHOUT_EXPERTS = {"enable_moe_block": False, "num_experts": None, "top_k_experts": None}
SHAPES = {
    "moe": reference.MOE,
    "dense": reference.DENSE,
    "odd": reference.ODD | WITHOUT_EXPERTS,
    "per-layer": reference.PER_LAYER,
    "shared-rows": reference.SHARED_ROWS,
    "nf4": FOUR_BIT,
    "int4": FOUR_BIT,
}


class FourBitSource(DenseSource):
    """Every matrix in 4 bits but the router's, as in a quantised folder; or, widened, the same numbers in float32."""

    def __init__(self, tensors: dict[str, Tensor], layout: Layout, widened: bool) -> None:
        super().__init__(tensors, dtype=torch.float32 if widened else torch.bfloat16)
        self._layout, self._widened = layout, widened

    def _quantised(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        return quantize.quantise(weight.bfloat16(), self._layout)

    def linear(self, name: str) -> Linear:
        weight = self.tensor(name)
        if weight.shape[0] % quantize.LANES:
            return super().linear(name)
        stored = self._quantised(weight)
        if self._widened:
            return DenseSource(
                {"": quantize.dequantise(*stored, self._layout, torch.float32)}, dtype=self.dtype
            ).linear("")
        return BlockLinear(*stored, self._layout, self.device)

    def experts(self, name: str) -> ExpertLinear:
        stored = [self._quantised(weight) for weight in self.tensor(name)]
        if self._widened:
            wide = torch.stack([quantize.dequantise(*one, self._layout, torch.float32) for one in stored])
            return DenseSource({"": wide}, dtype=self.dtype).experts("")
        data, scales = (torch.stack(parts) for parts in zip(*stored, strict=True))
        return BlockExperts(data, scales, self._layout, self.device)


class Case:
    """One tiny model three times: with the kernels, on the plain path, and in float32 from the same numbers."""

    def __init__(self, kind: str, folder: Path) -> None:
        layouts: dict[str, Layout] = {"nf4": "rows32", "int4": "int4"}
        made = reference.model(SHAPES[kind])
        made.config.save_pretrained(folder)
        self.config = read_config(folder).text
        tensors = {name: tensor.bfloat16() for name, tensor in made.state_dict().items()}
        if kind in layouts:
            sources = [FourBitSource(tensors, layouts[kind], widened) for widened in (False, False, True)]
        else:
            sources = [DenseSource(tensors, dtype=dtype) for dtype in (torch.bfloat16, torch.bfloat16, torch.float32)]
        self.fast, self.plain, self.truth = (Decoder(self.config, source) for source in sources)
        assert self.fast.native is not None and self.truth.native is None
        self.plain.native = None
        generator = torch.Generator().manual_seed(1)
        self.ids = torch.randint(10, reference.VOCAB, (TOKENS,), generator=generator)
        self._plainly: dict[tuple[int, ...], Tensor] = {}

    def plainly(self, sizes: list[int]) -> Tensor:
        """On the plain path, on which neither the kernels' kind nor their threads have a part: run once."""
        if tuple(sizes) not in self._plainly:
            self._plainly[tuple(sizes)] = self.run(self.plain, sizes)
        return self._plainly[tuple(sizes)]

    @cached_property
    def in_float32(self) -> Tensor:
        """What all of them should give; no kernel has a part in it."""
        return self.run(self.truth, [TOKENS])

    def run(self, decoder: Decoder, sizes: list[int], cache: KVCache | None = None, start: int = 0) -> Tensor:
        """Hidden states behind ``start``, in chunks of ``sizes`` over and over."""
        cache = cache or decoder.new_cache()
        parts, turn = [], 0
        while start < TOKENS:
            stop = min(start + sizes[turn % len(sizes)], TOKENS)
            parts.append(decoder.forward(decoder.embed(self.ids[start:stop]), cache, ids=self.ids[start:stop]))
            start, turn = stop, turn + 1
        return torch.cat(parts).float()


@pytest.fixture(scope="module", params=["moe", "dense", "odd", "per-layer", "shared-rows", "nf4", "int4"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A model of each kind of weights and shape."""
    return Case(request.param, tmp_path_factory.mktemp("model"))


@pytest.fixture(params=[1, 3])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    """Fewer and more threads than chunks."""
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


def errors(got: Tensor, expected: Tensor) -> Tensor:
    """Of each position."""
    assert got.shape == expected.shape
    return (got - expected).norm(dim=1) / expected.norm(dim=1)


def agrees(case: Case, got: Tensor, truth: Tensor, plain: Tensor) -> None:
    """As near to the truth as the plain path, which rounds to bf16 oftener.

    One expert chosen otherwise, on either path, moves all positions behind it: the first ones tell most.
    """
    ours, theirs = errors(got, truth), errors(plain, truth)
    print(f"median error {ours.median():.4f}, plain path {theirs.median():.4f}")
    assert ours[:8].median() <= theirs[:8].median()  # equal where a step uses the PyTorch path
    assert ours.median() < 1.6 * theirs.median()


@pytest.mark.parametrize("sizes", [[1], [8], [1, 2, 3, 4, 5, 6, 7]])
def test_layers_agree(case: Case, sizes: list[int], threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    small_blocks(monkeypatch)
    agrees(case, case.run(case.fast, sizes), case.in_float32, case.plainly(sizes))


@settings(max_examples=8)
@given(first=st.integers(1, 60), sizes=st.lists(st.integers(1, MAX_TOKENS), min_size=1, max_size=4))
def test_any_cut_gives_the_same(case: Case, first: int, sizes: list[int]) -> None:
    """Behind a prefill of any length: the same cache, whatever the sizes of the steps."""
    caches = [case.fast.new_cache(), case.fast.new_cache()]
    for cache in caches:
        case.fast.forward(case.fast.embed(case.ids[:first]), cache, ids=case.ids[:first])
    one, other = (case.run(case.fast, steps, cache, first) for steps, cache in zip(([1], sizes), caches, strict=True))
    rows = errors(one, other)[:4]
    # Sums in another order can turn a router's choice between two experts of nearly the same score: that changes a row
    # by a fraction of its size, and those behind it somewhat. A fault changes all of them, and by more.
    assert rows.min() < 0.03 and rows.median() < 0.3
    assert [cache.length for cache in caches] == [TOKENS, TOKENS]


def test_a_snapshot_brings_the_sequence_back(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of the kernels write into blocks behind what a snapshot holds, and never into it."""
    small_blocks(monkeypatch)
    cache = case.fast.new_cache()
    case.fast.forward(case.fast.embed(case.ids[:33]), cache, ids=case.ids[:33])
    snapshot: Snapshot = cache.snapshot()
    before = case.run(case.fast, [1, 4], cache, 33)
    cache.restore(snapshot)
    for _ in range(5):
        case.fast.forward(case.fast.embed(case.ids[:7]), cache, ids=case.ids[:7])
    cache.restore(snapshot)
    again = case.run(case.fast, [1, 4], cache, 33)
    assert errors(again, before)[:4].median() < 0.03  # other blocks, and so sums in another order


def test_threads_do_not_change_a_bit(case: Case) -> None:
    before = torch.get_num_threads()
    results = []
    for count in (1, 2, 5):
        torch.set_num_threads(count)
        results.append(case.run(case.fast, [1, 5]))
    torch.set_num_threads(before)
    assert torch.equal(results[0], results[1]) and torch.equal(results[0], results[2])


def test_any_number_of_layers_and_experts_fits(tmp_path: Path) -> None:
    """The arguments of 36 layers of 128 experts each, all of them chosen, take more than 4 MB."""
    layers = ["sliding_attention"] * 35 + ["full_attention"]
    experts = {"num_experts": 128, "top_k_experts": 128, "moe_intermediate_size": 4}
    shape = reference.MOE | {"num_hidden_layers": 36, "layer_types": layers, "hidden_size": 16, **experts}
    made = reference.model(shape)
    made.config.save_pretrained(tmp_path)
    tensors = {name: tensor.bfloat16() for name, tensor in made.state_dict().items()}
    config = read_config(tmp_path).text
    fast, plain = (Decoder(config, DenseSource(tensors, dtype=torch.bfloat16)) for _ in range(2))
    assert fast.native is not None
    plain.native = None
    ids = torch.arange(10, 10 + MAX_TOKENS)
    got, expected = (decoder.forward(decoder.embed(ids), decoder.new_cache()).float() for decoder in (fast, plain))
    assert errors(got, expected).median() < 0.1


def test_scores_that_are_no_numbers_stay_in_their_place(tmp_path: Path) -> None:
    """A token goes to each expert once, whatever the router's scores: more rows than a kernel takes would be written
    behind its memory."""
    made = reference.model(reference.MOE)
    made.config.save_pretrained(tmp_path)
    config = read_config(tmp_path).text
    tensors = {name: tensor.bfloat16() for name, tensor in made.state_dict().items()}
    broken = {name: tensor * torch.nan if "router.proj" in name else tensor for name, tensor in tensors.items()}
    sound, bad = (Decoder(config, DenseSource(each, dtype=torch.bfloat16)) for each in (tensors, broken))
    assert sound.native is not None and bad.native is not None
    ids = torch.arange(10, 10 + MAX_TOKENS)
    before = sound.forward(sound.embed(ids), sound.new_cache())
    for _ in range(20):
        assert bad.forward(bad.embed(ids), bad.new_cache()).isnan().all()
    assert torch.equal(sound.forward(sound.embed(ids), sound.new_cache()), before)


def test_what_the_kernels_do_not_know_goes_the_plain_way(case: Case) -> None:
    assert case.fast.native is not None
    cache = case.fast.new_cache()
    most = min(MAX_TOKENS, case.config.sliding_window)
    assert case.fast.native.takes(most, cache) and not case.fast.native.takes(most + 1, cache)
    assert not case.fast.native.takes(1, case.fast.new_cache(int8=True))
    odd = SimpleNamespace(**vars(case.fast.layers[0]))
    odd.mlp = SimpleNamespace(gate_proj=object(), up_proj=object(), down_proj=object())
    layers = [odd, *case.fast.layers[1:]]
    assert NativeLayers.of(case.config, layers, torch.bfloat16, torch.device("cpu")) is None
