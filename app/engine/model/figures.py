"""Figures of all answers of this process: what was read, reused and written, how fast, and what was found.

Whoever answers adds to ``FIGURES`` and whoever shows them takes a ``snapshot``: the window's panel, and ``/metrics``.
Nothing here knows what was asked.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from app.chat.evidence.places import Checked, Evidence
from app.engine.model.history import History
from model.types import Finished

FIRST_WORD_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0, 600.0)
"""Upper bounds of the classes in which times to the first word are counted, in seconds."""


@dataclass(slots=True)
class Counts:
    """The sums. Tokens are counted as in ``model.types.Usage``."""

    read_tokens: int = 0
    """Of prompts, those that had to be read."""
    reused_tokens: int = 0
    """Of prompts, those that came out of the cache."""
    written_tokens: int = 0
    drafted_tokens: int = 0
    accepted_tokens: int = 0
    read_s: float = 0.0
    written_s: float = 0.0
    first_word_s: float = 0.0
    first_words: list[int] = field(default_factory=lambda: [0] * (len(FIRST_WORD_S) + 1))
    """How many answers fell into each class of ``FIRST_WORD_S``; the last one has no bound."""
    answers: Counter[str] = field(default_factory=Counter)
    """By how they ended: ``model.types.Reason``, or ``failed``."""
    evidence: Counter[Checked] = field(default_factory=Counter)
    cached_bytes: int = 0
    """Of documents in memory, now."""

    def copy(self) -> Self:
        """Another one that nobody changes."""
        new = type(self)()
        for name in self.__slots__:
            value = getattr(self, name)
            setattr(new, name, value.copy() if isinstance(value, list | Counter) else value)
        return new


class Figures:
    """``Counts`` for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = Counts()
        self.history = History()

    def finished(self, end: Finished) -> None:
        """An answer is over."""
        usage, timings = end.usage, end.timings
        with self._lock:
            counts = self._counts
            counts.answers[end.reason] += 1
            counts.read_tokens += max(0, usage.prompt_tokens - usage.reused_tokens)
            counts.reused_tokens += usage.reused_tokens
            counts.written_tokens += usage.answer_tokens
            counts.drafted_tokens += usage.drafted_tokens
            counts.accepted_tokens += usage.accepted_tokens
            counts.read_s += timings.prefill_s
            if timings.decode_tokens_per_s > 0:
                counts.written_s += usage.answer_tokens / timings.decode_tokens_per_s
            if timings.first_token_s > 0:
                counts.first_word_s += timings.first_token_s
                counts.first_words[sum(timings.first_token_s > bound for bound in FIRST_WORD_S)] += 1
        self.history.answered(timings.decode_tokens_per_s, timings.first_token_s)

    def failed(self) -> None:
        """An answer ended in an error."""
        with self._lock:
            self._counts.answers["failed"] += 1

    def checked(self, evidence: tuple[Evidence, ...]) -> None:
        """The quotations of an answer were looked up."""
        with self._lock:
            self._counts.evidence.update(one.state for one in evidence)

    def cached(self, size: int) -> None:
        """Bytes of documents that are cached in memory now."""
        with self._lock:
            self._counts.cached_bytes = size

    def look(self, disk: Callable[[], int]) -> None:
        """Note in the history how much is taken now; ``disk`` gives the bytes that are cached there."""
        self.history.look(self._counts.cached_bytes, disk)

    def snapshot(self) -> Counts:
        """The figures so far."""
        with self._lock:
            return self._counts.copy()


FIGURES = Figures()
"""Those of this process."""
