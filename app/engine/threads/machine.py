"""Threads and priorities, chosen so that a window breathes while a model works on the same few cores.

``prepare_environment`` must run before torch is imported: OpenMP reads its settings once. Waiting threads
sleep instead of spinning: with a busy window on 2 cores, spinning makes a token more than twice as slow,
while alone it would save a quarter.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from app.ingest.limits import NICENESS

KEPT_KERNELS = "32"
"""torch and oneDNN keep what they have made for each size of a matrix, 1024 by default: hundreds of MB once prompts of
many lengths have been read. A prompt's full chunks and its answer have the same dozen sizes every time."""
_M_ARENA_MAX = -8
"""mallopt(3), malloc.h"""
SWITCH_INTERVAL_S = 0.001
"""The window's thread waits at most this long for Python's lock (the default is 5 ms)."""


def prepare_environment(*, window: bool) -> None:
    """Set what OpenMP reads at its start, unless the user has set it already."""
    defaults = {
        "OMP_NUM_THREADS": str(compute_threads(window=window)),
        "OMP_WAIT_POLICY": "PASSIVE",  # GNU's OpenMP: torch on Linux
        "KMP_BLOCKTIME": "0",  # Intel's and LLVM's: torch on Windows and macOS
        "LRU_CACHE_CAPACITY": KEPT_KERNELS,  # torch's own, in front of oneDNN's
        "ONEDNN_PRIMITIVE_CACHE_CAPACITY": KEPT_KERNELS,
        "ORT_DISABLE_TELEMETRY": "1",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    if window:
        sys.setswitchinterval(SWITCH_INTERVAL_S)
    one_heap()


def one_heap() -> None:
    """Have all threads allocate from one heap, on Linux with glibc; harmless elsewhere.

    By default each thread has a separate heap, whose end keeps up to 64 MiB of free memory that not even
    ``malloc_trim`` gives back (mallopt(3), M_TRIM_THRESHOLD, grows with the largest piece that was freed). Small pieces
    do not reach the heap's lock: glibc keeps some for each thread, and Python has its own.
    """
    mallopt = _libc("mallopt")
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)


def give_memory_back() -> None:
    """Return free pages of the heap to the system, on Linux with glibc; harmless elsewhere. For quiet moments."""
    trim = _libc("malloc_trim")
    if trim is not None:
        trim(0)


def _libc(name: str) -> Callable[..., int] | None:
    """A function of glibc; none where this is another C library."""
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None), name, None)


def compute_threads(*, window: bool) -> int:
    """How many threads to compute with: whole cores, and one left for the window where there are enough."""
    cores = usable_cores()
    return cores - 1 if window and cores >= 4 else cores


def usable_cores() -> int:
    """Physical cores that this process may use. Two threads of one core share what decoding needs."""
    import psutil  # not at start: the window does not wait for it

    logical = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    physical = psutil.cpu_count(logical=False) or logical
    cores = min(logical, max(physical, 2))
    quota = _cgroup_quota()
    return max(1, min(cores, quota) if quota else cores)


def _cgroup_quota() -> int:
    """Whole cores that a container allows; 0 when it sets no limit."""
    try:
        limit, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return 0 if limit == "max" else max(1, int(limit) // int(period))
    except (OSError, ValueError):
        return 0


def lower_priority() -> None:
    """Let the window's thread go first. On Linux this is per thread, and threads started from it inherit it."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
