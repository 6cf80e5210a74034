"""How fast a GGUF file of a real shape is imported, beside a plain copy on the same disk, and in how much memory.

``python -m tests.bench.engine.bench_import [--shape 26b] [--layers N] [--folder TEMP]``: writes a Q4_0 file with random
weights (30 layers of the 26B are 14.4 GB), copies it in pieces of 16 MB and flushes the copy, imports it in a process
of its own, each with the file out of the system's cache, and prints one JSON object. Bars: at least 70 % of the copy's
speed, at most 1.5 GiB of memory.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.engine.bench_quantise import GIB, memory

_CHILD = "--child"
_PIECE = 16 << 20


def forget(path: Path) -> None:
    """Take a file out of the system's cache."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def copy(source: Path, target: Path) -> float:
    """Seconds to read a file and write another one to the disk."""
    forget(source)
    start = time.perf_counter()
    with source.open("rb", buffering=0) as given, target.open("wb", buffering=0) as out:
        while piece := given.read(_PIECE):
            out.write(piece)
        os.fsync(out.fileno())
    seconds = time.perf_counter() - start
    target.unlink()
    return seconds


def bring_in(file: Path, folder: Path) -> dict[str, Any]:
    """Import the file in this process."""
    from model.checkpoint.gguf.conversion import convert
    from model.checkpoint.gguf.model import find_gguf

    start, base = time.perf_counter(), memory("VmHWM")
    convert(find_gguf(file), folder)
    for path in folder.iterdir():
        with path.open("rb") as written:
            os.fsync(written.fileno())
    return {"seconds": time.perf_counter() - start, "peak_bytes": memory("VmHWM"), "peak_before": base}


def write(file: Path, shape: str, layers: int | None) -> None:
    """Write a file of the shape that can be imported."""
    from model.bench.gguf import config_of, write_gguf
    from model.synthetic.shapes import shape_config
    from model.synthetic.tokenizer import write_tokenizer

    with tempfile.TemporaryDirectory() as folder:
        write_tokenizer(Path(folder), shape_config(shape, layers))
        said = json.loads((Path(folder) / "tokenizer.json").read_text(encoding="utf-8"))
    write_gguf(file, config_of(shape, layers), vocabulary=said["model"])


def main() -> None:
    """Write, copy, import, and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shape", default="26b")
    parser.add_argument("--layers", type=int)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        file, target = Path(folder) / "model.gguf", Path(folder) / "imported"
        write(file, given.shape, given.layers)
        copies, imports = [], []
        for _ in range(given.repeats):
            copies.append(copy(file, Path(folder) / "copy"))
            forget(file)
            child = [sys.executable, "-m", "tests.bench.engine.bench_import", _CHILD, str(file), str(target)]
            imports.append(json.loads(subprocess.run(child, check=True, capture_output=True, text=True).stdout))
            shutil.rmtree(target)
        size, best = file.stat().st_size, min(one["seconds"] for one in imports)
        figures = {
            "file_gb": size / 1e9,
            "copy_gb_s": size / min(copies) / 1e9,
            "import_gb_s": size / best / 1e9,
            "of_the_copy": min(copies) / best,
            "peak_gib": max(one["peak_bytes"] for one in imports) / GIB,
        }
        print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


if __name__ == "__main__":
    if sys.argv[1:2] == [_CHILD]:
        print(json.dumps(bring_in(Path(sys.argv[2]), Path(sys.argv[3]))))
    else:
        main()
