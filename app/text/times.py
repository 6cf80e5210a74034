"""Times in a video as the model was taught to see them: ``mm:ss``, minutes going past 59."""

from __future__ import annotations


def mm_ss(seconds: float) -> str:
    """``75.9`` → ``01:15``; an hour and a quarter is ``75:00``. Cut, not rounded, as transformers does it."""
    whole = max(0, int(seconds))
    return f"{whole // 60:02d}:{whole % 60:02d}"


def h_mm_ss(seconds: float) -> str:
    """``1:02:05`` from an hour on, else ``02:05``: times below one another."""
    whole = max(0, int(seconds))
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}" if whole >= 3600 else mm_ss(seconds)


def clock(seconds: float) -> str:
    """``1:02:05`` or ``1:05``: one time by itself, as players show it."""
    return h_mm_ss(seconds).removeprefix("0")
