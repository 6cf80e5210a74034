"""The audio tower against transformers' own, in turn: ``python -m tests.bench.engine.bench_sound [--seconds 5 30]``.

Random weights of E2B's and E4B's real tower in bf16. Reports, for a piece of sound of a given length, the time from
samples to soft tokens on both sides, their ratio, how many times faster than the sound itself it is, the peak of memory
and how far each is from transformers in float32 (relative error). ``--part ours`` runs one side alone, for its memory.
On a machine that other programs use, ``--processor-time`` counts processor seconds of one thread, the least of all.
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

import torch
from torch import Tensor
from transformers import Gemma4TextConfig
from transformers.models.gemma4.configuration_gemma4 import Gemma4AudioConfig
from transformers.models.gemma4.feature_extraction_gemma4 import Gemma4AudioFeatureExtractor
from transformers.models.gemma4.modeling_gemma4 import Gemma4AudioModel, Gemma4MultimodalEmbedder

from model.family.audio import AudioTower
from model.family.config import AudioConfig, ModelConfig
from model.family.config_json import parse_config
from model.family.inventory import expected_tensors, is_sound
from model.formats.weights import DenseSource
from model.prompt.sounds import Heard, heard
from model.soft_tokens import SOUND_RATE
from model.sound.samples import waveform
from model.synthetic.maker import Maker
from model.synthetic.shapes import shape_config
from tests.files.sounds import sound

Encode = Callable[[Heard], Tensor]


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, nargs="+", default=[5, 30])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--part", choices=("both", "ours", "theirs"), default="both")
    parser.add_argument("--check", action="store_true", help="the relative errors too")
    parser.add_argument("--processor-time", action="store_true")
    options = parser.parse_args(arguments)
    clock = time.process_time if options.processor_time else time.perf_counter
    typical = min if options.processor_time else statistics.median
    if options.processor_time:
        torch.set_num_threads(1)
    raw = shape_config("e4b", 6)
    config = parse_config(raw)
    source = _weights(config)
    encoders: dict[str, Encode] = {}
    if options.part != "theirs":
        encoders["ours"] = AudioTower(config, source).encode
    if options.part != "ours":
        encoders["theirs"] = theirs(raw, source, torch.bfloat16)
    assert isinstance(config.audio, AudioConfig)
    for seconds in options.seconds:
        piece = heard(sound(int(seconds * SOUND_RATE)), config.audio)
        result: dict[str, Any] = {"seconds": seconds, "soft_tokens": piece.soft_tokens}
        taken: dict[str, list[float]] = {name: [] for name in encoders}
        for turn in range(-1, options.repeats):
            for name, encode in encoders.items():
                started = clock()
                encode(piece)
                if turn >= 0:
                    taken[name].append(clock() - started)
        for name, times in taken.items():
            result[f"{name}_s"] = round(typical(times), 3)
            result[f"{name}_times_real"] = round(seconds / typical(times), 1)
        if len(encoders) == 2:
            result["ratio"] = round(result["theirs_s"] / result["ours_s"], 2)
        if options.check:
            exact = theirs(raw, source, torch.float32)(piece)
            for name, encode in encoders.items():
                off = (encode(piece).float() - exact).norm() / exact.norm()
                result[f"{name}_error"] = round(float(off), 5)
        result["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps(result), flush=True)
    return 0


def theirs(raw: dict[str, Any], source: DenseSource, dtype: torch.dtype) -> Encode:
    """transformers' extractor, tower and projection with the same weights."""
    audio = Gemma4AudioConfig(**raw["audio_config"])
    audio._attn_implementation = "eager"
    text = Gemma4TextConfig(hidden_size=raw["text_config"]["hidden_size"], num_hidden_layers=6)
    tower, embedder = Gemma4AudioModel(audio).to(dtype).eval(), Gemma4MultimodalEmbedder(audio, text).to(dtype).eval()
    for module, prefix in ((tower, "model.audio_tower."), (embedder, "model.embed_audio.")):
        names = [name for name in source.names() if name.startswith(prefix)]
        module.load_state_dict({n.removeprefix(prefix): source.tensor(n).to(dtype) for n in names}, strict=True)
    extractor = Gemma4AudioFeatureExtractor()

    @torch.inference_mode()
    def encode(piece: Heard) -> Tensor:
        made = extractor([waveform(piece.sound)], return_tensors="pt")
        out = tower(made["input_features"].to(dtype), made["input_features_mask"].bool())
        soft_tokens: Tensor = embedder(inputs_embeds=out.last_hidden_state)
        return soft_tokens[out.attention_mask]

    return encode


def _weights(config: ModelConfig) -> DenseSource:
    maker = Maker(config, 0)
    names = [name for name in expected_tensors(config) if is_sound(name)]
    return DenseSource({name: maker.make(maker.specs[name], torch.bfloat16) for name in names})


if __name__ == "__main__":
    sys.exit(main())
