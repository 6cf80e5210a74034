"""What the model's thread tells: how far opening has come, the events of a request, costs, and where documents are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.engine.model.ahead import Coming
from app.engine.model.tooling import Told
from model.messages import Message
from model.types import Failed, LoadProgress, ModelInfo, Preflight


@dataclass(frozen=True, slots=True)
class Loading:
    """A model is being opened. ``order``: the call of ``load`` that it answers."""

    order: int
    progress: LoadProgress


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model has been opened."""

    order: int
    info: ModelInfo


@dataclass(frozen=True, slots=True)
class LoadFailed:
    """Opening ended in an error, or was stopped."""

    order: int
    message: Message


@dataclass(frozen=True, slots=True)
class Unloaded:
    """No model is open any more."""

    order: int


@dataclass(frozen=True, slots=True)
class Answered:
    """Something about one request; a ``ToolUse`` where the model looked for itself."""

    request_id: int
    event: Told


@dataclass(frozen=True, slots=True)
class Costs:
    """What the request of one call of ``preflight`` would cost, or why that cannot be estimated."""

    number: int
    found: Preflight | Failed


@dataclass(frozen=True, slots=True)
class Moved:
    """A document may have come into memory, gone out of it, or gone to disk."""


News = Loading | Loaded | LoadFailed | Unloaded | Answered | Costs | Moved | Coming
Tell = Callable[[News], object]
