"""Sizes in words. No Qt, no state."""

from __future__ import annotations


def size(number: int) -> str:
    """Bytes in decimal units, as disks are sold."""
    value, unit = float(number), "bytes"
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if value >= 100 or unit == "bytes" else f"{value:.1f} {unit}"


def thousands(number: int) -> str:
    """Tokens where there is little room: ``9,120``, ``12.5K``, ``262K``."""
    if number < 10_000:
        return f"{number:,}"
    value = number / 1000
    return f"{value:.1f}K" if value < 100 else f"{value:,.0f}K"
