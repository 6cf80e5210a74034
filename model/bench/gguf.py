"""GGUF files of a model's shape with seeded random weights, so that llama.cpp can be measured on the same shape.

    python -m model.bench.gguf FILE --shape 26b --layers 6 [--form q4_0]

GGUF version 3: a header with typed metadata, then one description for each tensor, then the data, each tensor aligned
to 32 bytes. Block layouts are ggml's: Q4_0 is 32 numbers in 18 bytes (float16 scale, 16 bytes), Q6_K 256 numbers in
210 bytes (128 low halves, 64 bytes of high bits, 16 scales, float16 scale), Q8_0 32 numbers in 34 bytes. As llama.cpp's
own quantiser does for its type Q4_0, matrices become Q4_0, the tied embedding Q6_K (Q8_0 where a row is no multiple of
256), norms and the router stay float32. ``form="f32"`` keeps every number as the generated checkpoint of the same seed
has it: llama.cpp must then agree with Lectern's engine.
"""

from __future__ import annotations

import argparse
import struct
import sys
from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from model import atomic
from model.checkpoint.gguf.blocks import F32, Q4_0, Q6_K, Q8_0, Block
from model.checkpoint.gguf.names import name_of
from model.family.config import ModelConfig, TextConfig
from model.family.config_json import read_config
from model.family.inventory import TEXT, TensorSpec
from model.synthetic.maker import Maker
from model.synthetic.shapes import SHAPES, shape_config

Form = Literal["q4_0", "f32"]

ALIGN = 32
_U32, _I32, _F32, _BOOL, _STRING, _ARRAY = 4, 5, 6, 7, 8, 9
_FILE_TYPE = {"f32": 0, "q4_0": 2}


_POOL_BLOCKS = {Q4_0: 1 << 20, Q8_0: 1 << 19, Q6_K: 1 << 16}


def write_gguf(
    path: Path,
    config: ModelConfig,
    *,
    form: Form = "q4_0",
    seed: int = 0,
    vocabulary: Mapping[str, Any] | None = None,
) -> Path:
    """Write the language model of ``config``'s shape. Raises ``OSError``.

    ``vocabulary`` is the ``model`` part of a tokenizer.json, which an import needs; llama.cpp is measured without one.
    """
    maker = Maker(config, seed)
    specs = [spec for spec in maker.specs.values() if spec.name.startswith(TEXT)]
    writer = _Writer(maker, form)
    with atomic.replacing(path) as partial, partial.open("wb") as file:
        file.write(_header(config.text, specs, form, _metadata(config.text, form) | _words(vocabulary)))
        file.write(_padding(file.tell()))
        for spec in specs:
            for piece in writer.pieces(spec):
                file.write(piece)
            file.write(_padding(file.tell()))
        _factors(config.text).tofile(file)
    return path


def block_of(spec: TensorSpec, form: Form) -> Block:
    """How a tensor is stored."""
    if form == "f32" or spec.kind not in ("embedding", "linear", "experts") or spec.shape[-1] % Q4_0.numbers:
        return F32
    if spec.kind == "embedding":
        return Q8_0 if spec.shape[-1] % Q6_K.numbers else Q6_K
    return Q4_0


class _Writer:
    """Gives each tensor's bytes: made numbers in float32, or blocks of a pool from a place that its name chooses."""

    def __init__(self, maker: Maker, form: Form) -> None:
        self._maker, self._form = maker, form
        self._pools: dict[tuple[Block, float], NDArray[np.uint8]] = {}

    def pieces(self, spec: TensorSpec) -> Iterator[Any]:
        block = block_of(spec, self._form)
        if block is F32:
            for piece in self._maker.pieces(spec, torch.float32):
                yield piece.contiguous().numpy()
            return
        rms = self._maker.embedding_rms if spec.kind == "embedding" else 1.0
        pool = self._pool(block, rms * spec.shape[-1] ** -0.5)
        start = int(torch.randint(0, len(pool), (), generator=self._maker.generator(spec.name)))
        left = prod(spec.shape) // block.numbers
        while left:
            blocks = pool[start : start + left]
            yield blocks
            left -= len(blocks)
            start = 0

    def _pool(self, block: Block, rms: float) -> NDArray[np.uint8]:
        if (block, rms) not in self._pools:
            random = np.random.default_rng(_POOL_BLOCKS[block])
            pool = random.integers(0, 256, (_POOL_BLOCKS[block], block.nbytes), dtype=np.uint8)
            _set_scales(pool, block, rms, random)
            self._pools[(block, rms)] = pool
        return self._pools[(block, rms)]


def _set_scales(pool: NDArray[np.uint8], block: Block, rms: float, random: np.random.Generator) -> None:
    """Scales under which the blocks' numbers have the root mean square ``rms``."""
    spread = {Q4_0: 4.64, Q8_0: 73.9, Q6_K: 18.5 * 96}[block]  # of the integers, all equally likely
    scale = (random.uniform(0.8, 1.2, len(pool)) * rms / spread).astype(np.float16)
    place = -2 if block is Q6_K else 0
    pool[:, place : place + 2 or None] = scale.view(np.uint8).reshape(-1, 2)
    if block is Q6_K:
        pool[:, 192:208] = random.integers(64, 128, (len(pool), 16), dtype=np.uint8)


def _factors(text: TextConfig) -> NDArray[np.float32]:
    """Divisors of the global layers' rope frequencies: what ``proportional`` rope leaves alone turns no more."""
    turned = text.global_rotary_dim // 2
    return np.array([1.0] * turned + [1e30] * (text.global_head_dim // 2 - turned), np.float32)


def _header(text: TextConfig, specs: list[TensorSpec], form: Form, facts: Mapping[str, bytes]) -> bytes:
    infos, offset = [], 0
    for spec in specs:
        block = block_of(spec, form)
        infos.append(_info(name_of(spec), spec.shape, block, offset))
        size = block.bytes_of(prod(spec.shape))
        offset += size + len(_padding(size))
    infos.append(_info("rope_freqs.weight", (text.global_head_dim // 2,), F32, offset))
    head = b"GGUF" + struct.pack("<IQQ", 3, len(infos), len(facts))
    return head + b"".join(_string(key) + value for key, value in facts.items()) + b"".join(infos)


def _metadata(text: TextConfig, form: Form) -> dict[str, bytes]:
    """The metadata that llama.cpp needs of a Gemma 4; there is no vocabulary, only its size."""
    sliding = [kind == "sliding_attention" for kind in text.layer_types]
    heads = [text.num_key_value_heads if one else text.num_global_key_value_heads for one in sliding]
    own: dict[str, bytes] = {
        "context_length": _u32(text.max_position_embeddings),
        "embedding_length": _u32(text.hidden_size),
        "embedding_length_per_layer_input": _u32(0),
        "block_count": _u32(text.num_hidden_layers),
        "feed_forward_length": _u32(text.intermediate_size),
        "vocab_size": _u32(text.vocab_size),
        "attention.head_count": _u32(text.num_attention_heads),
        "attention.head_count_kv": _array(_I32, "i", heads),
        "attention.key_length": _u32(text.global_head_dim),
        "attention.value_length": _u32(text.global_head_dim),
        "attention.key_length_swa": _u32(text.head_dim),
        "attention.value_length_swa": _u32(text.head_dim),
        "attention.layer_norm_rms_epsilon": _f32(text.rms_norm_eps),
        "attention.sliding_window": _u32(text.sliding_window),
        "attention.sliding_window_pattern": _array(_BOOL, "?", sliding),
        "attention.shared_kv_layers": _u32(0),
        "rope.freq_base": _f32(text.global_rope_theta),
        "rope.freq_base_swa": _f32(text.sliding_rope_theta),
        "rope.dimension_count": _u32(text.global_head_dim),
        "rope.dimension_count_swa": _u32(text.head_dim),
    }
    if text.final_logit_softcapping is not None:
        own["final_logit_softcapping"] = _f32(text.final_logit_softcapping)
    if text.has_experts:
        own["expert_count"] = _u32(text.num_experts)
        own["expert_used_count"] = _u32(text.top_k_experts)
        own["expert_feed_forward_length"] = _u32(text.moe_intermediate_size)
    general = {
        "general.architecture": _text("gemma4"),
        "general.name": _text("random weights"),
        "general.file_type": _u32(_FILE_TYPE[form]),
        "general.quantization_version": _u32(2),
        "tokenizer.ggml.model": _text("none"),
    }
    return general | {f"gemma4.{key}": value for key, value in own.items()}


def _words(vocabulary: Mapping[str, Any] | None) -> dict[str, bytes]:
    if vocabulary is None:
        return {}
    tokens, merges = list(vocabulary["vocab"]), [" ".join(merge) for merge in vocabulary["merges"]]
    return {
        "tokenizer.ggml.model": _text("gemma4"),
        "tokenizer.ggml.tokens": _texts(tokens),
        "tokenizer.ggml.token_type": _array(_I32, "i", [3 if token.startswith("<") else 1 for token in tokens]),
        "tokenizer.ggml.merges": _texts(merges),
    }


def _info(name: str, shape: tuple[int, ...], block: Block, offset: int) -> bytes:
    sizes = shape[::-1]  # ggml names the fastest dimension first
    return _string(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, block.code, offset)


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _text(text: str) -> bytes:
    return struct.pack("<I", _STRING) + _string(text)


def _texts(texts: list[str]) -> bytes:
    return struct.pack("<IIQ", _ARRAY, _STRING, len(texts)) + b"".join(map(_string, texts))


def _u32(value: int) -> bytes:
    return struct.pack("<II", _U32, value)


def _f32(value: float) -> bytes:
    return struct.pack("<If", _F32, value)


def _array(kind: int, letter: str, values: list[Any]) -> bytes:
    return struct.pack(f"<IIQ{len(values)}{letter}", _ARRAY, kind, len(values), *values)


def _padding(position: int) -> bytes:
    return bytes(-position % ALIGN)


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m model.bench.gguf", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--shape", choices=sorted(SHAPES), default="26b")
    source.add_argument("--model", type=Path, metavar="DIR", help="the shape of this model folder")
    parser.add_argument("--layers", type=int, help="number of text layers; the last one is always global")
    parser.add_argument("--form", choices=("q4_0", "f32"), default="q4_0")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    config = read_config(options.model) if options.model else config_of(options.shape, options.layers)
    print(write_gguf(options.file, config, form=options.form, seed=options.seed))
    return 0


def config_of(shape: str, layers: int | None) -> ModelConfig:
    """The configuration of a named shape."""
    import json
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_text(json.dumps(shape_config(shape, layers)), encoding="utf-8")
        return read_config(Path(folder))


if __name__ == "__main__":
    sys.exit(main())
