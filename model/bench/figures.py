"""The result of a measurement: the seconds of every repeat, the work done, and the hardware's limit."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Job:
    """A job for Lectern and every peer: ``tokens`` behind ``depth`` known ones."""

    measure: str
    """``prefill`` (all at once) or ``decode`` (one by one)."""
    tokens: int
    depth: int
    repeats: int

    @property
    def name(self) -> str:
        """The row's name in the table."""
        size = f" {self.tokens:,}" if self.measure == "prefill" else ""
        return f"{self.measure}{size}" + (f" at depth {self.depth:,}" if self.depth else "")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report. ``amount`` of ``unit`` was done in each of ``seconds``.

    Without an amount the figure is the time itself. ``limit_s`` is what the machine's own bandwidth and matrix rate
    allow at best, ``peers`` the medians of others in the same run, in seconds for the same amount.
    """

    name: str
    seconds: tuple[float, ...]
    amount: float = 0.0
    unit: str = "s"
    limit_s: float | None = None
    peers: dict[str, float] = field(default_factory=dict)

    @property
    def median_s(self) -> float:
        """The median of the repeats' seconds."""
        return statistics.median(self.seconds)

    @property
    def value(self) -> float:
        """What the table shows: units a second, or seconds."""
        return self.rate(self.median_s)

    def rate(self, seconds: float) -> float:
        """The value computed from ``seconds``, in the figure's unit."""
        return self.amount / seconds if self.amount and seconds else seconds

    @property
    def spread(self) -> float:
        """The spread of the repeats: (slowest - fastest) / median."""
        return (max(self.seconds) - min(self.seconds)) / self.median_s if self.median_s else 0.0

    @property
    def of_limit(self) -> float | None:
        """The share of the machine's limit that is reached."""
        return self.limit_s / self.median_s if self.limit_s is not None and self.median_s else None

    def times(self, peer: str) -> float | None:
        """How many times as fast as ``peer`` this is."""
        theirs = self.peers.get(peer)
        return theirs / self.median_s if theirs is not None and self.median_s else None

    def as_json(self) -> dict[str, Any]:
        """The figure as values that ``json`` can write."""
        limit = self.of_limit
        return {
            "name": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
            "repeats": len(self.seconds),
            "seconds": [round(one, 6) for one in self.seconds],
            "spread": round(self.spread, 4),
            "limit_s": None if self.limit_s is None else round(self.limit_s, 6),
            "of_limit": None if limit is None else round(limit, 4),
            "peers": {
                name: {"value": round(self.rate(theirs), 4), "times": round(theirs / self.median_s, 4)}
                for name, theirs in self.peers.items()
            },
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """The measurements of a model to take. Counts of 0 and empty tuples leave a part out."""

    jobs: tuple[Job, ...]
    repeats: int
    threads: int
    document_tokens: int = 0
    """Length of the document of which the second question is asked."""
    answer_tokens: int = 0
    budgets: tuple[int, ...] = ()
    quick: bool = False
