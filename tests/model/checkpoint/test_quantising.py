"""A large tensor is quantised in the memory of a few pieces."""

from __future__ import annotations

import subprocess
import sys

import pytest

PIECES, ROWS, COLUMNS = 96, 512, 4096
"""Of 8 MiB each in float32."""
CHILD = f"""
from pathlib import Path
import sys, torch
from model.checkpoint.gguf.blocks import F32
from model.checkpoint.gguf.numbers import GgufPiece, Rows
from model.checkpoint.quantised_folder import slots
from model.checkpoint.quantising import Job
from model.checkpoint.tensor_file import TensorWriter
from model.family.inventory import TensorSpec

class Stream:
    bytes_read = 0
    def pieces(self, spec):
        for number in range({PIECES}):
            rows = torch.full(({ROWS}, {COLUMNS}), float(number))
            yield GgufPiece((Rows("rows", F32, rows.view(torch.uint8), {COLUMNS}),), ({ROWS}, {COLUMNS}))

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))

torch.set_num_threads(2)
spec = TensorSpec("embedding", ({PIECES * ROWS}, {COLUMNS}), "embedding")
before = peak()
writer = TensorWriter(Path("/dev/null"), slots(spec, "int8"))
with Job(Stream(), 1, None, None) as job:
    job.write(writer, spec, "int8")
print((peak() - before) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="left out: the memory that a process has is read from /proc")
def test_the_heap_does_not_grow_with_the_tensor() -> None:
    """It takes about 300 MiB, and over 800 where the scales of each piece are kept between buffers that are freed."""
    done = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 550
