"""What a process that parses strangers' files may not do: talk to a network, start programs, eat the machine.

Linux: a seccomp filter refuses sockets, programs, tracing and io_uring for the rest of the process's life (the numbers
are those of the kernel's own tables for each architecture), and rlimits bound memory, open files, written files and,
from one request to the next, processor time. macOS: the system's "no network" sandbox profile. Windows: the owner puts
the process into a job object (``app.ingest.process.job``). What a system does not offer is left out; ``confine`` says
what holds.
"""

from __future__ import annotations

import ctypes
import errno
import math
import platform
import struct
import sys
import time

from app.ingest.limits import MEMORY_BYTES, WRITTEN_FILE_BYTES

MAX_OPEN_FILES = 256

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_FORBIDDEN = {
    # socket, connect, accept, sendto, bind, listen, ptrace, execve, accept4, execveat, io_uring_setup
    "x86_64": (41, 42, 43, 44, 49, 50, 101, 59, 288, 322, 425),
    "aarch64": (198, 203, 202, 206, 200, 201, 117, 221, 242, 281, 425),
}
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_X32 = 0x40000000
"""x86_64 kernels take the same calls a second time from this number on."""

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER, _ALL_THREADS = 1, 1


def confine(written: int = WRITTEN_FILE_BYTES) -> tuple[str, ...]:
    """Bind this process for the rest of its life; the names of what holds now.

    ``written`` is the longest file, in bytes, that it may write.
    """
    held = []
    if sys.platform != "win32" and _limit(written):
        held.append("limits")
    if sys.platform == "linux" and _filter():
        held += ["no network", "no programs"]
    if sys.platform == "darwin" and _sandbox():
        held.append("no network")
    return tuple(held)


def limit_cpu(seconds: float) -> None:
    """Let this process use ``seconds`` more of processor time; then the system ends it (SIGXCPU). Not on Windows."""
    if sys.platform == "win32":
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    allowed = math.ceil(time.process_time() + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (allowed if most == resource.RLIM_INFINITY else min(allowed, most), most))


def _limit(written: int) -> bool:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = MAX_OPEN_FILES if most == resource.RLIM_INFINITY else min(MAX_OPEN_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    resource.setrlimit(resource.RLIMIT_FSIZE, (written, written))
    if sys.platform == "linux":  # macOS takes the call and does nothing
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    return True


def _filter() -> bool:
    """A seccomp filter, for all threads. ``False`` where the kernel or the machine has none."""
    machine = platform.machine()
    if machine not in _SECCOMP:
        return False
    program = _program(machine)
    count = len(program) // 8
    buffer = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("@HP", count, ctypes.addressof(buffer)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.syscall(_SECCOMP[machine], _SET_MODE_FILTER, _ALL_THREADS, header) == 0)


def _program(machine: str) -> bytes:
    """The filter in classic BPF: eight bytes an instruction (code, jumps, value); see seccomp(2)."""
    forbidden = _FORBIDDEN[machine]
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, _AUDIT_ARCH[machine]), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    checks = [(_EQUAL, number) for number in forbidden]
    if machine == "x86_64":
        checks.append((_AT_LEAST, _X32))
    for index, (code, number) in enumerate(checks):
        steps.append((code, len(checks) - index, 0, number))
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE | errno.EPERM)]
    return b"".join(struct.pack("@HBBI", *step) for step in steps)


def _sandbox() -> bool:
    """macOS: everything but the network."""
    try:
        library = ctypes.CDLL("/usr/lib/libsandbox.1.dylib")
        problem = ctypes.c_char_p()
        rules = b"(version 1)(allow default)(deny network*)(deny process-exec*)"
        return bool(library.sandbox_init(rules, 0, ctypes.byref(problem)) == 0)
    except (OSError, AttributeError):
        return False
