"""safetensors files by byte ranges: read the header, read or write one tensor at a time.

The format is 8 bytes of header length, a JSON header, then the data. Reading byte ranges instead of
mapping keeps a checkpoint of 50 GB out of this process's memory while it is converted; writing tensor
by tensor means that no file is ever built in memory.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import FileIO
from math import prod
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import torch
from torch import Tensor

from model.checkpoint.header import read_spans
from model.errors import CheckpointError
from model.messages import msg

DTYPES: dict[str, torch.dtype] = {
    "BF16": torch.bfloat16,
    "F16": torch.float16,
    "F32": torch.float32,
    "U8": torch.uint8,
    "I8": torch.int8,
    "I64": torch.int64,
}
_NAMES = {dtype: name for name, dtype in DTYPES.items()}
_ALIGN = 64
"""Data starts at a multiple of a cache line, so that mapped rows do too."""

_PIECE = 16 << 20
"""Bytes of a tensor that ``MappedFile.pieces`` reads at a time."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The place of one tensor in a file, in bytes from the file's start."""

    name: str
    dtype: torch.dtype
    shape: tuple[int, ...]
    start: int
    stop: int

    @property
    def nbytes(self) -> int:
        """Its size in the file."""
        return self.stop - self.start


def read_header(path: Path) -> dict[str, Entry]:
    """A file's tensors in types that Lectern writes; its length is checked. Raises ``CheckpointError``."""
    return {
        name: Entry(name, DTYPES[span.dtype], span.shape, span.start, span.stop)
        for name, span in read_spans(path).items()
        if span.dtype in DTYPES
    }


class TensorReader:
    """Reads a file by plain file reads, and tells the system not to keep the pages."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = FileIO(path)

    def fill(self, buffer: Tensor, offset: int) -> None:
        """Fill ``buffer`` (uint8) with the file's bytes from ``offset`` on. Raises ``CheckpointError``."""
        view = buffer.numpy().data
        self._file.seek(offset)
        done = 0
        while done < len(view):
            count = self._file.readinto(view[done:])
            if not count:
                raise CheckpointError(
                    msg("disk.shorter", "{path} became shorter while it was read; download it again.", path=self.path)
                )
            done += count
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self._file.fileno(), offset, len(view), os.POSIX_FADV_DONTNEED)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class Slot:
    """A tensor that will be written."""

    name: str
    dtype: torch.dtype
    shape: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """Its size in the file."""
        return prod(self.shape) * self.dtype.itemsize


class TensorWriter:
    """Writes a file whose tensors are known beforehand, in their order and piece by piece, with a checksum."""

    def __init__(self, path: Path, slots: Sequence[Slot]) -> None:
        self.path = path
        self.size = 0
        self._digest = hashlib.sha256()
        self._stops: dict[str, int] = {}
        header = self._header(slots)
        self._file: BinaryIO = path.open("wb", buffering=0)
        self._append(memoryview(header))

    def _header(self, slots: Iterable[Slot]) -> bytes:
        table: dict[str, Mapping[str, object]] = {}
        offset = 0
        for slot in slots:
            span = [offset, offset + slot.nbytes]
            table[slot.name] = {"dtype": _NAMES[slot.dtype], "shape": list(slot.shape), "data_offsets": span}
            offset += slot.nbytes
            self._stops[slot.name] = offset
        text = json.dumps(table, separators=(",", ":")).encode()
        text += b" " * (-(len(text) + 8) % _ALIGN)
        self._stops = {name: stop + 8 + len(text) for name, stop in self._stops.items()}
        return len(text).to_bytes(8, "little") + text

    def write(self, name: str, data: Tensor) -> None:
        """Append ``data`` to the tensor ``name``, which must be the one whose turn it is."""
        if data.numel():
            self._append(data.detach().contiguous().view(-1).view(torch.uint8).numpy().data)
        assert self._stops[name] - self.size >= 0, f"{name} is longer than its slot"

    def _append(self, view: memoryview) -> None:
        self._digest.update(view)
        done = 0
        while done < len(view):
            done += self._file.write(view[done:])
        self.size += done

    @property
    def checksum(self) -> str:
        """SHA-256 of the bytes written so far."""
        return self._digest.hexdigest()

    def close(self) -> None:
        """Flush to the disk and close."""
        if not self._file.closed:
            os.fsync(self._file.fileno())
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            assert self.size == max(self._stops.values(), default=self.size), "a tensor was left out"
            self.close()
        else:
            self._file.close()


class MappedFile:
    """A file mapped into memory; its tensors are views that read the disk when they are touched."""

    def __init__(self, path: Path) -> None:
        self.entries = read_header(path)  # checks the length: touching pages past a file's end is fatal
        self.path = path
        with path.open("rb") as file:
            # Copy-on-write, because torch does not take read-only memory; nothing is ever written.
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
            self._stamp = _stamp(os.fstat(file.fileno()))
        self.size = len(self._map)

    def check_length(self) -> None:
        """Raises ``CheckpointError`` where the file has become shorter than the mapping."""
        if self._map.size() < self.size:
            raise CheckpointError(
                msg(
                    "disk.shorter-in-use",
                    "{path} became shorter while it was in use; copy the model again and choose its folder again.",
                    path=self.path,
                )
            )

    def check_unchanged(self) -> None:
        """Raises ``CheckpointError`` where the file was written over. One that was deleted or replaced stays mapped."""
        self.check_length()
        try:
            now = _stamp(self.path.stat())
        except OSError:
            return
        if now != self._stamp and now[0] == self._stamp[0]:
            raise CheckpointError(
                msg(
                    "disk.changed-in-use",
                    "{path} was changed while it was in use; copy the model again and choose its folder again.",
                    path=self.path,
                )
            )

    def tensor(self, name: str) -> Tensor:
        """A view on the file."""
        entry = self.entries[name]
        return self.numbers(entry.start, entry.stop, entry.dtype).view(entry.shape)

    def numbers(self, start: int, stop: int, dtype: torch.dtype) -> Tensor:
        """A view on the bytes ``start`` to ``stop``, as numbers in one row."""
        if start == stop:
            return torch.empty(0, dtype=dtype)
        if start % dtype.itemsize:  # legal, though no writer does it
            return torch.frombuffer(bytearray(self._map[start:stop]), dtype=dtype)
        return torch.frombuffer(self._map, dtype=dtype, count=(stop - start) // dtype.itemsize, offset=start)

    def pieces(self, name: str) -> Iterator[Tensor]:
        """Its rows, some at a time. Rows that were read are released from memory, and stay in the system's cache.

        Raises ``CheckpointError`` where the file has become shorter.
        """
        entry, rows = self.entries[name], self.tensor(name)
        row_bytes = entry.nbytes // max(1, len(rows))
        step = max(1, _PIECE // max(1, row_bytes))
        for first in range(0, len(rows), step):
            self.check_length()
            piece = rows[first : first + step]
            yield piece
            start = entry.start + first * row_bytes
            self._let_go(start, start + piece.nbytes)

    def copied(self, name: str) -> Tensor:
        """A copy of the tensor in private memory, which the page cache does not evict."""
        own = torch.empty_like(self.tensor(name))
        done = 0
        for piece in self.pieces(name):
            own[done : done + len(piece)] = piece
            done += len(piece)
        return own

    def expect_any_order(self, name: str) -> None:
        """Tell the system not to read around accessed pages of a tensor: what is needed is read ahead explicitly."""
        entry = self.entries[name]
        start = entry.start // mmap.PAGESIZE * mmap.PAGESIZE
        if hasattr(mmap, "MADV_RANDOM"):  # not on Windows
            self._map.madvise(mmap.MADV_RANDOM, start, entry.stop - start)

    def _let_go(self, start: int, stop: int) -> None:
        """Releases the pages that are covered whole. Touched again, they are read from the file."""
        start = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE
        length = stop // mmap.PAGESIZE * mmap.PAGESIZE - start
        if length > 0 and hasattr(mmap, "MADV_DONTNEED"):  # not on Windows
            self._map.madvise(mmap.MADV_DONTNEED, start, length)

    def warm(self, start: int, length: int) -> None:
        """Bring this part of the file into memory at the disk's speed."""
        try:
            self._map.madvise(_POPULATE_READ, start, length)
        except (AttributeError, OSError, ValueError):  # not Linux, or older than 5.14
            for position in range(start, start + length, mmap.PAGESIZE):
                self._map[position]


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    """Which file it is, and what changes when it is written to."""
    return status.st_ino, status.st_size, status.st_mtime_ns


_POPULATE_READ = 22
"""Linux' MADV_POPULATE_READ, which the ``mmap`` module has no name for."""
