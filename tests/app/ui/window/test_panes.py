"""Which panes are shown at which width, dragged, remembered, by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from app.chat.evidence.places import Place
from app.library.settings import Settings
from app.ui.window.panes import SIDE_LEAST, TALK_LEAST, THREE, TWO, VIEWER_LEAST, Shown, arrange, widths
from tests.app.ui.conftest import Stage

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.mark.parametrize(
    ("width", "side", "viewer", "shown"),
    [
        (1280, True, True, Shown(True, True, True)),
        (1000, True, True, Shown(False, True, True)),
        (1000, True, False, Shown(True, False, True)),
        (700, True, True, Shown(False, True, False)),
        (640, True, False, Shown(False, False, True)),
        (1600, False, True, Shown(False, True, True)),
    ],
)
def test_what_fits_is_shown(width: int, side: bool, viewer: bool, shown: Shown) -> None:
    assert arrange(width, side, viewer) == shown


@given(st.integers(480, 6000), st.booleans(), st.booleans(), st.integers(0, 9000), st.integers(0, 9000))
def test_every_pane_that_is_shown_has_its_least_width(
    total: int, side: bool, viewer: bool, side_width: int, viewer_width: int
) -> None:
    shown = arrange(total, side, viewer)
    left, middle, right = widths(total, shown, side_width, viewer_width)
    assert left + middle + right == total
    assert (left >= SIDE_LEAST) if shown.side else left == 0
    assert (middle >= VIEWER_LEAST) if shown.viewer else middle == 0
    assert (right >= TALK_LEAST) if shown.talk else right == 0
    assert min(TWO, THREE) > SIDE_LEAST + TALK_LEAST


def open_first(stage: Stage) -> int:
    """Attach a file and open it."""
    if not stage.window.side.rows:
        stage.attach("a.pdf")
        stage.until(lambda: not stage.window.attachments.busy)
    key, row = next(iter(stage.window.side.rows.items()))
    stage.qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    return key


def test_a_click_on_a_file_opens_the_viewer_and_esc_closes_it(stage: Stage) -> None:
    window = stage.window
    assert not window.viewer.isVisible()
    before = window.talk.width()
    key = open_first(stage)
    assert window.viewer.isVisible() and window.library.isVisible() and window.talk.isVisible()
    assert window.viewer.current is window.attachments.items.get(key)
    assert window.side.rows[key].property("shown") is True
    stage.qtbot.keyClick(window.composer.edit, Qt.Key.Key_Escape)
    assert not window.viewer.isVisible() and window.talk.width() == before
    assert window.side.rows[key].property("shown") is False


def test_esc_stops_the_answer_before_it_closes_the_viewer(stage: Stage) -> None:
    open_first(stage)
    stage.ask_and_wait("Why?")
    stage.qtbot.keyClick(stage.window.composer.edit, Qt.Key.Key_Escape)
    assert stage.engine.stops == [1] and stage.window.viewer.isVisible()


def test_a_row_is_opened_by_enter(stage: Stage) -> None:
    stage.attach("a.pdf")
    row = next(iter(stage.window.side.rows.values()))
    row.setFocus()
    stage.qtbot.keyClick(row, Qt.Key.Key_Return)
    assert stage.window.viewer.isVisible()


def test_evidence_opens_the_viewer(stage: Stage) -> None:
    stage.attach("a.pdf", "b.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    second = list(stage.window.attachments.items)[1]
    assert second.document is not None
    stage.window.viewing.show_place(Place(second.document.content_hash, page=2))
    assert stage.window.viewer.isVisible() and stage.window.viewer.current is second
    stage.window.viewing.show_place(Place("f" * 64, page=2))  # a file that is no longer attached
    assert stage.window.viewer.current is second


def test_at_1000_the_viewer_takes_the_place_of_the_library(stage: Stage) -> None:
    window = stage.window
    window.resize(1000, 640)
    open_first(stage)
    stage.until(lambda: not window.library.isVisible())
    assert window.viewer.isVisible() and window.talk.isVisible()
    stage.qtbot.keyClick(window, Qt.Key.Key_B, CTRL)  # what was asked for last stays
    assert window.library.isVisible() and not window.viewer.isVisible()


def test_a_narrow_window_shows_the_viewer_instead_and_the_question_brings_the_conversation_back(stage: Stage) -> None:
    window = stage.window
    window.resize(1280, 640)
    open_first(stage)
    window.resize(600, 640)
    stage.until(lambda: not window.talk.isVisible())
    assert window.viewer.isVisible()
    stage.qtbot.keyClick(window, Qt.Key.Key_L, CTRL)
    assert window.talk.isVisible() and not window.viewer.isVisible() and window.composer.edit.hasFocus()


def test_panes_and_their_sizes_are_remembered(make_stage: Callable[..., Stage], tmp_path: Path) -> None:
    settings = Settings(path=tmp_path / "settings.json")
    stage = make_stage(settings=settings)
    window = stage.window
    window.resize(1400, 800)
    open_first(stage)
    window.panes.moveSplitter(340, 1)
    window.panes.moveSplitter(340 + 520, 2)
    window.library.splitter.moveSplitter(500, 1)
    before = (window.panes.sizes(), window.library.splitter.sizes()[1])
    window.close()
    again = make_stage(settings=Settings.load(tmp_path / "settings.json"))
    again.window.resize(1400, 800)  # the screen of a test is smaller
    open_first(again)
    assert again.window.panes.sizes()[:2] == before[0][:2]
    assert again.window.library.splitter.sizes()[1] == before[1]
    again.window.toggle_side()
    again.window.close()
    third = make_stage(settings=Settings.load(tmp_path / "settings.json"))
    assert not third.window.library.isVisible()


def test_a_viewer_that_was_left_open_is_open_again(make_stage: Callable[..., Stage], tmp_path: Path) -> None:
    settings = Settings(path=tmp_path / "settings.json")
    stage = make_stage(settings=settings)
    open_first(stage)
    stage.window.close()
    again = make_stage(settings=Settings.load(tmp_path / "settings.json"))
    assert not again.window.viewer.isVisible()  # there is nothing to show yet
    again.attach("b.pdf")
    assert again.window.viewer.isVisible()


def test_a_pane_that_is_dragged_shut_is_closed(stage: Stage) -> None:
    window = stage.window
    open_first(stage)
    window.panes.moveSplitter(0, 1)
    assert not window.library.isVisible() and not window.menus.side_action.isChecked()
    window.panes.moveSplitter(0, 2)
    assert not window.viewer.isVisible() and not window.viewing.stays


def test_the_viewer_is_made_wider_by_keyboard(stage: Stage) -> None:
    open_first(stage)
    before = stage.window.viewer.width()
    stage.qtbot.keyClick(stage.window, Qt.Key.Key_Left, CTRL | Qt.KeyboardModifier.AltModifier)
    assert stage.window.viewer.width() == before - 40


def test_f6_goes_round_the_panes(stage: Stage) -> None:
    window = stage.window
    stage.until(lambda: window.composer.edit.hasFocus())
    stage.qtbot.keyClick(window, Qt.Key.Key_F6)
    assert window.library.isAncestorOf(window.focusWidget())
    stage.qtbot.keyClick(window, Qt.Key.Key_F6)
    assert window.composer.edit.hasFocus()


def test_removing_what_is_shown_shows_the_next_file(stage: Stage) -> None:
    stage.attach("a.pdf", "b.pdf")
    first = open_first(stage)
    stage.window.files.remove(first)
    assert stage.window.viewer.current is next(iter(stage.window.attachments.items))
    stage.window.files.remove(next(iter(stage.window.attachments.items)).key)
    assert not stage.window.viewer.isVisible()


def test_a_quotation_in_an_answer_leads_to_its_page(stage: Stage) -> None:
    window = stage.window
    stage.attach("a.pdf", "b.pdf")
    stage.until(lambda: not window.attachments.busy)
    stage.ask_and_wait("Why?")
    stage.engine.answer('It says "Page 2" (b.pdf, page 2).')
    shown = list(window.attachments.items)[1]
    exchange = stage.view.exchange
    stage.until(lambda: bool(exchange.evidence))
    place = exchange.evidence[0].place
    assert place is not None and place.page == 2
    window.talk.view.place_wanted.emit(place)
    assert window.viewer.isVisible() and window.viewer.current is shown
    assert window.side.rows[shown.key].property("shown") is True
