"""The counting against figures worked out by hand from the 26B's published sizes."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.bench import roofline
from model.bench.figures import Figure
from model.bench.gguf import config_of
from model.bench.measure import stored_bytes
from model.bench.roofline import NF4_BITS, Work, bits
from model.engine.engine import Engine
from model.engine.needs import kv_bytes
from model.family.config import ModelConfig
from model.family.config_json import read_config
from model.family.inventory import expected_tensors
from model.formats.quantized_weights import SplitEmbedding
from model.synthetic.writing import write_checkpoint

MB = 1e6
SLIDING = 2 * 16 * 256 * 2816 + 2 * 8 * 256 * 2816
GLOBAL = 2 * 16 * 512 * 2816 + 2 * 512 * 2816
DENSE, EXPERT, ROUTER = 3 * 2112 * 2816, 3 * 704 * 2816, 128 * 2816
VOCABULARY = 262_144
EMBEDDING = "model.language_model.embed_tokens.weight"


@pytest.fixture(scope="module")
def config() -> ModelConfig:
    return config_of("26b", None)


def test_the_cache_that_is_read_is_the_cache_that_memory_is_planned_for(config: ModelConfig) -> None:
    for depth in (config.text.sliding_window, 32_768):
        assert roofline.cache_bytes(config.text, depth) == kv_bytes(config.text, depth)


def test_bytes_of_a_decoded_token(config: ModelConfig) -> None:
    parts = roofline.decode_parts(config, bits(NF4_BITS, NF4_BITS))
    rounded = {name: round(size / MB) for name, size in parts.items() if name != "norms"}
    assert rounded == {"experts": 758, "attention": 590, "head": 392, "mlp": 284, "router": 22}
    assert sum(parts.values()) == pytest.approx(2.05e9, rel=2e-3)
    assert parts["experts"] == 30 * 8 * EXPERT * NF4_BITS / 8


def test_eight_bits_in_the_head_cost_its_bytes_and_nothing_else(config: ModelConfig) -> None:
    four = roofline.decode(config, bits(NF4_BITS, 4.25), 0).nbytes
    eight = roofline.decode(config, bits(NF4_BITS, 8.0), 0).nbytes
    assert eight - four == VOCABULARY * 2816 * 3.75 / 8


def test_bytes_of_the_cache(config: ModelConfig) -> None:
    one, window, whole = (roofline.cache_bytes(config.text, depth) for depth in (1, 1024, 262_144))
    sliding_token = 25 * 8 * 2 * 256 * 2
    assert one == 5 * 2 * 640 * 2 + sliding_token
    assert window - 1024 * 5 * 2 * 640 * 2 == 1024 * sliding_token == pytest.approx(210 * MB, rel=2e-3)
    assert whole == pytest.approx(3.36e9 + 0.21e9, rel=2e-3)


def test_operations_of_a_prefill(config: ModelConfig) -> None:
    tokens, depth = 3, 2000
    weights = 25 * SLIDING + 5 * GLOBAL + 30 * (DENSE + 8 * EXPERT + ROUTER)
    seen = 2001 + 2002 + 2003
    attention = 25 * 4 * 16 * 256 * 3 * 1024 + 5 * 4 * 16 * 512 * seen
    head = 2 * VOCABULARY * 2816
    assert roofline.prefill(config, bits(4, 4), tokens, depth).flops == 2 * tokens * weights + attention + head


def test_a_short_sequence_sees_itself_only(config: ModelConfig) -> None:
    one = roofline.prefill(config, bits(4, 4), 1).flops - roofline.decode(config, bits(4, 4), 0).flops
    assert one == 25 * 4 * 16 * 256 + 5 * 4 * 16 * 512


def test_a_prefill_reads_all_experts_once_and_a_token_only_its_own(config: ModelConfig) -> None:
    all_experts = 30 * 128 * EXPERT * NF4_BITS / 8
    rest = sum(size for name, size in roofline.decode_parts(config, bits(NF4_BITS, 8)).items() if name != "experts")
    assert roofline.prefill(config, bits(NF4_BITS, 8), 512).nbytes == pytest.approx(all_experts + rest)
    assert roofline.prefill(config, bits(NF4_BITS, 8), 1).nbytes == pytest.approx(all_experts / 16 + rest)


def test_the_limit_is_the_slower_of_the_two() -> None:
    assert Work(nbytes=64e9, flops=100e9).seconds(32e9, 400e9) == 2.0
    assert Work(nbytes=32e9, flops=1200e9).seconds(32e9, 400e9) == 3.0


def test_a_dense_model_has_no_experts_to_count() -> None:
    config = config_of("31b", 6)
    assert "experts" not in roofline.decode_parts(config, bits(4, 8))
    assert roofline.prefill(config, bits(4, 8), 7).nbytes > 0


def test_a_figure_gives_rate_spread_and_ratios() -> None:
    figure = Figure("prefill 512", (2.0, 1.0, 4.0), 512, "tokens/s", 1.5, {"other": 3.0})
    assert (figure.value, figure.spread, figure.of_limit, figure.times("other")) == (256.0, 1.5, 0.75, 1.5)
    assert figure.as_json()["peers"] == {"other": {"value": 170.6667, "times": 1.5}}
    assert Figure("opening", (0.25,)).value == 0.25


@pytest.mark.native
def test_the_head_counts_what_it_reads(tmp_path: Path) -> None:
    engine = Engine.open(write_checkpoint(tmp_path / "tiny", "tiny"), device="cpu", store=tmp_path / "store")
    try:
        table = engine._loaded().decoder.embed_tokens
        spec = expected_tensors(read_config(engine.info.folder))[EMBEDDING]
        assert isinstance(table, SplitEmbedding) and spec.shape == (512, 64)
        # All words exactly, from two planes whose rows have room for 128 numbers; and the scales.
        assert stored_bytes(engine)(spec) == table.token_bytes == 512 * 128 + 512 * 2
    finally:
        engine.close()
