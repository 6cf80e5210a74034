"""How much cached documents may take, in memory and on disk: as the user sets it, else as this machine allows.

No Qt, no torch. Reading is what costs, so a fair share is kept; the system and other programs come first.
"""

from __future__ import annotations

import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from app import paths
from app.library.settings import Settings
from model.engine.needs import WORK_SPACE
from model.memory import machine_memory

GIB = 1 << 30
_SYSTEM = {"Linux": 3 * GIB, "Windows": 4 * GIB, "Darwin": 4 * GIB}
"""Bytes that the system, its desktop and Lectern's own window take when nothing else is open."""
_CARD = GIB
"""Bytes of a graphics card that the driver and the desktop take."""
_SIZES = (8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512)
"""GB of memory that machines are sold with."""
_USABLE = 0.95
"""Of what a machine is sold with; the rest goes to firmware and built-in graphics."""
LEAST_RAM, MOST_RAM = GIB // 2, 16 * GIB
"""Below the least not even one long document fits; the most holds several whole contexts of the 26B."""
MOST_DISK = 20 * GIB


@dataclass(frozen=True, slots=True)
class Budgets:
    """Bytes for documents. No bytes on disk means: nothing is written."""

    ram: int
    disk: int


def budgets(settings: Settings, weights: int, memory: int | None = None) -> Budgets:
    """Bytes that documents may take beside ``weights`` bytes of a model, on a device with ``memory`` bytes in all."""
    total = machine_memory().total if memory is None else memory
    ram = settings.document_memory
    disk = settings.document_disk
    return Budgets(default_ram(total, weights) if ram is None else ram, default_disk() if disk is None else disk)


def system_reserve(system: str = "") -> int:
    """Bytes of memory that the system (``platform.system()``; by default this one) needs before a model gets any."""
    return _SYSTEM.get(system or platform.system(), _SYSTEM["Windows"])


def fits_in_memory(needed: int, total: int, system: str = "") -> bool:
    """Whether a model that takes ``needed`` bytes leaves the system enough of ``total``."""
    return needed + system_reserve(system) <= total


def fits_on_card(needed: int, total: int) -> bool:
    """Whether a model that takes ``needed`` bytes fits on a graphics card with ``total``."""
    return needed + _CARD <= total


def machine_for(needed: int, system: str = "") -> int:
    """The smallest machine that holds a model that takes ``needed`` bytes, in GB as it is sold; 0: there is none."""
    return next((size for size in _SIZES if fits_in_memory(needed, int(size * GIB * _USABLE), system)), 0)


def default_ram(total: int, weights: int) -> int:
    """Half of what the model, its work space and the system leave, within bounds that make sense."""
    left = (total - weights - WORK_SPACE - system_reserve()) // 2
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
