"""Prefill of a chunk and decode at depth, with the cache filled directly, and the memory that it takes.

    python -m tests.bench.engine.bench_depth MODEL_FOLDER [--depths 0,32768,131072,262144] [--chunk 512] [--int8]
        [--plot out/depth.svg]

The model folder is any that Lectern opens, for example one that ``python -m model.synthetic`` wrote in the real
shape with fewer layers. For every depth: seconds for the chunk and for a decoded token (only the global layers'
attention grows with depth), and resident memory against the formula; one depth in a fresh process measures best.

    cache = depth × global layers × KV heads × row × bytes  +  sliding layers × window × KV heads × 2 × head × bytes
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import time
from pathlib import Path

import psutil
import torch

from model.bench.measure import fill
from model.engine.engine import Engine


def reset_peak() -> None:
    """Starts the count of the peak resident memory anew, where the system can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak() -> int:
    """Peak resident memory in bytes since ``reset_peak``; the present one where the system does not count it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return int(psutil.Process().memory_info().rss)


def measure(engine: Engine, depth: int, chunk: int, repeats: int, int8: bool) -> dict[str, float]:
    """Median seconds and the memory for one depth."""
    decoder = engine._loaded().decoder
    gc.collect()
    resident = psutil.Process().memory_info().rss
    cache = decoder.new_cache(int8)
    fill(cache, depth)
    filled = psutil.Process().memory_info().rss
    reset_peak()
    here = cache.snapshot()
    ids = torch.randint(0, decoder.config.vocab_size, (chunk,)).to(decoder.device)
    prefill, decode = [], []
    for _ in range(repeats):
        cache.restore(here)
        started = time.perf_counter()
        decoder.forward(decoder.embed(ids), cache)
        prefill.append(time.perf_counter() - started)
        started = time.perf_counter()
        for token in ids[:4].split(1):
            decoder.logits(decoder.forward(decoder.embed(token), cache))
        decode.append((time.perf_counter() - started) / 4)
    return {
        "depth": depth,
        "prefill_s": sorted(prefill)[repeats // 2],
        "decode_s": sorted(decode)[repeats // 2],
        "cache_bytes": float(cache.nbytes),
        "filled_bytes": float(filled - resident),
        "working_bytes": float(peak() - filled),
    }


def plot(rows: list[dict[str, float]], path: Path) -> None:
    """Seconds of the chunk over depth as an SVG: measured points, and the straight line from first to last."""
    width, height, edge = 640, 360, 56
    deepest, slowest = rows[-1]["depth"] or 1, max(row["prefill_s"] for row in rows)

    def place(row: dict[str, float]) -> tuple[float, float]:
        x = edge + (width - 2 * edge) * row["depth"] / deepest
        return x, height - edge - (height - 2 * edge) * row["prefill_s"] / slowest

    (x0, y0), (x1, y1) = place(rows[0]), place(rows[-1])
    shapes = [f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" stroke="#9ab" stroke-dasharray="4"/>']
    for row in rows:
        x, y = place(row)
        label = f"{row['prefill_s']:.1f} s at {row['depth'] // 1024:.0f}K"
        shapes.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#245"/>')
        near_the_left = x < width / 2
        anchor, dx, dy = ("start", 8, 16) if near_the_left else ("end", -8, -10)
        shapes.append(f'<text x="{x + dx:.1f}" y="{y + dy:.1f}" text-anchor="{anchor}">{label}</text>')
    axes = f'<path d="M{edge} {edge}V{height - edge}H{width - edge}" fill="none" stroke="#567"/>'
    title = f'<text x="{edge}" y="28">Seconds of one prefill chunk over depth (positions in the cache)</text>'
    font = 'font-family="sans-serif" font-size="12"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {font}>'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "\n".join([head, '<rect width="100%" height="100%" fill="#fff"/>', title, axes, *shapes, "</svg>", ""])
    )


def main() -> None:
    """Prints a row a depth, and all as JSON at the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--depths", default="0,32768,131072,262144")
    parser.add_argument("--chunk", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--int8", action="store_true")
    parser.add_argument("--plot", type=Path, help="an SVG file to write")
    options = parser.parse_args()
    engine = Engine.open(options.model)
    rows = []
    measure(engine, 0, options.chunk, 1, False)
    for depth in (int(depth) for depth in options.depths.split(",")):
        row = measure(engine, depth, options.chunk, options.repeats, options.int8)
        rows.append(row)
        print(
            f"depth {depth:>7,}: {options.chunk} tokens in {row['prefill_s']:.2f} s, "
            f"one token in {row['decode_s'] * 1e3:.0f} ms, "
            f"cache {row['cache_bytes'] / 2**20:,.0f} MiB by the formula, {row['filled_bytes'] / 2**20:,.0f} MiB "
            f"measured, working memory {row['working_bytes'] / 2**20:,.0f} MiB"
        )
    print(json.dumps(rows))
    if options.plot:
        plot(rows, options.plot)
    engine.close()


if __name__ == "__main__":
    main()
