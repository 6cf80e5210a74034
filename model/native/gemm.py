"""Products with many rows of activations, straight on 4-bit weights: what reading a prompt consists of.

The kernels take bf16 on processors with AVX512-BF16 and float32 on those with AVX2. Their plain twin is dequantising
and torch's matrix product.

Letters: T tokens, D hidden, E experts, I an expert's inner size, K experts a token.
"""

from __future__ import annotations

import ctypes
import functools
from dataclasses import dataclass

import torch
from torch import Tensor

from model import native
from model.native import Matrix

_Pointer, _Int = ctypes.c_void_p, ctypes.c_int
_NUMBERS = {2: torch.bfloat16, 4: torch.float32}


@dataclass(frozen=True, slots=True)
class Kernels:
    """The kernels for this processor. ``number`` is the dtype of activations that they read and write."""

    functions: ctypes.CDLL
    number: torch.dtype

    def takes(self, dtype: torch.dtype) -> bool:
        """Whether activations of this dtype lose nothing on the way."""
        return dtype == self.number or (dtype == torch.bfloat16 and self.number == torch.float32)

    def multiply(self, x: Tensor, matrix: Matrix) -> Tensor:
        """``x`` [T, columns] @ W.T → [T, rows] in ``x``'s dtype. Raises ``MemoryError``."""
        native.use_threads(self.functions)
        rows = self._rows(x)
        out = torch.empty((rows.shape[0], matrix.rows), dtype=self.number)
        done = self.functions.lectern_gemm(
            ctypes.byref(matrix), rows.data_ptr(), rows.shape[0], rows.stride(0), out.data_ptr()
        )
        if not done:
            raise MemoryError("out of memory for the activations")
        return out.to(x.dtype)

    def experts(self, x: Tensor, weights: Tensor, ids: Tensor, gate_up: Matrix, down: Matrix, count: int) -> Tensor:
        """For each token of ``x`` [T, D] the sum of its experts' gated MLPs → [T, D] in ``x``'s dtype.

        ``weights`` and ``ids`` are [T, K]. ``gate_up`` [2 I, D] and ``down`` [D, I] are the first expert's matrices;
        those of all ``count`` experts lie one after another. Raises ``MemoryError``.
        """
        native.use_threads(self.functions)
        rows, weights, ids = self._rows(x), weights.float().contiguous(), ids.contiguous()
        each = torch.empty((ids.numel(), down.rows), dtype=self.number)
        out = torch.empty((rows.shape[0], down.rows), dtype=self.number)
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
        return out.to(x.dtype)

    def _rows(self, x: Tensor) -> Tensor:
        x = x.to(self.number)
        return x if x.stride(1) == 1 else x.contiguous()


@functools.cache
def kernels() -> Kernels | None:
    """The kernels; ``None`` where the library is missing or forbidden, or has none for this processor."""
    functions = native.functions()
    if functions is None:
        return None
    functions.lectern_gemm_choose.argtypes = (ctypes.c_char_p,)
    functions.lectern_gemm.argtypes = (_Pointer, _Pointer, _Int, _Int, _Pointer)
    functions.lectern_experts.argtypes = (
        *(_Pointer, _Pointer, _Int),
        *(_Pointer, _Int, _Int),
        *(_Pointer, _Pointer, _Int),
        *(_Pointer, _Pointer),
    )
    number = functions.lectern_gemm_choose(native.wanted().encode())
    return Kernels(functions, _NUMBERS[number]) if number else None
