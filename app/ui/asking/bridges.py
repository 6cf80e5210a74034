"""What the window needs of the two bridges: the shape that the real ones and the tests' fakes share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from app.engine.model.ahead import Wanted
from app.ingest.types import Document, ReadOptions
from app.library.model_ref import ModelRef
from model.types import ModelInfo, Request


class Engine(Protocol):
    """``app.engine.model.bridge.EngineBridge``: signals ``loading``, ``loaded``, ``load_failed``, ``event`` …"""

    loading: Any
    loaded: Any
    load_failed: Any
    event: Any
    preflighted: Any
    residency_changed: Any
    preparing: Any
    stuck: Any
    recovered: Any

    @property
    def info(self) -> ModelInfo | None:
        """The loaded model."""

    def load(self, model: ModelRef) -> None:
        """Open a model."""

    def ask(self, request: Request, documents: Sequence[Document] = ()) -> int:
        """Queue a request; events carry the id that this gives. The model may look at ``documents`` by itself."""

    def stop(self, request_id: int | None = None) -> None:
        """Cancel one request, or all."""

    def unload(self) -> None:
        """Let the model go, or stop loading it."""

    def wait_longer(self) -> None:
        """Wait for a model that is ``stuck``."""

    def restart(self) -> None:
        """Open a model that is ``stuck`` anew."""

    def preflight(self, request: Request, asker: int = 0) -> int:
        """Find out what a request would cost; ``preflighted`` carries the number that this gives.

        Each window is an ``asker`` of its own: its newest call replaces its older ones.
        """

    def prepare(self, wanted: Sequence[Wanted], asker: int = 0) -> None:
        """Encode pictures ahead; ``preparing`` says how many are left."""

    def pin(self, key: str, on: bool) -> None:
        """Keep a document in memory, or no longer."""

    def unload_document(self, key: str) -> None:
        """Take a document out of memory."""

    def forget(self, key: str) -> None:
        """Delete what is kept of a document."""

    def shutdown(self) -> None:
        """End the engine's thread."""


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
