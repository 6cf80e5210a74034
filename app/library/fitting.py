"""Does a model fit on this machine? One sentence for the list of models, ``lectern doctor`` and ``models list``.

What the system itself needs is set apart first: nothing that a user can close makes that free.
"""

from __future__ import annotations

from typing import Any

from app.library.budgets import fits_in_memory, fits_on_card, machine_for, system_reserve
from model.messages import Message, msg


def fit(
    needed: int, to_write: int, memory: dict[str, int], device: dict[str, Any], free_disk: int, system: str = ""
) -> tuple[bool, Message]:
    """Whether a model fits that takes ``needed`` bytes of memory and ``to_write`` of disk, and one sentence.

    ``memory`` has the bytes in ``total`` and ``available``, ``device`` its ``kind`` and ``memory``. ``system`` is a
    name of ``platform.system()``, by default this machine's.
    """
    takes, total = gigabytes(needed), gigabytes(memory["total"])
    if to_write > free_disk:
        return False, msg(
            "fit.disk",
            "It needs {needed} of disk space, and {free} is free.",
            needed=gigabytes(to_write),
            free=gigabytes(free_disk),
        )
    if device["kind"] == "cuda" and fits_on_card(needed, device["memory"]):
        return True, msg(
            "fit.gpu", "It fits on the GPU: {needed} of {total}.", needed=takes, total=gigabytes(device["memory"])
        )
    if not fits_in_memory(needed, memory["total"], system):
        return False, _too_large(takes, total, gigabytes(system_reserve(system)), machine_for(needed, system))
    if needed > memory["available"]:
        free = gigabytes(memory["available"])
        return True, msg(
            "fit.busy",
            "It fits in memory ({needed}), but only {free} is free now; close other programs.",
            needed=takes,
            free=free,
        )
    if device["kind"] == "cuda":
        return True, msg(
            "fit.memory-not-gpu",
            "It does not fit on the GPU, but it fits in memory: {needed} of {total}.",
            needed=takes,
            total=total,
        )
    return True, msg("fit.memory", "It fits in memory: {needed} of {total}.", needed=takes, total=total)


def _too_large(takes: str, total: str, reserve: str, machine: int) -> Message:
    if machine:
        return msg(
            "fit.too-small",
            "It needs {needed} of memory and the system {reserve}, and this machine has {total}; a machine with "
            "{machine} GB can run it.",
            needed=takes,
            reserve=reserve,
            total=total,
            machine=machine,
        )
    return msg(
        "fit.no-machine",
        "It needs {needed} of memory, and this machine has {total}; choose a smaller model.",
        needed=takes,
        total=total,
    )


def gigabytes(size: int) -> str:
    """Bytes as decimal gigabytes, small ones as megabytes."""
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"
