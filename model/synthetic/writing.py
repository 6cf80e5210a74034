"""Checkpoints of any Gemma 4 shape with seeded random weights: ``python -m model.synthetic FOLDER --shape tiny``.

Tiny ones are for tests and the sample run, those with the real widths for measurements. ``maker`` makes the tensors.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

from model.checkpoint.tensor_file import Slot, TensorWriter
from model.family.config_json import read_config
from model.family.inventory import TensorSpec
from model.synthetic.maker import Maker
from model.synthetic.quantised import write_quantised
from model.synthetic.shapes import SHAPES, shape_config
from model.synthetic.tokenizer import write_tokenizer

SHARD_BYTES = 4 << 30


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
