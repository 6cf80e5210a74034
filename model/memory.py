"""How much memory this process may use: the machine's, or less where a control group sets a limit. No torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ROOT, _OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


@dataclass(frozen=True, slots=True)
class Memory:
    """In bytes; in a container, of what the container may use."""

    total: int
    available: int


def machine_memory(root: Path = _ROOT, own: Path = _OWN) -> Memory:
    """The memory of this machine, or of the container or control group that this process is in.

    ``root`` is where the system shows control groups, ``own`` the file that names those of this process.
    """
    import psutil  # not at import time, so that the window does not wait for it

    virtual = psutil.virtual_memory()
    total, available = int(virtual.total), int(virtual.available)
    for limit, used in _limits(root, own):
        total, available = min(total, limit), min(available, max(0, limit - used))
    return Memory(total, available)


def _limits(root: Path, own: Path) -> Iterator[tuple[int, int]]:
    """For each control group around this process with a limit: the limit, and the use that cannot be reclaimed."""
    for folder, (most, now, prefix) in _groups(root, own):
        try:
            limit = int((folder / most).read_text(encoding="ascii"))
            used = int((folder / now).read_text(encoding="ascii"))
            counts = dict(line.split() for line in (folder / "memory.stat").read_text(encoding="ascii").splitlines())
        except (OSError, ValueError):  # no such group, or no limit, which is "max"
            continue
        cached = sum(int(counts.get(f"{prefix}{kind}_file", 0)) for kind in ("active", "inactive"))
        yield limit, max(0, used - cached)


_FIRST = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_")
_SECOND = ("memory.max", "memory.current", "")
"""Both versions of control groups: the files with limit and use, and the prefix of the names in memory.stat."""


def _groups(root: Path, own: Path) -> Iterator[tuple[Path, tuple[str, str, str]]]:
    """The folders of this process's groups, outermost last. Inside a container its own group may be the root."""
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            base, names = root, _SECOND
        elif "memory" in controllers.split(","):
            base, names = root / "memory", _FIRST
        else:
            continue
        inside = base / path.lstrip("/")
        for folder in (inside, *inside.parents):
            yield folder, names
            if folder == base:
                break
