"""Model folders as other programs write them: weights of zeros that take no room, and the tiny model saved again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from math import prod
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from model.checkpoint.header import ITEM_BYTES
from model.family.config_json import parse_config
from model.family.inventory import expected_tensors

Tensors = dict[str, Tensor]


def write_header(path: Path, tensors: Mapping[str, tuple[str, tuple[int, ...]]]) -> None:
    """A safetensors file with these tensors (type, shape), all zeros: a hole in the disk, however large."""
    table, offset = {}, 0
    for name, (code, shape) in tensors.items():
        size = prod(shape) * ITEM_BYTES[code]
        table[name] = {"dtype": code, "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps({"__metadata__": {"format": "pt"}, **table}).encode()
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + offset)


def write_empty_weights(folder: Path, config: Mapping[str, Any], shards: int = 1) -> None:
    """Every tensor that ``config`` asks for, in one file or in several with an index."""
    specs = list(expected_tensors(parse_config(config)).values())
    if shards == 1:
        write_header(folder / "model.safetensors", {spec.name: ("BF16", spec.shape) for spec in specs})
        return
    names = [f"model-{number:05}-of-{shards:05}.safetensors" for number in range(1, shards + 1)]
    for number, name in enumerate(names):
        write_header(folder / name, {spec.name: ("BF16", spec.shape) for spec in specs[number::shards]})
    weight_map = {spec.name: names[number % shards] for number, spec in enumerate(specs)}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))


def saved_again(
    folder: Path,
    target: Path,
    change: Callable[[Tensors], Tensors] = dict,
    config: Callable[[dict[str, Any]], object] = lambda config: None,
) -> Path:
    """A copy of the model in ``folder`` (one file) with other tensors, or another ``config.json``."""
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("*.safetensors"))
    tensors = change(load_file(folder / "model.safetensors"))
    save_file({name: tensor.contiguous().clone() for name, tensor in tensors.items()}, target / "model.safetensors")
    said = json.loads((target / "config.json").read_text(encoding="utf-8"))
    config(said)
    (target / "config.json").write_text(json.dumps(said), encoding="utf-8")
    return target


def renamed(rename: Callable[[str], str]) -> Callable[[Tensors], Tensors]:
    """All tensors under other names."""
    return lambda tensors: {rename(name): tensor for name, tensor in tensors.items()}


def with_tensors(**more: Tensor) -> Callable[[Tensors], Tensors]:
    """More tensors; ``__`` in a name means a dot."""
    return lambda tensors: tensors | {name.replace("__", "."): tensor for name, tensor in more.items()}


def on_the_q4_0_grid(tensors: Tensors) -> Tensors:
    """Every matrix rounded to llama.cpp's ``Q4_0``, published in bf16 as Google's are."""
    return {name: _rounded(tensor) if tensor.dim() >= 2 else tensor for name, tensor in tensors.items()}


def _rounded(tensor: Tensor) -> Tensor:
    if tensor.shape[-1] % 32:
        return tensor
    groups = tensor.float().view(-1, 32)
    largest = groups.gather(1, groups.abs().argmax(dim=1, keepdim=True))
    scale = (largest / -8).to(torch.float16).float()
    numbers = (groups / torch.where(scale == 0, 1.0, scale)).round().clamp(-8, 7)
    return (numbers * scale).view(tensor.shape).to(torch.bfloat16)
