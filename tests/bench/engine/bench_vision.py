"""The vision tower against transformers' own, in turn: ``python -m tests.bench.engine.bench_vision [--layers 9]``.

Random weights of 26B-A4B's real size in bf16. Reports seconds a picture, their ratio, the rate of the tower's own
arithmetic, the peak of memory, and how far each is from transformers in float32 (relative error of the soft tokens).
With fewer layers the ratio is that of a layer. ``--part ours`` runs one side alone, for its memory. On a machine that
other programs use, ``--processor-time --threads 1`` counts processor seconds and takes the least of all repeats.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
from torch import Tensor

from model.family.config import ModelConfig
from model.family.config_json import parse_config
from model.family.inventory import expected_tensors
from model.family.vision import VisionTower
from model.formats.weights import DenseSource
from model.prompt.pictures import fit_size, patchify
from model.synthetic.maker import Maker
from model.synthetic.shapes import shape_config
from model.types import Picture
from tests.model.reference import vision_modules

A4 = (3508, 2480)
"""A scanned page, in pixels."""


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--budgets", type=int, nargs="+", default=[70, 280, 1120])
    parser.add_argument("--layers", type=int, default=27)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--part", choices=("both", "ours", "theirs"), default="both")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--processor-time", action="store_true")
    parser.add_argument("--check", action="store_true", help="say the relative errors too")
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    raw = shape_config("26b", 6)
    raw["vision_config"]["num_hidden_layers"] = options.layers
    config = parse_config(raw)
    source = _weights(config)
    encoders: dict[str, Callable[[Picture], Tensor]] = {}
    if options.part != "theirs":
        encoders["ours"] = VisionTower(config, source).encode
    if options.part != "ours":
        encoders["theirs"] = theirs(raw, source)
    for budget in options.budgets:
        shown = page(budget)
        result = measure(encoders, shown, config, options.repeats, options.processor_time)
        if options.check:
            exact = theirs(raw, DenseSource({n: source.tensor(n) for n in source.names()}, dtype=torch.float32))
            result |= errors(encoders, shown, exact(shown))
        result["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps(result), flush=True)
    return 0


def page(budget: int) -> Picture:
    """A page of noise, fitted to ``budget``."""
    height, width = fit_size(*A4, budget)
    pixels = np.random.default_rng(budget).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Picture(pixels.tobytes(), height, width, budget, str(budget))


def measure(
    encoders: dict[str, Callable[[Picture], Tensor]],
    shown: Picture,
    config: ModelConfig,
    repeats: int,
    processor_time: bool = False,
) -> dict[str, Any]:
    """Each encoder in turn, once for warming up (not for the largest) and ``repeats`` times."""
    clock = time.process_time if processor_time else time.perf_counter
    typical = min if processor_time else statistics.median
    seconds: dict[str, list[float]] = {name: [] for name in encoders}
    for turn in range(-1 if shown.soft_tokens < 500 else 0, repeats):
        for name, encode in encoders.items():
            started = clock()
            encode(shown)
            if turn >= 0:
                seconds[name].append(clock() - started)
    result: dict[str, Any] = {"budget": shown.budget, "soft_tokens": shown.soft_tokens}
    for name, taken in seconds.items():
        result[f"{name}_s"] = round(typical(taken), 3)
        result[f"{name}_spread"] = round(max(taken) / min(taken) - 1, 3)
        result[f"{name}_gflops"] = round(flops(config, shown) / typical(taken) / 1e9)
    if len(encoders) == 2:
        result["ratio"] = round(result["theirs_s"] / result["ours_s"], 3)
    return result


def flops(config: ModelConfig, shown: Picture) -> float:
    """Of the layers' products: matrices, and every patch against every other twice."""
    vision = config.vision
    assert vision is not None
    patches, across = shown.soft_tokens * 9, vision.num_attention_heads * vision.head_dim
    matrices = vision.hidden_size * (4 * across + 3 * vision.intermediate_size)
    return float(vision.num_hidden_layers * (2 * patches * matrices + 4 * patches**2 * across))


def errors(encoders: dict[str, Callable[[Picture], Tensor]], shown: Picture, exact: Tensor) -> dict[str, float]:
    """The relative error of each against float32."""
    return {
        f"{name}_error": round(float((encode(shown).float() - exact).norm() / exact.norm()), 5)
        for name, encode in encoders.items()
    }


def theirs(raw: dict[str, Any], source: DenseSource) -> Callable[[Picture], Tensor]:
    """transformers' two modules with the same weights, given the same patches without padding."""
    tower, embedder = vision_modules(raw, source)

    @torch.inference_mode()
    def encode(shown: Picture) -> Tensor:
        patches, positions = (torch.from_numpy(np.ascontiguousarray(array))[None] for array in patchify(shown))
        features = tower(pixel_values=patches, pixel_position_ids=positions).last_hidden_state
        soft_tokens: Tensor = embedder(inputs_embeds=features)
        return soft_tokens

    return encode


def _weights(config: ModelConfig) -> DenseSource:
    maker = Maker(config, 0)
    names = [name for name in expected_tensors(config) if "vision" in name]
    return DenseSource({name: maker.make(maker.specs[name], torch.bfloat16) for name in names})


if __name__ == "__main__":
    sys.exit(main())
