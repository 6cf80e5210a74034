"""The window offers what the engine can do, and asks nothing else of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.library.settings import Settings
from tests.app.ui.conftest import Stage
from tests.fakes import model_info

CACHE = {"Pin in memory", "Unload from memory", "Delete cached data…"}


def ready(make_stage: Callable[..., Stage], folder: Path, **able: bool) -> Stage:
    """A window with one file that was read, and a document that is pinned."""
    pinned = Settings(theme="light", pinned=("d" * 64,))
    stage = make_stage(info=model_info(**able), settings=pinned, auto=True)
    stage.window.add_paths([folder / "report.pdf"])
    stage.until(lambda: bool(stage.window.attachments.items.documents()))
    return stage


def menu(stage: Stage) -> set[str]:
    (row,) = stage.window.side.rows.values()
    row.menu.aboutToShow.emit()
    return {action.text() for action in row.menu.actions()}


def test_all_that_it_can_do_is_offered(make_stage: Callable[..., Stage], tmp_path: Path) -> None:
    stage = ready(make_stage, tmp_path)
    window = stage.window
    assert window.composer.think_button.isVisibleTo(window) and menu(stage) >= CACHE
    assert stage.engine.pins == [("d" * 64, True)]
    stage.until(lambda: window.composer.meter.isVisibleTo(window))
    window.asking.thinking = True
    stage.ask("Why?")
    stage.until(lambda: bool(stage.engine.requests))
    assert stage.engine.requests[0].thinking and stage.engine.priced


def test_what_it_cannot_do_is_neither_offered_nor_asked(make_stage: Callable[..., Stage], tmp_path: Path) -> None:
    stage = ready(make_stage, tmp_path, thinking=False, residency=False, preflight=False)
    window = stage.window
    assert not window.composer.think_button.isVisibleTo(window) and not menu(stage) & CACHE
    window.asking.thinking = True
    stage.ask("Why?")
    stage.until(lambda: bool(stage.engine.requests))
    assert not stage.engine.requests[0].thinking
    assert not stage.engine.pins and not stage.engine.priced and not window.composer.meter.isVisibleTo(window)
    stage.engine.become(model_info())
    assert window.composer.think_button.isVisibleTo(window) and menu(stage) >= CACHE
