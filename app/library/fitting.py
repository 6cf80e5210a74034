"""Does a model fit on this machine? One sentence for the list of models, ``lectern doctor`` and ``models list``.

What the system itself needs is set apart first: nothing that a person can close makes that free.
"""

from __future__ import annotations

from typing import Any

from app.library.budgets import fits_in_memory, fits_on_card, machine_for, system_reserve


def fit(
    needed: int, to_write: int, memory: dict[str, int], device: dict[str, Any], free_disk: int, system: str = ""
) -> tuple[bool, str]:
    """Whether a model fits that takes ``needed`` bytes of memory and ``to_write`` of disk, and one sentence.

    ``memory`` has the bytes in ``total`` and ``available``, ``device`` its ``kind`` and ``memory``. ``system`` is a
    name of ``platform.system()``, by default this machine's.
    """
    takes, total = gigabytes(needed), gigabytes(memory["total"])
    if to_write > free_disk:
        return False, f"It needs {gigabytes(to_write)} of disk, and {gigabytes(free_disk)} are free."
    if device["kind"] == "cuda" and fits_on_card(needed, device["memory"]):
        return True, f"It fits on the GPU: {takes} of {gigabytes(device['memory'])}."
    if not fits_in_memory(needed, memory["total"], system):
        return False, _too_large(takes, total, gigabytes(system_reserve(system)), machine_for(needed, system))
    if needed > memory["available"]:
        free = gigabytes(memory["available"])
        return True, f"It fits into memory ({takes}), but only {free} are free now; close other programs."
    if device["kind"] == "cuda":
        return True, f"It does not fit on the GPU, but into memory: {takes} of {total}."
    return True, f"It fits into memory: {takes} of {total}."


def _too_large(takes: str, total: str, reserve: str, machine: int) -> str:
    if machine:
        return (
            f"It needs {takes} of memory and the system {reserve}, and this machine has {total}; a machine with "
            f"{machine} GB holds it."
        )
    return f"It needs {takes} of memory, and this machine has {total}; choose a smaller model."


def gigabytes(size: int) -> str:
    """Bytes as decimal gigabytes, small ones as megabytes."""
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"
