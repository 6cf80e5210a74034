"""Room for the KV cache: in memory up to a limit, in nameless files beyond it.

A document larger than the memory it may take still works: the blocks beyond the limit are pages of a file, which
the system writes out and brings back as they are used. The files have no name, so nothing is left behind.
"""

from __future__ import annotations

import logging
import mmap
import os
import tempfile
import weakref
from math import prod
from pathlib import Path

import torch
from torch import Tensor

_log = logging.getLogger(__name__)


class Room:
    """Gives tensors on ``device``: plain ones while all that live take at most ``limit_bytes``, then mapped ones.

    Without a ``folder``, and on devices other than the processor, all are plain.
    """

    def __init__(self, device: torch.device, limit_bytes: int = 0, folder: Path | None = None) -> None:
        self.device, self._limit, self._folder = device, limit_bytes, folder
        self._live = 0

    def empty(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """An uninitialised tensor, in a mapped file where it would exceed the memory limit."""
        size = prod(shape) * dtype.itemsize
        if self._folder is not None and self.device.type == "cpu" and size and self._live + size > self._limit:
            try:
                return _mapped(self._folder, shape, dtype, size)
            except OSError as error:  # a full disk: the memory may still do
                _log.warning("the KV cache could not be put on the disk (%s)", error.strerror)
        tensor = torch.empty(shape, dtype=dtype, device=self.device)
        self._live += size
        weakref.finalize(tensor, self._gone, size)
        return tensor

    def _gone(self, size: int) -> None:
        self._live -= size


def _mapped(folder: Path, shape: tuple[int, ...], dtype: torch.dtype, size: int) -> Tensor:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.truncate(size)
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)  # a full disk is an error now, not a crash later
        pages = mmap.mmap(file.fileno(), size)
    return torch.frombuffer(pages, dtype=dtype, count=prod(shape)).view(shape)
