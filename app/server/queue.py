"""The one queue of the model, for coroutines: an answer is an asynchronous iterator, and leaving it stops the answer.

The model's thread adds events to a list and wakes the server's loop once for all that it has not taken yet.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import AsyncGenerator
from typing import Protocol

from app.engine.model.news import Answered, Costs, News
from app.engine.model.queue import DocumentJob
from app.engine.model.tooling import Told
from app.engine.model.worker import ModelWorker
from app.ingest.types import Document
from app.server.errors import ApiError, of_message
from model.types import Failed, Finished, ModelInfo, Preflight, Request

MOST_WAITING = 512
STREAM_S = 0.025
"""Words are sent this often at most: what comes meanwhile goes into one piece."""


class Source(Protocol):
    """Where the model is: the window's, or the server's own. For any thread."""

    @property
    def worker(self) -> ModelWorker | None:
        """The model's thread; ``None`` before one was started."""

    @property
    def info(self) -> ModelInfo | None:
        """The open model; ``None`` while there is none."""


class ModelQueue:
    """Questions of programs on their way to the model."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.waiting = 0
        """Questions that have not ended."""
        self._ids = itertools.count(-1, -1)  # the window counts upwards

    @property
    def info(self) -> ModelInfo:
        """The open model. Raises ``ApiError``."""
        if (info := self.source.info) is None:
            words = "No model is open yet; choose one in Lectern, or try again in a moment."
            raise ApiError(503, words, "model.none", retry_s=5)
        return info

    async def events(
        self,
        request: Request,
        client: str,
        documents: tuple[Document, ...] | None = None,
        pause_s: float = 0.0,
        halt: asyncio.Event | None = None,
    ) -> AsyncGenerator[list[Told], None]:
        """The events of a request, as many at a time as have come; the last one is ``Finished`` or ``Failed``.

        ``documents`` as in ``ModelWorker.ask``. ``pause_s``: between two pieces, behind the first one. ``halt``: set
        where enough was written; the end with its counts still comes. Who leaves earlier has to close it. Raises
        ``ApiError``.
        """
        if self.waiting >= MOST_WAITING:
            words = f"{MOST_WAITING:,} questions are queued already; ask again later."
            raise ApiError(429, words, "queue_full", retry_s=30)
        number, inbox = next(self._ids), _Inbox()
        worker = self._worker()
        if not worker.ask(number, request, documents, client=client, tell=inbox.take):
            raise _ending()
        self.waiting += 1
        over = False
        try:
            while not over:
                news = await inbox.wait()
                events = [one.event for one in news if isinstance(one, Answered)]
                over = any(isinstance(event, Finished | Failed) for event in events)
                yield events
                if halt is not None and halt.is_set():
                    worker.stop(number)
                if pause_s and not over:
                    await asyncio.sleep(pause_s)
        finally:
            self.waiting -= 1
            if not over:
                worker.stop(number)

    async def preflight(self, request: Request) -> Preflight:
        """What a request would cost. Raises ``ApiError``."""
        inbox = _Inbox()
        if not self._worker().preflight(next(self._ids), request, tell=inbox.take):
            raise _ending()
        for news in await inbox.wait():
            if isinstance(news, Costs):
                if isinstance(news.found, Failed):
                    raise of_message(news.found.message)
                return news.found
        raise _ending()

    def document(self, kind: DocumentJob, key: str) -> None:
        """Pin, unpin, unload, or delete cached data, after what was asked before. Raises ``ApiError``."""
        self._worker().document(kind, key)

    def _worker(self) -> ModelWorker:
        worker = self.source.worker
        if worker is None:
            _ = self.info
            raise _ending()
        return worker


def _ending() -> ApiError:
    return ApiError(503, "Lectern is closing.", "closing")


class _Inbox:
    """News from the model's thread for one coroutine."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._news: deque[News] = deque()
        self._came = asyncio.Event()
        self._called = False

    def take(self, news: News) -> None:
        """From any thread."""
        self._news.append(news)
        if not self._called:
            self._called = True
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._came.set)

    async def wait(self) -> list[News]:
        """All that has come; at least one."""
        await self._came.wait()
        self._came.clear()
        self._called = False  # before looking: what comes from now on calls again
        found = []
        while self._news:
            found.append(self._news.popleft())
        return found or await self.wait()
