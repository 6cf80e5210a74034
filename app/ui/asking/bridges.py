"""What the window needs of the two bridges: the shape that the real ones and the tests' fakes share."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from app.ingest.types import ReadOptions
from app.library.model_ref import ModelRef


class Reading(Protocol):
    """``app.engine.media.reading.ReadingBridge``: signals ``progress``, ``done``, ``failed``."""

    progress: Any
    done: Any
    failed: Any
    locked: Any

    def read(self, path: Path, options: ReadOptions = ...) -> int:
        """Queue a file; signals carry the job id that this gives."""

    def cancel(self, job_id: int) -> None:
        """Stop or skip a job."""

    def shutdown(self) -> None:
        """End the reading thread and its process."""


class UserSettings(Protocol):
    """``app.library.settings.Settings``, as far as the window changes it."""

    model: ModelRef | None
    conversation: str
    theme: str
    text_size: int
    think: bool
    tools: bool
    answer_tokens: int
    thinking_tokens: int
    prepare: bool
    geometry: str
    side_open: bool
    viewer_open: bool
    side_width: int
    files_height: int
    viewer_width: int
    pinned: tuple[str, ...]

    def choose(self, model: ModelRef) -> None:
        """A model is used from now on."""

    def save(self) -> None:
        """Write them."""
