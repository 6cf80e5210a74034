"""Adapters of the open model are switched on the model's own thread, and the model is not opened again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import paths
from app.engine.model.bridge import EngineBridge
from app.engine.model.opening import open_engine
from app.engine.model.protocols import Adaptable, OpenEngine
from app.library.model_ref import LocalFolder, ModelRef
from model.engine.engine import Engine
from model.synthetic.writing import write_checkpoint
from model.types import ModelInfo
from tests.files.adapters import write_adapter


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    write_checkpoint(tmp_path / "gemma", "tiny")
    for number in (1, 2):
        write_adapter(tmp_path / f"a{number}", tmp_path / "gemma", number)
    write_adapter(tmp_path / "dora", tmp_path / "gemma", use_dora=True)
    return tmp_path


@pytest.fixture
def opened() -> list[ModelRef]:
    return []


@pytest.fixture
def bridge(folder: Path, opened: list[ModelRef], qtbot: QtBot) -> Iterator[EngineBridge]:
    def counted(model: ModelRef, *arguments: object) -> object:
        opened.append(model)
        return open_engine(model, *arguments)  # type: ignore[arg-type]

    opener: OpenEngine = counted  # type: ignore[assignment]
    made = EngineBridge(opener)
    yield made
    made.shutdown()


def load(bridge: EngineBridge, ref: ModelRef, qtbot: QtBot) -> ModelInfo:
    with qtbot.waitSignal(bridge.loaded, timeout=60_000) as loaded:
        bridge.load(ref)
    assert isinstance(loaded.args[0], ModelInfo)
    return loaded.args[0]


def test_the_model_stays_open(bridge: EngineBridge, opened: list[ModelRef], folder: Path, qtbot: QtBot) -> None:
    model = folder / "gemma"
    both = (folder / "a1", folder / "a2")
    assert issubclass(Engine, Adaptable)
    assert load(bridge, LocalFolder(model), qtbot).adapters == ()
    assert load(bridge, LocalFolder(model, both[:1]), qtbot).adapters == ("a1",)
    assert load(bridge, LocalFolder(model, both), qtbot).adapters == ("a1", "a2")
    assert load(bridge, LocalFolder(model), qtbot).adapters == ()
    assert opened == [LocalFolder(model)]
    load(bridge, LocalFolder(model), qtbot)  # asked for again as it is: opened anew, as always
    assert len(opened) == 2


def test_it_is_opened_with_adapters(bridge: EngineBridge, folder: Path, qtbot: QtBot) -> None:
    info = load(bridge, LocalFolder(folder / "gemma", (folder / "a2",)), qtbot)
    assert info.adapters == ("a2",) and info.answers_as.endswith(" + a2")


def test_one_that_cannot_be_applied_is_said(bridge: EngineBridge, folder: Path, qtbot: QtBot) -> None:
    load(bridge, LocalFolder(folder / "gemma"), qtbot)
    with qtbot.waitSignal(bridge.load_failed, timeout=60_000) as failed:
        bridge.load(LocalFolder(folder / "gemma", (folder / "dora",)))
    assert failed.args[0].cause == "adapter.kind"
