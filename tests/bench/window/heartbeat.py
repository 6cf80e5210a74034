"""A timer that is due every few milliseconds: its delay is how long a key press would have waited."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import perf_counter, thread_time
from typing import TYPE_CHECKING

from tests.bench.window.stacks import Stacks

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

LIMIT_MS = 33.0
BEAT_MS = 5


def percentile(values: list[float], share: float) -> float:
    """The value that ``share`` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Heartbeat:
    """Beats as long as its owner lives. ``stacks`` samples the main thread's stack while a beat is overdue."""

    def __init__(self, owner: QObject, stacks: Stacks | None = None) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.stacks = stacks
        self.late: list[float] = []
        self.own: list[float] = []
        self._last, self._used = perf_counter(), thread_time()
        self.beat = QTimer(owner, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self.beat.timeout.connect(self._tick)
        self.beat.start()
        if stacks is not None:
            stacks.start()

    def _tick(self) -> None:
        now, used = perf_counter(), thread_time()
        self.late.append(max(0.0, 1000 * (now - self._last) - BEAT_MS))
        self.own.append(1000 * (used - self._used))
        self._last, self._used = now, used
        if self.stacks is not None:
            self.stacks.beat(now)

    def until(self, done: Callable[[], bool], at_most_s: float = 300.0) -> float:
        """Run the event loop until ``done``; the seconds it took."""
        from PySide6.QtCore import QEventLoop, QTimer

        loop, start = QEventLoop(), perf_counter()

        def look() -> None:
            if done() or perf_counter() - start > at_most_s:
                loop.quit()

        timer = QTimer(interval=20)
        timer.timeout.connect(look)
        timer.start()
        loop.exec()
        timer.stop()
        return perf_counter() - start

    def measure(
        self,
        name: str,
        done: Callable[[], bool],
        at_most_s: float = 300.0,
        begin: Callable[[], None] = lambda: None,
    ) -> dict[str, float | str]:
        """Lateness while something runs, from ``begin`` until ``done``."""
        self.until(lambda: False, 0.1)  # what came before is not counted
        self.late.clear()
        self.own.clear()
        if self.stacks is not None:
            self.stacks.clear()
        begin()
        took = self.until(done, at_most_s)
        late, own = list(self.late), list(self.own)
        result: dict[str, float | str] = {"phase": name, "seconds": round(took, 1), "beats": len(late)}
        for word, share in (("p50", 0.50), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)):
            result[f"{word}_ms"] = round(percentile(late, share), 1)
        result["own_p99_ms"], result["own_max_ms"] = round(percentile(own, 0.99), 1), round(percentile(own, 1.0), 1)
        if self.stacks is not None:
            print(f"{name}:\n{self.stacks.words()}", file=sys.stderr)
        return result
