"""A question for everything there is: the offer above the composer, and the panel that it opens."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.ui.extract.panel import ExtractPanel
from tests.app.ui.conftest import Stage

QUESTION = "List all invoices with number and total"


def read(stage: Stage) -> None:
    stage.attach("a.pdf")
    stage.until(lambda: bool(stage.window.attachments.items.documents()))


def test_the_offer_comes_with_the_words_and_goes_with_them(stage: Stage) -> None:
    offer = stage.window.talk.everywhere
    QTest.keyClicks(stage.window.composer.edit, QUESTION)
    assert not offer.isVisible()  # nothing is attached
    read(stage)
    stage.until(offer.isVisible)
    stage.window.composer.edit.selectAll()
    QTest.keyClicks(stage.window.composer.edit, "What is the due date?")
    assert not offer.isVisible()


def test_one_page_needs_no_list(stage: Stage) -> None:
    stage.attach("a.png")
    stage.until(lambda: bool(stage.window.attachments.items.documents()))
    stage.window.composer.set_text(QUESTION)
    assert not stage.window.talk.everywhere.isVisible()


def test_the_panel_takes_the_question_by_keyboard_and_a_later_one_too(stage: Stage) -> None:
    read(stage)
    stage.window.composer.set_text(QUESTION)
    button = stage.window.talk.everywhere.button
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    panel = stage.window.findChild(ExtractPanel)
    assert panel is not None
    assert panel.question.text() == QUESTION
    assert stage.window.composer.text == QUESTION  # it can still be asked
    stage.window.composer.set_text("Make a table of all customers with name and city")
    button.click()
    assert stage.window.findChildren(ExtractPanel) == [panel]
    assert [column.name for column in panel.columns.schema.columns] == ["name", "city"]


def test_the_answer_carries_the_offer(stage: Stage) -> None:
    read(stage)
    stage.ask_and_wait(QUESTION)
    offer = stage.view.everywhere
    assert not offer.isVisible()  # it is being answered
    stage.engine.answer("Not in the document.")
    stage.until(offer.isVisible)
    assert not stage.window.talk.everywhere.isVisible() and stage.window.composer.text == ""
    offer.button.click()
    panel = stage.window.findChild(ExtractPanel)
    assert panel is not None and panel.question.text() == QUESTION
    assert [column.name for column in panel.columns.schema.columns] == ["invoice_number", "total"]
    panel.close()
    (item,) = stage.window.attachments.items
    stage.window.attachments.remove(item.key)
    stage.until(lambda: not offer.isVisible())


def test_an_answer_to_another_question_has_no_offer(stage: Stage) -> None:
    read(stage)
    stage.ask_and_wait("What is the due date?")
    stage.engine.answer("Not in the document.")
    assert not stage.view.everywhere.isVisible()
