"""What one can do with an answer, in the window."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from app.chat.evidence.places import Evidence, Place
from app.chat.tools.uses import ToolUse
from app.session.conversation import Conversation
from app.session.conversation import Stage as ExchangeStage
from app.ui.conversation import slots as conversation_slots
from app.ui.conversation.evidence_list import MOST_ROWS
from model.messages import NOTHING, plain
from model.types import Failed, TextDelta
from tests.app.ui.conftest import Stage
from tests.fakes import finished

ANSWER = 'It ends "31 May" (a.pdf, page 2). The dog is "Rex" (a.pdf, page 9).'


def body_text(stage: Stage) -> str:
    return "\n".join(piece.toPlainText().replace("\xa0", " ") for piece in stage.view.body.pieces)


def found(stage: Stage) -> tuple[Evidence, ...]:
    documents = stage.window.attachments.items.documents()
    place = Place(documents[0].content_hash, 2) if documents else Place("d" * 64, 2)
    end = ANSWER.index(". The")
    rex = ANSWER.index('"Rex"')
    return (
        Evidence(8, end, "31 May", "found", place, plain("The words stand on page 2 of a.pdf.")),
        Evidence(rex, len(ANSWER) - 1, "Rex", "unverified", None, plain("a.pdf has only 3 pages.")),
    )


def answered(stage: Stage) -> None:
    """A question about a file, its answer, and what was found."""
    stage.attach("a.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.ask_and_wait("When?")
    stage.engine.answer(ANSWER)
    exchange = stage.view.exchange
    stage.until(lambda: exchange.checked)
    exchange.evidence = found(stage)
    stage.window.asking.changed.emit(exchange.key)


def test_evidence_becomes_chips_that_lead_to_their_place(stage: Stage) -> None:
    answered(stage)
    assert "✓ p. 2" in body_text(stage) and "? not found" in body_text(stage)
    view = stage.window.talk.view
    with stage.qtbot.waitSignal(view.place_wanted) as wanted:
        stage.view.body.chip_clicked.emit(0)
    assert wanted.args == [found(stage)[0].place]


def test_what_was_not_found_leads_to_the_words_that_say_so(stage: Stage) -> None:
    answered(stage)
    assert not stage.view.evidence.body.isVisible()
    stage.view.body.chip_clicked.emit(1)
    assert stage.view.evidence.body.isVisible()
    assert stage.view.evidence.rows[1].words == "? Not found"


def test_the_evidence_folds_out_with_state_quote_and_place(stage: Stage) -> None:
    answered(stage)
    listed = stage.view.evidence
    assert listed.isVisible() and listed.button.text() == "Evidence: 1 found, 1 not found"
    assert listed.rows == []  # made when they are wanted
    listed.button.click()
    assert listed.rows[0].words == "✓ Found · a.pdf, page 2"
    button = listed.rows[0].button
    assert button is not None and "Found" in button.accessibleName()
    with stage.qtbot.waitSignal(stage.window.talk.view.place_wanted) as wanted:
        button.click()
    assert wanted.args == [found(stage)[0].place]
    assert listed.rows[1].button is None
    listed.button.click()
    assert not listed.body.isVisible()


def test_very_much_evidence_is_cut_visibly(stage: Stage) -> None:
    stage.ask("Why?")
    stage.engine.answer("x " * 400)
    exchange = stage.view.exchange
    stage.until(lambda: exchange.checked)
    one = Evidence(0, 1, "x", "found", Place("d", 1), NOTHING)
    exchange.evidence = tuple(replace(one, start=2 * n, end=2 * n + 1) for n in range(MOST_ROWS + 7))
    stage.window.asking.changed.emit(exchange.key)
    stage.view.evidence.button.click()
    assert len(stage.view.evidence.rows) == MOST_ROWS
    labels = [label.text() for label in stage.view.evidence.findChildren(QLabel)]
    assert "7 more in the text" in labels


def test_copying_gives_the_original_markdown(stage: Stage) -> None:
    answered(stage)
    stage.view.copy_button.click()
    assert QApplication.clipboard().text() == ANSWER


def test_what_the_model_looked_at_is_shown_as_it_happens(stage: Stage) -> None:
    stage.ask("Why?")
    exchange = stage.view.exchange
    assert not stage.view.tool_uses.isVisible()
    use = ToolUse("look_closer", "{}", plain("Looked closer at page 3 of a.pdf"), Place("d", 3))
    exchange.tool_uses = (use,)
    stage.window.asking.changed.emit(exchange.key)
    assert stage.view.tool_uses.isVisible() and len(stage.view.tool_uses.rows) == 1
    first = stage.view.tool_uses.rows[0]
    exchange.tool_uses = (use, ToolUse("find", "{}", plain("Looked for “x”"), None, plain("Nothing was found.")))
    stage.engine.say(TextDelta("So"))
    stage.until(lambda: len(stage.view.tool_uses.rows) == 2)
    assert stage.view.tool_uses.rows[0] is first
    assert "Nothing was found." in stage.view.tool_uses.rows[1].findChildren(QLabel)[-1].text()
    with stage.qtbot.waitSignal(stage.window.talk.view.place_wanted) as wanted:
        first.findChild(QPushButton).click()
    assert wanted.args == [Place("d", 3)]


def test_selected_words_go_into_the_question_as_a_quotation(stage: Stage) -> None:
    stage.ask("Why?")
    stage.engine.answer("First line.\n\nSecond line.")
    assert not stage.view.tools.quote_button.isEnabled()
    stage.view.body.selecting.select_all()
    assert stage.view.tools.quote_button.isEnabled()
    stage.view.tools.quote_button.click()
    assert stage.window.composer.text.strip().startswith("> First line.")


def test_any_answer_can_be_asked_again_and_the_old_one_stays(stage: Stage) -> None:
    for number in ("one", "two"):
        stage.ask(f"Question {number}?")
        stage.engine.answer(f"Answer {number}.")
    views = stage.window.talk.view.views
    first = min(views)
    assert not views[first].tools.branches.isVisible()
    views[first].again_button.click()
    assert len(views) == 1 and len(stage.engine.requests) == 3
    stage.engine.answer("Answer one, again.")
    branches = stage.view.tools.branches
    assert branches.words.text() == "2/2" and branches.words.accessibleName() == "Answer 2 of 2"
    assert not branches.on.isEnabled()
    branches.back.click()
    assert len(views) == 2 and body_text(stage) == "Answer two."
    assert views[min(views)].tools.branches.words.text() == "1/2"
    views[min(views)].tools.branches.on.click()
    assert len(views) == 1 and body_text(stage) == "Answer one, again."


def test_a_question_can_be_changed_and_asked_again(stage: Stage) -> None:
    stage.ask("What?")
    stage.engine.answer("This.")
    stage.view.edit_button.click()
    assert stage.window.composer.text == "What?"
    stage.ask("What else?")
    stage.engine.answer("That.")
    assert stage.view.question.text() == "What else?" and stage.view.tools.branches.words.text() == "2/2"
    stage.view.tools.branches.back.click()
    assert stage.view.question.text() == "What?"


def test_tools_rest_while_nothing_can_be_asked(stage: Stage) -> None:
    stage.ask("First?")
    stage.engine.answer("One.")
    first = stage.view
    assert first.again_button.isEnabled()
    stage.ask("Second?")
    stage.ask("Third?")  # waits: nothing more can be taken
    assert not first.again_button.isEnabled() and not first.edit_button.isEnabled()
    assert "already queued" in first.again_button.toolTip()
    stage.engine.answer("Two.")
    stage.until(lambda: first.again_button.isEnabled())


def test_the_small_print_names_the_model(stage: Stage) -> None:
    stage.ask("Why?")
    stage.engine.answer("So.", reused=7)
    assert stage.view.small_print.text().endswith("Gemma 4 26B-A4B")
    assert "7 reused" in stage.view.small_print.text()


def test_a_failure_without_an_answer_can_only_be_asked_again(stage: Stage) -> None:
    stage.ask("Why?")
    stage.engine.say(Failed(plain("It went wrong.")))
    tools = stage.view.tools
    assert tools.again_button.isVisible() and not tools.copy_button.isVisible() and not tools.more_button.isVisible()


def long_talk(count: int) -> Conversation:
    talk = Conversation()
    for number in range(count):
        one = talk.add(f"Question {number}?")
        one.answer = f"Answer {number}.\n\n" + "word " * (60 + 17 * (number % 9))
        one.stage, one.finished = ExchangeStage.DONE, finished()
    return talk


def test_five_hundred_exchanges_cost_what_a_few_screens_cost(stage: Stage) -> None:
    stage.window.asking._enter(long_talk(500))
    view = stage.window.talk.view
    bar = view.verticalScrollBar()
    stage.until(lambda: bar.maximum() > 20_000 and bar.value() == bar.maximum() and bool(view.views.drawn))
    assert len(view.views) == 500 and view.views.made < 25
    assert view.views.slot(500).view is not None and view.following
    for part in range(20):
        bar.setValue(bar.maximum() * part // 20)
        stage.qtbot.wait(1)  # what was let go is deleted by the event loop
        seen = view.views.between(bar.value(), bar.value() + view.viewport().height())
        assert seen and all(slot.view is not None for slot in seen)
    assert len(view.views.drawn) <= conversation_slots.MOST_DRAWN
    assert view.views.made < 300


def test_reading_upwards_does_not_jump(stage: Stage) -> None:
    stage.window.asking._enter(long_talk(60))
    view = stage.window.talk.view
    bar = view.verticalScrollBar()
    stage.until(lambda: bool(view.views.drawn) and bar.value() == bar.maximum())
    for _ in range(40):
        shown = [slot for slot in view.views.between(bar.value(), bar.value() + 400) if slot.view is not None]
        slot, before = shown[-1], shown[-1].y() - bar.value()
        bar.setValue(bar.value() - 150)
        QApplication.processEvents()
        assert abs(slot.y() - bar.value() - before - 150) <= 1


def test_chips_do_not_move_the_line_that_one_reads(stage: Stage) -> None:
    claim = '"so" (a-file-with-a-long-name.pdf, page 3)'
    paragraph = f"{claim} {claim} {claim} {claim} " + "word " * 12
    answer = "\n\n".join([paragraph] * 30)
    stage.ask("Why?")
    stage.engine.answer(answer)
    view, exchange = stage.window.talk.view, stage.view.exchange
    bar = view.verticalScrollBar()
    stage.until(lambda: bar.maximum() > 600 and exchange.checked)
    bar.setValue(bar.maximum() // 2)
    assert not view.following
    anchor = view._anchor()
    assert anchor is not None
    before, high = anchor() - bar.value(), bar.maximum()
    spots, at = [], answer.find('"so" (')
    while at >= 0:
        spots.append(Evidence(at, at + len(claim), "so", "found", Place("d", 3), NOTHING))
        at = answer.find('"so" (', at + 1)
    exchange.evidence = tuple(spots)
    stage.window.asking.changed.emit(exchange.key)
    QApplication.processEvents()
    assert bar.maximum() < high - 50  # the chips are shorter
    assert abs(anchor() - bar.value() - before) <= 1


def test_switching_branches_keeps_the_place_in_the_window(stage: Stage) -> None:
    for number in range(6):
        stage.ask(f"Question {number}?")
        stage.engine.answer("word " * 200)
    views = stage.window.talk.view.views
    third = sorted(views)[2]
    stage.window.asking.ask_again(third)
    stage.engine.answer("word " * 90)
    view, bar = stage.window.talk.view, stage.window.talk.view.verticalScrollBar()
    key = max(views)
    bar.setValue(max(0, views.slot(key).y() - 60))
    before = views.slot(key).y() - bar.value()
    stage.view.tools.branches.back.click()
    QApplication.processEvents()
    assert third in views and len(views) == 6
    assert abs(views.slot(third).y() - bar.value() - before) <= 1
    assert not view.following
    assert view.window().focusWidget() in (views[third].tools.branches.on, views[third].again_button)


def test_a_question_is_never_taken_for_markup(stage: Stage) -> None:
    stage.ask("<b>Why?</b>")
    stage.engine.answer("So.")
    assert stage.view.question.textFormat() is Qt.TextFormat.PlainText
    assert stage.view.question.text() == "<b>Why?</b>"
