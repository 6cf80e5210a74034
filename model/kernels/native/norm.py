"""RMS norms of many rows in bf16 by the native kernels, in one pass each where torch needs five.

The plain twins are ``model.family.layers.rms_norm_plain`` and those in ``model.family.vision_layers``.

Letters: T tokens, D numbers of a row, H heads, d numbers of a head.
"""

from __future__ import annotations

import ctypes
import functools
from dataclasses import dataclass

import torch
from torch import Tensor

from model.kernels import native

_Pointer, _Int = ctypes.c_void_p, ctypes.c_int
MOST = 1 << 17
"""The longest row."""


@dataclass(frozen=True, slots=True)
class Norms:
    """The kernels. Weights are float32."""

    functions: ctypes.CDLL

    def norm(self, x: Tensor, weight: Tensor | None, eps: float, onto: Tensor | None = None) -> Tensor:
        """``x / rms(x) * weight`` over the last dimension, in bf16; added to ``onto``, in place, where it is given."""
        native.use_threads(self.functions)
        x, size = x.contiguous(), x.shape[-1]
        out = torch.empty_like(x) if onto is None else onto
        assert out.is_contiguous() and out.dtype == x.dtype == torch.bfloat16 and size <= MOST
        add = onto is not None
        address, rows = _address(weight), x.numel() // size
        self.functions.lectern_rms_norm(x.data_ptr(), address, rows, size, eps, add, out.data_ptr())
        return out

    def heads(self, x: Tensor, weight: Tensor | None, turned: Tensor | None, eps: float, out: Tensor) -> None:
        """``x`` [T, H · d] in bf16 → the first d columns of ``out`` [H, T, …], in bf16 or float32: each head normed.

        Its pairs of neighbours are turned by ``turned`` [T, 1, d/2] complex numbers, where they are given.
        """
        native.use_threads(self.functions)
        heads, tokens, stride = out.shape
        size = x.shape[1] // heads
        assert x.is_contiguous() and out.is_contiguous() and size <= MOST and x.dtype == torch.bfloat16
        turns = None if turned is None else turned.data_ptr()
        wide = out.dtype == torch.float32
        addresses = x.data_ptr(), _address(weight), turns
        self.functions.lectern_heads(*addresses, tokens, heads, size, eps, wide, stride, out.data_ptr())


def _address(weight: Tensor | None) -> int | None:
    assert weight is None or (weight.dtype == torch.float32 and weight.is_contiguous())
    return None if weight is None else weight.data_ptr()


def takes(x: Tensor) -> Norms | None:
    """The kernels for rows like ``x`` [..., D]; ``None`` where there are none."""
    fits = x.device.type == "cpu" and x.dtype == torch.bfloat16 and 0 < x.shape[-1] <= MOST and x.numel()
    return _norms() if fits else None


@functools.cache
def _norms() -> Norms | None:
    library = native.library()
    if library is None:
        return None
    functions, number = library.functions, ctypes.c_float
    functions.lectern_rms_norm.argtypes = (_Pointer, _Pointer, _Int, _Int, number, _Int, _Pointer)
    functions.lectern_heads.argtypes = (*3 * (_Pointer,), *3 * (_Int,), number, _Int, _Int, _Pointer)
    return Norms(functions)
