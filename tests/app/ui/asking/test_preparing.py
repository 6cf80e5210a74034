"""What the window has prepared ahead: what is in sight first, quietly told, and off by a setting."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.engine.model.ahead import Coming
from app.ingest.types import Document
from app.ui.asking import preparing
from app.ui.asking.preparing import pictures
from app.ui.models.settings_dialog import SettingsDialog
from tests import fakes
from tests.app.ui.asking.test_residency_in_window import attached, key, row
from tests.app.ui.conftest import Stage


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "AFTER_MS", 1)


def last(stage: Stage) -> list[str]:
    return [one.document for one in stage.engine.wanted[-1]] if stage.engine.wanted else []


def scan(pages: int = 5) -> Document:
    """A PDF of pictures, each of its own content; page 2 is text."""
    made = fakes.document(Path("scan.pdf"), pages=pages)
    shown = tuple(
        page if page.number == 2 else replace(page, picture=replace(fakes.picture(), content_hash=str(page.number)))
        for page in made.pages
    )
    return replace(made, pages=shown)


def test_the_page_in_sight_comes_first_then_what_follows_it() -> None:
    order = [picture.content_hash for picture in pictures(scan(), 4)]
    assert order == ["4", "5", "3", "1"]
    assert [picture.content_hash for picture in pictures(scan(), 1)] == ["1", "3", "4", "5"]


def test_pictures_that_are_attached_are_wanted_and_the_row_says_so(stage: Stage) -> None:
    attached(stage, "a.png", "b.pdf")
    stage.until(lambda: last(stage) == [key(stage)])  # the PDF is text
    stage.engine.preparing.emit(Coming(stage.engine.asker, ((key(stage), 1),)))
    stage.until(lambda: row(stage).tokens.text() == "1,200 tokens · preparing 1 picture")
    assert row(stage).residence.isVisible() and row(stage, 1).tokens.text() == "1,200 tokens"
    stage.engine.preparing.emit(Coming(stage.engine.asker + 1, ((key(stage), 5),)))  # another window's
    stage.engine.preparing.emit(Coming(stage.engine.asker, ()))
    stage.until(lambda: row(stage).tokens.text() == "1,200 tokens")


def test_what_is_looked_at_comes_first(stage: Stage) -> None:
    attached(stage, "a.mp4", "b.png")
    stage.until(lambda: bool(last(stage)))
    assert last(stage)[0] == key(stage)
    stage.window.viewing.show_item(row(stage, 1).item.key)
    stage.until(lambda: last(stage)[0] == key(stage, 1))


def test_what_the_engine_holds_is_not_prepared(stage: Stage) -> None:
    attached(stage, "a.png")
    stage.until(lambda: last(stage) == [key(stage)])
    stage.engine.move(key(stage), "resident")
    stage.until(lambda: last(stage) == [])


def test_a_setting_turns_it_off(stage: Stage) -> None:
    attached(stage, "a.png")
    stage.until(lambda: last(stage) == [key(stage)])
    stage.engine.preparing.emit(Coming(stage.engine.asker, ((key(stage), 1),)))
    dialog = SettingsDialog(stage.settings, (1, 1), stage.window)
    dialog.prepare.setChecked(False)
    stage.window.common.settings_changed.emit()
    stage.until(lambda: last(stage) == [])
    stage.until(lambda: row(stage).tokens.text() == "1,200 tokens")
    assert not stage.settings.prepare
    dialog.prepare.setChecked(True)
    stage.window.common.settings_changed.emit()
    stage.until(lambda: last(stage) == [key(stage)])
    dialog.close()


def test_what_was_forgotten_is_not_made_again(stage: Stage) -> None:
    attached(stage, "a.png")
    stage.until(lambda: last(stage) == [key(stage)])
    stage.window.residency.forget(row(stage).item.key)
    stage.until(lambda: last(stage) == [])


def test_a_window_that_closes_wants_nothing_more(stage: Stage) -> None:
    attached(stage, "a.png")
    stage.until(lambda: last(stage) == [key(stage)])
    stage.window.close()
    assert stage.engine.wanted[-1] == ()
