"""The CUDA kernels on the processor: a ``Launcher`` over the same sources, compiled by the machine's own compiler."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import torch

from model.kernels.cuda.launcher import Launch

COMPILER = shutil.which("g++") or shutil.which("c++")


class Emulator:
    """Starts kernels of ``source`` one block after the other. ``backward`` runs the threads in the other order."""

    def __init__(self, source: str, folder: Path, backward: bool = False) -> None:
        assert COMPILER is not None
        self.device = torch.device("cpu")
        self.backward = backward
        self.calls: list[Launch] = []
        kernels = re.findall(r"KERNEL\([^\n]*\) (\w+)\(const (\w+) a\)", source)
        assert kernels
        path = folder / "kernels.cpp"
        entries = "".join(f"LAUNCH({name}, {kind})\n" for name, kind in kernels)
        path.write_text(f'#include "emulator.h"\n{source}\n{entries}', encoding="utf-8")
        options = ["-std=c++17", "-O2", "-fPIC", "-shared", "-Wall", "-Wno-unknown-pragmas", "-Wno-unused-function"]
        command = [COMPILER, *options, "-U_FORTIFY_SOURCE", f"-I{Path(__file__).parent}", str(path), "-o"]
        subprocess.run([*command, str(folder / "kernels.so")], check=True)
        self.library = ctypes.CDLL(str(folder / "kernels.so"))
        """Also has the functions of CUDA's driver that ``model.kernels.cuda.driver`` calls."""

    def launch(self, call: Launch) -> None:
        """Run a kernel to its end. Raises ``RuntimeError`` where a card would hang or write where it must not."""
        self.calls.append(call)
        run = getattr(self.library, f"run_{call.kernel}")
        run.restype = ctypes.c_char_p
        size = (*call.grid, call.threads, call.shared, int(self.backward))
        fault = run(ctypes.byref(call.arguments), *size)
        if fault:
            raise RuntimeError(f"{call.kernel}: {fault.decode()}")

    def recorded(self, step: Callable[[], None]) -> Callable[[], None]:
        """As the driver does it: once to warm up, and then as often as asked."""
        step()
        return step
