"""Whose turn it is: the window and other programs alternate, and so do these among themselves.

A client is who asks: the window is one (``""``), every program that uses the API another. Who was served longest ago
comes first, so that one who asks much keeps nobody waiting for more than an answer of each of the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

WINDOW = ""
"""The window, or the only one who asks."""
_MOST_KNOWN = 1000


class Waiting(Protocol):
    """A job of a client."""

    @property
    def client(self) -> str:
        """Who wants it."""


T = TypeVar("T", bound=Waiting)


class Turns:
    """Remembers who was served last. Not for two threads."""

    def __init__(self) -> None:
        self._served: dict[str, int] = {}
        self._side = {False: 0, True: 0}
        """When the window, and when any other client was served."""
        self._count = 0

    def next(self, waiting: Iterable[T]) -> T:
        """The job that comes next, of jobs in the order of their arrival."""
        return min(waiting, key=lambda job: (self._side[job.client == WINDOW], self._served.get(job.client, 0)))

    def serve(self, client: str) -> None:
        """A client gets its turn now."""
        self._count += 1
        self._side[client == WINDOW] = self._count
        self._served.pop(client, None)
        self._served[client] = self._count
        if len(self._served) > _MOST_KNOWN:  # who was not served for so long is as one who has never been
            del self._served[next(iter(self._served))]
