from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from app.library.budgets import machine_for
from app.library.model_ref import LocalFolder, SampleModel
from app.library.models import ModelFolder, sample_note
from app.library.settings import Settings
from app.text.sizes import size
from app.ui.window.dialogs import AboutDialog, ShortcutsDialog
from app.ui.window.main_window import MainWindow
from model.messages import NOTHING, plain
from model.types import LoadProgress, TextDelta
from tests.app.ui.conftest import Stage
from tests.fakes import model_info


def menu_texts(window: MainWindow) -> list[str]:
    return [action.text() for action in window.menus.model_menu.actions()]


def test_without_a_model_the_window_says_what_is_missing_and_what_it_needs(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(info=None)
    page = stage.window.talk.first_run
    assert stage.window.talk.stack.currentWidget() is page
    from PySide6.QtWidgets import QLabel

    words = " ".join(part.text() for part in page.findChildren(QLabel))
    offer = page.offer
    figures = (size(offer.download), size(offer.needs.disk), size(offer.needs.memory))
    for needed in (*figures, f"{machine_for(offer.needs.memory)} GB", "Apache-2.0", offer.repository, offer.title):
        assert needed in words
    assert str(sample_note()) in words
    assert stage.window.talk.model_button.text().strip() == "No model"


def test_without_a_model_a_question_cannot_be_asked_and_the_reason_is_seen(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(info=None)
    stage.ask("Why?")
    assert not stage.window.composer.send_button.isEnabled()
    assert stage.window.composer.reason.text().startswith("No model is loaded.")
    assert stage.window.composer.text == "Why?" and not stage.engine.requests


def test_a_model_folder_is_chosen_loaded_and_remembered(
    make_stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = Settings(path=tmp_path / "settings.json")
    stage = make_stage(info=None, settings=settings)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: "/models/gemma")
    stage.window.talk.first_run.choose_button.click()
    assert stage.engine.loads == [LocalFolder(Path("/models/gemma"))]
    assert settings.model is None
    stage.engine.become(model_info(folder=Path("/models/gemma")))
    assert Settings.load(tmp_path / "settings.json").model == LocalFolder(Path("/models/gemma"))
    assert "Gemma 4 26B-A4B" in stage.window.talk.model_button.text()


def test_loading_shows_progress_and_can_be_cancelled(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(info=None)
    stage.window.model.load(LocalFolder(Path("/models/gemma")))
    stage.engine.loading.emit(LoadProgress(plain("Quantising layer 3 of 30"), 5_000_000_000, 50_000_000_000))
    strip = stage.window.talk.loading
    assert strip.isVisible() and strip.words.text() == "Quantising layer 3 of 30 · 10 %"
    assert strip.bar.value() == 100
    strip.cancel_button.click()
    assert stage.engine.unloads == 1 and not strip.isVisible()
    assert stage.window.talk.stack.currentWidget() is stage.window.talk.first_run
    stage.engine.loading.emit(LoadProgress(plain("Quantising layer 4 of 30"), 6, 50))
    assert not strip.isVisible()


def test_a_question_asked_while_loading_goes_when_the_model_is_there(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(info=None)
    stage.window.model.load(SampleModel())
    stage.ask("Why?")
    assert stage.view.waiting_words.text() == "Queued: waiting for the model to load."
    stage.engine.become(model_info())
    assert len(stage.engine.requests) == 1


def test_a_model_that_cannot_be_loaded_says_why(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(info=None)
    stage.window.model.load(LocalFolder(Path("/models/x")))
    stage.engine.load_failed.emit(plain("/models/x holds no config.json; choose the folder of the published model."))
    page = stage.window.talk.first_run
    assert page.error.isVisible() and "config.json" in page.error.text
    assert stage.window.talk.stack.currentWidget() is page


def test_the_sample_model_is_announced_as_long_as_it_answers(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(info=None)
    stage.window.talk.first_run.sample_button.click()
    assert stage.engine.loads == [SampleModel()]
    stage.engine.become(model_info(sample=True, name="Sample model"))
    assert str(sample_note(Path("/models/g"))) in stage.window.talk.sample.text and stage.window.talk.sample.isVisible()
    stage.engine.become(model_info())
    assert not stage.window.talk.sample.isVisible()


def test_a_sample_model_speaks_for_itself(make_stage: Callable[..., Stage], tmp_path: Path) -> None:
    (tmp_path / "lectern.json").write_text('{"sample": true, "note": "It knows made-up pages only."}')
    stage = make_stage(info=None)
    stage.engine.become(model_info(sample=True, folder=tmp_path))
    assert stage.window.talk.sample.text == "Sample model. It knows made-up pages only."


def test_another_model_is_chosen_from_the_menu_without_a_restart(stage: Stage) -> None:
    window = stage.window
    other = ModelFolder(Path("/models/other"), "Other", 14_200_000_000, "quantised", NOTHING)
    broken = ModelFolder(Path("/models/broken"), "Broken", 5, "published", plain("A shard is missing."))
    window.model._on_found([other, broken])
    actions = {action.text(): action for action in window.menus.model_menu.actions()}
    assert not actions["Broken  (5 bytes)"].isEnabled()
    stage.ask("Why?")
    stage.engine.say(TextDelta("Part"))
    actions["Other  (14.2 GB)"].trigger()
    assert stage.engine.loads == [LocalFolder(Path("/models/other"))]
    assert "changed before the answer" in stage.view.error.text


def test_models_are_looked_for_when_the_menu_opens(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path))
    stage.window.model._settings = Settings(model_folder=tmp_path / "gone")
    stage.window.menus.model_menu.aboutToShow.emit()
    stage.until(lambda: any(text.startswith("gone") for text in menu_texts(stage.window)))


def test_the_menu_offers_the_sample_model_once(
    make_stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path))
    stage = make_stage(settings=Settings(model_folder=tmp_path / "gone"))
    stage.window.menus.model_menu.aboutToShow.emit()
    stage.until(lambda: any(text.startswith("gone") for text in menu_texts(stage.window)))
    assert [text for text in menu_texts(stage.window) if "sample" in text.lower()] == ["Use the &sample model"]


def test_a_menu_that_is_filled_while_it_is_open_stays_on_the_screen(
    make_stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = make_stage()
    menu, room = stage.window.menus.model_menu, stage.window.screen().availableGeometry()
    menu.popup(room.topRight())
    stage.window.model.found = [
        ModelFolder(Path(f"/models/{'long ' * 9}{number}"), f"{'long ' * 9}{number}", 10**10, "published", NOTHING)
        for number in range(4)
    ]
    stage.window.model.found_changed.emit()
    assert menu.width() >= menu.sizeHint().width() and room.contains(menu.geometry())
    menu.close()


def test_enter_without_a_model_says_why_nothing_happens(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(info=None)
    stage.ask("Why?")
    assert stage.window.talk.notices.text.startswith("No model is loaded.")
    assert stage.window.composer.text == "Why?"


def test_the_model_s_address_is_copied_with_one_click(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(info=None)
    first_run = stage.window.talk.first_run
    first_run.copy_button.click()
    assert QApplication.clipboard().text() == f"https://huggingface.co/{first_run.offer.repository}"


def test_theme_geometry_and_thinking_are_remembered(make_stage: Callable[..., Stage], tmp_path: Path) -> None:
    settings = Settings(path=tmp_path / "settings.json")
    stage = make_stage(settings=settings)
    stage.window.resize(700, 500)
    stage.window.choose_theme("dark")
    assert stage.window.theme.dark
    stage.window.composer.think_button.click()
    stage.window.close()
    loaded = Settings.load(tmp_path / "settings.json")
    assert (loaded.theme, loaded.think) == ("dark", True)
    again = make_stage(settings=loaded)
    assert (again.window.width(), again.window.height()) == (700, 500)
    again.window.choose_theme("system")


def test_a_narrow_window_keeps_the_conversation(stage: Stage) -> None:
    stage.window.resize(640, 480)
    stage.until(lambda: not stage.window.side.isVisible())
    stage.window.resize(1000, 600)
    stage.until(stage.window.side.isVisible)
    stage.qtbot.keyClick(stage.window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert not stage.window.side.isVisible()


def test_shortcuts_and_about_can_be_shown(stage: Stage) -> None:
    stage.qtbot.keyClick(stage.window, Qt.Key.Key_F1)
    assert stage.window.findChild(ShortcutsDialog).isVisible()
    stage.window.dialogs.show_about()
    assert stage.window.findChild(AboutDialog).isVisible()


def test_everything_can_be_reached_by_tab(stage: Stage) -> None:
    stage.attach("a.pdf")
    row = next(iter(stage.window.side.rows.values()))
    stage.until(row.coverage.isVisible)  # the card is drawn as the file is now
    start = QApplication.focusWidget() or stage.window.composer.edit
    reached, widget = {start}, start.nextInFocusChain()
    while widget not in reached:
        reached.add(widget)
        widget = widget.nextInFocusChain()
    for wanted in (row, row.coverage, stage.window.composer.edit, stage.window.talk.model_button):
        assert wanted in reached and wanted.focusPolicy() & Qt.FocusPolicy.TabFocus
    stops = [
        one
        for one in reached
        if one is not row and row.isAncestorOf(one) and one.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert [one for one in stops if one.isVisible()] == [row.coverage], "one stop for a card, and one for its pages"


def test_what_is_left_out_of_a_models_folder_is_said_until_another_one_is_open(stage: Stage) -> None:
    remark = "This folder also holds a drafter for speculative decoding, which Lectern does not use."
    stage.engine.become(replace(model_info(), remarks=(plain(remark),)))
    assert stage.window.talk.notices.text == remark and stage.window.talk.notices.isVisible()
    stage.engine.become(model_info())
    assert not stage.window.talk.notices.isVisible()
