"""The LM head in 8 bits: the best words exactly, for little more than half the bytes of the whole table.

``head.c`` says how. ``quantize.multiply_int8`` is the plain twin.

Letters: T tokens, D hidden size, V vocabulary.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import torch
from torch import Tensor

from model.native import Library

_MAX_TOKENS = 8
_Pointer, _Int = ctypes.c_void_p, ctypes.c_int


@dataclass(frozen=True, slots=True)
class Words:
    """Some words of the vocabulary by ascending id, int64 [n], and their logits in float32 [n]."""

    ids: Tensor
    logits: Tensor


class _Head(ctypes.Structure):
    _fields_ = (
        ("rows", ctypes.c_int32),
        ("columns", ctypes.c_int32),
        ("high", _Pointer),
        ("whole", _Pointer),
        ("scales", _Pointer),
    )


class NativeHead:
    """Over a table int8 [V, D] with scales in bf16 [V]; keeps both alive. D is a multiple of 64.

    The upper halves are copied out at once: half the table's bytes more, read in its stead.
    """

    def __init__(self, library: Library, table: Tensor, scales: Tensor) -> None:
        self.rows, self.columns = table.shape
        assert scales.dtype == torch.bfloat16 and self.columns % 64 == 0
        high = torch.empty((self.rows, self.columns // 2), dtype=torch.uint8)
        self._library, self._kept = library, (table, high, scales)
        self._head = _Head(self.rows, self.columns, high.data_ptr(), table.data_ptr(), scales.data_ptr())
        functions = library.functions
        functions.lectern_head_split.argtypes = (_Pointer, _Int, _Int, _Pointer)
        functions.lectern_head_split.restype = None
        library.use_threads()
        functions.lectern_head_split(table.data_ptr(), self.rows, self.columns, high.data_ptr())
        self._best, self._all = functions.lectern_head_best, functions.lectern_head_all
        self._best.argtypes = (_Pointer, _Pointer, _Int, _Int, _Int, _Pointer, _Pointer, _Pointer)
        self._all.argtypes = (_Pointer, _Pointer, _Int, _Pointer)

    def best(self, x: Tensor, wanted: int) -> list[Words | None]:
        """For each row of ``x`` [T, D] its ``wanted`` best words, and those that tie with the last of them.

        ``None`` where so many are nearly as good that only ``all`` can tell.
        """
        if not bool(torch.isfinite(x).all()):
            return [None] * x.shape[0]
        found: list[Words | None] = []
        for part in x.float().contiguous().split(_MAX_TOKENS):
            found += self._some(part, min(wanted, self.rows))
        return found

    def _some(self, x: Tensor, wanted: int) -> list[Words | None]:
        tokens, room = x.shape[0], 2 * wanted + 64
        ids = torch.empty((tokens, room), dtype=torch.int32)
        logits = torch.empty((tokens, room))
        counts = torch.empty(tokens, dtype=torch.int32)
        self._library.use_threads()
        if not self._best(
            *(ctypes.byref(self._head), x.data_ptr(), tokens, wanted, room),
            *(ids.data_ptr(), logits.data_ptr(), counts.data_ptr()),
        ):
            raise MemoryError("out of memory for the words' scores")
        return [
            Words(ids[t, :count].long(), logits[t, :count]) if count >= 0 else None
            for t, count in enumerate(counts.tolist())
        ]

    def all(self, x: Tensor) -> Tensor:
        """[T, D], all finite → the logits of all words, float32 [T, V]."""
        out = torch.empty((x.shape[0], self.rows))
        self._library.use_threads()
        for part, to in zip(x.float().contiguous().split(_MAX_TOKENS), out.split(_MAX_TOKENS), strict=True):
            if not self._all(ctypes.byref(self._head), part.data_ptr(), part.shape[0], to.data_ptr()):
                raise MemoryError("out of memory for the words' scores")
        return out
