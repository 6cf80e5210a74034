"""Windows: a job object that ends a process with its owner, bounds its memory, and lets it start no other process.

Elsewhere ``assign`` does nothing: there the process binds itself (``app.ingest.process.confine``).
"""

from __future__ import annotations

import contextlib
import ctypes
import sys

from app.ingest.limits import MEMORY_BYTES

_EXTENDED_LIMITS = 9
_ACTIVE_PROCESS, _PROCESS_MEMORY, _DIE_ON_EXCEPTION, _KILL_ON_CLOSE = 0x8, 0x100, 0x400, 0x2000
_SET_QUOTA, _TERMINATE = 0x0100, 0x0001


class _Basic(ctypes.Structure):
    """``JOBOBJECT_BASIC_LIMIT_INFORMATION`` of the Windows API."""

    _fields_ = (
        ("PerProcessUserTimeLimit", ctypes.c_int64),
        ("PerJobUserTimeLimit", ctypes.c_int64),
        ("LimitFlags", ctypes.c_uint32),
        ("MinimumWorkingSetSize", ctypes.c_size_t),
        ("MaximumWorkingSetSize", ctypes.c_size_t),
        ("ActiveProcessLimit", ctypes.c_uint32),
        ("Affinity", ctypes.c_size_t),
        ("PriorityClass", ctypes.c_uint32),
        ("SchedulingClass", ctypes.c_uint32),
    )


class _Extended(ctypes.Structure):
    """``JOBOBJECT_EXTENDED_LIMIT_INFORMATION`` of the Windows API."""

    _fields_ = (
        ("Basic", _Basic),
        ("Io", ctypes.c_uint64 * 6),
        ("ProcessMemoryLimit", ctypes.c_size_t),
        ("JobMemoryLimit", ctypes.c_size_t),
        ("PeakProcessMemoryUsed", ctypes.c_size_t),
        ("PeakJobMemoryUsed", ctypes.c_size_t),
    )


def assign(pid: int | None) -> int | None:
    """Put the process into a new job; its handle, which ends the process when it is closed. Never run by us yet."""
    if sys.platform != "win32" or pid is None:
        return None
    kernel = ctypes.windll.kernel32
    kernel.CreateJobObjectW.restype = kernel.OpenProcess.restype = ctypes.c_void_p
    job = kernel.CreateJobObjectW(None, None)
    limits = _Extended()
    limits.Basic.LimitFlags = _ACTIVE_PROCESS | _PROCESS_MEMORY | _DIE_ON_EXCEPTION | _KILL_ON_CLOSE
    limits.Basic.ActiveProcessLimit = 1
    limits.ProcessMemoryLimit = MEMORY_BYTES
    process = kernel.OpenProcess(_SET_QUOTA | _TERMINATE, False, pid)
    done = kernel.SetInformationJobObject(
        ctypes.c_void_p(job), _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
    ) and kernel.AssignProcessToJobObject(ctypes.c_void_p(job), ctypes.c_void_p(process))
    kernel.CloseHandle(ctypes.c_void_p(process))
    return job if done else None


def release(job: int | None) -> None:
    """Close a job's handle."""
    if sys.platform == "win32" and job is not None:
        with contextlib.suppress(OSError):
            ctypes.windll.kernel32.CloseHandle(ctypes.c_void_p(job))
