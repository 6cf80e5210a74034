"""The parts of a prompt that are soft tokens: pictures and sound, and anything else that an encoder turns into them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Source(Protocol):
    """A source that an encoder turns into soft tokens."""

    @property
    def kind(self) -> str:
        """Which encoder: "image" or "sound"."""
        ...

    @property
    def key(self) -> str:
        """The key of the soft tokens: content, size, detail."""
        ...

    @property
    def content_hash(self) -> str:
        """The key of its content alone."""
        ...

    @property
    def soft_tokens(self) -> int:
        """How many it takes in the context."""
        ...


@dataclass(frozen=True, slots=True)
class SoftSpan:
    """The positions of soft tokens in the prompt: [start, stop), without the control tokens before and behind them."""

    kind: str
    start: int
    stop: int
    source: Source
