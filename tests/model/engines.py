"""Real engines over the tiny generated model, and what the tests ask of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from model.cache.residency import Residency
from model.engine.engine import Engine
from model.engine.generation import LoadedModel
from model.engine.sampling import Sampler
from model.synthetic.writing import write_checkpoint
from model.types import (
    CacheSettings,
    ChatMessage,
    Event,
    Finished,
    Picture,
    PicturePart,
    Request,
    Sampling,
    TextDelta,
    TextPart,
    ThoughtDelta,
)

GREEDY = Sampling(temperature=0)


def write_model(folder: Path, *, template: str | None = None, context: int | None = None) -> Path:
    write_checkpoint(folder, "tiny")
    if template is not None:
        (folder / "chat_template.jinja").write_text(template)
    if context is not None:
        config = json.loads((folder / "config.json").read_text())
        config["text_config"]["max_position_embeddings"] = context
        (folder / "config.json").write_text(json.dumps(config))
    return folder


@contextmanager
def opened(folder: Path, chunk: int = 16, device: str = "cpu", cache: CacheSettings | None = None) -> Iterator[Engine]:
    """The engine in fp32, with chunks so small that every test has many, and snapshots as close."""
    cache = cache or CacheSettings()
    engine = Engine.open(folder, device=device, quantise=False, dtype="float32", cache=cache)
    own = parts(engine)
    residency = Residency(own.decoder, spacing=1, store=own.residency._store, resident_bytes=cache.ram_bytes)
    engine._model = replace(own, chunk_tokens=chunk, residency=residency)
    del residency, own
    try:
        yield engine
    finally:
        engine.close()


def forget(engine: Engine) -> Engine:
    """As good as newly opened."""
    model = parts(engine)
    model.residency.drop()
    assert model.features is not None
    model.features.clear()
    return engine


def parts(engine: Engine) -> LoadedModel:
    assert engine._model is not None
    return engine._model


def picture(name: str = "a", height: int = 96, width: int = 144, budget: int = 70) -> Picture:
    seed = sum(name.encode())
    pixels = torch.randint(0, 256, (height, width, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed))
    return Picture(pixels.numpy().tobytes(), height, width, budget, name)


def user(*contents: str | Picture) -> ChatMessage:
    return ChatMessage("user", tuple(TextPart(c) if isinstance(c, str) else PicturePart(c) for c in contents))


def said(text: str) -> ChatMessage:
    return ChatMessage("assistant", (TextPart(text),))


def ask(*messages: ChatMessage, limit: int = 6, sampling: Sampling = GREEDY, thinking: bool = False) -> Request:
    return Request(messages, sampling, thinking, limit)


@dataclass
class Run:
    """One request's events, and the logits that its tokens were drawn from."""

    events: list[Event] = field(default_factory=list)
    logits: list[Tensor] = field(default_factory=list)

    @property
    def finished(self) -> Finished:
        last = self.events[-1]
        assert isinstance(last, Finished), last
        return last

    @property
    def answer(self) -> str:
        return "".join(e.text for e in self.events if isinstance(e, TextDelta))

    @property
    def thought(self) -> str:
        return "".join(e.text for e in self.events if isinstance(e, ThoughtDelta))

    def of(self, kind: type) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


def run(engine: Engine, request: Request, cancel: threading.Event | None = None) -> Run:
    """Runs ``request`` to its end."""
    result = Run()
    with pytest.MonkeyPatch.context() as patch:
        draw = Sampler.draw

        def watched(self: Sampler, logits: Tensor) -> int:
            result.logits.append(logits.clone())
            return draw(self, logits)

        patch.setattr(Sampler, "draw", watched)
        result.events.extend(engine.generate(request, cancel or threading.Event()))
    return result


@contextmanager
def dictated(ids: Iterable[int]) -> Iterator[None]:
    """The model writes ``ids``, whatever its logits are."""
    words = iter(list(ids))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sampler, "draw", lambda self, logits: next(words))
        yield


def assert_same(got: Run, expected: Run) -> None:
    """The same answer from the same logits, up to fp32 rounding."""
    assert got.answer == expected.answer
    assert len(got.logits) == len(expected.logits) > 0
    for own, other in zip(got.logits, expected.logits, strict=True):
        assert (own - other).abs().max() <= 1e-4
