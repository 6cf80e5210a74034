"""Engines that do what a test says, step by step, without torch and without sleeping."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from app.library.model_ref import LocalFolder, ModelRef
from model.cancel import Cancel
from model.errors import CancelledError, LecternError
from model.messages import plain
from model.types import (
    EngineCapabilities,
    Event,
    Finished,
    LoadProgress,
    ModelInfo,
    Picture,
    Preflight,
    Request,
    TextPart,
    Timings,
    Usage,
)

NOTHING = Timings(0.0, 0.0, 0.0)


def info(name: str = "Scripted") -> ModelInfo:
    return ModelInfo(name, Path(name), "cpu", "float32", "none", 1, 4, 100, EngineCapabilities(), True)


def finished(reason: str = "stop") -> Finished:
    return Finished(reason, Usage(1, 0, 1), NOTHING)  # type: ignore[arg-type]


def question(request: Request) -> str:
    part = request.messages[-1].parts[-1]
    assert isinstance(part, TextPart)
    return part.text


Script = Callable[[Request, threading.Event], Iterator[Event]]


class ScriptedEngine:
    """``script`` says what a request gives; the test can see what was asked and whether it was closed."""

    def __init__(self, script: Script, name: str = "Scripted") -> None:
        self.info = info(name)
        self.script = script
        self.asked: list[str] = []
        self.closed = False
        self.did: list[tuple[str, str]] = []
        self.on_settle: Callable[[threading.Event | None], None] = lambda cancel: None
        self.on_prepare: Callable[[Picture, threading.Event | None], None] = lambda picture, cancel: None

    def preflight(self, request: Request) -> Preflight:
        self.did.append(("preflight", question(request)))
        if question(request) == "broken":
            raise LecternError(plain("This cannot be measured."))
        return Preflight(len(question(request)), 0, 100, 0, 0, 0, 0, None, ())

    def settle(self, cancel: threading.Event | None = None) -> None:
        self.did.append(("settle", ""))
        self.on_settle(cancel)

    def prepare(self, picture: Picture, document: str, cancel: threading.Event | None = None) -> bool:
        self.did.append(("prepare", picture.content_hash))
        self.on_prepare(picture, cancel)
        return True

    def pin(self, document: str, on: bool) -> None:
        self.did.append(("pin" if on else "unpin", document))

    def unload(self, document: str) -> None:
        self.did.append(("unload", document))

    def forget(self, document: str) -> None:
        self.did.append(("forget", document))

    def generate(self, request: Request, cancel: threading.Event) -> Iterator[Event]:
        self.asked.append(question(request))
        return self.script(request, cancel)

    def close(self) -> None:
        self.closed = True


def cancelled(cancel: Cancel | None) -> bool:
    """Waits until the user stops it, looking as real work does; false where nobody does for 30 s."""
    pause = threading.Event()
    return cancel is not None and any(cancel.is_set() or pause.wait(0.005) for _ in range(6000))


def until_cancelled(request: Request, cancel: Cancel) -> Iterator[Event]:
    """A step that ends only when the user stops it."""
    assert cancelled(cancel), "nobody cancelled"
    yield finished("cancelled")


class Opener:
    """Opens scripted engines; ``gate`` holds the opening until it is set or cancelled."""

    def __init__(self, script: Script, *, gated: bool = False) -> None:
        self.script = script
        self.opened: list[ScriptedEngine] = []
        self.gate = threading.Event()
        self.entered = threading.Event()
        self.error: BaseException | None = None
        self.threads: set[str] = set()
        if not gated:
            self.gate.set()

    def __call__(
        self, model: ModelRef, on_progress: Callable[[LoadProgress], None], cancel: threading.Event
    ) -> ScriptedEngine:
        self.threads.add(threading.current_thread().name)
        on_progress(LoadProgress(plain("Opening"), 0, 2))
        on_progress(LoadProgress(plain("Opening"), 1, 2))
        self.entered.set()
        while not self.gate.wait(0.005):
            if cancel.is_set():
                raise CancelledError(plain("Loading was stopped."))
        if self.error is not None:
            raise self.error
        assert all(engine.closed for engine in self.opened), "two models in memory"
        self.opened.append(ScriptedEngine(self.script, model.path.name if isinstance(model, LocalFolder) else "sample"))
        return self.opened[-1]
