"""Starting kernels: the protocol that the driver, and in the tests a processor, offers; and how arguments look in C.

Every kernel takes one structure by value. Its fields have the same order in the ``.cu`` file.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from model.formats import table

NF4, BF16, INT4, INT8 = (
    one.card.code for one in (table.NF4, table.BF16, table.INT4, table.INT8) if one.card is not None
)
"""``enum form`` of ``common.cuh``."""
WARP = 32
"""Threads of a warp."""
ROWS, PROJECT_WARPS = 4, 4
"""Rows of a warp and warps of a block in ``lectern_project``."""
_TABLE = 16 * WARP
"""Numbers of its table of 4-bit values."""
_Pointer, _Int, _Float = ctypes.c_void_p, ctypes.c_int, ctypes.c_float


class Launcher(Protocol):
    """Starts the kernels of some sources on one device, in order."""

    device: torch.device

    def launch(self, call: Launch) -> None:
        """Start one. Raises ``RuntimeError``, with ``CUDA error`` in it where the device reports one."""
        ...

    def recorded(self, step: Callable[[], None]) -> Callable[[], None]:
        """``step``, which only launches, as something that is started at once. May run it, more than once."""
        ...


@dataclass(frozen=True, slots=True)
class Launch:
    """One call of a kernel. ``shared`` is in bytes."""

    kernel: str
    grid: tuple[int, int]
    threads: int
    shared: int
    arguments: ctypes.Structure


class MatrixArgument(ctypes.Structure):
    """``struct matrix``."""

    _fields_ = (
        *(("data", _Pointer), ("scales", _Pointer)),
        *((name, _Int) for name in ("rows", "columns", "form", "block")),
    )


class Job(ctypes.Structure):
    """``struct job``."""

    _fields_ = (
        *(("first", MatrixArgument), ("second", MatrixArgument)),
        *((name, _Pointer) for name in ("x", "norm", "ids", "weights", "out")),
        *((name, _Int) for name in ("count", "blocks", "x_stride", "out_stride", "expert_rows", "normed")),
        *(("eps", _Float), ("cap", _Float)),
    )


MOST_JOBS = 3


class ProjectArguments(ctypes.Structure):
    """``struct project_args``."""

    _fields_ = (("jobs", Job * MOST_JOBS),)


@dataclass(frozen=True, slots=True)
class Weights:
    """A matrix [rows, columns] as the kernels read it; keeps its tensors alive. Packed experts are one tall matrix."""

    form: int
    data: Tensor
    scales: Tensor | None
    rows: int
    columns: int
    block: int = 0

    def argument(self, start: int = 0, rows: int | None = None) -> MatrixArgument:
        """Its ``rows`` rows from ``start`` on."""
        rows = self.rows - start if rows is None else rows
        row_bytes = {BF16: 2 * self.columns, INT8: self.columns}.get(self.form, self.columns // 2)
        scales = 0
        if self.scales is not None:
            row_scales = 1 if self.form == INT8 else self.columns // self.block
            scales = self.scales.data_ptr() + 4 * start * row_scales
        return MatrixArgument(
            self.data.data_ptr() + start * row_bytes, scales, rows, self.columns, self.form, self.block
        )


def fits(weights: Weights) -> bool:
    """Whether the kernels can read it: rows begin where 16 bytes may be read at once, and scales are float32."""
    wide = {BF16: 8, INT8: 16}.get(weights.form, 32)
    scales = weights.scales
    right = scales is None or (scales.dtype == torch.float32 and scales.is_contiguous())
    blocks = weights.form in (BF16, INT8) or (weights.block % 32 == 0 and weights.columns % weights.block == 0)
    aligned = weights.data.data_ptr() % 16 == 0 and weights.data.is_contiguous()
    return weights.columns % wide == 0 and blocks and right and aligned


def job(
    first: MatrixArgument,
    x: Tensor,
    out: Tensor,
    *,
    second: MatrixArgument | None = None,
    norm: Tensor | None = None,
    normed: bool = False,
    eps: float = 0.0,
    cap: float = 0.0,
    ids: Tensor | None = None,
    weights: Tensor | None = None,
    count: int = 1,
    expert_rows: int = 0,
) -> Job:
    """``out`` [count, rows] = ``first`` · ``x``, gated by ``second``; ``x`` [columns] or [count, columns]."""
    rows = PROJECT_WARPS * (ROWS if second is None else ROWS // 2)
    return Job(
        first,
        second or MatrixArgument(),
        x.data_ptr(),
        None if norm is None else norm.data_ptr(),
        None if ids is None else ids.data_ptr(),
        None if weights is None else weights.data_ptr(),
        out.data_ptr(),
        count,
        -(-first.rows // rows),
        first.columns if x.ndim == 2 else 0,
        first.rows,
        expert_rows,
        normed,
        eps,
        cap,
    )


def project(*jobs: Job) -> Launch:
    """``lectern_project`` for up to three jobs side by side."""
    arguments = ProjectArguments((Job * MOST_JOBS)(*jobs))
    columns = max(one.first.columns for one in jobs)
    shared = 4 * (WARP + _TABLE + columns + -(-columns // 32) * 4)
    blocks = sum(one.count * one.blocks for one in jobs)
    return Launch("lectern_project", (blocks, 1), PROJECT_WARPS * WARP, shared, arguments)


class DequantiseArguments(ctypes.Structure):
    """``struct dequantise_args``."""

    _fields_ = (("m", MatrixArgument), ("out", _Pointer))


def dequantise(weights: Weights, out: Tensor, start: int, rows: int) -> Launch:
    """``lectern_dequantise``: ``rows`` rows of ``weights`` in 4 bits, from ``start`` on → ``out`` in bf16."""
    words = rows * weights.columns // 8
    arguments = DequantiseArguments(weights.argument(start, rows), out.data_ptr())
    return Launch("lectern_dequantise", (-(-words // _DEQUANTISE_THREADS), 1), _DEQUANTISE_THREADS, 0, arguments)


_DEQUANTISE_THREADS = 256


def sources(names: Sequence[str], definitions: Mapping[str, int] | None = None) -> str:
    """The text of some ``.cu`` files behind what they share, with names defined."""
    folder = Path(__file__).parent
    defined = "".join(f"#define {name} {value}\n" for name, value in (definitions or {}).items())
    return defined + "\n".join((folder / name).read_text(encoding="utf-8") for name in ("common.cuh", *names))
