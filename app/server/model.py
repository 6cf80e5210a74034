"""The model of a server that has no window: opened at the start, on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from app.engine.model.news import Loaded, LoadFailed, Loading, News
from app.engine.model.protocols import OpenEngine
from app.engine.model.worker import ModelWorker
from app.library.model_ref import ModelRef
from model.cancel import NEVER, Cancel
from model.errors import CancelledError, LecternError
from model.messages import NOTHING, Message, msg
from model.types import LoadProgress, ModelInfo

_POLL_S = 0.1


class OwnModel:
    """A ``Source`` with one model from ``open`` to ``close``."""

    def __init__(self, open_engine: OpenEngine) -> None:
        self.info: ModelInfo | None = None
        self._failure: Message = NOTHING
        self._over = threading.Event()
        self._report: Callable[[LoadProgress], object] = lambda progress: None
        self.worker: ModelWorker | None = ModelWorker(open_engine, self._tell)

    def open(
        self, model: ModelRef, report: Callable[[LoadProgress], object] = lambda progress: None, cancel: Cancel = NEVER
    ) -> ModelInfo:
        """Open the model and wait for it. Raises ``LecternError``, ``CancelledError``."""
        assert self.worker is not None
        self._report = report
        self.worker.load(1, model)
        while not self._over.wait(_POLL_S):
            if cancel.is_set():
                self.worker.unload(2)
                raise CancelledError(msg("cancelled.loading", "Loading was stopped."))
        if self.info is None:
            raise LecternError(self._failure)
        return self.info

    def close(self) -> None:
        """Stop every answer, save what was read, and let the model go."""
        if self.worker is not None:
            self.worker.end()

    def _tell(self, news: News) -> None:
        match news:
            case Loading(_, progress):
                self._report(progress)
            case Loaded(_, info):
                self.info = info
                self._over.set()
            case LoadFailed(_, message):
                self._failure = message
                self._over.set()
            case _:
                pass
