"""One whole prefill of the full context, 262,144 tokens, with a small model: it runs, in the memory foretold.

python -m tests.bench.engine.bench_long_prefill [--tokens 262144] [--int8]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import psutil
import torch

from model.engine.engine import Engine
from model.synthetic.shapes import shape_config
from model.synthetic.writing import write_checkpoint
from tests.bench.engine.bench_depth import peak, reset_peak


def small_shape(context: int) -> dict[str, object]:
    """The tiny shape with two narrow heads on its global layer, so that minutes are enough on a CPU."""
    shape = shape_config("tiny")
    shape["text_config"] |= {"max_position_embeddings": context, "num_attention_heads": 2, "num_key_value_heads": 1}
    return shape


def main() -> None:
    """Prints progress and one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=262_144)
    parser.add_argument("--chunk", type=int, default=1024)
    parser.add_argument("--int8", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_checkpoint(Path(folder) / "model", small_shape(options.tokens + 64))
        engine = Engine.open(Path(folder) / "model", quantise=False)
        decoder = engine._loaded().decoder
        ids = torch.randint(0, decoder.config.vocab_size, (options.tokens,))
        decoder.forward(decoder.embed(ids[: options.chunk]), decoder.new_cache(options.int8))
        before = psutil.Process().memory_info().rss
        reset_peak()
        cache = decoder.new_cache(options.int8)
        started = time.perf_counter()
        for number, chunk in enumerate(ids.split(options.chunk)):
            hidden = decoder.forward(decoder.embed(chunk), cache)
            if number % 32 == 31:
                print(f"{cache.length:,} tokens after {time.perf_counter() - started:.0f} s", flush=True)
        logits = decoder.logits(hidden[-1:])
        assert bool(torch.isfinite(logits).all())
        figures = {
            "tokens": cache.length,
            "seconds": round(time.perf_counter() - started, 1),
            "cache_mib": round(cache.nbytes / 2**20, 1),
            "peak_grown_mib": round((peak() - before) / 2**20, 1),
        }
        print(json.dumps(figures))
        engine.close()


if __name__ == "__main__":
    main()
