"""Our own kernels for processors, loaded with ctypes: a small C library that is built where a compiler is at hand.

Everything here has a plain twin in torch, which is the tests' reference and what runs where the library is missing
or the processor has none of the instruction sets that it is written for. ``LECTERN_NATIVE=off`` chooses the plain
path; ``avx512``, ``vnni`` or ``avx2`` choose among the kernels.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable

import torch
from torch import Tensor

from model.formats import table
from model.native_file import ABI, SWITCH, functions, wanted

FORMS = {one.native.layout: one.native.code for one in table.FORMATS if one.native is not None}
"""The layouts that the kernels read, and how they call them: ``FORM_…`` in ``lectern.h``."""
NF4, INT4, BF16 = (FORMS[one.native.layout] for one in (table.NF4, table.INT4, table.BF16) if one.native is not None)

__all__ = ["ABI", "SWITCH", "Library", "Matrix", "functions", "library", "matrix", "use_threads", "wanted"]

_Pointer, _Int = ctypes.c_void_p, ctypes.c_int


class Matrix(ctypes.Structure):
    """``lectern_matrix``: W [rows, columns] as it is stored. Its creator keeps the tensors alive."""

    _fields_ = (
        ("form", ctypes.c_int32),
        ("rows", ctypes.c_int32),
        ("columns", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
        ("data", ctypes.c_void_p),
        ("scales", ctypes.c_void_p),
    )


class Library:
    """The loaded library with kernels chosen. ``functions`` are its exported ones, called as in ``lectern.h``."""

    def __init__(self, functions: ctypes.CDLL, kernels: str) -> None:
        self.functions, self.kernels = functions, kernels
        self.forms = functions.lectern_forms() if hasattr(functions, "lectern_forms") else 3
        """How many of the ``FORM_…`` it multiplies: one that was built before there were more has fewer."""
        self._multiply: Callable[..., int] = functions.lectern_multiply
        functions.lectern_multiply.argtypes = (_Pointer, _Pointer, _Int, _Int, _Pointer, _Int)
        functions.lectern_read.argtypes = (_Pointer, ctypes.c_size_t)
        functions.lectern_read.restype = ctypes.c_uint64
        functions.lectern_read_ahead.argtypes = (_Pointer, ctypes.c_size_t)
        functions.lectern_read_ahead.restype = None

    def use_threads(self) -> int:
        """As many threads as torch uses. The first caller starts them, with its priority."""
        return use_threads(self.functions)

    def reads(self, layout: str) -> bool:
        """Whether it multiplies matrices in this layout."""
        return layout in FORMS and FORMS[layout] < self.forms

    def multiply(self, x: Tensor, matrix: Matrix, dtype: torch.dtype = torch.bfloat16) -> Tensor:
        """``x`` [T, columns] in bf16 @ W.T → [T, rows] in bf16 or float32. Raises ``MemoryError``."""
        self.use_threads()
        assert x.dtype == torch.bfloat16 and x.shape[1] == matrix.columns
        if x.stride(1) != 1:
            x = x.contiguous()
        out = torch.empty((x.shape[0], matrix.rows), dtype=dtype)
        narrow = dtype == torch.bfloat16
        if not self._multiply(ctypes.byref(matrix), x.data_ptr(), x.shape[0], x.stride(0), out.data_ptr(), narrow):
            raise MemoryError("out of memory for the activations")
        return out

    def read_ahead(self, data: Tensor) -> None:
        """Start reading ``data``, which is mapped from a file, without waiting."""
        self.functions.lectern_read_ahead(data.data_ptr(), data.nbytes)

    def read(self, data: Tensor) -> int:
        """Reads ``data`` with all threads, for measuring how fast memory is.

        Returns the sum of its 64-bit numbers modulo 2^64, in which up to 255 bytes at the end may be missing.
        """
        self.use_threads()
        return int(self.functions.lectern_read(data.data_ptr(), data.nbytes))


def matrix(form: int, data: Tensor, scales: Tensor | None, rows: int, columns: int) -> Matrix:
    """W [rows, columns] as the kernels see it."""
    return Matrix(form, rows, columns, 0, data.data_ptr(), None if scales is None else scales.data_ptr())


_threads = 0
"""How many were asked for last."""


def use_threads(functions: ctypes.CDLL) -> int:
    """As many threads as torch uses, see ``Library.use_threads``. Raises ``MemoryError``."""
    global _threads
    count = torch.get_num_threads()
    if count != _threads:
        functions.lectern_set_threads.argtypes = (_Int,)
        if not functions.lectern_set_threads(count):
            raise MemoryError("out of memory for the kernels' threads")
        _threads = count
    return count


@functools.cache
def library() -> Library | None:
    """The library; ``None`` where it is missing, forbidden, or has nothing for this processor."""
    found = functions()
    if found is None:
        return None
    found.lectern_choose.argtypes = (ctypes.c_char_p,)
    found.lectern_choose.restype = ctypes.c_char_p
    kernels = found.lectern_choose(wanted().encode())
    return None if kernels is None else Library(found, kernels.decode())
