"""Prompt products with 4-bit weights by each kind of kernels, side by side.

    python -m tests.bench.engine.bench_products

AVX-VNNI is measured on processors with AVX512-VNNI, which have the same instructions in another encoding. All kinds
take turns in one run; it prints the median, and its ratio to AVX2.
"""

from __future__ import annotations

import argparse
import ctypes
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import torch

import setup as build
from model.kernels import native
from model.kernels.native.gemm import Kernels
from tests.model.kernels.native.test_sources import OTHER_ENCODING

KINDS = ("avx2", "avxvnni", "vnni", "avx512", "dotprod")


def library(folder: Path) -> ctypes.CDLL:
    """The kernels with AVX-VNNI's file in the encoding of AVX512. Raises ``subprocess.CalledProcessError``."""
    objects = []
    for source in build.sources(build.machine()):
        flags = OTHER_ENCODING.get(source.stem, build.flags_for(source))
        objects.append(str(folder / f"{source.stem}.o"))
        subprocess.run(["cc", *flags, f"-I{build.FOLDER}", "-fPIC", "-c", str(source), "-o", objects[-1]], check=True)
    path = folder / "_kernels.so"
    subprocess.run(["cc", "-shared", *objects, "-lm", "-lpthread", "-o", str(path)], check=True)
    return ctypes.CDLL(str(path))


def chosen(functions: ctypes.CDLL, kind: str) -> Kernels | None:
    """The kernels of one kind, if this processor has them; those of the last call are no longer chosen."""
    functions.lectern_gemm_choose.argtypes = (ctypes.c_char_p,)
    functions.lectern_gemm_choose.restype = ctypes.c_char_p
    functions.lectern_gemm.argtypes = (ctypes.c_void_p,) * 2 + (ctypes.c_int,) * 2 + (ctypes.c_void_p,)
    name = functions.lectern_gemm_choose(kind.encode())
    return Kernels(functions, name.decode()) if name else None


def main() -> None:
    """Print a line for each kind."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tokens", type=int, default=512)
    parser.add_argument("--size", type=int, default=2816, help="rows and columns of the matrix")
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    size = options.size // 64 * 64
    data = torch.randint(0, 256, (size * size // 2,), dtype=torch.uint8)
    scales = (torch.rand(size // 64, size) * 0.1).to(torch.bfloat16)
    matrix = native.matrix(native.NF4, data, scales, size, size)
    x = torch.randn(options.tokens, size).to(torch.bfloat16)
    seconds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        functions = library(Path(folder))
        for _ in range(options.repeats):
            for kind in KINDS:
                kernels = chosen(functions, kind)
                if kernels is not None:
                    started = time.perf_counter()
                    kernels.multiply(x, matrix)
                    seconds.setdefault(kernels.name, []).append(time.perf_counter() - started)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    base = medians.get("AVX2") or next(iter(medians.values()))
    for name, median in medians.items():
        rate = 2 * size * size * options.tokens / median / 1e9
        print(f"{name}: {rate:,.0f} GFLOP/s, {base / median:.2f} ×, with {torch.get_num_threads()} threads")


if __name__ == "__main__":
    main()
