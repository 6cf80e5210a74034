"""Snapshots: how many stay, which ones, and how many bytes they may take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model.cache.features import FeatureCache
from model.cache.residency import Residency
from model.engine.engine import Engine
from model.types import Picture
from tests.model.engines import ask, forget, opened, parts, picture, run, user, write_model

DOCUMENTS = {name: f"{name} on the reading of old letters in the north " * 6 for name in "abcdefgh"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model"))


class Desk:
    """An engine with its own limits, and questions about documents."""

    def __init__(self, engine: Engine, **limits: int) -> None:
        self.engine = forget(engine)
        self.residency = Residency(parts(engine).decoder, spacing=1, **limits)
        engine._model = replace(parts(engine), residency=self.residency, chunk_tokens=64)

    def reused(self, *names: str, question: str = "what is it about?") -> float:
        """The share of the prompt that did not have to be read again."""
        contents = [text for name in names for text in (f"Document {name}\n", DOCUMENTS[name])]
        usage = run(self.engine, ask(user(*contents, question), limit=1)).finished.usage
        return usage.reused_tokens / usage.prompt_tokens


@pytest.fixture
def engine(folder: Path) -> Iterator[Engine]:
    with opened(folder) as engine:
        yield engine


def test_the_number_of_snapshots_is_bounded(engine: Engine) -> None:
    desk = Desk(engine, snapshots=5, per_prompt=3)
    for name in DOCUMENTS:
        assert desk.reused(name) < 0.1
        assert desk.residency.snapshot_count <= 5


def test_documents_put_aside_come_back_the_latest_first(engine: Engine) -> None:
    desk = Desk(engine, snapshots=5, per_prompt=3)
    for name in "abcd":
        desk.reused(name)
    assert desk.reused("c", question="why?") > 0.7
    assert desk.reused("b", question="why?") > 0.7
    assert desk.reused("h") < 0.1


def test_snapshots_of_other_documents_go_when_the_bytes_are_spent(engine: Engine) -> None:
    free = Desk(engine, snapshots=5, per_prompt=3)
    free.reused("a")
    one = free.residency.nbytes
    tight = Desk(engine, snapshots=5, per_prompt=3, resident_bytes=one)
    tight.reused("a")
    tight.reused("b")
    assert tight.residency.nbytes <= one * 1.1
    assert tight.reused("b", question="why?") > 0.7
    assert tight.reused("a", question="why?") < 0.1


def test_the_present_prompt_keeps_its_snapshots_whatever_the_bytes(engine: Engine) -> None:
    desk = Desk(engine, snapshots=5, per_prompt=3, resident_bytes=1)
    desk.reused("a", "b")
    assert desk.residency.snapshot_count == 3
    assert desk.reused("a", "b", question="why?") > 0.7


def test_a_long_conversation_keeps_within_the_bound(engine: Engine) -> None:
    desk = Desk(engine, snapshots=4, per_prompt=3)
    for number in range(8):
        names = "abcdefgh"[: number + 1]
        desk.reused(*names)
        assert desk.residency.snapshot_count <= 4
    assert desk.reused(*"abcdefgh", question="why?") > 0.9


def test_dropping_gives_everything_back(engine: Engine) -> None:
    desk = Desk(engine)
    desk.reused("a")
    assert desk.residency.nbytes > 0
    desk.residency.drop()
    assert (desk.residency.nbytes, desk.residency.length, desk.residency.snapshot_count) == (0, 0, 0)


class Tower:
    """One byte a soft token, and it counts."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def begin(self, shown: Picture) -> Picture:
        self.encoded.append(shown.content_hash)
        return shown

    def finish(self, begun: Picture, cancel: object) -> torch.Tensor:
        return torch.zeros(begun.soft_tokens, 1, dtype=torch.uint8)


def test_features_are_bounded_in_bytes_and_the_oldest_go() -> None:
    tower = Tower()
    cache = FeatureCache({"image": tower}, limit_bytes=15)  # type: ignore[dict-item]
    for name in ("a", "b", "a", "c", "a", "b"):  # six bytes each: two fit
        cache.soft_tokens(picture(name))
    assert tower.encoded == ["a", "b", "c", "b"]
    assert cache.nbytes == 12
    assert picture("a") in cache
    assert picture("c") not in cache
    cache.soft_tokens(picture("large", 96, 480))
    assert picture("large", 96, 480) not in cache
    assert picture("a") in cache
    cache.clear()
    assert cache.nbytes == 0
    assert picture("a") not in cache
