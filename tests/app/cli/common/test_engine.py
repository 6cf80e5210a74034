"""A model that is opened while files are read: whose it is, and what becomes of it."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app import paths
from app.cli.common.engine import Opening, opened
from app.cli.common.terminal import Status
from app.engine.model import opening
from app.engine.model.protocols import Engine
from app.library.model_ref import ModelRef
from model.cancel import Cancel
from model.errors import LecternError, ModelError
from model.types import ChatMessage, LoadProgress, Request, TextPart

HELLO = Request((ChatMessage("user", (TextPart("Hello"),)),))
open_engine = opening.open_engine


class Told(Status):
    def __init__(self) -> None:
        super().__init__()
        self.stages: list[str] = []

    def loading(self, progress: LoadProgress) -> None:
        self.stages.append(str(progress.stage))


class Gate:
    """Opens the model once it may continue."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()
        self.engine: Any = None

    def __call__(self, model: ModelRef, report: Callable[[LoadProgress], None], cancel: Cancel, **how: Any) -> Engine:
        self.may_go_on.wait(60)
        self.engine = open_engine(model, report, cancel, **how)
        return self.engine  # type: ignore[no-any-return]

    @property
    def closed(self) -> bool:
        try:
            return not self.engine.count_tokens(HELLO)
        except ModelError:
            return True


@pytest.fixture(autouse=True)
def gate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Gate]:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    found = Gate()
    monkeypatch.setattr(opening, "open_engine", found)
    yield found
    assert "opening" not in [thread.name for thread in threading.enumerate()]


def asked_for(model: Path | None = None) -> argparse.Namespace:
    return argparse.Namespace(model=model, adapter=[], server=None, device="cpu", lookup=None)


def test_a_model_that_is_taken_belongs_to_the_caller(gate: Gate) -> None:
    status, never = Told(), threading.Event()
    with Opening(asked_for(), never) as begun:
        threading.Timer(0.05, gate.may_go_on.set).start()
        with opened(asked_for(), never, status, begun) as engine:
            assert engine is gate.engine and not gate.closed
            assert "Opening the model" in status.stages  # it was waited for, so its progress was shown
        assert gate.closed


def test_a_model_that_is_not_taken_is_closed(gate: Gate) -> None:
    gate.may_go_on.set()
    with pytest.raises(RuntimeError, match="unreadable"), Opening(asked_for(), threading.Event()):
        raise RuntimeError("a file is unreadable")
    assert gate.closed


def test_what_opening_raised_is_raised_where_it_is_taken(gate: Gate, tmp_path: Path) -> None:
    gate.may_go_on.set()
    begun = Opening(asked_for(tmp_path), threading.Event())
    with begun, pytest.raises(LecternError, match="is not a model folder"):
        begun.take(Told())


def test_one_that_is_stopped_ends(gate: Gate) -> None:
    cancel = threading.Event()
    begun = Opening(asked_for(), cancel)
    cancel.set()
    gate.may_go_on.set()
    with begun, pytest.raises(LecternError, match="stopped"):
        begun.take(Told())
