from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QApplication

from app.session import conversation as state
from app.ui.window import dialogs
from app.ui.window.dialogs import LinkDialog
from model.messages import plain
from model.types import EncodeProgress, Failed, PicturePart, PrefillProgress, Request, TextDelta, TextPart, ThoughtDelta
from tests.app.ui.conftest import Stage
from tests.fakes import finished


def body_text(stage: Stage) -> str:
    return "\n".join(piece.toPlainText() for piece in stage.view.body.pieces)


def texts(request: Request) -> str:
    return "".join(p.text for message in request.messages for p in message.parts if isinstance(p, TextPart))


def test_enter_asks_and_shift_enter_does_not(stage: Stage) -> None:
    edit = stage.window.composer.edit
    stage.qtbot.keyClicks(edit, "One")
    stage.qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    stage.qtbot.keyClicks(edit, "Two")
    assert not stage.engine.requests
    stage.qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert len(stage.engine.requests) == 1
    assert "One\nTwo" in texts(stage.engine.requests[0])
    assert stage.window.composer.text == ""


def test_documents_go_with_the_question(stage: Stage) -> None:
    stage.attach("a.pdf", "b.png")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.ask_and_wait("What is this?")
    request = stage.engine.requests[0]
    assert "a.pdf" in texts(request) and "b.png" in texts(request)
    assert sum(isinstance(part, PicturePart) for message in request.messages for part in message.parts) == 1


def test_progress_before_the_answer(stage: Stage) -> None:
    stage.ask("Why?")
    stage.engine.say(EncodeProgress(2, 8))
    stage.until(lambda: stage.view.progress_words.text() == "Looking at pictures: 2 of 8")
    stage.engine.say(PrefillProgress(300, 1000, 100))
    stage.until(lambda: stage.view.progress_words.text().startswith("Reading: 300 of 1,000 tokens, 100 reused"))
    assert (stage.view.progress_bar.value(), stage.view.progress_bar.maximum()) == (300, 1000)
    stage.engine.say(TextDelta("Because"))
    stage.until(lambda: not stage.view.progress_words.isVisible())


def test_the_answer_streams_as_markdown(stage: Stage) -> None:
    stage.ask("Why?")
    stage.engine.say(TextDelta("Because **it"))
    stage.until(lambda: body_text(stage) == "Because **it")
    stage.engine.say(TextDelta(" is**."))
    stage.until(lambda: body_text(stage) == "Because it is.")
    stage.engine.say(finished(reused=12))
    assert "12 reused" in stage.view.small_print.text()
    assert stage.view.tools.isVisible()


def test_thinking_is_folded_away_and_can_be_seen(stage: Stage) -> None:
    stage.ask("Why?")
    stage.engine.say(ThoughtDelta("Let me see."))
    thinking = stage.view.thinking
    stage.until(thinking.isVisible)
    assert not thinking.body.isVisible()
    thinking.button.click()
    assert thinking.body.isVisible() and thinking._words.toPlainText() == "Let me see."
    stage.engine.answer("Because.")
    assert body_text(stage) == "Because."


def test_think_is_asked_for_and_remembered(stage: Stage) -> None:
    stage.window.composer.think_button.click()
    stage.ask("Why?")
    assert stage.engine.requests[0].thinking and stage.settings.think


def test_escape_stops_and_what_was_written_stays(stage: Stage) -> None:
    stage.ask("Why?")
    stage.engine.say(TextDelta("Part of"))
    assert stage.window.composer.stop_button.isVisible()
    stage.qtbot.keyClick(stage.window.composer.edit, Qt.Key.Key_Escape)
    assert stage.engine.stops == [1]
    stage.engine.say(finished("cancelled"))
    assert body_text(stage) == "Part of"
    assert stage.view.small_print.text().startswith("Stopped")
    assert not stage.window.composer.stop_button.isVisible()


def test_a_second_question_carries_the_history(stage: Stage) -> None:
    stage.ask("First?")
    stage.engine.answer("One.")
    stage.ask("Second?")
    roles = [message.role for message in stage.engine.requests[1].messages]
    assert roles == ["system", "user", "assistant", "user"]
    assert "First?" in texts(stage.engine.requests[1]) and "One." in texts(stage.engine.requests[1])
    stage.engine.answer("Two.")
    assert [one.answer for one in stage.window.asking.conversation] == ["One.", "Two."]


def test_thoughts_do_not_go_back(stage: Stage) -> None:
    stage.ask("First?")
    stage.engine.say(ThoughtDelta("secret thought"))
    stage.engine.answer("One.")
    stage.ask("Second?")
    assert "secret thought" not in texts(stage.engine.requests[1])


def test_a_question_waits_for_reading_and_then_goes_by_itself(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(auto=False)
    stage.attach("a.pdf")
    assert stage.window.composer.reason.text() == ""
    stage.ask("What is it?")
    assert not stage.engine.requests and stage.view.waiting_words.isVisible()
    assert stage.view.waiting_words.text() == "Queued: waiting for the files to be read."
    stage.reading.finish(1)
    stage.until(lambda: bool(stage.engine.requests))
    assert "a.pdf" in texts(stage.engine.requests[0])
    stage.until(lambda: not stage.view.waiting.isVisible())


def test_a_waiting_question_goes_on_without_a_file_that_failed(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(auto=False)
    stage.attach("a.pdf", "b.pdf")
    stage.ask("What is it?")
    stage.reading.finish(1)
    stage.reading.fail(2, "It is empty.")
    stage.until(lambda: len(stage.engine.requests) == 1)


def test_a_waiting_question_can_be_withdrawn(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(auto=False)
    stage.attach("a.pdf")
    stage.ask("What is it?")
    assert not stage.window.composer.send_button.isEnabled()
    stage.view.withdraw.emit(stage.view.exchange.key)
    assert not stage.window.talk.view.views
    assert stage.window.composer.text == "What is it?"
    stage.reading.finish(1)
    assert not stage.engine.requests


def test_a_question_during_an_answer_waits_for_it(stage: Stage) -> None:
    stage.ask("First?")
    hint = stage.window.composer.reason
    assert hint.text() == ""
    stage.window.composer.set_text("Second?")
    assert hint.text() == "Enter queues it until this answer is finished."
    stage.window.composer.edit.send.emit()
    assert stage.view.waiting_words.text() == "Queued: waiting for this answer to finish."
    assert hint.text() == "One question is already queued. Cancel it to ask another."
    assert len(stage.engine.requests) == 1
    stage.engine.answer("One.")
    assert len(stage.engine.requests) == 2
    assert "One." in texts(stage.engine.requests[1])


def test_an_error_stands_where_the_answer_would_and_can_be_copied(stage: Stage) -> None:
    stage.ask("Why?")
    stage.engine.say(Failed(plain("The machine ran out of memory; remove a file.")))
    assert stage.view.error.isVisible()
    from app.ui.look.widgets import CopyButton

    stage.view.error.findChild(CopyButton).click()
    assert QApplication.clipboard().text() == "The machine ran out of memory; remove a file."
    stage.view.again_button.click()
    assert len(stage.engine.requests) == 2 and not stage.view.error.isVisible()


def test_asking_again_forgets_the_former_answer(stage: Stage) -> None:
    stage.ask("Why?")
    stage.engine.answer("Old.")
    stage.view.again_button.click()
    assert "Old." not in texts(stage.engine.requests[1])
    stage.engine.answer("New.")
    assert body_text(stage) == "New."


def test_the_answer_is_copied_as_markdown(stage: Stage) -> None:
    stage.ask("Why?")
    stage.engine.answer("**Because**")
    stage.view.copy_button.click()
    assert QApplication.clipboard().text() == "**Because**"
    assert stage.view.copy_button.text() == "Copied"
    QApplication.clipboard().clear()
    stage.window.copy_last_answer()
    assert QApplication.clipboard().text() == "**Because**"


def test_a_new_conversation_begins_empty_or_with_the_files_where_that_is_wanted(stage: Stage) -> None:
    def names() -> list[str]:
        return [item.name for item in stage.window.attachments.items]

    stage.attach("a.pdf", "b.pdf")
    stage.ask_and_wait("Why?")
    stage.engine.answer("So.")
    first = stage.window.asking.conversation.id
    stage.qtbot.keyClick(stage.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert names() == [] and not stage.window.undoing.possible, "they are in the conversation that was left"
    stage.window.talks.open(first)
    assert names() == ["a.pdf", "b.pdf"]
    stage.until(lambda: not stage.window.attachments.busy)
    stage.window.side.new_button.click()
    assert names() == ["a.pdf", "b.pdf"] and stage.window.asking.conversation.id != first
    assert not len(stage.window.asking.conversation)
    stage.window.new_conversation()
    assert names() == [] and stage.window.undoing.words == "2 files were not carried over."
    stage.window.undoing.undo()
    assert names() == ["a.pdf", "b.pdf"]


def test_all_files_are_removed_at_once_and_come_back(stage: Stage) -> None:
    assert not stage.window.side.remove_all_button.isVisible()
    stage.attach("a.pdf", "b.pdf", "c.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.window.side.remove_all_button.click()
    assert not len(stage.window.attachments.items)
    assert stage.window.undoing.words == "3 files were removed."
    stage.window.undoing.undo()
    assert [item.name for item in stage.window.attachments.items] == ["a.pdf", "b.pdf", "c.pdf"]
    assert not stage.window.undoing.possible


def test_a_new_conversation_lets_the_old_one_go_on(stage: Stage) -> None:
    stage.attach("a.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.ask_and_wait("Why?")
    stage.window.new_conversation()
    assert stage.engine.stops == []
    assert not stage.window.talk.view.views and not len(stage.window.attachments.items)
    stage.engine.answer("Too late.")
    stage.ask_and_wait("Other?")
    assert "Too late." not in texts(stage.engine.requests[1])


def test_the_view_follows_the_text_only_at_its_end(stage: Stage) -> None:
    stage.ask("Why?")
    stage.engine.say(TextDelta("line\n\n" * 120))
    view = stage.window.talk.view
    bar = view.verticalScrollBar()
    stage.until(lambda: bar.maximum() > 500 and bar.value() == bar.maximum())
    bar.setValue(100)
    high = bar.maximum()
    stage.engine.say(TextDelta("line\n\n" * 120))
    stage.until(lambda: bar.maximum() > high)
    assert bar.value() == 100 and view.jump_button.isVisible()
    view.jump_button.click()
    assert bar.value() == bar.maximum() and view.following


def test_a_link_opens_only_after_the_person_agreed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(dialogs.QDesktopServices, "openUrl", lambda url: opened.append(url.toString()) or True)
    stage.ask("Why?")
    stage.engine.answer("[here](https://example.org/a) [there](file:///etc/passwd)")
    piece = stage.view.body.pieces[0]
    piece.anchorClicked.emit(QUrl("file:///etc/passwd"))
    assert not stage.window.findChildren(LinkDialog)
    piece.anchorClicked.emit(QUrl("https://example.org/a"))
    dialog = stage.window.findChild(LinkDialog)
    assert dialog.address.toPlainText() == "https://example.org/a" and opened == []
    dialog.open_button.click()
    assert opened == ["https://example.org/a"]


def test_a_refused_link_opens_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    monkeypatch.setattr(dialogs.QDesktopServices, "openUrl", opened.append)
    stage.window.dialogs.open_link(QUrl("https://example.org/a"))
    stage.window.findChild(LinkDialog).cancel_button.click()
    assert opened == []


def test_suggestions_appear_with_files_and_fill_the_question(stage: Stage) -> None:
    empty = stage.window.talk.empty
    assert not empty.suggestions
    stage.attach("a.pdf")
    stage.until(lambda: bool(empty.suggestions) and empty.suggestions[0].isVisible())
    empty.suggestions[0].click()
    assert stage.window.composer.text == empty.suggestions[0].text() == "Summarise the main points, with page numbers."


@pytest.mark.parametrize("name", ["a.mp4", "a.png"])
def test_pages_are_only_asked_for_where_there_are_pages(stage: Stage, name: str) -> None:
    empty = stage.window.talk.empty
    stage.attach(name)
    stage.until(lambda: len(empty.suggestions) == 3)
    assert not any("page" in button.text() for button in empty.suggestions)
    before = [button.text() for button in empty.suggestions]
    stage.attach("b.pdf")
    stage.until(lambda: [button.text() for button in empty.suggestions] != before)
    assert not any("page" in button.text() for button in empty.suggestions)


def test_closing_while_generating_stops_and_ends_the_bridges(stage: Stage) -> None:
    stage.ask("Why?")
    stage.ask("And then?")
    stage.engine.say(TextDelta("Part"))
    assert stage.window.close()
    assert stage.engine.stops == [1]
    assert stage.engine.is_shut_down and stage.reading.is_shut_down
    stage.engine.say(finished("cancelled"))
    assert len(stage.engine.requests) == 1
    assert next(iter(stage.window.asking.conversation)).stage is state.Stage.STOPPED
