"""Badges, the context meter, and the panel before a large read."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QMenu

from app.library.model_ref import LocalFolder
from app.library.settings import Settings
from app.session import conversation as state
from app.ui.files.item_row import ItemRow
from app.ui.window.dialogs import ForgetDialog
from model.engine.rates import Rates
from model.types import EncodeProgress, PrefillProgress, TextPart
from tests.app.ui.conftest import Stage
from tests.fakes import costs, finished, model_info


def row(stage: Stage, index: int = 0) -> ItemRow:
    return list(stage.window.side.rows.values())[index]


def key(stage: Stage, index: int = 0) -> str:
    document = row(stage, index).item.document
    assert document is not None
    return document.content_hash


def attached(stage: Stage, *names: str) -> Stage:
    """Files are read and the engine has said where they stand."""
    stage.attach(*names)
    stage.until(
        lambda: not stage.window.attachments.busy and all(r.item.report for r in stage.window.side.rows.values())
    )
    stage.until(lambda: all(r.badge.text() for r in stage.window.side.rows.values()))
    return stage


def menu_action(of: ItemRow, words: str):  # noqa: ANN201 (QAction)
    menu: QMenu = of.menu
    menu.aboutToShow.emit()
    return next(action for action in menu.actions() if action.text() == words)


def test_a_badge_says_where_each_file_is_in_words(stage: Stage) -> None:
    attached(stage, "a.pdf")
    assert row(stage).badge.text() == "Unread" and row(stage).residence.isVisible()
    assert row(stage).tokens.text() == "1,200 tokens"
    stage.engine.move(key(stage), "disk")
    stage.until(lambda: row(stage).badge.text() == "On disk")
    assert "1.3 MB on disk" in row(stage).toolTip()
    stage.engine.move(key(stage), "resident")
    stage.until(lambda: row(stage).badge.text() == "In memory")
    assert "1.2 MB in memory" in row(stage).toolTip()
    assert "1,200 tokens" in row(stage).accessibleDescription() and "In memory" in row(stage).accessibleDescription()


def test_without_a_model_there_is_no_badge_and_no_meter(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(info=None)
    stage.attach("a.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    assert not row(stage).residence.isVisible() and not stage.window.composer.meter.isVisible()
    stage.engine.become(model_info())
    stage.until(row(stage).residence.isVisible)
    stage.window.model.load(LocalFolder(Path("/models/other")))
    stage.until(lambda: not row(stage).residence.isVisible())
    assert not stage.window.composer.meter.isVisible()


def test_the_meter_shows_the_context_and_what_is_reused(stage: Stage) -> None:
    attached(stage, "a.pdf", "b.pdf")
    meter = stage.window.composer.meter
    assert meter.isVisible() and meter.words.text() == "2,700 of 262K tokens"
    stage.engine.move(key(stage), "resident")
    stage.until(lambda: meter.words.text() == "2,700 of 262K tokens · 1,200 reused")
    assert "1,200 of them are cached" in meter.accessibleDescription()
    assert meter.bar.reused == pytest.approx(1200 / 262_144) and meter.bar.used == pytest.approx(2700 / 262_144)
    assert not meter.bar.grab().isNull()
    for shown in list(stage.window.side.rows):
        stage.window.attachments.remove(shown)
    stage.until(lambda: not meter.isVisible())


def test_a_narrow_window_keeps_the_bar_of_the_meter(stage: Stage) -> None:
    attached(stage, "a.pdf")
    stage.window.resize(480, 480)
    stage.until(lambda: not stage.window.composer.meter.words.isVisible())
    assert stage.window.width() == 480 and stage.window.composer.meter.bar.isVisible()
    stage.window.resize(1000, 600)
    stage.until(stage.window.composer.meter.words.isVisible)


def test_costs_are_asked_for_once_for_many_changes_and_never_during_an_answer(stage: Stage) -> None:
    attached(stage, "a.pdf")
    before = len(stage.engine.priced)
    for _ in range(20):
        stage.engine.residency_changed.emit()
    stage.until(lambda: stage.window.residency.fresh)
    assert len(stage.engine.priced) == before + 1
    stage.ask_and_wait("Why?")
    stage.engine.residency_changed.emit()
    timer = stage.window.residency._timer
    stage.until(lambda: not timer.isActive())
    assert len(stage.engine.priced) == before + 1
    stage.engine.answer("Because.")
    stage.engine.residency_changed.emit()
    stage.until(lambda: len(stage.engine.priced) == before + 2)


def test_the_next_question_is_asked_at_once_when_its_files_are_known_to_be_small(stage: Stage) -> None:
    attached(stage, "a.pdf")
    stage.until(lambda: stage.window.residency.fresh)
    before = len(stage.engine.priced)
    stage.ask("Why?")
    assert len(stage.engine.requests) == 1 and len(stage.engine.priced) == before


def test_pin_is_told_shown_and_remembered(make_stage: Callable[..., Stage], tmp_path: Path) -> None:
    settings = Settings(path=tmp_path / "settings.json")
    stage = attached(make_stage(settings=settings), "a.pdf")
    menu_action(row(stage), "Pin in memory").trigger()
    pinned = key(stage)
    assert stage.engine.pins == [(pinned, True)]
    assert row(stage).badge.text() == "Unread · pinned"
    stage.engine.move(key(stage), "resident")
    stage.until(lambda: row(stage).badge.text() == "Pinned")
    assert "In memory, pinned: 1,200 tokens" in row(stage).accessibleDescription()
    stage.engine.move(key(stage), "unread")
    stage.until(lambda: row(stage).badge.text() == "Unread · pinned")
    again = Settings.load(tmp_path / "settings.json")
    assert again.pinned == (pinned,)
    other = make_stage(info=None, settings=again)
    other.engine.become(model_info())
    assert other.engine.pins == [(pinned, True)]
    menu_action(row(stage), "Pin in memory").trigger()
    assert stage.engine.pins[-1] == (pinned, False) and settings.pinned == ()
    assert row(stage).badge.text() == "Unread"


def test_unload_is_there_only_for_what_is_in_memory(stage: Stage) -> None:
    attached(stage, "a.pdf")
    assert not menu_action(row(stage), "Unload from memory").isEnabled()
    stage.engine.move(key(stage), "resident")
    stage.until(lambda: row(stage).badge.text() == "In memory")
    menu_action(row(stage), "Unload from memory").trigger()
    assert stage.engine.unloaded_documents == [key(stage)]
    stage.until(lambda: row(stage).badge.text() == "On disk")


def test_forget_asks_once_and_then_really_forgets(stage: Stage) -> None:
    attached(stage, "a.pdf")
    stage.engine.move(key(stage), "disk")
    stage.window.residency.pin(row(stage).item.key, True)
    menu_action(row(stage), "Delete cached data…").trigger()
    dialog = stage.window.findChild(ForgetDialog)
    dialog.keep_button.click()
    assert stage.engine.forgotten == []
    menu_action(row(stage), "Delete cached data…").trigger()
    dialog = next(found for found in stage.window.findChildren(ForgetDialog) if found.isVisible())
    dialog.forget_button.click()
    assert stage.engine.forgotten == [key(stage)] and stage.settings.pinned == ()
    stage.until(lambda: row(stage).badge.text() == "Unread")
    assert row(stage).item.path.exists()


def held(make_stage: Callable[..., Stage], *names: str, **price: object) -> Stage:
    """A question that the panel holds."""
    stage = make_stage()
    stage.engine.price = partial(costs, **price)
    stage.attach(*(names or ("a.pdf",)))
    stage.until(lambda: not stage.window.attachments.busy)
    stage.ask("Why?")
    stage.until(stage.window.talk.preflight.isVisible)
    assert not stage.engine.requests
    return stage


def test_a_large_read_is_held_and_read_when_the_person_says_so(make_stage: Callable[..., Stage]) -> None:
    stage = held(make_stage, tokens=30_000, seconds=742.0)
    panel = stage.window.talk.preflight
    assert panel.title.text() == "Reading this will take a while"
    assert panel.facts.text() == "30,300 new tokens · 30.3 MB of memory · about 12 min on this machine"
    assert stage.view.waiting_words.text() == "Choose an option below to continue."
    assert panel.plans == [] and panel.read_button.hasFocus()
    panel.read_button.click()
    assert len(stage.engine.requests) == 1 and not panel.isVisible()


def test_time_that_was_never_measured_is_not_made_up(make_stage: Callable[..., Stage]) -> None:
    stage = held(make_stage, tokens=30_000, seconds=None)
    assert "time not measured yet" in stage.window.talk.preflight.facts.text()


@pytest.mark.parametrize("way", ["button", "escape", "stop", "withdraw"])
def test_a_held_question_can_be_taken_back(make_stage: Callable[..., Stage], way: str) -> None:
    stage = held(make_stage, tokens=30_000, seconds=742.0)
    panel = stage.window.talk.preflight
    if way == "button":
        panel.cancel_button.click()
    elif way == "escape":
        stage.qtbot.keyClick(panel, Qt.Key.Key_Escape)
    elif way == "stop":
        stage.window.composer.stop_button.click()
    else:
        stage.view.withdraw.emit(stage.view.exchange.key)
    assert not panel.isVisible() and not stage.engine.requests and not stage.window.talk.view.views
    assert stage.window.composer.text == "Why?"


def test_what_is_larger_than_the_context_is_never_sent(make_stage: Callable[..., Stage]) -> None:
    stage = held(make_stage, tokens=30_000, context=20_000)
    panel = stage.window.talk.preflight
    assert panel.title.text() == "This is too long for the model"
    assert "30,300 tokens; the model's limit is 20,000" in panel.facts.text()
    assert not panel.read_button.isVisible()
    stage.window.asking.accept()
    assert not stage.engine.requests
    stage.window.attachments.remove(row(stage).item.key)
    stage.until(lambda: len(stage.engine.requests) == 1)


def test_a_plan_is_applied_with_one_click_and_the_question_then_goes(make_stage: Callable[..., Stage]) -> None:
    stage = held(make_stage, "clip.mp4", tokens=30_000, context=20_000)
    panel = stage.window.talk.preflight
    fewer = next(button for button in panel.plans if "frames" in button.text())
    assert "tokens)" in fewer.text()
    stage.engine.price = partial(costs, tokens=9_000, context=20_000)
    fewer.click()
    stage.until(lambda: len(stage.engine.requests) == 1)
    assert [options.max_frames for _, options in stage.reading.jobs.values()] == [
        32,
        row(stage).item.options.max_frames,
    ]
    assert row(stage).item.options.max_frames < 3 and not panel.isVisible()


def test_plans_say_how_long_they_take(make_stage: Callable[..., Stage]) -> None:
    stage = held(make_stage, "clip.mp4", tokens=30_000, context=20_000, rates=Rates(100.0))
    texts = [button.text() for button in stage.window.talk.preflight.plans]
    assert texts and all(re.search(r"\(about [\d,]+ tokens, [12] min\)$", text) for text in texts)


def test_a_plan_is_read_to_its_end_however_narrow_the_conversation_is(make_stage: Callable[..., Stage]) -> None:
    stage = held(make_stage, "clip.mp4", tokens=30_000, context=20_000)
    button = stage.window.talk.preflight.plans[0]
    button.setText("Fewer pages of many files, with words that go on and on: " * 4)
    for width in (1280, 800, 520):
        stage.window.resize(width, 760)
        stage.until(lambda: button.width() < stage.window.talk.width() < stage.window.width())
        stage.until(lambda: button.height() == button.heightForWidth(button.width()))
        words = QRect(0, 0, button.width(), 10_000)
        needed = button.fontMetrics().boundingRect(words, int(Qt.TextFlag.TextWordWrap), button.text())
        assert button.height() > needed.height()


def test_the_meter_warns_where_the_conversation_does_not_fit(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage()
    stage.engine.price = partial(costs, tokens=30_000, context=20_000)
    stage.attach("a.pdf")
    meter = stage.window.composer.meter
    stage.until(lambda: meter.isVisible() and meter.bar.over)
    assert meter.words.property("look") == "error"
    stage.window.resize(480, 700)
    assert meter.words.isVisible(), "also where there is little room"
    stage.engine.price = partial(costs, tokens=3_000, context=20_000)
    stage.window.residency.schedule()
    stage.until(lambda: not meter.bar.over)
    assert meter.words.property("look") == "small"


def test_fewer_pages_need_no_reading_and_can_be_taken_back(make_stage: Callable[..., Stage]) -> None:
    stage = held(make_stage, tokens=30_000, context=20_000)
    panel = stage.window.talk.preflight
    pages = next(button for button in panel.plans if "pages" in button.text())
    stage.engine.price = partial(costs, tokens=9_000, context=20_000)
    pages.click()
    stage.until(lambda: len(stage.engine.requests) == 1)
    asked = "".join(p.text for p in stage.engine.requests[0].messages[1].parts if isinstance(p, TextPart))
    assert "left out so that the question fits" in asked
    assert len(stage.reading.jobs) == 1
    assert "left out" in row(stage).remark.text()
    stage.engine.answer("So.")
    menu_action(row(stage), "Use all pages again").trigger()
    assert row(stage).item.max_pages is None


def test_a_plan_that_was_not_enough_is_not_sent(make_stage: Callable[..., Stage]) -> None:
    stage = held(make_stage, tokens=30_000, context=20_000)
    priced = len(stage.engine.priced)
    stage.window.talk.preflight.plans[0].click()
    stage.until(lambda: len(stage.engine.priced) > priced and stage.window.talk.preflight.isVisible())
    assert not stage.engine.requests


def test_too_little_memory_is_said_with_plans_and_a_way_on(make_stage: Callable[..., Stage]) -> None:
    stage = held(make_stage, tokens=15_000, free=8_000_000)
    panel = stage.window.talk.preflight
    assert "15.3 MB of memory; 8.0 MB is free" in panel.facts.text()
    assert panel.plans and panel.read_button.text() == "Read anyway"
    panel.read_button.click()
    assert len(stage.engine.requests) == 1


def test_costs_that_cannot_be_said_do_not_stop_a_question(stage: Stage) -> None:
    stage.engine.price_failure = "The template is broken."
    stage.attach("a.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.ask_and_wait("Why?")


def test_files_that_come_while_a_question_is_held_are_measured_too(make_stage: Callable[..., Stage]) -> None:
    stage = held(make_stage, tokens=30_000, seconds=742.0)
    stage.attach("b.pdf")
    stage.until(lambda: "60,300 new tokens" in stage.window.talk.preflight.facts.text())


def test_another_model_measures_a_held_question_again(make_stage: Callable[..., Stage]) -> None:
    stage = held(make_stage, tokens=30_000, seconds=742.0)
    stage.window.model.load(LocalFolder(Path("/models/other")))
    assert not stage.window.talk.preflight.isVisible()
    assert stage.view.exchange.stage is state.Stage.WAITING
    stage.engine.become(model_info())
    stage.until(stage.window.talk.preflight.isVisible)


def test_a_new_conversation_ends_a_held_question(make_stage: Callable[..., Stage]) -> None:
    stage = held(make_stage, tokens=30_000, seconds=742.0)
    stage.window.new_conversation()
    assert not stage.window.talk.preflight.isVisible() and not stage.engine.requests


def test_a_very_long_question_without_files_is_measured(stage: Stage) -> None:
    stage.engine.price = partial(costs, context=200)
    stage.ask("why " * 6000)
    stage.until(stage.window.talk.preflight.isVisible)
    assert not stage.window.talk.preflight.plans and stage.window.talk.preflight.none_fits.isVisible()


def test_asking_again_is_measured_like_the_first_time(make_stage: Callable[..., Stage]) -> None:
    stage = held(make_stage, tokens=30_000, seconds=742.0)
    stage.window.talk.preflight.read_button.click()
    stage.engine.answer("Because.")
    stage.view.again_button.click()
    stage.until(stage.window.talk.preflight.isVisible)


def test_a_read_that_was_stopped_goes_on_without_being_asked_about_again(make_stage: Callable[..., Stage]) -> None:
    stage = held(make_stage, tokens=30_000, seconds=742.0)
    stage.window.talk.preflight.read_button.click()
    stage.engine.say(PrefillProgress(7_000, 30_300, 0))
    stage.window.asking.stop()
    stage.engine.say(finished("cancelled"))
    stage.view.again_button.click()
    stage.until(lambda: len(stage.engine.requests) == 2)
    assert not stage.window.talk.preflight.isVisible()


def test_closing_with_a_held_question_is_quiet(make_stage: Callable[..., Stage]) -> None:
    stage = held(make_stage, tokens=30_000, seconds=742.0)
    assert stage.window.close()
    stage.engine.residency_changed.emit()
    stage.engine.say(EncodeProgress(1, 2))
    assert not stage.engine.requests


def test_a_file_that_was_just_answered_about_is_not_called_unread(stage: Stage) -> None:
    """Nothing else has to happen: the end of an answer is reason enough to ask the engine where the files are."""
    attached(stage, "settings.png")
    assert row(stage).badge.text() == "Unread"
    stage.ask_and_wait("What is switched on?")
    stage.engine.states[key(stage)] = "resident"
    stage.engine.answer("Bluetooth.")
    stage.until(lambda: row(stage).badge.text() == "In memory")
