"""A model larger than memory, in a control group with a limit: the predicted speed and the measured one.

python -m tests.bench.engine.bench_small_memory [--folder DIR] [--shape 26b] [--layers N] [--gb 12]

Writes the shape with random weights (26B: 15 GB) into a temporary folder, or uses an existing one. Needs permission to
make a control group (version 1 or 2), as root has; without it, it says so and stops. A random model's tokens soon
choose the same experts, so that after a prompt nearly all are in memory. Real text is measured by ``--routing TEXT``,
with the sample model's choices and a memory that keeps the experts used last.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_SAMPLE = Path(__file__).parents[3] / "resources" / "sample_model"
_SHARES = (0.25, 0.5, 0.65, 0.75, 0.85)
_FIRST, _SECOND = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")


def main() -> int:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--shape", default="26b")
    parser.add_argument("--layers", type=int)
    parser.add_argument("--gb", type=float, default=12.0)
    parser.add_argument("--tokens", type=int, default=40)
    parser.add_argument("--prompt", type=int, default=0, help="also read a prompt of this many tokens")
    parser.add_argument("--routing", type=Path, help="measure how often experts are used again in this text")
    parser.add_argument("--plain", action="store_true", help="map everything and leave it to the system")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.routing:
        print(json.dumps(used_again(options.folder or _SAMPLE, options.routing.read_text(encoding="utf-8"))))
        return 0
    if options.inside:
        print(json.dumps(measured(options)), flush=True)
        return 0
    with limited(int(options.gb * 1e9)) as group, contextlib.ExitStack() as stack:
        if group is None:
            print("This system has no control group for memory that this user may make.")
            return 1
        folder = options.folder
        if folder is None:
            from model.synthetic.writing import write_checkpoint

            place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            folder = write_checkpoint(place / "model", options.shape, layers=options.layers, quantised=True)
        drop(folder)
        command = [sys.executable, "-m", "tests.bench.engine.bench_small_memory", *sys.argv[1:], "--inside"]
        command += ["--folder", str(folder)]
        joined = f'echo $$ > "{group}/cgroup.procs" && exec "$@"'
        done = subprocess.run(["sh", "-c", joined, "sh", *command], stdout=subprocess.PIPE, text=True, check=False)
        found: dict[str, Any] = json.loads(done.stdout or "{}")
        found |= {"limit_gb": options.gb, "status": done.returncode, "load": os.getloadavg()}
        print(json.dumps(found, indent=1))
    return done.returncode


@contextlib.contextmanager
def limited(limit: int) -> Iterator[Path | None]:
    """A control group that may use ``limit`` bytes, page cache included; ``None`` where none can be made."""
    first = (_FIRST / "memory.limit_in_bytes").exists()
    group = (_FIRST if first else _SECOND) / f"lectern-bench-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        yield None
        return
    try:
        (group / ("memory.limit_in_bytes" if first else "memory.max")).write_text(str(limit))
        yield group
    except OSError:
        yield None
    finally:
        for _ in range(50):  # its processes are gone, and the system takes a moment to notice
            with contextlib.suppress(OSError):
                group.rmdir()
                break
            time.sleep(0.1)


def drop(folder: Path) -> None:
    """Have the system drop the files' cached pages, which are counted against whoever read them first."""
    for path in folder.glob("*.safetensors"):
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """The prediction, and the measured speed."""
    import torch

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    from app.library.fitting import fit
    from app.library.models import model_needs
    from model.engine.engine import Engine
    from model.engine.pace import measured_pace
    from model.memory import machine_memory

    needs, memory = model_needs(options.folder), machine_memory()
    pace = measured_pace(sorted(options.folder.glob("*.safetensors")))
    assert needs.streaming is not None and pace is not None
    about = {"total": memory.total, "available": memory.available}
    fits, words = fit(
        needs.memory, needs.disk, about, {"kind": "cpu"}, 1 << 50, streaming=needs.streaming, pace=lambda: pace
    )
    foretold = needs.streaming.tokens_per_second(memory.available, pace)
    found: dict[str, Any] = {
        "weights_gb": round(needs.weights / 1e9, 2),
        "fits": fits,
        "said": str(words),
        "disk_mb_per_s": round(pace.disk / 1e6),
        "memory_gb_per_s": round(pace.memory / 1e9, 1),
        "foretold_tokens_per_s": round(foretold, 2),
    }
    if options.plain:
        from model.checkpoint import quantised_source

        quantised_source.QuantisedSource._fits_in_memory = lambda self: False  # type: ignore[method-assign]
        init = quantised_source.QuantisedSource.__init__
        quantised_source.QuantisedSource.__init__ = (  # type: ignore[method-assign]
            lambda self, folder, device, dtype, streams=None: init(self, folder, device, dtype, False)
        )
    started = time.perf_counter()
    engine = Engine.open(options.folder, device="cpu")
    found["opened_s"] = round(time.perf_counter() - started, 1)
    found["remarks"] = [str(one) for one in engine.info.remarks]
    decoder = engine._loaded().decoder
    cache = decoder.new_cache()
    ids = torch.randint(300, 200_000, (max(1, options.prompt) + options.tokens + 16,))
    if options.prompt:
        started = time.perf_counter()
        decoder.forward(decoder.embed(ids[: options.prompt]), cache, last_only=True)
        found["prompt_tokens_per_s"] = round(options.prompt / (time.perf_counter() - started), 1)
    before = read_bytes()
    seconds = []
    for token in ids[-options.tokens - 16 :].split(1):
        started = time.perf_counter()
        logits = decoder.logits(decoder.forward(decoder.embed(token), cache, ids=token))
        seconds.append(time.perf_counter() - started)
        assert bool(torch.isfinite(logits).all())
    steady = seconds[-options.tokens :]
    rate = len(steady) / sum(steady)
    found["tokens_per_s"] = round(rate, 2)
    found["first_16_tokens_per_s"] = round(16 / sum(seconds[:16]), 2)
    found["foretold_over_measured"] = round(foretold / rate, 2)
    found["disk_mb_per_token"] = round((read_bytes() - before) / len(seconds) / 1e6)
    engine.close()
    return found


def used_again(folder: Path, text: str, tokens: int = 1500) -> dict[str, float]:
    """By the share of all experts that memory keeps: how many of a token's choices are among them."""
    import torch

    from model.engine.engine import Engine
    from model.family.experts import Router

    engine = Engine.open(folder, device="cpu")
    model = engine._loaded()
    decoder = model.decoder
    decoder.native = None
    chosen: list[list[torch.Tensor]] = [[] for _ in decoder.layers]
    numbers = {id(layer.router): number for number, layer in enumerate(decoder.layers)}
    choose = Router.__call__

    def watched(self: Router, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        weights, ids = choose(self, x)
        chosen[numbers[id(self)]].append(ids)
        return weights, ids

    Router.__call__ = watched  # type: ignore[method-assign]
    try:
        cache = decoder.new_cache()
        for piece in torch.tensor(model.tokenizer.encode_data(text)[:tokens]).split(512):
            decoder.forward(decoder.embed(piece), cache, ids=piece)
    finally:
        Router.__call__ = choose  # type: ignore[method-assign]
        engine.close()
    rows = torch.stack([torch.cat(one) for one in chosen], 1).tolist()
    everything = decoder.config.num_experts * len(decoder.layers)
    return {f"{share:.0%}": round(found_in_memory(rows, int(share * everything)), 3) for share in _SHARES}


def found_in_memory(rows: list[list[list[int]]], room: int) -> float:
    """Of the second half of ``rows`` [T, L, K], the share of choices among the last ``room`` different ones."""
    kept: OrderedDict[tuple[int, int], None] = OrderedDict()
    found = asked = 0
    for number, row in enumerate(rows):
        for key in ((layer, expert) for layer, experts in enumerate(row) for expert in experts):
            if number >= len(rows) // 2:
                asked += 1
                found += key in kept
            kept[key] = None
            kept.move_to_end(key)
            if len(kept) > room:
                kept.popitem(last=False)
    return found / max(1, asked)


def read_bytes() -> int:
    """Bytes that this process has had read from disks."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("read_bytes:"))


if __name__ == "__main__":
    sys.exit(main())
