"""How much documents that stay may take, in memory and on disk: as the person says, else as this machine allows.

No Qt, no torch. Reading is what costs, so a fair share is kept; the system and other programs come first.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from app import paths
from app.library.settings import Settings

GIB = 1 << 30
RESERVED = 4 * GIB
"""Left to the system, the window and the engine's own work, before anything is shared out."""
LEAST_RAM, MOST_RAM = GIB // 2, 16 * GIB
"""Below the least not even one long document stays; the most holds several whole contexts of the 26B."""
MOST_DISK = 20 * GIB


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes; in a container what the container may use."""

    total: int
    available: int


@dataclass(frozen=True, slots=True)
class Budgets:
    """Bytes for documents. No bytes on disk means: nothing is written."""

    ram: int
    disk: int


def machine_memory() -> Memory:
    """What this machine, or this container, has."""
    import psutil  # not at start: the window does not wait for it

    virtual = psutil.virtual_memory()
    total, available = int(virtual.total), int(virtual.available)
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
        used = int(Path("/sys/fs/cgroup/memory.current").read_text(encoding="ascii"))
        if limit != "max":
            total, available = min(total, int(limit)), min(available, max(0, int(limit) - used))
    except (OSError, ValueError):
        pass
    return Memory(total, available)


def budgets(settings: Settings, weights: int, memory: int | None = None) -> Budgets:
    """What documents may take beside ``weights`` bytes of a model, on a device with ``memory`` bytes in all."""
    total = machine_memory().total if memory is None else memory
    ram = settings.document_memory
    disk = settings.document_disk
    return Budgets(default_ram(total, weights) if ram is None else ram, default_disk() if disk is None else disk)


def default_ram(total: int, weights: int) -> int:
    """Half of what the model and the system leave, within bounds that make sense."""
    left = (total - weights - RESERVED) // 2
    return max(LEAST_RAM, min(MOST_RAM, left))


def default_disk() -> int:
    """A fifth of what is free, what documents take already counted as free; 20 GiB at most."""
    folder = paths.documents_store()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        free = shutil.disk_usage(existing).free
    except OSError:
        return 0
    return min(MOST_DISK, (free + folder_bytes(folder)) // 5)


def folder_bytes(folder: Path) -> int:
    """Bytes of the files in ``folder``, as far as they can be seen."""
    total = 0
    try:
        for entry in folder.iterdir():
            try:
                total += entry.stat().st_size
            except OSError:
                continue
    except OSError:
        return 0
    return total
