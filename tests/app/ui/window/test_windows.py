"""Several windows that share one engine, one reader and one history, each with its own conversation."""

from __future__ import annotations

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QDialog

from app.library.model_ref import SampleModel
from app.ui.window.main_window import MainWindow
from model.types import TextDelta
from tests.app.ui.conftest import Stage
from tests.fakes import finished, model_info

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def second(stage: Stage) -> MainWindow:
    stage.until(stage.window.isActiveWindow)
    stage.qtbot.keyClick(stage.window, Qt.Key.Key_N, CTRL | SHIFT)
    (other,) = (window for window in stage.window.common.windows if window is not stage.window)
    stage.until(lambda: other.isActiveWindow() and stage.window.common.front is other)
    return other


def ask(window: MainWindow, question: str) -> None:
    window.composer.set_text(question)
    window.composer.edit.send.emit()


def answers(window: MainWindow) -> list[str]:
    return [one.answer for one in window.asking.conversation]


def test_each_window_has_its_own_conversation_and_its_own_answers(stage: Stage) -> None:
    other = second(stage)
    ask(stage.window, "First?")
    ask(other, "Second?")
    stage.until(lambda: len(stage.engine.requests) == 2)
    stage.engine.event.emit(2, TextDelta("To the second."))
    stage.engine.event.emit(1, TextDelta("To the first."))
    for number in (1, 2):
        stage.engine.event.emit(number, finished())
    assert (answers(stage.window), answers(other)) == (["To the first."], ["To the second."])
    for window in (stage.window, other):
        rows = window.library.list.conversations
        stage.until(lambda rows=rows: len(rows.rows) == 2)
        assert rows.current == window.asking.conversation.id


def test_files_belong_to_the_window_that_they_were_dropped_on(stage: Stage) -> None:
    other = second(stage)
    stage.attach("a.pdf")
    other.add_paths([stage.file("b.pdf")])
    stage.until(lambda: bool(other.side.rows) and not other.attachments.busy)
    assert [item.name for item in stage.window.attachments.items] == ["a.pdf"]
    assert [item.name for item in other.attachments.items] == ["b.pdf"]


def test_a_conversation_that_is_open_elsewhere_comes_to_the_front_there(stage: Stage) -> None:
    ask(stage.window, "First?")
    stage.engine.answer("Yes.")
    mine = stage.window.asking.conversation.id
    other = second(stage)
    stage.until(lambda: other.library.list.conversations.row_of(mine) == 0)
    before = other.asking.conversation.id
    other.library.list.wanted.emit(mine)
    stage.until(lambda: stage.window.isActiveWindow() and stage.window.common.front is stage.window)
    assert other.asking.conversation.id == before


def test_a_conversation_is_opened_in_a_new_window(stage: Stage) -> None:
    ask(stage.window, "First?")
    stage.engine.answer("Yes.")
    mine = stage.window.asking.conversation.id
    stage.window.new_conversation()
    other = stage.window.new_window(mine)
    assert answers(other) == ["Yes."] and answers(stage.window) == []


def test_one_window_renames_and_deletes_what_the_other_shows(stage: Stage) -> None:
    ask(stage.window, "First?")
    stage.engine.answer("Yes.")
    mine = stage.window.asking.conversation.id
    other = second(stage)
    other.history.rename(mine, "Better")
    assert stage.window.talk.title.text() == "Better"
    other.talks.delete(mine)
    assert not stage.window.talk.view.views and stage.window.asking.conversation.id != mine
    other.undoing.undo()
    stage.until(lambda: stage.window.library.list.conversations.row_of(mine) == 0)


def test_only_the_last_window_ends_the_engine_also_while_it_answers(stage: Stage) -> None:
    other = second(stage)
    ask(stage.window, "First?")
    ask(other, "Second?")
    stage.until(lambda: len(stage.engine.requests) == 2)
    stage.qtbot.keyClick(other, Qt.Key.Key_W, CTRL)
    assert stage.engine.stops == [2] and not stage.engine.is_shut_down
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not shiboken6.isValid(other)  # nothing of it listens any more
    stage.engine.event.emit(1, TextDelta("Still there."))
    stage.until(lambda: answers(stage.window) == ["Still there."])
    stage.window.close()
    assert stage.engine.stops == [2, 1] and stage.engine.is_shut_down and stage.reading.is_shut_down


def test_what_stands_above_a_window_closes_with_it(stage: Stage) -> None:
    stage.attach("a.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.window.dialogs.check_pages()
    stage.window.dialogs.edit_instructions()
    dialogs = [dialog for dialog in stage.window.findChildren(QDialog) if dialog.isVisible()]
    assert len(dialogs) == 2
    stage.window.close()
    assert not any(dialog.isVisible() for dialog in dialogs) and stage.engine.is_shut_down


def test_quit_closes_every_window(stage: Stage) -> None:
    other = second(stage)
    stage.qtbot.keyClick(other, Qt.Key.Key_Q, CTRL)
    assert not stage.window.isVisible() and not stage.window.common.windows and stage.engine.is_shut_down


def test_model_theme_and_thinking_are_everywhere_the_same(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(info=None)
    other = second(stage)
    other.model.load(SampleModel())
    stage.engine.become(model_info(sample=True, name="Sample model"))
    assert stage.window.talk.sample.isVisible() and other.talk.sample.isVisible()
    other.choose_theme("dark")
    stage.window.menus.view_menu.aboutToShow.emit()
    checked = [action.data() for action in stage.window.menus._themes.actions() if action.isChecked()]
    assert checked == ["dark"]
    stage.window.choose_theme("light")
