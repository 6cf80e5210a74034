"""How fast this machine reads: its memory with all threads, and a disk in pieces as large as experts are."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from pathlib import Path

from model.engine.streaming import Pace

_PIECE = 2 << 20
"""About one expert's matrix in the 26B-A4B."""
_AT_ONCE = 8
"""Pieces that are requested together, as a token's experts are."""
_STEP = 128 << 10
"""The most that Linux reads ahead for one call by default."""
_LONGEST_S = 0.5
_MOST = 512 << 20
_IN_MEMORY = 256 << 20


def disk_rate(files: Sequence[Path]) -> float | None:
    """Bytes a second of random pieces of ``files``, past the page cache where the system allows that.

    Takes half a second. ``None`` where the files are too small to tell, or cannot be read.
    """
    try:
        sized = [(path, path.stat().st_size) for path in files]
        large = [(path, size) for path, size in sized if size >= _PIECE]
        if sum(size for _, size in large) < _AT_ONCE * _PIECE:
            return None
        return _measured(large)
    except OSError:
        return None


def _measured(files: Sequence[tuple[Path, int]]) -> float:
    chance, buffer = random.Random(), memoryview(bytearray(_PIECE))
    sizes = [size for _, size in files]
    spent, done = 0.0, 0
    opened: dict[Path, int] = {}
    try:
        while spent < _LONGEST_S and done < _MOST:
            pieces = []
            for path, size in chance.choices(files, sizes, k=_AT_ONCE):
                if path not in opened:
                    opened[path] = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
                pieces.append((opened[path], chance.randrange(size - _PIECE + 1)))
            for file, start in pieces:
                _forget(file, start)
            started = time.perf_counter()
            for file, start in pieces:
                _ask(file, start)
            for file, start in pieces:
                os.lseek(file, start, os.SEEK_SET)
                with os.fdopen(os.dup(file), "rb", buffering=0) as reader:
                    done += reader.readinto(buffer) or 0
            spent += time.perf_counter() - started
    finally:
        for file in opened.values():
            os.close(file)
    return done / spent


def _forget(file: int, start: int) -> None:
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file, start, _PIECE, os.POSIX_FADV_DONTNEED)


def _ask(file: int, start: int) -> None:
    if hasattr(os, "posix_fadvise"):
        for at in range(start, start + _PIECE, _STEP):
            os.posix_fadvise(file, at, _STEP, os.POSIX_FADV_WILLNEED)


def memory_rate() -> float:
    """Bytes a second of reading memory with as many threads as the engine uses: the best within half a second."""
    import torch

    from model.kernels import native

    numbers, library = torch.ones(_IN_MEMORY // 4), native.library()
    best, begun = float("inf"), time.perf_counter()
    while best == float("inf") or time.perf_counter() - begun < _LONGEST_S:
        started = time.perf_counter()
        if library is not None:
            library.read(numbers)
        else:
            numbers.sum()
        best = min(best, time.perf_counter() - started)
    return _IN_MEMORY / best


def measured_pace(files: Sequence[Path]) -> Pace | None:
    """The pace of this machine with these files; ``None`` where they are too small. Takes one second, and three more to
    import torch.
    """
    disk = disk_rate(files)
    return None if disk is None else Pace(disk, memory_rate())
