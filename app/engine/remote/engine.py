"""An ``Engine`` whose model is on a server: a request goes out, events come back, and a cancel ends it at once."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.engine.remote.line import Line
from app.engine.remote.messages import body_of
from app.engine.remote.server import Facts, allowed, connect, facts_of, is_on_this_machine, why
from app.engine.threads.worker import Worker
from app.library.model_ref import RemoteModel
from model.cancel import NEVER, Cancel
from model.errors import CancelledError, LecternError
from model.messages import msg
from model.types import (
    Event,
    Failed,
    Finished,
    LoadProgress,
    ModelInfo,
    Reason,
    Request,
    TextDelta,
    ThoughtDelta,
    Timings,
    ToolCall,
    Usage,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai import OpenAI

ATTEMPTS = 3
"""How often a server is asked that cannot be reached. Once anything came of a question it is not asked again."""
_POLL_S = 0.05
_PAUSE_S = 0.5
_END: dict[str, Reason] = {"length": "length", "tool_calls": "tool", "function_call": "tool"}


class _Stream(Worker):
    """Waits for the server, so that the thread that asked can look for a cancel."""

    def __init__(self, client: OpenAI, body: dict[str, Any]) -> None:
        super().__init__("lectern-server")
        self._client, self._line, self._body = client, Line(), body
        self.came: queue.SimpleQueue[Any] = queue.SimpleQueue()
        """Chunks, an exception where it broke, ``None`` at the end."""

    def _work(self) -> None:
        self._line.use()
        try:
            with self._client.chat.completions.create(**self._body) as stream:
                for chunk in stream:
                    if self.ending.is_set():
                        break
                    self.came.put(chunk)
        except Exception as error:  # whatever a server and a network do
            self.came.put(error)
        self.came.put(None)

    def _stop(self) -> None:
        self._line.cut()


class _Asking(Worker):
    """Finds out about a model, which may have to be loaded first, while the calling thread checks for cancellation."""

    def __init__(self, client: OpenAI, model: RemoteModel) -> None:
        super().__init__("lectern-server-facts")
        self._client, self._line, self._model = client, Line(), model
        self._found: queue.SimpleQueue[Facts | Exception] = queue.SimpleQueue()

    def facts(self, cancel: Cancel) -> Facts:
        """What is known in the end. Raises ``LecternError``, ``CancelledError``."""
        self.start()
        while True:
            if cancel.is_set():
                self.leave()
                raise CancelledError(msg("cancelled.loading", "Loading was stopped."))
            try:
                found = self._found.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if isinstance(found, Exception):
                raise found
            return found

    def _work(self) -> None:
        self._line.use()
        try:
            self._found.put(facts_of(self._client, self._model))
        except Exception as error:  # for the thread that asked
            self._found.put(error)

    def _stop(self) -> None:
        self._line.cut()


@dataclass
class _Calls:
    """Functions that the model asks for, which come in pieces."""

    found: dict[int, list[str]] = field(default_factory=dict)

    def take(self, pieces: Any) -> None:
        for piece in pieces or ():
            one = self.found.setdefault(piece.index, ["", ""])
            if piece.function is not None:
                one[0] += piece.function.name or ""
                one[1] += piece.function.arguments or ""

    def first(self) -> ToolCall | None:
        """One call a round, as with a model on this machine; the others are asked for again."""
        for _index, (name, arguments) in sorted(self.found.items()):
            return ToolCall(name, arguments or "{}")
        return None


class RemoteEngine:
    """For one thread. What it sends is the request and nothing else."""

    def __init__(self, client: OpenAI, model: RemoteModel, info: ModelInfo, *, effort: bool = False) -> None:
        self._client, self._model, self.info, self._effort = client, model, info, effort
        self._pause = threading.Event()
        """Set when the engine is closed."""

    @classmethod
    def open(
        cls,
        model: RemoteModel,
        on_progress: Callable[[LoadProgress], None] = lambda progress: None,
        cancel: Cancel = NEVER,
        key: str | None = None,
    ) -> RemoteEngine:
        """Ask the server about the model. Raises ``LecternError``.

        ``key``: the server was named on the command line, with this key or ""; by default it has to be allowed.
        """
        on_progress(LoadProgress(msg("stage.connecting", "Connecting to {host}", host=model.host), 0, 0))
        client = allowed(model) if key is None else connect(model.address, key)
        facts = _Asking(client, model).facts(cancel)
        info = ModelInfo(
            name=model.name,
            folder=Path(),
            device=model.host,
            dtype="",
            quantisation="",
            parameters=0,
            weight_bytes=0,
            context_tokens=facts.context_tokens,
            capabilities=facts.capabilities,
            sample=False,
            host=model.host,
            leaves=not is_on_this_machine(model.address),
        )
        return cls(client, model, info, effort=facts.effort)

    def close(self) -> None:
        """Close the connections."""
        self._pause.set()
        self._client.close()

    def generate(self, request: Request, cancel: Cancel = NEVER) -> Iterator[Event]:
        """The events of one request, ended by one ``Finished`` or ``Failed``."""
        started = time.monotonic()
        try:
            body = body_of(request, self._model.name, self.info.capabilities, effort=self._effort)
        except LecternError as error:
            yield Failed(error.message)
            return
        except (OSError, ValueError) as error:
            yield Failed(
                msg(
                    "server.not-sent", "A picture in the question could not be read ({why}); ask again.", why=str(error)
                )
            )
            return
        for attempt in range(1, ATTEMPTS + 1):
            come = False
            for event in self._once(body, cancel, started):
                if isinstance(event, _Unreachable):
                    if come or attempt == ATTEMPTS:
                        yield Failed(event.message)
                        return
                    break
                come = True
                yield event
                if isinstance(event, Finished | Failed):
                    return
            deadline = time.monotonic() + _PAUSE_S
            while time.monotonic() < deadline and not cancel.is_set():
                self._pause.wait(_POLL_S)

    def _once(self, body: dict[str, Any], cancel: Cancel, started: float) -> Iterator[Event | _Unreachable]:
        import openai

        stream = _Stream(self._client, body)
        stream.start()
        calls, usage, reason = _Calls(), None, None
        first = 0.0
        written = 0
        try:
            while True:
                if cancel.is_set():
                    yield Finished("cancelled", _usage(usage, written), _timings(started, first, written))
                    return
                try:
                    chunk = stream.came.get(timeout=_POLL_S)
                except queue.Empty:
                    continue
                if chunk is None:
                    break
                if isinstance(chunk, Exception):
                    message = why(chunk, self._model.address)
                    connection = isinstance(chunk, openai.APIConnectionError)
                    lost = connection and not isinstance(chunk, openai.APITimeoutError)
                    if lost and not written and not first:
                        yield _Unreachable(message)
                    elif first:
                        yield Failed(
                            msg(
                                "server.cut",
                                "The connection to {host} broke off in the middle of the answer; ask again.",
                                host=self._model.host,
                            )
                        )
                    else:
                        yield Failed(message)
                    return
                usage = getattr(chunk, "usage", None) or usage
                for choice in chunk.choices[:1]:
                    reason = choice.finish_reason or reason
                    calls.take(choice.delta.tool_calls)
                    for event in _words(choice.delta):
                        first = first or time.monotonic()
                        written += 1
                        yield event
        finally:
            stream.leave()
        call = calls.first()
        if call is not None:
            yield call
        if reason is None and call is None:
            yield Failed(
                msg(
                    "server.cut",
                    "The connection to {host} broke off in the middle of the answer; ask again.",
                    host=self._model.host,
                )
            )
            return
        ended: Reason = "tool" if call is not None else _END.get(reason or "", "stop")
        yield Finished(ended, _usage(usage, written), _timings(started, first, written))


@dataclass(frozen=True, slots=True)
class _Unreachable:
    """Nothing came, and the server may be asked again."""

    message: Any


def _words(delta: Any) -> Iterator[Event]:
    """Thoughts come under one of two names, which the API itself does not define."""
    thought = getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None)
    if isinstance(thought, str) and thought:
        yield ThoughtDelta(thought)
    if delta.content:
        yield TextDelta(delta.content)


def _usage(usage: Any, written: int) -> Usage:
    if usage is None:
        return Usage(0, 0, written)
    prompt = getattr(usage, "prompt_tokens_details", None)
    answer = getattr(usage, "completion_tokens_details", None)
    return Usage(
        prompt_tokens=usage.prompt_tokens,
        reused_tokens=getattr(prompt, "cached_tokens", None) or 0,
        answer_tokens=usage.completion_tokens,
        thinking_tokens=getattr(answer, "reasoning_tokens", None) or 0,
    )


def _timings(started: float, first: float, written: int) -> Timings:
    now = time.monotonic()
    until = (first or now) - started
    return Timings(until, until, written / max(1e-3, now - first) if first and written > 1 else 0.0)
