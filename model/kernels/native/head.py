"""The LM head over an 8-bit table in two planes of 4 bits: ``head.c`` explains how, and why that halves the bytes read.

A row of a plane holds 128 columns in 64 bytes, the first 64 of them in the low halves; a row's last 64 bytes may be
half empty. Where the table was made of a finer one, there is no low plane: the best words' logits come from that one.
Letters: T tokens, D hidden size, V vocabulary.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
from collections.abc import Iterable

import torch
from torch import Tensor

from model.kernels.native import Library

BEST = 1024
"""Words whose logits are exact at least. Even at temperature 1 and without top-k, hardly any other is ever drawn; and
reading these costs less than a hundredth of the plane."""
_FEW = 64
"""With fewer words than this for each of the best, all are computed exactly: the first pass would save little."""
_LINE, _BATCH = 64, 4
_MAX_TOKENS = 8
_Pointer, _Int = ctypes.c_void_p, ctypes.c_int


class _Head(ctypes.Structure):
    _fields_ = (
        ("rows", ctypes.c_int32),
        ("columns", ctypes.c_int32),
        ("best", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
        ("high", _Pointer),
        ("low", _Pointer),
        ("scales", _Pointer),
        ("exact", _Pointer),
        ("exact_scales", _Pointer),
    )


def _large_pages(rows: int, width: int) -> Tensor:
    """Memory for uint8 [rows, width], in pages of megabytes where the system has them.

    With small ones, one thread alone reads it at not much more than half the speed.
    """
    if not hasattr(mmap, "MADV_HUGEPAGE"):
        return torch.empty((rows, width), dtype=torch.uint8)
    memory = mmap.mmap(-1, rows * width, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with contextlib.suppress(OSError):  # a kernel without them
        memory.madvise(mmap.MADV_HUGEPAGE)
    return torch.frombuffer(memory, dtype=torch.uint8).view(rows, width)


class Planes:
    """Numbers from -128 to 127 [V, D] plus 128, as a plane of their high and one of their low halves. D % 64 is 0."""

    def __init__(
        self, library: Library, pieces: Iterable[Tensor], rows: int, columns: int, with_low: bool = True
    ) -> None:
        """``pieces`` are all rows in int8, a few at a time; no more of them is ever held."""
        assert columns % _LINE == 0
        self.rows, self.columns = rows, columns
        width = -(-columns // (2 * _LINE)) * _LINE
        whole = -(-rows // _BATCH) * _BATCH  # the kernels read this many rows at a time
        self.high = _large_pages(whole, width)[:rows]
        self.low = _large_pages(whole, width)[:rows] if with_low else None
        split = library.functions.lectern_head_split
        split.argtypes, split.restype = (_Pointer, _Int, _Int, _Pointer, _Pointer), None
        library.use_threads()
        done = 0
        for piece in pieces:
            assert piece.dtype == torch.int8 and piece.is_contiguous() and piece.shape[1] == columns
            count = len(piece)
            high = self.high[done : done + count]
            assert len(high) == count
            low = None if self.low is None else self.low[done : done + count].data_ptr()
            split(piece.data_ptr(), count, columns, high.data_ptr(), low)
            done += count
        assert done == rows

    def numbers(self, ids: Tensor | slice) -> Tensor:
        """These rows as they were, int8 [T, D], where there are both planes."""
        assert self.low is not None
        high, low = (plane[ids].view(-1, self.high.shape[1] // _LINE, 1, _LINE) for plane in (self.high, self.low))
        left, right = (high << 4) | (low & 15), (high & 0xF0) | (low >> 4)
        whole = torch.cat([left, right], 2).flatten(1)[:, : self.columns]
        return (whole ^ 0x80).view(torch.int8)


Exact = tuple[Tensor, Tensor]
"""The finer table: numbers in int8 [V, D] and scales in fp16 [V, D / 16]."""


class NativeHead:
    """Over ``planes`` with scales in bf16 [V], and ``exact`` where there is no low plane; keeps all of them alive."""

    def __init__(
        self, library: Library, planes: Planes, scales: Tensor, best: int = BEST, exact: Exact | None = None
    ) -> None:
        assert scales.dtype == torch.bfloat16 and scales.is_contiguous() and len(scales) == planes.rows
        assert (planes.low is None) == (exact is not None)
        self._library, self._planes, self._scales, self._exact = library, planes, scales, exact
        self._best = best if planes.rows >= _FEW * best else 0
        tables = (planes.high, planes.low, scales, *(exact or (None, None)))
        places = (None if each is None else each.data_ptr() for each in tables)
        self._head = _Head(planes.rows, planes.columns, self._best, 0, *places)
        self._all = library.functions.lectern_head_all
        self._all.argtypes = (_Pointer, _Pointer, _Int, ctypes.c_float, _Pointer, _Pointer)

    @property
    def token_bytes(self) -> int:
        """Bytes that are read for one token at least."""
        plane = self._planes.high.nbytes
        every = 2 * plane if self._exact is None else sum(each.nbytes for each in self._exact)
        return self._scales.nbytes + (plane + every // self._planes.rows * self._best if self._best else every)

    def __call__(self, x: Tensor, cap: float | None = None, allowed: Tensor | None = None) -> Tensor:
        """[T, D], all finite → the logits of all words, float32 [T, V], after the soft cap. Raises ``MemoryError``.

        Those of the best words are exact, and all of them where there are few words. With ``allowed``, bool [T, V],
        these are the best of the allowed ones, and the others' logits mean nothing.
        """
        out = torch.empty((x.shape[0], self._planes.rows))
        given = x.float().contiguous()
        allowed = None if allowed is None else allowed.contiguous()
        assert allowed is None or (allowed.dtype == torch.bool and allowed.shape == out.shape)
        self._library.use_threads()
        for start in range(0, len(out), _MAX_TOKENS):
            part, to = given[start : start + _MAX_TOKENS], out[start : start + _MAX_TOKENS]
            mask = None if allowed is None else allowed[start : start + _MAX_TOKENS].data_ptr()
            if not self._all(ctypes.byref(self._head), part.data_ptr(), len(part), cap or 0.0, mask, to.data_ptr()):
                raise MemoryError("out of memory for the words' scores")
        return out
