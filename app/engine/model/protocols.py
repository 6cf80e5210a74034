"""What the application needs of an engine, whatever is behind it.

``Engine`` is what every one has; ``Measuring`` and ``Resident`` are what some have besides, and
``ModelInfo.capabilities`` tells the window so, before and without calling them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from app.library.model_ref import ModelRef
from model.cancel import Cancel
from model.types import Event, LoadProgress, ModelInfo, Picture, Preflight, Request


class Engine(Protocol):
    """An open model: ``model.engine.engine.Engine``. One thread owns it."""

    info: ModelInfo

    def generate(self, request: Request, cancel: Cancel) -> Iterator[Event]:
        """The events of one request, ended by one ``Finished`` or ``Failed``."""
        ...

    def close(self) -> None:
        """Free the memory of the model."""
        ...


@runtime_checkable
class Measuring(Protocol):
    """It can report what a request would cost."""

    def preflight(self, request: Request) -> Preflight:
        """Estimate the cost of a request. Raises ``LecternError``."""
        ...


@runtime_checkable
class Resident(Protocol):
    """It keeps documents that were read."""

    def settle(self, cancel: Cancel | None = None) -> None:
        """Save what was read and is not on disk yet."""
        ...

    def prepare(self, picture: Picture, document: str, cancel: Cancel | None = None) -> bool:
        """Encode a picture before it is asked about."""
        ...

    def pin(self, document: str, on: bool) -> None:
        """Keep a document in memory, or no longer."""
        ...

    def unload(self, document: str) -> None:
        """Take a document out of memory."""
        ...

    def forget(self, document: str) -> None:
        """Delete a document's cached data."""
        ...


@runtime_checkable
class Counting(Protocol):
    """It can tell how much it has cached."""

    def cached_bytes(self) -> int:
        """Bytes of documents in memory."""
        ...


@runtime_checkable
class Adaptable(Protocol):
    """It can apply other adapters while it stays open."""

    def use_adapters(self, folders: Sequence[Path]) -> None:
        """Apply these adapters and no others. Raises ``LecternError``, and then nothing has changed."""
        ...


OpenEngine = Callable[[ModelRef, Callable[[LoadProgress], None], Cancel], Engine]
