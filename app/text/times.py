"""Times in a video as the model was taught to see them: ``mm:ss``, minutes going past 59."""

from __future__ import annotations


def mm_ss(seconds: float) -> str:
    """``75.9`` → ``01:15``; an hour and a quarter is ``75:00``. Cut, not rounded, as transformers does it."""
    whole = max(0, int(seconds))
    return f"{whole // 60:02d}:{whole % 60:02d}"
