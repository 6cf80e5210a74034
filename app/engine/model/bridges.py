"""The interface of the bridge to the model that the window needs; the tests' fake implements it too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import SignalInstance

from app.engine.model.ahead import Wanted
from app.engine.model.worker import ModelWorker
from app.ingest.types import Document
from app.library.model_ref import ModelRef
from model.types import ModelInfo, Request


class AskingBridge(Protocol):
    """As much of it as is needed to ask: ``app.engine.model.bridge.EngineBridge``."""

    @property
    def event(self) -> SignalInstance:
        """(request id, ``Event`` or ``ToolUse``); each request ends with exactly one ``Finished`` or ``Failed``."""

    @property
    def loaded(self) -> SignalInstance:
        """``ModelInfo``: another model is there."""

    @property
    def info(self) -> ModelInfo | None:
        """The loaded model; ``None`` where none is loaded."""

    def ask(self, request: Request, documents: Sequence[Document] = ()) -> int:
        """Queue a request; events carry the id that this gives. The model may look at ``documents`` by itself."""

    def stop(self, request_id: int | None = None) -> None:
        """Cancel one request, or all."""


class ModelBridge(AskingBridge, Protocol):
    """All of it. What an engine cannot do (``ModelInfo.capabilities``) is not asked of it."""

    @property
    def worker(self) -> ModelWorker | None:
        """The model's thread; ``None`` before it was needed."""

    @property
    def loading(self) -> SignalInstance:
        """Emits ``LoadProgress`` while a model is opened."""

    @property
    def load_failed(self) -> SignalInstance:
        """Emits why a model could not be loaded."""

    @property
    def preflighted(self) -> SignalInstance:
        """Emits (number, ``Preflight`` or ``Failed``)."""

    @property
    def residency_changed(self) -> SignalInstance:
        """Documents may have come, gone or been saved."""

    @property
    def preparing(self) -> SignalInstance:
        """``Coming``: pictures that are encoded ahead."""

    @property
    def stuck(self) -> SignalInstance:
        """No sign of work for long."""

    @property
    def recovered(self) -> SignalInstance:
        """A model that seemed to hang works again."""

    def load(self, model: ModelRef) -> None:
        """Start to open a model; ``loading`` reports progress."""

    def unload(self) -> None:
        """Let the model go, or stop loading it."""

    def wait_longer(self) -> None:
        """Wait for a model that is ``stuck``."""

    def restart(self) -> None:
        """Open a model that is ``stuck`` anew."""

    def preflight(self, request: Request, asker: int = 0) -> int:
        """Find out what a request would cost; ``preflighted`` carries the number that this gives.

        Each window is a separate ``asker``: its newest call replaces its older ones.
        """

    def prepare(self, wanted: Sequence[Wanted], asker: int = 0) -> None:
        """Encode pictures ahead; ``preparing`` reports how many are left."""

    def pin(self, key: str, on: bool) -> None:
        """Keep a document in memory, or no longer."""

    def unload_document(self, key: str) -> None:
        """Take a document out of memory."""

    def forget(self, key: str) -> None:
        """Delete a document's cached data."""

    def shutdown(self) -> None:
        """End the engine's thread and wait for it."""
