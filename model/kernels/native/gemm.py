"""Products with many rows of activations, straight on 4-bit weights: what reading a prompt consists of.

Both sides are 8-bit numbers, of which a processor multiplies twice as many at once as of bf16, with AVX2 more. Their
plain twin is dequantising and torch's matrix product.

Letters: T tokens, D hidden, E experts, I an expert's inner size, K experts a token.
"""

from __future__ import annotations

import ctypes
import functools
from dataclasses import dataclass

import torch
from torch import Tensor

from model.kernels import native
from model.kernels.native import Matrix

_Pointer, _Int = ctypes.c_void_p, ctypes.c_int
WITH_ATTENTION = "AVX512-BF16"


@dataclass(frozen=True, slots=True)
class Kernels:
    """The kernels for this processor. They take and return bf16."""

    functions: ctypes.CDLL
    name: str

    @property
    def attention(self) -> bool:
        """Whether there are those of ``flash`` as well."""
        return self.name == WITH_ATTENTION

    def multiply(self, x: Tensor, matrix: Matrix) -> Tensor:
        """``x`` [T, columns] @ W.T → [T, rows], both bf16. Raises ``MemoryError``."""
        native.use_threads(self.functions)
        rows = _rows(x)
        out = torch.empty((rows.shape[0], matrix.rows), dtype=x.dtype)
        done = self.functions.lectern_gemm(
            ctypes.byref(matrix), rows.data_ptr(), rows.shape[0], rows.stride(0), out.data_ptr()
        )
        if not done:
            raise MemoryError("out of memory for the activations")
        return out

    def experts(self, x: Tensor, weights: Tensor, ids: Tensor, gate_up: Matrix, down: Matrix, count: int) -> Tensor:
        """For each token of ``x`` [T, D] the sum of its experts' gated MLPs → [T, D], both bf16.

        ``weights`` and ``ids`` are [T, K]. ``gate_up`` [2 I, D] and ``down`` [D, I] are the first expert's matrices;
        those of all ``count`` experts are stored one after another. Raises ``MemoryError``.
        """
        native.use_threads(self.functions)
        rows, weights, ids = _rows(x), weights.float().contiguous(), ids.contiguous()
        each = torch.empty((ids.numel(), down.rows), dtype=x.dtype)
        out = torch.empty((rows.shape[0], down.rows), dtype=x.dtype)
        done = self.functions.lectern_experts(
            ctypes.byref(gate_up),
            ctypes.byref(down),
            count,
            rows.data_ptr(),
            rows.shape[0],
            rows.stride(0),
            weights.data_ptr(),
            ids.data_ptr(),
            ids.shape[1],
            each.data_ptr(),
            out.data_ptr(),
        )
        if not done:
            raise MemoryError("out of memory for the experts")
        return out


def _rows(x: Tensor) -> Tensor:
    assert x.dtype == torch.bfloat16
    return x if x.stride(1) == 1 else x.contiguous()


@functools.cache
def kernels() -> Kernels | None:
    """The kernels; ``None`` where the library is missing or forbidden, or has none for this processor."""
    functions = native.functions()
    if functions is None:
        return None
    functions.lectern_gemm_choose.argtypes = (ctypes.c_char_p,)
    functions.lectern_gemm_choose.restype = ctypes.c_char_p
    functions.lectern_gemm.argtypes = (_Pointer, _Pointer, _Int, _Int, _Pointer)
    functions.lectern_experts.argtypes = (
        *(_Pointer, _Pointer, _Int),
        *(_Pointer, _Int, _Int),
        *(_Pointer, _Pointer, _Int),
        *(_Pointer, _Pointer),
    )
    found = functions.lectern_gemm_choose(native.wanted().encode())
    return Kernels(functions, found.decode()) if found else None
