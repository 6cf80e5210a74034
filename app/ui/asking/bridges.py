"""The interfaces of the reading bridge and the settings that the window needs; tests implement them too."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from PySide6.QtCore import SignalInstance

from app.ingest.attached import AttachedFile
from app.ingest.types import ReadOptions
from app.library.model_ref import ModelRef


class Reading(Protocol):
    """The interface of ``app.engine.media.reading.ReadingBridge``."""

    @property
    def progress(self) -> SignalInstance:
        """Emits (job id, ``ReadProgress``)."""

    @property
    def done(self) -> SignalInstance:
        """Emits (job id, ``Document``)."""

    @property
    def taken_out(self) -> SignalInstance:
        """Emits (job id, ``Path``)."""

    @property
    def failed(self) -> SignalInstance:
        """Emits (job id, ``Message``)."""

    @property
    def locked(self) -> SignalInstance:
        """(job id, whether a wrong password was given); ``failed`` follows."""

    def read(self, path: Path, options: ReadOptions = ...) -> int:
        """Queue a file; signals carry the job id that this gives."""

    def take_out(self, path: Path, file: AttachedFile, folder: Path, password: str | None = ...) -> int:
        """Queue taking a file out of the one that it is inside of; signals carry the job id that this gives."""

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
    ears: Path | None

    def choose(self, model: ModelRef) -> None:
        """A model is used from now on."""

    def save(self) -> None:
        """Write the settings to disk."""
