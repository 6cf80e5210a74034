"""Memory that runs out: recognising it, and giving back what nothing refers to."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys

import torch

_OUT_OF_MEMORY = ("can't allocate memory", "not enough memory", "out of memory", "cannot allocate memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether ``error`` is a device's, an allocator's or Python's error for memory that ran out."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError | OSError) and any(words in str(error).lower() for words in _OUT_OF_MEMORY)


def trim_heap() -> None:
    """Gives freed memory back to the system where the allocator would keep it. After reading a large file of text."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # a C library other than glibc
            ctypes.CDLL(None).malloc_trim(0)


def free_memory() -> None:
    """Gives back what nothing refers to any more. Call it outside ``except``: a traceback holds its tensors.

    Where automatic collection is off, the application collects on a thread of its choice, and this one must not:
    a window among the garbage would be destroyed here.
    """
    if gc.isenabled():
        gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
