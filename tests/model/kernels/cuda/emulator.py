"""The CUDA kernels on the processor: a ``Launcher`` over the same sources, compiled by the machine's own compiler."""

from __future__ import annotations

import ctypes
import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import torch

from model.atomic import replacing
from model.kernels.cuda.launcher import Launch

COMPILER = shutil.which("g++") or shutil.which("c++")
OPTIONS = (
    *("-std=c++17", "-O2", "-fPIC", "-shared", "-Wall", "-Wno-unknown-pragmas", "-Wno-unused-function"),
    "-U_FORTIFY_SOURCE",
)


def _built(text: str, folder: Path) -> Path:
    """The library of these kernels in ``folder``, compiled unless an earlier test, process or run has done so.

    Two processes may compile the same at a time; both write the whole file before it gets its name.
    """
    header = Path(__file__).with_name("emulator.h").read_bytes()
    name = hashlib.sha256(b"\0".join((header, text.encode(), repr((COMPILER, OPTIONS)).encode()))).hexdigest()[:32]
    library = folder / f"{name}.so"
    if not library.exists():
        assert COMPILER is not None
        with replacing(library, durable=False) as temporary:
            command = [COMPILER, *OPTIONS, f"-I{Path(__file__).parent}", "-x", "c++", "-", "-o", str(temporary)]
            subprocess.run(command, input=f'#include "emulator.h"\n{text}', text=True, check=True)
    return library


class Emulator:
    """Starts kernels of ``source`` one block after the other. ``backward`` runs the threads in the other order.

    ``folder`` is where libraries are kept, by what they are made of.
    """

    def __init__(self, source: str, folder: Path, backward: bool = False) -> None:
        self.device = torch.device("cpu")
        self.backward = backward
        self.calls: list[Launch] = []
        kernels = re.findall(r"KERNEL\([^\n]*\) (\w+)\(const (\w+) a\)", source)
        assert kernels
        entries = "".join(f"LAUNCH({name}, {kind})\n" for name, kind in kernels)
        self.library = ctypes.CDLL(str(_built(f"{source}\n{entries}", folder)))
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
