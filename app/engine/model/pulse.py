"""A ``cancel`` that shows that somebody looks at it. No Qt."""

from __future__ import annotations

import threading


class Pulse(threading.Event):
    """Counts how often the thread that works looks whether to stop: its heartbeat, for the watchdog."""

    def __init__(self) -> None:
        super().__init__()
        self.beats = 0

    def is_set(self) -> bool:
        """Whether to stop."""
        self.beats += 1
        return super().is_set()
