"""How speeds, caches and memory went since the program started, for the window's charts: bounded. No Qt.

Where a list is full, every second one of its older half goes: the newest stay close, and the beginning is never lost.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import psutil

MOST = 600
EVERY_S = 5.0
"""The shortest time between two samples of caches and memory, in seconds."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class AnswerPoint:
    """An answer that ended ``at_s`` (``time.time``). Figures that are not known are 0."""

    at_s: float
    tokens_per_s: float
    first_word_s: float


@dataclass(frozen=True, slots=True)
class LevelPoint:
    """Bytes at one time: cached documents in memory and on disk, and all memory of this process."""

    at_s: float
    cached: int
    on_disk: int
    memory: int


@dataclass(frozen=True, slots=True)
class Past:
    """Both lists, oldest first."""

    answers: tuple[AnswerPoint, ...] = ()
    levels: tuple[LevelPoint, ...] = ()


class History:
    """For several threads."""

    def __init__(self, most: int = MOST, now: Callable[[], float] = time.time) -> None:
        self._most, self._now = most, now
        self._lock = threading.Lock()
        self._answers: list[AnswerPoint] = []
        self._levels: list[LevelPoint] = []
        self._looked = 0.0

    def answered(self, tokens_per_s: float, first_word_s: float) -> None:
        """An answer is over."""
        with self._lock:
            self._answers.append(AnswerPoint(self._now(), tokens_per_s, first_word_s))
            _thin(self._answers, self._most)

    def look(self, cached: int, disk: Callable[[], int]) -> None:
        """Note how much is taken, unless that was done a moment ago. ``disk`` looks at the disk."""
        with self._lock:
            now = self._now()
            if 0 <= now - self._looked < EVERY_S:
                return
            self._looked = now
        point = LevelPoint(now, cached, disk(), psutil.Process().memory_info().rss)
        with self._lock:
            self._levels.append(point)
            _thin(self._levels, self._most)

    def past(self) -> Past:
        """All that is known."""
        with self._lock:
            return Past(tuple(self._answers), tuple(self._levels))


def _thin(points: list[_T], most: int) -> None:
    if len(points) > most:
        half = len(points) // 2
        points[:half] = points[:half:2]
