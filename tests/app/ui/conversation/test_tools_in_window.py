"""The model's own looks in the window: offered where they can be used, and kept with the answer as they happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtGui import QAction

from app.chat.evidence.places import Place
from app.chat.tools.declared import TOOLS
from app.chat.tools.uses import ToolUse
from app.library.settings import Settings
from app.ui.extract.panel import ExtractPanel
from model.messages import plain
from model.types import TextDelta, ToolCall
from tests.app.ui.conftest import Stage
from tests.fakes import finished, model_info

ABLE = model_info(tools=True)
USE = ToolUse("find", "{}", plain("Searched a.pdf for “x”: 1 page"), Place("a" * 64, 2))


def test_a_model_that_can_is_offered_them_for_the_attached_files(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(info=ABLE)
    stage.ask_and_wait("Anything?")
    assert stage.engine.requests[-1].tools == ()  # there is nothing to look at
    stage.engine.answer("No.")
    stage.attach("a.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.ask_and_wait("Where?")
    assert stage.engine.requests[-1].tools == TOOLS
    assert [document.name for document in stage.engine.shown] == ["a.pdf"]
    assert all(request.tools == TOOLS for request in stage.engine.priced[-1:])


@pytest.mark.parametrize("what", ["sample", "template", "setting"])
def test_others_are_not(what: str, make_stage: Callable[..., Stage]) -> None:
    info = {"sample": replace(ABLE, sample=True), "template": model_info(), "setting": ABLE}[what]
    stage = make_stage(info=info, settings=Settings(theme="light", tools=what != "setting"))
    stage.attach("a.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.ask_and_wait("Where?")
    assert stage.engine.requests[-1].tools == ()


def test_uses_come_to_the_answer_as_they_happen(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(info=ABLE)
    stage.attach("a.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.ask_and_wait("Where?")
    exchange = stage.window.asking.conversation.last
    assert exchange is not None
    stage.engine.say(TextDelta("Let me look."))
    stage.engine.say(ToolCall("find", "{}"))
    stage.engine.event.emit(len(stage.engine.requests), USE)
    assert exchange.tool_uses == (USE,) and not exchange.stage.over
    stage.engine.say(TextDelta("\n\nPage 2."))
    stage.engine.say(finished())
    assert exchange.stage.over and exchange.answer == "Let me look.\n\nPage 2."
    assert exchange.tool_uses == (USE,)


def test_ctrl_e_goes_through_every_page_of_what_is_attached(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(info=ABLE)
    stage.attach("a.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.window.composer.set_text("List all parties with name and role")
    action = next(one for one in stage.window.findChildren(QAction) if one.shortcut().toString() == "Ctrl+E")
    action.trigger()
    (panel,) = stage.window.findChildren(ExtractPanel)
    assert [column.name for column in panel.columns.schema.columns] == ["name", "role"]
    panel.run_button.click()
    assert stage.engine.requests[-1].shared_system and "Page 1" in str(stage.engine.requests[-1])
    stage.engine.answer('[{"quote": "Page 1", "name": "Page 1"}]')
    wanted: list[Place] = []
    panel.found.place_wanted.connect(wanted.append)
    panel.found.table.clicked.emit(panel.found.model.index(0, 0))
    assert wanted[0].page == 1
    panel.close()
