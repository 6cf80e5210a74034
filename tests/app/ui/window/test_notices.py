"""News goes when its cause is gone, and stays with the conversation that it is about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from app.ui.history.history import History
from tests.app.ui.conftest import Stage
from tests.fakes import model_info


def refuse(stage: Stage) -> None:
    """A file in a folder that Lectern cannot read."""
    stage.window.add_paths([stage.file("folder/a.xyz").parent])
    stage.until(lambda: bool(stage.window.talk.notices.text))


def test_what_was_not_added_is_said_until_something_is_added(stage: Stage) -> None:
    refuse(stage)
    assert "a.xyz" in stage.window.talk.notices.text
    stage.attach("b.pdf")
    assert stage.window.talk.notices.text == "" and not stage.window.talk.notices.isVisible()


def test_news_of_one_conversation_does_not_stand_over_another(stage: Stage) -> None:
    stage.ask("Why?")
    stage.engine.answer("So.")
    first = stage.window.asking.conversation.id
    refuse(stage)
    stage.window.new_conversation()
    assert stage.window.talk.notices.text == ""
    stage.window.talk.notices.add("The disk is full.", "history", everywhere=True)
    stage.window.talks.open(first)
    assert stage.window.talk.notices.text == "The disk is full."


def test_trouble_with_the_disk_is_said_until_it_is_over(make_stage: Callable[..., Stage], tmp_path: Path) -> None:
    stage = make_stage(history=History(tmp_path / "conversations"))
    stage.until(lambda: stage.window.history.ready)
    stage.window.history.notice.emit("The disk is full.")
    stage.window.history.notice.emit("Your conversations are being saved again.")
    assert stage.window.talk.notices.text == "Your conversations are being saved again."


def test_what_was_done_is_said_for_a_while(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.ask("Why?")
    stage.engine.answer("So.")
    stage.window.talk.notices.passing_ms = 200
    target = tmp_path / "talk.md"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(target), "Markdown (*.md)"))
    stage.window.dialogs.export()
    assert "talk.md" in stage.window.talk.notices.text and target.exists()
    assert stage.window.talk.notices.folder_button.isVisible()
    shown: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: shown.append(url.toLocalFile()))
    stage.window.talk.notices.folder_button.click()
    assert shown == [str(tmp_path)]
    stage.until(lambda: stage.window.talk.notices.text == "")
    stage.window.talk.notices.add("Something else.")
    assert not stage.window.talk.notices.folder_button.isVisible()


def test_the_offer_to_undo_goes_after_a_while_and_the_key_still_works(stage: Stage) -> None:
    stage.attach("a.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    undoing = stage.window.undoing
    undoing.timer.setInterval(1)
    stage.window.files.remove(next(iter(stage.window.attachments.items)).key)
    assert stage.window.library.undo.isVisible()
    stage.until(lambda: not stage.window.library.undo.isVisible())
    stage.window.library.list.setFocus()
    stage.qtbot.keyClick(stage.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert [item.name for item in stage.window.attachments.items] == ["a.pdf"]


def test_a_removed_file_is_not_offered_in_another_conversation_and_a_deleted_conversation_is(stage: Stage) -> None:
    stage.attach("a.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.ask_and_wait("Why?")
    stage.engine.answer("So.")
    first = stage.window.asking.conversation.id
    stage.window.files.remove(next(iter(stage.window.attachments.items)).key)
    assert stage.window.undoing.possible
    stage.window.new_conversation()
    assert not stage.window.undoing.possible
    stage.until(lambda: stage.window.library.list.conversations.row_of(first) >= 0)
    stage.window.talks.delete(first)
    stage.window.new_conversation()
    assert stage.window.undoing.possible


def test_no_strip_is_squashed_after_the_viewer_was_closed(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(info=model_info(sample=True))
    stage.attach("a.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    talk = stage.window.talk
    talk.notices.add("Not added: " + ", ".join(f"file {number}.xyz" for number in range(30)))
    strips = (talk.sample, talk.notices)
    for _ in range(2):
        stage.window.viewing.show_item(1)
        stage.until(lambda: stage.window.panes.shown.viewer and not talk.sample.button.isVisible())
        stage.until(lambda: all(one.height() >= one.heightForWidth(one.width()) for one in strips))
        stage.window.viewing.close()
        stage.until(talk.sample.button.isVisible)
        stage.until(lambda: all(one.height() >= one.heightForWidth(one.width()) for one in strips))
