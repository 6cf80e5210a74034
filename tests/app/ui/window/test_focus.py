"""Where the keys go: the question keeps them, Enter presses what has them, Ctrl+F and Esc work from everywhere."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QPushButton, QWidget

from app.paths import resource
from model.messages import plain
from tests.app.ui.conftest import Stage
from tests.fakes import costs, finished

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(autouse=True)
def active(stage: Stage) -> None:
    """Only the window in front has the keys, and one of an earlier test may still be there."""
    stage.window.activateWindow()
    stage.until(stage.window.isActiveWindow)


def press(stage: Stage, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """On the keyboard: it goes to whatever has the focus."""
    stage.qtbot.keyClick(QApplication.focusWidget() or stage.window, key, modifiers)


def click(stage: Stage, button: QWidget) -> None:
    stage.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_question_keeps_the_keys_after_a_click_on_send(stage: Stage) -> None:
    stage.attach("a.pdf")
    stage.window.composer.set_text("Why?")
    click(stage, stage.window.composer.send_button)
    assert stage.window.composer.edit.hasFocus()
    stage.until(lambda: len(stage.engine.requests) == 1)
    stage.qtbot.keyClicks(QApplication.focusWidget(), "And then?")
    assert stage.window.composer.text == "And then?"


def test_the_question_has_the_keys_after_a_click_on_stop(stage: Stage) -> None:
    stage.ask("Why?")
    click(stage, stage.window.composer.stop_button)
    stage.engine.say(finished("cancelled"))
    assert not stage.window.composer.stop_button.isVisible() and stage.window.composer.edit.hasFocus()


def test_the_question_has_the_keys_after_files_were_chosen(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stage.file("a.pdf")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_, **__: ([str(path)], ""))
    click(stage, stage.window.talk.empty.open_button)
    stage.until(lambda: len(stage.window.attachments.items) == 1)
    assert stage.window.composer.edit.hasFocus()


def test_what_is_hidden_while_it_has_the_keys_gives_them_to_the_question(stage: Stage) -> None:
    stage.attach("a.pdf")
    stage.until(lambda: bool(stage.window.side.rows))
    button = next(iter(stage.window.side.rows.values())).more_button
    stage.until(button.isVisible)
    button.setFocus()
    stage.until(button.hasFocus)
    button.hide()
    assert stage.window.composer.edit.hasFocus()
    stage.window.talk.new_button.show()
    stage.window.talk.new_button.setFocus()
    stage.window.talk.new_button.setEnabled(False)
    assert stage.window.composer.edit.hasFocus()


def test_tab_still_moves_on(stage: Stage) -> None:
    press(stage, Qt.Key.Key_Tab)
    assert not stage.window.composer.edit.hasFocus()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_presses_every_button_of_the_window(stage: Stage, key: Qt.Key) -> None:
    """Every button of the window as it is; only what it does is taken off first, so that none opens a dialog."""
    stage.attach("a.pdf")
    empty = stage.window.talk.empty
    stage.until(lambda: bool(empty.suggestions) and empty.suggestions[0].isVisible())
    stage.window.talk.sample.set_text("A strip with a button.")
    buttons = [
        button
        for button in stage.window.findChildren(QAbstractButton)
        if button.isVisible() and button.isEnabled() and button.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    buttons = [button for button in buttons if not (hasattr(button, "menu") and button.menu())]
    kinds = {type(button).__name__ for button in buttons}
    assert {"IconButton", "QPushButton", "WrappingButton"} <= kinds
    pressed: list[QAbstractButton] = []
    for button in buttons:
        pressed.clear()
        button.setFocus()
        assert button.hasFocus()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some are connected to nothing
            button.clicked.disconnect()
        button.clicked.connect(lambda _checked=False, button=button: pressed.append(button))
        press(stage, key)
        assert pressed == [button], button.accessibleName() or button.text()


def test_enter_in_a_file_s_card_presses_its_button_and_does_not_open_the_file(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(auto=False)
    stage.attach("a.pdf")
    stage.until(lambda: bool(stage.window.side.rows))
    stage.reading.failed.emit(1, plain("It cannot be read."))
    row = next(iter(stage.window.side.rows.values()))
    stage.until(row.again_button.isVisible)
    row.again_button.setFocus()
    press(stage, Qt.Key.Key_Return)
    stage.until(lambda: len(stage.reading.jobs) == 2)
    assert not stage.window.panes.shown.viewer


def test_enter_reads_what_takes_a_while_and_a_held_key_does_not(stage: Stage) -> None:
    stage.engine.price = lambda *documents: costs(*documents, tokens=200_000, seconds=600.0)
    stage.attach("a.pdf")
    stage.ask("Why?")
    panel = stage.window.talk.preflight
    stage.until(panel.isVisible)
    assert panel.read_button.hasFocus()
    held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", True)
    QApplication.sendEvent(panel.read_button, held)
    assert not stage.engine.requests
    press(stage, Qt.Key.Key_Return)
    assert len(stage.engine.requests) == 1
    assert stage.window.composer.edit.hasFocus(), "the panel is gone"


def show_invoice(stage: Stage) -> None:
    stage.window.add_paths([resource("samples", "invoice.pdf")])
    stage.until(lambda: not stage.window.attachments.busy)
    stage.window.viewing.show_item(1)


def test_find_works_wherever_the_keys_are(stage: Stage) -> None:
    show_invoice(stage)
    bar = stage.window.viewer.find_bar
    for widget in (stage.window.composer.edit, stage.window.side.rows[1], stage.window.library.search):
        widget.setFocus()
        press(stage, Qt.Key.Key_F, CTRL)
        assert bar.isVisible() and bar.field.hasFocus()
        stage.qtbot.keyClicks(QApplication.focusWidget(), "due")
        assert bar.field.text() == "due" and stage.window.composer.text == ""
        press(stage, Qt.Key.Key_Escape)
        assert not bar.isVisible()


def test_find_opens_the_viewer_or_says_that_there_is_nothing_to_search(stage: Stage) -> None:
    press(stage, Qt.Key.Key_F, CTRL)
    assert "Only documents can be searched" in stage.window.talk.notices.text
    stage.window.add_paths([resource("samples", "invoice.pdf")])
    stage.until(lambda: not stage.window.attachments.busy)
    press(stage, Qt.Key.Key_F, CTRL)
    assert stage.window.panes.shown.viewer and stage.window.viewer.find_bar.field.hasFocus()


def entry(stage: Stage, words: str) -> None:
    actions = stage.window.menus.edit_menu.actions()
    next(action for action in actions if action.text().replace("&", "") == words).trigger()


def test_the_edit_menu_works_on_what_has_the_keys(stage: Stage) -> None:
    edit = stage.window.composer.edit
    stage.qtbot.keyClicks(edit, "words")
    entry(stage, "Select all")
    entry(stage, "Copy")
    assert QGuiApplication.clipboard().text() == "words"
    entry(stage, "Cut")
    assert stage.window.composer.text == ""
    edit.undo()
    assert stage.window.composer.text == "words"
    entry(stage, "Redo")
    assert stage.window.composer.text == ""


def test_copy_from_the_menu_takes_the_selected_words_of_an_answer(stage: Stage) -> None:
    stage.ask("Why?")
    stage.engine.answer("Because of **this**.")
    piece = stage.view.body.pieces[0]
    piece.setFocus()
    entry(stage, "Select all")
    entry(stage, "Copy")
    assert "Because of" in QGuiApplication.clipboard().text()


def test_escape_stops_closes_or_leaves_an_edit_depending_on_where_it_is_pressed(stage: Stage) -> None:
    show_invoice(stage)
    stage.ask_and_wait("Why?")
    stage.window.side.rows[1].setFocus()
    press(stage, Qt.Key.Key_Escape)
    assert stage.engine.stops == [1] and stage.window.panes.shown.viewer, "the answer first"
    stage.engine.say(finished("cancelled"))
    press(stage, Qt.Key.Key_Escape)
    assert not stage.window.panes.shown.viewer
    stage.window.viewing.show_item(1)
    stage.window.viewer.setFocus()
    press(stage, Qt.Key.Key_Escape)
    assert not stage.window.panes.shown.viewer and stage.window.composer.edit.hasFocus()
    stage.window.talk.begin_edit(1)
    press(stage, Qt.Key.Key_Escape)
    assert stage.window.composer.editing is None and stage.window.composer.text == ""


def test_no_button_waits_for_space_alone(stage: Stage) -> None:
    button = QPushButton("Late", stage.window.talk)
    pressed: list[int] = []
    button.clicked.connect(lambda: pressed.append(1))
    button.show()
    button.setFocus()
    press(stage, Qt.Key.Key_Return)
    assert pressed == [1], "one that was made later is pressed too"
