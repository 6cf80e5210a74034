"""Conversations in the left pane: new, open, search, rename, delete and have back, by mouse and by keyboard."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from app.library.store.records import ExchangeRow, FileRow, Files, Header, Summary, Titled
from app.ui.history.history import History
from app.ui.history.list import ConversationList
from app.ui.history.rows import ConversationModel, files_line, pieces, spoken, when
from tests.app.ui.conftest import Stage


def titles(stage: Stage) -> list[str]:
    return [row.title for row in stage.window.library.list.conversations.rows]


def asked(stage: Stage, question: str, answer: str = "Because.") -> str:
    """Ask and answer; the conversation's id."""
    sent = len(stage.engine.requests)
    stage.ask(question)
    stage.until(lambda: len(stage.engine.requests) == sent + 1)
    stage.engine.answer(answer)
    stage.until(lambda: question in titles(stage))
    return stage.window.asking.conversation.id


def keep(history: History, number: int, title: str, files: tuple[str, ...] = ()) -> str:
    """A conversation that is already in the history."""
    name, then = f"{number:032x}", time.time() - 3600.0 * number
    exchange = ExchangeRow(name, f"{name}-1", 1, "", title, "done", then, answer="Nothing.")
    rows = Files(name, tuple(FileRow(f"/files/{file}", file) for file in files))
    history.put([Header(name, then, then), Titled(name, title), rows, exchange])
    return name


def press(stage: Stage, key: Qt.Key) -> None:
    widget = stage.window.focusWidget()
    assert widget is not None
    stage.qtbot.keyClick(widget, key)


def test_a_conversation_appears_with_its_first_question_and_is_marked(stage: Stage) -> None:
    assert titles(stage) == [] and "appear here" in stage.window.library.nothing.text()
    stage.attach("a.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    first = asked(stage, "Why is it so?")
    rows = stage.window.library.list.conversations
    assert rows.rows[0].files == ("a.pdf",) and rows.current == first
    index = rows.index(0)
    assert "open now" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert stage.window.windowTitle().startswith("Why is it so?")
    assert stage.window.talk.title.text() == "Why is it so?"
    stage.window.library.new_button.click()
    assert stage.window.talk.title.text() == "" and rows.current != first
    assert "open now" not in index.data(Qt.ItemDataRole.AccessibleTextRole)


def test_a_click_opens_a_conversation_with_its_answer_and_its_files(stage: Stage) -> None:
    stage.attach("a.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    asked(stage, "Why is it so?", "It just is.")
    stage.window.new_conversation()
    asked(stage, "And the other?")
    rows = stage.window.library.list
    place = rows.visualRect(rows.conversations.index(titles(stage).index("Why is it so?"))).center()
    stage.qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert stage.view.exchange.answer == "It just is."
    stage.until(lambda: [item.name for item in stage.window.attachments.items] == ["a.pdf"])


def test_the_list_works_by_keyboard(stage: Stage) -> None:
    ids = [keep(stage.window.history, number, f"Talk {number}") for number in range(1, 4)]
    stage.until(lambda: len(titles(stage)) == 3)
    stage.qtbot.keyClick(stage.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert stage.window.library.search.hasFocus()
    press(stage, Qt.Key.Key_Down)
    assert stage.window.library.list.hasFocus() and stage.window.library.list.chosen == ids[0]
    press(stage, Qt.Key.Key_Down)
    assert stage.window.asking.conversation.id not in ids  # looking is not opening
    press(stage, Qt.Key.Key_Return)
    assert stage.window.asking.conversation.id == ids[1] and stage.window.composer.edit.hasFocus()
    for key, wanted in ((Qt.Key.Key_Down, ids[2]), (Qt.Key.Key_Up, ids[1])):
        stage.qtbot.keyClick(stage.window, key, Qt.KeyboardModifier.AltModifier)
        assert stage.window.asking.conversation.id == wanted


def test_a_title_is_changed_in_its_place(stage: Stage) -> None:
    asked(stage, "Why is it so?")
    stage.qtbot.keyClick(stage.window, Qt.Key.Key_F2)
    editor = stage.window.library.list.findChild(QLineEdit)
    assert editor is not None and editor.accessibleName() and editor.text() == "Why is it so?"
    editor.selectAll()
    stage.qtbot.keyClicks(editor, "  The   reason ")
    stage.qtbot.keyClick(editor, Qt.Key.Key_Return)
    stage.until(lambda: titles(stage) == ["The reason"])
    assert stage.window.talk.title.text() == "The reason"


def test_an_empty_title_changes_nothing(stage: Stage) -> None:
    asked(stage, "Why is it so?")
    rows = stage.window.library.list.conversations
    assert not rows.setData(rows.index(0), "   ")
    assert titles(stage) == ["Why is it so?"]


def test_a_deleted_conversation_is_had_back(stage: Stage) -> None:
    first = asked(stage, "Why is it so?", "It just is.")
    window = stage.window
    window.library.list.setFocus()
    press(stage, Qt.Key.Key_Delete)
    assert titles(stage) == [] and not window.talk.view.views
    assert window.library.undo.text == "“Why is it so?” was deleted." and window.library.undo.isVisible()
    assert not window.talk.undo.isVisible()  # one strip is enough
    window.library.undo.button.click()
    assert titles(stage) == ["Why is it so?"] and window.asking.conversation.id == first
    assert stage.view.exchange.answer == "It just is." and not window.library.undo.isVisible()


def test_ctrl_z_takes_back_what_was_removed_last(stage: Stage) -> None:
    stage.attach("a.pdf", "b.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    row = next(iter(stage.window.side.rows.values()))
    row.setFocus()
    stage.qtbot.keyClick(row, Qt.Key.Key_Delete)
    assert [item.name for item in stage.window.attachments.items] == ["b.pdf"]
    assert stage.window.undoing.words == "a.pdf was removed."
    stage.window.library.list.setFocus()
    stage.qtbot.keyClick(stage.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    stage.until(lambda: [item.name for item in stage.window.attachments.items] == ["a.pdf", "b.pdf"])
    assert not stage.window.undoing.possible and not stage.window.menus.undo_action.isEnabled()


def test_without_the_left_pane_the_way_back_stands_above_the_conversation(stage: Stage) -> None:
    asked(stage, "Why is it so?")
    stage.window.toggle_side()
    stage.qtbot.keyClick(
        stage.window, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    assert stage.window.talk.undo.isVisible()
    stage.window.talk.undo.button.click()
    assert stage.window.talk.title.text() == "Why is it so?"


def test_search_finds_what_was_said_and_says_when_it_finds_nothing(stage: Stage) -> None:
    asked(stage, "Why is it so?", "The notice period ends in March.")
    stage.window.new_conversation()
    asked(stage, "And the other?", "Nothing of that.")
    library = stage.window.library
    library.search.setText("period march")
    stage.until(lambda: titles(stage) == ["Why is it so?"])
    library.search.setText("elephant")
    stage.until(lambda: library.nothing.isVisible())
    assert "“elephant”" in library.nothing.text()
    library.search.setFocus()
    press(stage, Qt.Key.Key_Escape)
    stage.until(lambda: len(titles(stage)) == 2)
    library.search.setText("period")
    press(stage, Qt.Key.Key_Return)  # without waiting for the list
    assert stage.view.exchange.answer == "The notice period ends in March."


def test_the_small_menu_has_it_all(stage: Stage) -> None:
    asked(stage, "Why is it so?")
    rows = stage.window.library.list
    menu = rows.menu_for(rows.conversations.index(0), rows.mapToGlobal(rows.rect().center()))
    assert isinstance(menu, QMenu)
    words = [action.text() for action in menu.actions() if action.text()]
    assert words == ["Open", "Open in a new window", "Rename", "Export…", "Delete"]
    next(action for action in menu.actions() if action.text() == "Delete").trigger()
    menu.close()
    assert titles(stage) == []


def test_what_was_being_written_stays_with_its_conversation(stage: Stage) -> None:
    asked(stage, "Why is it so?")
    stage.window.composer.set_text("And what if")
    stage.window.new_conversation()
    assert stage.window.composer.text == ""
    stage.until(lambda: titles(stage) == ["Why is it so?"])
    stage.window.talks.open(stage.window.library.list.conversations.rows[0].id)
    assert stage.window.composer.text == "And what if"


class Counting(ConversationModel):
    """Counts what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[int] = set()

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        self.asked.add(index.row())
        return super().data(index, role)


def test_of_5000_conversations_only_those_in_sight_are_touched(qtbot, qapp: QApplication) -> None:  # noqa: ANN001
    rows = ConversationList()
    qtbot.addWidget(rows)
    model = Counting()
    rows.setModel(model)
    rows.conversations = model
    rows.resize(260, 400)
    rows.show()
    model.show([Summary(f"{n:032x}", f"Talk {n}", 1.7e9 + n, ("a.pdf",)) for n in range(5000)], False)
    qapp.processEvents()
    rows.grab()
    assert 0 < len(model.asked) < 100
    rows.scrollTo(model.index(4000))
    qapp.processEvents()
    assert len(model.asked) < 200


def test_a_long_list_is_asked_for_in_parts(stage: Stage) -> None:
    asks: list[int] = []
    rows = [Summary(f"{n:032x}", f"Talk {n}", 1.7e9 - n) for n in range(5000)]

    def find(_search: str, limit: int) -> list[Summary]:
        asks.append(limit)
        return rows[:limit]

    library = stage.window.library
    library._find = find
    library.refresh()
    assert asks == [200] and len(titles(stage)) == 200
    bar = library.list.verticalScrollBar()
    while len(titles(stage)) < 5000:
        before = len(titles(stage))
        stage.until(lambda: bar.maximum() > bar.value())
        bar.setValue(bar.maximum())
        stage.until(lambda before=before: len(titles(stage)) > before)
    assert titles(stage)[4999] == "Talk 4999"


NOW = datetime(2026, 6, 12, 15, 0)


@pytest.mark.parametrize(
    ("then", "words"),
    [
        (datetime(2026, 6, 11, 23, 59), "Yesterday"),
        (datetime(2026, 6, 8, 8, 0), "Monday"),
        (datetime(2026, 3, 2, 8, 0), "2 Mar"),
        (datetime(2024, 3, 2, 8, 0), "2 Mar 2024"),
    ],
)
def test_times_are_short(then: datetime, words: str) -> None:
    assert when(then.timestamp(), NOW) == words


def test_times_of_today_are_hours() -> None:
    assert "14" in when(datetime(2026, 6, 12, 14, 5).timestamp(), NOW) or "2:05" in when(
        datetime(2026, 6, 12, 14, 5).timestamp(), NOW
    )


def test_found_words_are_marked() -> None:
    assert pieces("the notice\nperiod ends", ((4, 10), (11, 17))) == [
        ("the ", False), ("notice", True), (" ", False), ("period", True), (" ends", False),
    ]  # fmt: skip
    assert pieces("abc", ((2, 9), (0, 1))) == [("a", True), ("b", False), ("c", True)]
    assert pieces("", ((0, 1),)) == []


def test_a_screen_reader_hears_the_whole_row() -> None:
    words = spoken(Summary("1", "", NOW.timestamp(), ("a.pdf",)), True)
    assert words.startswith("Untitled conversation, ") and words.endswith("a.pdf, open now")


def test_the_list_says_where_an_answer_is_being_written_and_where_a_draft_waits(stage: Stage) -> None:
    stage.ask("Why is it so?")
    stage.window.new_conversation()
    rows = stage.window.library.list.conversations
    stage.until(lambda: bool(rows.rows) and files_line(rows.rows[0], False).startswith("Answering…"))
    stage.engine.answer("So.")
    stage.until(lambda: files_line(rows.rows[0], False) == "No files")
    stage.window.talks.open(rows.rows[0].id)
    stage.window.composer.set_text("And what if")
    stage.window.new_conversation()
    stage.until(lambda: files_line(rows.rows[0], False) == "Draft · No files")
    assert "Draft" in spoken(rows.rows[0], False) and "Draft" not in spoken(rows.rows[0], True)


def test_history_is_kept_on_disk_and_comes_back(make_stage: Callable[..., Stage], tmp_path: Path) -> None:
    first = History(tmp_path / "conversations")
    stage = make_stage(history=first)
    stage.until(lambda: first.ready)
    asked(stage, "Why is it so?", "It just is.")
    stage.window.close()
    again = make_stage(history=History(tmp_path / "conversations"))
    again.until(lambda: titles(again) == ["Why is it so?"])
    again.window.talks.open(again.window.library.list.conversations.rows[0].id)
    assert again.view.exchange.answer == "It just is."


def test_every_conversation_is_listed_with_its_files_while_another_answers(stage: Stage) -> None:
    def begin(file: str, question: str) -> None:
        stage.attach(file)
        stage.until(lambda: not stage.window.attachments.busy)
        stage.ask_and_wait(question)

    begin("a.pdf", "First?")
    stage.engine.answer("Because.")
    stage.window.new_conversation()
    begin("b.pdf", "Second?")
    stage.window.new_conversation()
    stage.attach("c.pdf")
    stage.ask("Third?")
    rows = stage.window.library.list.conversations
    stage.until(lambda: [row.title for row in rows.rows] == ["Third?", "Second?", "First?"])
    assert [files_line(row, False) for row in rows.rows] == ["c.pdf", "Answering… · b.pdf", "a.pdf"]
    card = next(iter(stage.window.side.rows.values()))
    stage.until(lambda: "page" in card.facts.text() and "Waiting" not in card.facts.text())  # read meanwhile
    stage.engine.answer("So.")
    stage.until(lambda: "b.pdf" in [files_line(row, False) for row in rows.rows])
