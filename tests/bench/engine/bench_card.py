"""How fast each kernel of ``model/kernels/cuda`` is on an NVIDIA card.

    python -m tests.bench.engine.bench_card MODEL26

``MODEL26`` is a folder as README.md beside this file describes it. For every kind of launch in one token's step: how
many there are, their microseconds, and the GB/s at which they read the weights, or the cache; beside them the card's
own rate. Then the whole step, recorded as a graph, against the sum of its parts. Prefill and answers are what ``lectern
bench --device cuda`` measures.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from model.bench.measure import fill
from model.cache.kv_cache import KVCache
from model.engine.engine import Engine
from model.kernels.cuda.decode import CudaLayers
from model.kernels.cuda.launcher import BF16, INT8, Launch, Launcher, MatrixArgument, ProjectArguments

REPEATS = 50
Seconds = Callable[[Callable[[], None]], float]


@dataclass(frozen=True, slots=True)
class Rate:
    """One kind of launch: how often it is in a step, seconds of one, and bytes that one reads at least."""

    name: str
    count: int
    seconds: float
    nbytes: int


def matrix_bytes(m: MatrixArgument) -> int:
    """Bytes of a matrix as it is stored, scales included."""
    if not m.data:
        return 0
    numbers = m.rows * m.columns
    if m.form == BF16:
        return 2 * numbers
    return numbers + 4 * m.rows if m.form == INT8 else numbers // 2 + 4 * numbers // m.block


def read_bytes(call: Launch, cache: KVCache) -> int:
    """The bytes that a launch must read of the weights, or of a layer's cache."""
    if isinstance(call.arguments, ProjectArguments):
        return sum(j.count * (matrix_bytes(j.first) + matrix_bytes(j.second)) for j in call.arguments.jobs)
    if call.kernel == "lectern_attend_global":
        layer = cache.global_layers()[0]
        return 2 * layer.kv_heads * layer.row * layer.length
    if call.kernel == "lectern_attend_sliding":
        ring = cache.sliding_layers()[0]
        return 4 * ring.keys[:, : ring.filled].numel()
    return 0


def rates(launcher: Launcher, calls: Sequence[Launch], cache: KVCache, seconds_of: Seconds) -> Iterator[Rate]:
    """Each kind of launch in ``calls``: those of one kernel, size and amount are one kind."""
    kinds: dict[tuple[str, tuple[int, int], int], list[Launch]] = {}
    for call in calls:
        kinds.setdefault((call.kernel, call.grid, read_bytes(call, cache)), []).append(call)
    for (kernel, grid, nbytes), same in kinds.items():

        def one_of_each(same: list[Launch] = same) -> None:  # of different layers, so that no cache holds the weights
            for call in same:
                launcher.launch(call)

        yield Rate(f"{kernel} {grid[0]}×{grid[1]}", len(same), seconds_of(one_of_each) / len(same), nbytes)


def on_card(run: Callable[[], None]) -> float:
    """Seconds of one run on the device, the mean of many."""
    run()
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record()  # type: ignore[no-untyped-call]
    for _ in range(REPEATS):
        run()
    end.record()  # type: ignore[no-untyped-call]
    end.synchronize()
    return float(begin.elapsed_time(end)) / 1e3 / REPEATS


def copy_rate(device: torch.device) -> float:
    """Bytes a second that a copy of 1 GiB reads and writes."""
    numbers = torch.zeros(1 << 28, device=device)
    other = torch.empty_like(numbers)

    def copy() -> None:
        other.copy_(numbers)

    return 2 * numbers.nbytes / on_card(copy)


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--depths", type=int, nargs="+", default=[1_000, 128_000])
    options = parser.parse_args(arguments)
    engine = Engine.open(options.model, device="cuda")
    decoder = engine._loaded().decoder
    layers = decoder.native
    if not isinstance(layers, CudaLayers):
        print("the kernels are not used on this card; the log says why", file=sys.stderr)
        return 1
    print(f"{torch.cuda.get_device_name()}: a copy moves {copy_rate(decoder.device) / 1e9:.0f} GB/s")
    with torch.inference_mode():
        for depth in options.depths:
            cache = decoder.new_cache()
            fill(cache, depth)
            _report(layers, cache, decoder.config.hidden_size)
    return 0


def _report(layers: CudaLayers, cache: KVCache, hidden: int) -> None:
    depth, x = cache.length, torch.randn(1, hidden, device=layers.launcher.device)
    layers(x, cache)  # the tables know this cache from here on
    cache.advance(1)
    found = list(rates(layers.launcher, layers.launches, cache, on_card))
    for rate in found:
        speed = f"{rate.nbytes / rate.seconds / 1e9:8.0f} GB/s" if rate.nbytes else ""
        print(f"{depth:>8,}  {rate.name:32} {rate.count:4} × {rate.seconds * 1e6:7.1f} µs {speed}")
    parts = sum(rate.count * rate.seconds for rate in found)
    whole = on_card(layers.step)
    both = f"{whole * 1e3:.2f} ms, its parts {parts * 1e3:.2f} ms"
    print(f"{depth:>8,}  the whole step {both}; {1 / whole:.0f} tokens/s at most")


if __name__ == "__main__":
    sys.exit(main())
