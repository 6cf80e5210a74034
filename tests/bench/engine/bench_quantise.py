"""How fast a checkpoint with the real widths is quantised, in how much memory, and how fast it opens.

``python -m tests.bench.engine.bench_quantise [--layers N] [--folder TEMP]``: writes a generated checkpoint (2 layers
of the 26B shape are 7.3 GB), quantises and opens it in child processes, and prints one JSON object. Disk
figures come from the same run. Bars: at least 55 M parameters/s on 2 cores, peak memory at most the quantised
size + 2 GiB.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

GIB = 1 << 30
_CHILD = "--child"


def memory(field: str) -> int:
    """A line of this process's status, in bytes: ``VmHWM`` is its largest resident size, ``RssAnon`` its own memory.

    Not ``getrusage``: its maximum is inherited from the process that started this one.
    """
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"This system does not tell {field}.")


def quantise(folder: Path, store: Path) -> dict[str, Any]:
    """Quantise in this process."""
    from model.checkpoint.opening import quantised_form
    from model.checkpoint.published import PublishedFolder

    start, base = time.perf_counter(), memory("VmHWM")
    published = PublishedFolder(folder)
    quantised_form(published, store)
    seconds = time.perf_counter() - start
    parameters = sum(spec.numel for spec in published.specs.values())
    return {
        "seconds": seconds,
        "parameters": parameters,
        "peak": memory("VmHWM"),
        "peak_before": base,
        "cpu": time.process_time(),
    }


def open_it(folder: Path) -> dict[str, Any]:
    """Open the quantised folder in this process."""
    import torch

    from model.checkpoint.opening import open_checkpoint

    start = time.perf_counter()
    source = open_checkpoint(folder, device="cpu", dtype=torch.bfloat16)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "bytes": source.weight_bytes, "anonymous": memory("RssAnon")}


def child(*arguments: str) -> dict[str, Any]:
    """Run one of the two above in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "tests.bench.engine.bench_quantise", _CHILD, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def drop_from_cache(folder: Path) -> None:
    """Ask the system to drop the files' cached pages, so that the next read comes from the disk."""
    for path in folder.glob("*.safetensors"):
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def read_speed(folder: Path) -> float:
    """Bytes a second of plain reading."""
    drop_from_cache(folder)
    start, total = time.perf_counter(), 0
    buffer = bytearray(16 << 20)
    for path in folder.glob("*.safetensors"):
        with path.open("rb", buffering=0) as file:
            while count := file.readinto(buffer):
                total += count
    return total / (time.perf_counter() - start)


def measure(layers: int, temporary: Path) -> dict[str, Any]:
    """The whole benchmark."""
    from model.synthetic.writing import write_checkpoint

    start = time.perf_counter()
    source, store = write_checkpoint(temporary / "published", "26b", layers=layers), temporary / "store"
    written = time.perf_counter() - start
    source_speed = read_speed(source)
    drop_from_cache(source)
    load = os.getloadavg()[0]
    quantised = child("quantise", str(source), str(store))
    (folder,) = store.iterdir()
    size = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    disk = read_speed(folder)
    drop_from_cache(folder)
    cold = child("open", str(folder))
    warm = child("open", str(folder))
    return {
        "layers": layers,
        "load_before": round(load, 2),
        "write_s": round(written, 1),
        "source_read_mb_s": round(source_speed / 1e6),
        "quantise_s": round(quantised["seconds"], 1),
        "m_parameters_s": round(quantised["parameters"] / quantised["seconds"] / 1e6, 1),
        "quantise_cpu_s": round(quantised["cpu"], 1),  # where other programs run, this over 2 is the honest time
        "quantised_gib": round(size / GIB, 2),
        "peak_gib": round(quantised["peak"] / GIB, 2),
        "peak_before_gib": round(quantised["peak_before"] / GIB, 2),
        "peak_bar_gib": round(size / GIB + 2, 2),
        "disk_read_mb_s": round(disk / 1e6),
        "open_cold_s": round(cold["seconds"], 2),
        "open_cold_mb_s": round(size / cold["seconds"] / 1e6),
        "open_warm_s": round(warm["seconds"], 2),
        "open_anonymous_gib": round(warm["anonymous"] / GIB, 2),
    }


def main() -> int:
    """Run the command."""
    if sys.argv[1:2] == [_CHILD]:
        task, *paths = sys.argv[2:]
        print(json.dumps(quantise(*map(Path, paths)) if task == "quantise" else open_it(*map(Path, paths))))
        return 0
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where to put the temporary files")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        result = measure(options.layers, Path(temporary))
    print(json.dumps(result, indent=2))
    return 0 if result["m_parameters_s"] >= 55 and result["peak_gib"] <= result["peak_bar_gib"] else 1


if __name__ == "__main__":
    sys.exit(main())
