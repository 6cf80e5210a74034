"""The LM head over an 8-bit table: ``head.c`` says how. ``quantize.multiply_int8`` is the plain twin.

Letters: T tokens, D hidden size, V vocabulary.
"""

from __future__ import annotations

import ctypes

import torch
from torch import Tensor

from model.native import Library

_MAX_TOKENS = 8
_Pointer, _Int = ctypes.c_void_p, ctypes.c_int


class _Head(ctypes.Structure):
    _fields_ = (
        ("rows", ctypes.c_int32),
        ("columns", ctypes.c_int32),
        ("table", _Pointer),
        ("scales", _Pointer),
    )


class NativeHead:
    """Over a table int8 [V, D] with scales in bf16 [V]; keeps both alive. D is a multiple of 64."""

    def __init__(self, library: Library, table: Tensor, scales: Tensor) -> None:
        self.rows, self.columns = table.shape
        assert scales.dtype == torch.bfloat16 and self.columns % 64 == 0
        self._library, self._kept = library, (table, scales)
        self._head = _Head(self.rows, self.columns, table.data_ptr(), scales.data_ptr())
        self._all = library.functions.lectern_head_all
        self._all.argtypes = (_Pointer, _Pointer, _Int, _Pointer)

    def __call__(self, x: Tensor) -> Tensor:
        """[T, D], all finite → the logits of all words, float32 [T, V]. Raises ``MemoryError``."""
        out = torch.empty((x.shape[0], self.rows))
        self._library.use_threads()
        for part, to in zip(x.float().contiguous().split(_MAX_TOKENS), out.split(_MAX_TOKENS), strict=True):
            if not self._all(ctypes.byref(self._head), part.data_ptr(), part.shape[0], to.data_ptr()):
                raise MemoryError("out of memory for the words' scores")
        return out
