"""Sizes in words. No Qt, no state."""

from __future__ import annotations

from app.i18n import number


def size(count: int) -> str:
    """Bytes in decimal units, as disks are sold."""
    value, unit = float(count), "bytes"
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if value >= 100 or unit == "bytes" else f"{number(value, 1)} {unit}"


def thousands(count: int) -> str:
    """Tokens where there is little room: ``9,120``, ``12.5K``, ``262K``."""
    if count < 10_000:
        return number(count)
    value = count / 1000
    return f"{number(value, 1)}K" if value < 100 else f"{number(value)}K"
