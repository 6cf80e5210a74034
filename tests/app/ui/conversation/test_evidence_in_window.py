"""Evidence in a real window: names that stay, pictures without pages, and clips to choose from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from app.chat.evidence.places import Evidence, Place
from app.library.store.records import Header, Titled
from app.session.conversation import Conversation
from app.session.conversation import Stage as ExchangeStage
from app.session.recording import row_of
from app.ui.conversation.message import ExchangeView
from app.ui.history.history import History
from model.messages import plain
from tests.app.ui.conftest import Stage

PLACE = Place("d" * 64, 2, name="lease (final).pdf")


def texts(view: ExchangeView) -> str:
    return "\n".join(piece.toPlainText().replace("\xa0", " ") for piece in view.body.pieces)  # type: ignore[union-attr]


def exchange_with(answer: str, *found: Evidence, sources: tuple[str, ...] = ("a.pdf", "b.pdf")) -> Conversation:
    talk = Conversation()
    one = talk.add("When?")
    one.answer, one.stage, one.sources, one.checked = answer, ExchangeStage.DONE, sources, True
    one.evidence = found
    return talk


ANSWER = 'It ends "31 May" (page 2).'
FOUND = Evidence(8, len(ANSWER) - 1, "31 May", "found", PLACE, plain("Found."))


def test_a_chip_keeps_the_name_that_the_file_had(qtbot: QtBot) -> None:
    (one,) = exchange_with(ANSWER, FOUND)
    view = ExchangeView(one)
    qtbot.addWidget(view)
    assert "✓ lease (final), p. 2" in texts(view)
    view.evidence.fold(False)
    assert view.evidence.rows[0].words == "✓ Found · lease (final).pdf, page 2"


def test_a_chip_takes_a_name_that_becomes_known_later(qtbot: QtBot) -> None:
    (one,) = exchange_with(ANSWER, replace(FOUND, place=Place("d" * 64, 2)))
    names: dict[str, str] = {}
    view = ExchangeView(one, lambda document: names.get(document, ""))
    qtbot.addWidget(view)
    assert "✓ p. 2" in texts(view)
    names["d" * 64] = "lease.pdf"
    view.refresh("")
    assert "✓ lease, p. 2" in texts(view)


def test_names_are_there_when_a_conversation_is_shown_again(make_stage: Callable[..., Stage]) -> None:
    history = History()
    stage = make_stage(history=history)
    stage.attach("a.pdf", "b.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.ask_and_wait("What is on the second page of b?")
    stage.engine.answer("It is due (b.pdf, page 2). Nothing else.")
    exchange = stage.view.exchange
    stage.until(lambda: exchange.checked)
    first = stage.window.asking.conversation.id
    shown = texts(stage.view)
    assert "b, p. 2" in shown
    stage.window.new_conversation()
    stage.window.talks.open(first)
    stage.until(lambda: len(stage.window.talk.view.views) == 1)
    assert texts(stage.view) == shown


def test_a_picture_has_a_name_and_no_page(qtbot: QtBot) -> None:
    answer = 'It says "Apply" (settings.png).'
    place = Place("e" * 64, name="settings.png")
    (one,) = exchange_with(
        answer, Evidence(8, len(answer) - 1, "Apply", "seen", place, plain("Look.")), sources=("settings.png",)
    )
    view = ExchangeView(one, lambda _: "settings.png")
    qtbot.addWidget(view)
    assert "◻ settings" in texts(view) and "p. 1" not in texts(view)
    view.evidence.fold(False)
    assert view.evidence.rows[0].words == "◻ Cannot be checked automatically · settings.png"


def test_a_time_in_several_clips_asks_which(stage: Stage) -> None:
    stage.attach("one.mp4", "two.mp4")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.ask_and_wait("When does the car come?")
    stage.engine.answer("It comes [00:01].")
    exchange = stage.view.exchange
    stage.until(lambda: exchange.checked)
    assert "It comes  ◻ 00:01 ." in texts(stage.view)
    view = stage.view
    view.body.chip_clicked.emit(0)
    (menu,) = [menu for menu in view.findChildren(QMenu) if menu.isVisible()]
    assert [action.text() for action in menu.actions()] == ["one.mp4, 00:01", "two.mp4, 00:01"]
    with stage.qtbot.waitSignal(stage.window.talk.view.place_wanted) as wanted:
        menu.actions()[1].trigger()
    assert (wanted.args[0].name, wanted.args[0].time_s) == ("two.mp4", 1.0)
    menu.close()
    view.evidence.fold(False)
    buttons = [
        button.accessibleName() for button in view.evidence.rows[0].findChildren(type(view.evidence.rows[0].button))
    ]
    assert buttons == ["one.mp4, 00:01", "two.mp4, 00:01"]


def test_the_question_names_the_clip(stage: Stage) -> None:
    stage.attach("one.mp4", "two.mp4")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.ask_and_wait("When does the car come in two.mp4?")
    stage.engine.answer("It comes [00:01].")
    exchange = stage.view.exchange
    stage.until(lambda: exchange.checked)
    assert exchange.evidence[0].place is not None and exchange.evidence[0].place.name == "two.mp4"


@pytest.mark.parametrize("search", ["LB-2041", "boat"])
def test_a_search_shows_answers_as_they_read(tmp_path: Path, qtbot: QtBot, search: str) -> None:
    answer = 'The **boat** is LB-2041 [page 2: "Boat LB-2041"].'
    start = answer.index("[")
    found = Evidence(start, len(answer) - 1, "Boat LB-2041", "found", PLACE, plain("Found."))
    talk = exchange_with(answer, found)
    history = History(tmp_path / "history")
    qtbot.waitUntil(lambda: history.ready, timeout=60_000)
    history.put([Header(talk.id, 1.0, 2.0), Titled(talk.id, "Boats"), *(row_of(talk, one) for one in talk)])
    assert history.flush()
    (summary,) = history.list(search)
    history.close()
    assert summary.snippet == "The boat is LB-2041 ✓ p. 2."
    assert {summary.snippet[a:b] for a, b in summary.marks} <= {"LB", "2041", "boat"} and summary.marks
