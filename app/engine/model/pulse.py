"""A ``cancel`` that shows that somebody looks at it. No Qt."""

from __future__ import annotations

import threading


class Pulse:
    """Counts how often the thread that works looks whether to stop: its heartbeat, for the watchdog."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self.beats = 0

    def set(self) -> None:
        """Ask the running work to stop. Any thread."""
        self._stop.set()

    def clear(self) -> None:
        """Withdraw the request to stop. Any thread."""
        self._stop.clear()

    def is_set(self) -> bool:
        """Whether to stop; each call counts as a heartbeat."""
        self.beats += 1
        return self._stop.is_set()
