"""Where the interface was while it let the user wait: a thread looks whenever a beat is overdue."""

from __future__ import annotations

import sys
import threading
import traceback
from collections import Counter
from pathlib import Path
from time import perf_counter

LOOK_S = 0.004
DEEP = 7
"""Frames of a stack that are told, innermost last."""


class Stacks:
    """Samples the main thread's stack as long as its last beat is older than ``limit_s``."""

    def __init__(self, limit_s: float) -> None:
        self._limit = limit_s
        self._main = threading.get_ident()
        self._last = perf_counter()
        self._over = threading.Event()
        self._seen: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._watch, name="stacks", daemon=True)

    def start(self) -> None:
        """From now on."""
        self._thread.start()

    def stop(self) -> None:
        """No longer."""
        self._over.set()
        self._thread.join()

    def beat(self, now: float) -> None:
        """The loop has answered."""
        self._last = now

    def clear(self) -> None:
        """Discard the samples."""
        self._seen = Counter()

    def words(self, most: int = 8) -> str:
        """The places where it was most often, and how often."""
        return "\n".join(f"  {times:4d} x {place}" for place, times in self._seen.most_common(most))

    def _watch(self) -> None:
        while not self._over.wait(LOOK_S):
            if perf_counter() - self._last > self._limit:
                self._seen[self._place()] += 1

    def _place(self) -> str:
        """Where it is; no frame is kept, since that would keep its variables alive."""
        stack = traceback.extract_stack(sys._current_frames().get(self._main), None)[-DEEP:]
        return " > ".join(f"{Path(at.filename).name}:{at.lineno} {at.name}" for at in stack)
