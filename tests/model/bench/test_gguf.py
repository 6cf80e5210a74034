"""The GGUF writer, read back by a reader of its own: layout, shapes, and numbers of the right size."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from model.bench import gguf
from model.bench.gguf import F32, Q4_0, Q6_K, Q8_0, Block, config_of, write_gguf
from model.family.inventory import EMBEDDING, TEXT
from model.synthetic.maker import Maker

SCALARS = {4: "I", 5: "i", 6: "f", 7: "?"}
BLOCKS = {block.code: block for block in (F32, Q4_0, Q6_K, Q8_0)}


@dataclass
class Known:
    shape: tuple[int, ...]
    block: Block
    data: bytes


class Read:
    """A whole file: metadata, and tensors by name."""

    def __init__(self, path: Path) -> None:
        self._data, self._at = path.read_bytes(), 4
        assert self._data[:4] == b"GGUF"
        version, tensors, facts = self._take("IQQ")
        assert version == 3
        self.facts = {self._string(): self._value(self._take("I")[0]) for _ in range(facts)}
        infos = [self._info() for _ in range(tensors)]
        base = self._at + -self._at % 32
        self.tensors = {}
        for name, shape, block, offset in infos:
            assert offset % 32 == 0
            size = block.bytes_of(int(np.prod(shape)))
            self.tensors[name] = Known(shape, block, self._data[base + offset : base + offset + size])
            assert len(self.tensors[name].data) == size
        assert base + offset + size == len(self._data)

    def _take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self._data, self._at)
        self._at += struct.calcsize("<" + form)
        return values

    def _string(self) -> str:
        (length,) = self._take("Q")
        return self._take(f"{length}s")[0].decode()

    def _value(self, kind: int) -> Any:
        if kind == 8:
            return self._string()
        if kind == 9:
            of, count = self._take("IQ")
            return [self._value(of) for _ in range(count)]
        return self._take(SCALARS[kind])[0]

    def _info(self) -> tuple[str, tuple[int, ...], Block, int]:
        name = self._string()
        sizes = self._take(f"{self._take('I')[0]}Q")
        code, offset = self._take("IQ")
        return name, sizes[::-1], BLOCKS[code], offset


def test_the_plain_form_holds_the_generated_checkpoints_numbers(tmp_path: Path) -> None:
    config = config_of("tiny", None)
    read, maker = Read(write_gguf(tmp_path / "a.gguf", config, form="f32", seed=3)), Maker(config, 3)
    names = {gguf.name_of(spec): spec for spec in maker.specs.values() if spec.name.startswith(TEXT)}
    assert set(read.tensors) == {*names, "rope_freqs.weight"}
    for name, spec in names.items():
        known = read.tensors[name]
        assert known.block is F32 and known.shape == spec.shape
        assert np.array_equal(
            np.frombuffer(known.data, np.float32), maker.make(spec, torch.float32).flatten().numpy()
        ), name


def test_metadata_tells_the_shape(tmp_path: Path) -> None:
    text = config_of("tiny", None).text
    facts = Read(write_gguf(tmp_path / "a.gguf", config_of("tiny", None))).facts
    assert facts["general.architecture"] == "gemma4" and facts["tokenizer.ggml.model"] == "none"
    own = {key.removeprefix("gemma4."): value for key, value in facts.items() if key.startswith("gemma4.")}
    assert own["block_count"] == 3 and own["vocab_size"] == text.vocab_size
    assert own["attention.head_count_kv"] == [2, 2, 1]
    assert own["attention.sliding_window_pattern"] == [True, True, False]
    assert (own["attention.key_length"], own["attention.key_length_swa"]) == (64, 32)
    assert (own["expert_count"], own["expert_used_count"], own["expert_feed_forward_length"]) == (8, 2, 64)
    assert own["final_logit_softcapping"] == 30.0


def test_rope_factors_leave_three_quarters_alone(tmp_path: Path) -> None:
    factors = Read(write_gguf(tmp_path / "a.gguf", config_of("tiny", None))).tensors["rope_freqs.weight"]
    values = np.frombuffer(factors.data, np.float32)
    assert values.tolist()[:8] == [1.0] * 8 and (values[8:] > 1e29).all() and len(values) == 32


def q4_0(data: bytes) -> np.ndarray:
    """ggml's own meaning: number i of a block in the low half of byte i, number 16 + i in the high one."""
    blocks = np.frombuffer(data, np.uint8).reshape(-1, 18)
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    halves = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    return (halves.astype(np.float32) - 8) * scale


def q6_k(data: bytes) -> np.ndarray:
    blocks = np.frombuffer(data, np.uint8).reshape(-1, 210)
    low, high = blocks[:, :128].reshape(-1, 2, 64), blocks[:, 128:192].reshape(-1, 2, 32)
    lows = np.concatenate([low & 15, low >> 4], axis=2).reshape(-1, 2, 4, 32)
    highs = np.stack([high >> shift & 3 for shift in (0, 2, 4, 6)], axis=2)
    numbers = (lows | highs << 4).astype(np.float32).reshape(-1, 16, 16) - 32
    scales = blocks[:, 192:208].view(np.int8).astype(np.float32)[:, :, None]
    return numbers * scales * blocks[:, 208:].copy().view(np.float16).astype(np.float32)[:, :, None]


def test_blocks_decode_to_numbers_of_the_right_size(tmp_path: Path) -> None:
    config = config_of("26b", 1)
    small = {**vars_of(config), "vocab_size": 2048, "num_experts": 2, "top_k_experts": 2}
    maker_config = type(config)(**{**fields_of(config), "text": type(config.text)(**small), "vision": None})
    read = Read(write_gguf(tmp_path / "a.gguf", maker_config))
    matrix, embedding = read.tensors["blk.0.ffn_down_exps.weight"], read.tensors["token_embd.weight"]
    assert (matrix.block, matrix.shape, embedding.block) == (Q4_0, (2, 2816, 704), Q6_K)
    assert read.tensors["blk.0.attn_norm.weight"].block is read.tensors["blk.0.ffn_gate_inp.weight"].block is F32
    assert np.sqrt(np.mean(q4_0(matrix.data) ** 2)) == pytest.approx(704**-0.5, rel=0.03)
    wanted = Maker(maker_config, 0).embedding_rms * 2816**-0.5
    assert np.sqrt(np.mean(q6_k(embedding.data) ** 2)) == pytest.approx(wanted, rel=0.05)


def test_rows_that_fit_no_large_block_have_a_smaller_one() -> None:
    maker = Maker(config_of("tiny-odd", None), 0)  # rows of 192 and of 100 and 36
    assert gguf.block_of(maker.specs[EMBEDDING], "q4_0") is Q8_0
    down = next(spec for spec in maker.specs.values() if spec.name.endswith("mlp.down_proj.weight"))
    assert down.shape[-1] == 100 and gguf.block_of(down, "q4_0") is F32


def fields_of(config: Any) -> dict[str, Any]:
    return {name: getattr(config, name) for name in config.__dataclass_fields__}


def vars_of(config: Any) -> dict[str, Any]:
    return fields_of(config.text)
