"""The flag that cancellable work polls: in the engine, in the app, and between the two."""

from __future__ import annotations

from typing import Protocol


class Cancel(Protocol):
    """Whether to stop. A ``threading.Event`` is one; it is polled, never waited on."""

    def is_set(self) -> bool:
        """Whether to stop now."""


class AnyOf:
    """Set once any of the others is; ``None`` among them is never set."""

    def __init__(self, *others: Cancel | None) -> None:
        self._others = tuple(other for other in others if other is not None)

    def is_set(self) -> bool:
        """Whether to stop now."""
        return any(other.is_set() for other in self._others)


NEVER = AnyOf()
"""For what cannot be stopped."""
