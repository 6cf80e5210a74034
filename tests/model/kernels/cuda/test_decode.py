"""All layers for one token by the kernels, run on the processor, against the plain decoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from model.cache.kv_cache import GlobalLayerCache, KVCache
from model.family.config_json import read_config
from model.family.decoder import Decoder
from model.formats import quantize
from model.formats.weights import DenseSource
from model.kernels.cuda import attention
from model.kernels.cuda.attention import definitions
from model.kernels.cuda.decode import CudaLayers
from model.kernels.cuda.kernels import SHARED_SOURCES
from model.kernels.cuda.weights import UnsuitedError
from tests.bench.engine.bench_card import rates
from tests.model import reference
from tests.model.family.test_decoder import small_blocks
from tests.model.kernels.cuda.conftest import Emulate
from tests.model.kernels.native.test_decode import FourBitSource, errors

pytestmark = pytest.mark.compiler

TOKENS, FIRST = 32, 20
WIDE: dict[str, Any] = reference.MOE | {
    "num_hidden_layers": 3,
    "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
    "hidden_size": 128,
    "intermediate_size": 192,
    "head_dim": 64,
    "global_head_dim": 128,
    "moe_intermediate_size": 64,
}
SHAPES: dict[str, dict[str, Any]] = {
    "nf4": WIDE,
    "int4": WIDE,
    "bf16": WIDE | {"num_attention_heads": 8, "num_global_key_value_heads": 1},
    "without experts": WIDE | {"enable_moe_block": False, "num_experts": None, "top_k_experts": None},
    "heads of 26B-A4B": WIDE
    | {"head_dim": 256, "global_head_dim": 512, "num_attention_heads": 16, "num_key_value_heads": 8}
    | {"num_global_key_value_heads": 2, "num_hidden_layers": 2, "layer_types": ["sliding_attention", "full_attention"]},
}


class Case:
    """One tiny model with the kernels and on the plain path."""

    def __init__(self, kind: str, folder: Path, emulate: Emulate) -> None:
        made = reference.model(SHAPES[kind])
        made.config.save_pretrained(folder)
        self.config = read_config(folder).text
        tensors = {name: tensor.bfloat16() for name, tensor in made.state_dict().items()}
        layout: quantize.Layout = "int4" if kind == "int4" else "rows"
        if kind in ("bf16", "without experts"):
            source = DenseSource(tensors)
        else:
            source = FourBitSource(tensors, layout, widened=False)
        self.plain, self.fast = Decoder(self.config, source), Decoder(self.config, source)
        self.plain.native = None
        sizes = definitions(self.config)
        assert sizes is not None
        self.emulator = emulate((*SHARED_SOURCES, "attention.cu"), sizes)
        self.layers = CudaLayers(self.emulator, self.config, self.fast.layers)
        self.fast.native = self.layers
        generator = torch.Generator().manual_seed(1)
        self.ids = torch.randint(10, reference.VOCAB, (TOKENS,), generator=generator)

    def run(self, decoder: Decoder, cache: KVCache | None = None, start: int = 0) -> Tensor:
        """Hidden states from ``start`` on: up to ``FIRST`` in one chunk, then one by one."""
        cache = cache or decoder.new_cache()
        parts = []
        while start < TOKENS:
            stop = FIRST if start < FIRST else start + 1
            parts.append(decoder.forward(decoder.embed(self.ids[start:stop]), cache))
            start = stop
        return torch.cat(parts).float()


def make(kind: str, folder: Path, emulate: Emulate) -> Case:
    """The weights as they are stored on a card."""
    patch = pytest.MonkeyPatch()
    on_card = {"int4": "int4_rows", "rows": "rows"}
    patch.setattr(quantize, "best_layout", lambda device, rows, stored="rows": on_card[stored])
    patch.setattr(attention, "_PIECES", {False: 3, True: 5})  # each has several positions, some have none
    made = Case(kind, folder, emulate)
    patch.undo()
    return made


@pytest.fixture(scope="module", params=list(SHAPES))
def any_case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, emulate: Emulate) -> Case:
    """A model of each kind of weights and shape."""
    return make(request.param, tmp_path_factory.mktemp("model"), emulate)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, emulate: Emulate) -> Case:
    """One of them, for what does not depend on that."""
    return make("nf4", tmp_path_factory.mktemp("model"), emulate)


def test_tokens_agree(any_case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each from the PyTorch path's cache, past the window's end, over many blocks: the token and its cache rows.

    Now and then bf16 chooses another expert, so the median is what counts.
    """
    small_blocks(monkeypatch)
    plain, ours = any_case.plain.new_cache(), any_case.fast.new_cache()
    any_case.plain.forward(any_case.plain.embed(any_case.ids[:FIRST]), plain)
    tokens, rows = [], []
    for token in any_case.ids[FIRST:].split(1):
        ours.restore(plain.snapshot())
        expected, got = (d.forward(d.embed(token), c) for d, c in ((any_case.plain, plain), (any_case.fast, ours)))
        tokens.append(errors(got.float(), expected.float()))
        rows.append(torch.stack([errors(*pair).max() for pair in zip(last_rows(ours), last_rows(plain), strict=True)]))
    print(f"median error {torch.cat(tokens).median():.4f}, of the rows {torch.stack(rows).median(0).values}")
    assert torch.cat(tokens).median() < 0.05
    assert torch.stack(rows)[:, 0].max() < 0.01, "the first layer's depend on no expert"
    assert torch.stack(rows).median(0).values.max() < 0.05


def last_rows(cache: KVCache) -> list[Tensor]:
    """The last position's rows in each layer."""
    rows = []
    for layer in cache.layers:
        if isinstance(layer, GlobalLayerCache):
            rows.append(list(layer.views())[-1][:, -1].float())
        else:
            slot = (layer.length - 1) % layer.window
            rows.append(torch.cat([layer.keys[:, slot], layer.values[:, slot]]).float())
    return rows


def test_the_order_of_threads_changes_nothing(case: Case) -> None:
    """A barrier that is missing would show."""
    forward = case.run(case.fast)
    case.emulator.backward = True
    backward = case.run(case.fast)
    case.emulator.backward = False
    assert torch.equal(forward, backward)


def test_another_cache_takes_the_place_of_the_first(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recorded graph stays right: the tables give the cache's current addresses."""
    small_blocks(monkeypatch)
    before = case.run(case.fast)
    other = case.fast.new_cache()
    case.fast.forward(case.fast.embed(case.ids.flip(0)[:30]), other)
    case.fast.forward(case.fast.embed(case.ids[:1]), other)
    assert torch.equal(case.run(case.fast), before)


def test_snapshots_and_drafts_that_are_taken_off(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    small_blocks(monkeypatch)
    cache = case.fast.new_cache()
    case.fast.forward(case.fast.embed(case.ids[:FIRST]), cache)
    snapshot = cache.snapshot()
    before = case.run(case.fast, cache, FIRST)
    cache.restore(snapshot)
    for token in case.ids[:5].split(1):  # others, in blocks of their own
        case.fast.forward(case.fast.embed(token), cache)
    cache.restore(snapshot)
    cache.mark(3)
    for token in case.ids[5:8].split(1):
        case.fast.forward(case.fast.embed(token), cache)
    cache.roll_back(FIRST)
    again = case.run(case.fast, cache, FIRST)
    assert errors(again, before)[:4].median() < 0.03  # other pieces, and so sums in another order


def test_more_blocks_than_the_tables_hold_go_the_plain_way(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    small_blocks(monkeypatch)
    cache = case.fast.new_cache()
    case.fast.forward(case.fast.embed(case.ids[:FIRST]), cache)
    assert case.layers.takes(1, cache) and not case.layers.takes(2, cache)
    assert not case.layers.takes(1, case.fast.new_cache(int8=True))
    monkeypatch.setattr(case.layers._tables, "blocks", case.layers._tables.blocks[:, :3])
    assert not case.layers.takes(1, cache)


def test_the_trial_finds_nothing_wrong_and_a_wrong_kernel(any_case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    assert any_case.layers.fault() is None
    launch = any_case.emulator.launch
    monkeypatch.setattr(
        any_case.emulator, "launch", lambda call: None if call.kernel.startswith("lectern_attend_g") else launch(call)
    )
    assert any_case.layers.fault() is not None


def test_weights_that_the_kernels_do_not_read_are_refused(case: Case, emulate: Emulate) -> None:
    before = case.plain.layers[0].mlp.gate_proj
    case.plain.layers[0].mlp.gate_proj = lambda x: x  # type: ignore[assignment]
    with pytest.raises(UnsuitedError):
        CudaLayers(case.emulator, case.config, case.plain.layers)
    case.plain.layers[0].mlp.gate_proj = before
    on_processor = CudaLayers.of(case.config, case.plain.layers, torch.bfloat16, torch.device("cpu"))
    assert on_processor is None


@pytest.mark.parametrize("change", [{"head_dim": 32}, {"global_head_dim": 96}, {"num_attention_heads": 22}])
def test_heads_that_do_not_fit_go_the_plain_way(change: dict[str, int], tmp_path: Path) -> None:
    made = reference.config(WIDE | change)
    made.save_pretrained(tmp_path)
    assert definitions(read_config(tmp_path).text) is None


def test_every_kernel_of_a_step_can_be_measured(case: Case) -> None:
    """The benchmark's counting, which needs no card: all launches, and the bytes of all weights."""
    cache = case.fast.new_cache()
    case.fast.forward(case.fast.embed(case.ids[:FIRST]), cache)
    case.fast.forward(case.fast.embed(case.ids[:1]), cache)
    found = list(rates(case.emulator, case.layers.launches, cache, lambda run: (run(), 1.0)[1]))  # type: ignore[func-returns-value]
    assert sum(rate.count for rate in found) == len(case.layers.launches)
    config, layers = case.config, len(case.config.layer_types)
    heads = {"sliding": config.head_dim, "global": config.global_head_dim}
    numbers = 3 * config.hidden_size * (config.intermediate_size + config.top_k_experts * 64) * layers
    for kind in config.layer_types:
        whole = kind == "full_attention"
        size = heads["global" if whole else "sliding"]
        kv = config.num_global_key_value_heads if whole else 2 * config.num_key_value_heads
        numbers += config.hidden_size * size * (2 * config.num_attention_heads + kv)
    router = 2 * config.num_experts * config.hidden_size * layers
    products = sum(rate.count * rate.nbytes for rate in found if "project" in rate.name)
    assert products == numbers // 2 + 4 * numbers // 64 + router
    (whole,) = (rate for rate in found if "attend_global" in rate.name)
    assert whole.nbytes == 2 * config.global_row * config.num_global_key_value_heads * (FIRST + 1)
