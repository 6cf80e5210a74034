"""Checkpoints of any Gemma 4 shape with seeded random weights: ``python -m model.synthetic FOLDER --shape tiny``.

Tiny ones are for tests and the sample run, those with the real widths for measurements. Every tensor
has its own seed from the checkpoint's seed and its name, so a model is the same however it is sharded.
Scales are chosen so that a random model is not degenerate: attention neither flat nor one-hot, the
router undecided enough to use all experts, logits well spread.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from model.checkpoint.tensor_file import Slot, TensorWriter
from model.family.config import ModelConfig
from model.family.config_json import read_config
from model.family.inventory import TensorSpec, expected_tensors
from model.synthetic.shapes import SHAPES, shape_config
from model.synthetic.tokenizer import quiet_ids, special_ids, write_tokenizer

SHARD_BYTES = 4 << 30
_TILE = 4_194_301
"""A prime number of random numbers, repeated to fill large tensors; no row or expert repeats exactly."""


def write_checkpoint(
    folder: Path,
    shape: str | Mapping[str, Any] = "tiny",
    *,
    layers: int | None = None,
    seed: int = 0,
    dtype: torch.dtype = torch.bfloat16,
    shard_bytes: int = SHARD_BYTES,
    quantised: bool = False,
) -> Path:
    """Write a checkpoint of the named shape, or of a whole ``config.json`` given as a mapping."""
    config = shape_config(shape, layers) if isinstance(shape, str) else dict(shape)
    folder.mkdir(parents=True, exist_ok=True)
    config = {**config, "dtype": str(dtype).removeprefix("torch.")}
    _write_json(folder / "config.json", config)
    write_tokenizer(folder, config)
    _write_json(folder / "lectern.json", _label(shape if isinstance(shape, str) else "custom"))
    maker = Maker(read_config(folder), seed)
    if quantised:
        from model.synthetic.quantised import write_quantised

        write_quantised(folder, maker)
    else:
        _write_shards(folder, maker, dtype, shard_bytes)
    return folder


def _label(shape: str) -> dict[str, object]:
    note = "Random weights: answers are meaningless; for testing only."
    return {"sample": True, "name": f"Random {shape} model", "note": note}


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def _write_shards(folder: Path, maker: Maker, dtype: torch.dtype, shard_bytes: int) -> None:
    shards = _split(maker.specs.values(), dtype, shard_bytes)
    weight_map: dict[str, str] = {}
    for number, specs in enumerate(shards, 1):
        name = f"model-{number:05}-of-{len(shards):05}.safetensors" if len(shards) > 1 else "model.safetensors"
        with TensorWriter(folder / name, [Slot(spec.name, dtype, spec.shape) for spec in specs]) as writer:
            for spec in specs:
                for piece in maker.pieces(spec, dtype):
                    writer.write(spec.name, piece)
                weight_map[spec.name] = name
    if len(shards) > 1:
        total = sum(spec.numel for spec in maker.specs.values()) * dtype.itemsize
        index = {"metadata": {"total_size": total}, "weight_map": weight_map}
        _write_json(folder / "model.safetensors.index.json", index)


def _split(specs: Iterable[TensorSpec], dtype: torch.dtype, shard_bytes: int) -> list[list[TensorSpec]]:
    shards: list[list[TensorSpec]] = [[]]
    filled = 0
    for spec in specs:
        size = spec.numel * dtype.itemsize
        if shards[-1] and filled + size > shard_bytes:
            shards.append([])
            filled = 0
        shards[-1].append(spec)
        filled += size
    return shards


class Maker:
    """Makes any tensor of a model from the seed and the tensor's name."""

    def __init__(self, config: ModelConfig, seed: int) -> None:
        self.config = config
        self.specs = expected_tensors(config)
        self._seed = seed
        # The embedding is also the head. A small embedding lets the layers, not the last token, decide the
        # next one; the final norm then brings the logits back to a standard deviation of about 2.4.
        spread = 1.5 * math.sqrt(2 * config.text.num_hidden_layers / config.text.hidden_size)
        self.embedding_rms = min(1.0, spread)

    def make(self, spec: TensorSpec, dtype: torch.dtype) -> Tensor:
        """The tensor ``spec`` in ``dtype``, whole."""
        return torch.cat([piece.view(-1) for piece in self.pieces(spec, dtype)]).view(spec.shape)

    def pieces(self, spec: TensorSpec, dtype: torch.dtype) -> Iterator[Tensor]:
        """The tensor in pieces of a few million numbers: whole rows of the embedding, flat ones of the rest."""
        tile = self.random(spec.name, min(spec.numel, _TILE))
        if spec.kind == "embedding":
            yield from (rows.to(dtype) for rows in self._embedding(tile, spec))
            return
        tile = self._value(tile, spec).to(dtype)
        for start in range(0, spec.numel, _TILE):
            yield tile[: spec.numel - start]

    def _value(self, random: Tensor, spec: TensorSpec) -> Tensor:
        match spec.kind:
            case "norm" if spec.name.endswith("language_model.norm.weight"):
                return (1 + 0.15 * random) * (2.4 / self.embedding_rms)
            case "norm":
                return (1 + 0.15 * random).clamp_(min=0.3)
            case "q_norm":  # scores are q·k unscaled, so this alone sets how sharp attention is
                return (1 + 0.2 * random).clamp_(min=0.3) * (1.5 / math.sqrt(spec.shape[0]))
            case "scalar":
                return 0.9 + 0.1 * torch.tanh(random)
            case "scale":
                return (1 + 0.25 * random).clamp_(min=0.3)
            case "lookup":  # the decoder multiplies it by the root of one layer's width
                return random * max(1, self.config.text.hidden_size_per_layer_input) ** -0.5
            case "router":
                return random * 1.5
            case "position":
                return random * 0.5
            case "bias":
                return random * 0.1
            case "low" | "high":
                return torch.full_like(random, -2.0 if spec.kind == "low" else 2.0)
            case _:
                return random * spec.shape[-1] ** -0.5

    def _embedding(self, tile: Tensor, spec: TensorSpec) -> Iterator[Tensor]:
        """Control tokens and bytes are seldom drawn; the end of a turn often enough for answers to end."""
        vocabulary, hidden = spec.shape
        loudness = torch.full((vocabulary, 1), self.embedding_rms * hidden**-0.5)
        loudness[quiet_ids(vocabulary)] *= 0.25
        loudness[special_ids(vocabulary)["<turn|>"]] *= 6.0
        twice, step = torch.cat([tile, tile]), max(1, len(tile) // hidden)
        for start in range(0, vocabulary, step):
            stop = min(vocabulary, start + step)
            offset = start * hidden % len(tile)
            rows = twice[offset : offset + (stop - start) * hidden].view(-1, hidden)
            yield rows * loudness[start:stop]

    def random(self, name: str, count: int) -> Tensor:
        """Normal numbers of their own for the tensor ``name``."""
        return torch.randn(count, generator=self.generator(name))

    def generator(self, name: str) -> torch.Generator:
        """A generator of its own for the tensor ``name``."""
        digest = hashlib.sha256(f"{self._seed}:{name}".encode()).digest()
        return torch.Generator().manual_seed(int.from_bytes(digest[:7], "little"))


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m model.synthetic", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shape", choices=sorted(SHAPES), default="tiny")
    parser.add_argument("--layers", type=int, help="number of text layers; the last one is always global")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quantised", action="store_true", help="write the quantised form directly")
    options = parser.parse_args(arguments)
    write_checkpoint(
        options.folder, options.shape, layers=options.layers, seed=options.seed, quantised=options.quantised
    )
    print(options.folder)
    return 0
