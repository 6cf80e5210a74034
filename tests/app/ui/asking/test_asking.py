"""Asking over a real history and real files' rows, between two fake bridges; no window."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from app.library.model_ref import LocalFolder
from app.session.conversation import Stage
from app.session.items import ItemState
from app.ui.history.history import History
from model.messages import plain
from model.types import Failed, TextDelta, ThoughtDelta
from tests.app.ui.desk import Desk, Desks, texts, words
from tests.fakes import FakeEngineBridge, costs, finished, model_info

# Kept


def test_a_conversation_comes_back_after_a_restart(machine: Desks, desk: Desk) -> None:
    desk.attach("lease.pdf")
    desk.asking.instructions = "Be brief."
    desk.ask("What is due?")
    desk.engine.say(ThoughtDelta("Let me see."))
    desk.engine.answer("The rent.", reused=7)
    desk.say("When?", "Monthly.")
    desk.asking.draft = "And how"
    before = list(desk.asking.conversation)
    (summary,) = machine.history.list()
    assert (summary.title, summary.files, summary.draft) == ("What is due?", ("lease.pdf",), True)

    new = machine.restart()
    assert new.history.list() == [summary]
    assert new.asking.open(summary.id)
    assert new.talk == [("What is due?", "The rent."), ("When?", "Monthly.")]
    assert (new.asking.title, new.asking.instructions, new.asking.draft) == ("What is due?", "Be brief.", "And how")
    for old, one in zip(before, new.asking.conversation, strict=True):
        assert (one.stage, one.thinking, one.finished) == (Stage.DONE, old.thinking, old.finished)
        assert (one.model, one.sources, one.created) == ("Gemma 4 26B-A4B", ("lease.pdf",), old.created)
        assert one.created > 1_700_000_000
    assert new.shown == [one.key for one in new.asking.conversation]
    new.settle()
    assert [item.state for item in new.attachments.items] == [ItemState.READY]
    new.ask("How much?")
    assert "Be brief." in words(new.engine.requests[0].messages[0]) and "lease.pdf" in texts(new.engine.requests[0])
    assert [message.role for message in new.engine.requests[0].messages] == ["system"] + ["user", "assistant"] * 2 + [
        "user"
    ]


def test_instructions_follow_the_applications_own_text_and_are_a_conversations_own(desk: Desk) -> None:
    desk.say("One?", "1")
    desk.asking.instructions = "  Answer in rhyme.  "
    desk.say("Two?", "2")
    desk.asking.new()
    assert desk.asking.instructions == ""
    desk.ask("Three?")
    systems = [request.messages[0] for request in desk.engine.requests]
    assert systems[1].parts[0] == systems[0].parts[0] == systems[2].parts[0]  # what every request shares
    assert "Answer in rhyme." in words(systems[1]) and words(systems[2]) == words(systems[0])


def test_a_cut_answer_is_kept_and_counts_as_stopped(machine: Desks, desk: Desk) -> None:
    desk.ask("Why?")
    desk.engine.say(TextDelta("Because it"))
    desk.until(lambda: bool(machine.history.load(desk.asking.conversation.id).exchanges))
    assert machine.history.flush()
    desk.engine.say(TextDelta(" is"))
    new = machine.restart()  # the engine never says more: it was killed
    (summary,) = new.history.list("because")
    assert new.asking.open(summary.id)
    last = new.asking.conversation.last
    assert last is not None and (last.stage, last.answer) == (Stage.STOPPED, "Because it is")


def test_what_the_engine_says_while_it_ends_is_kept(machine: Desks, desk: Desk) -> None:
    desk.ask("Why?")
    desk.engine.say(TextDelta("Because"))
    desk.close()
    assert desk.engine.stops == [1]
    desk.engine.say(TextDelta(" so"))
    desk.engine.say(finished("cancelled"))
    new = machine.restart()
    assert new.asking.open(new.history.list()[0].id)
    last = new.asking.conversation.last
    assert last is not None and last.answer == "Because so" and last.finished == finished("cancelled")


def test_a_draft_alone_is_kept_and_goes_when_it_is_emptied(machine: Desks, desk: Desk) -> None:
    desk.asking.draft = "Half a quest"
    desk.asking.draft = "Half a question"
    new = machine.restart()
    (summary,) = new.history.list()
    assert summary.draft and summary.title == "New conversation"
    assert new.asking.open(summary.id) and new.asking.draft == "Half a question"
    new.asking.draft = ""
    assert new.history.list() == []
    assert machine.restart().history.list() == []


def test_an_empty_conversation_is_not_kept(machine: Desks, desk: Desk) -> None:
    desk.attach("lease.pdf")
    desk.asking.new()
    desk.asking.draft = ""
    assert machine.restart().history.list() == []


def test_a_question_that_was_not_sent_yet_becomes_the_draft(machine: Desks, desk: Desk) -> None:
    desk.ask("First?")
    assert desk.asking.ask("Second?")
    new = machine.restart()
    assert new.asking.open(new.history.list()[0].id)
    assert new.talk == [("First?", "")] and new.asking.draft == "Second?"


def test_evidence_is_looked_up_and_kept(machine: Desks, desk: Desk) -> None:
    desk.attach("a.pdf")  # its pages say "Page 1" to "Page 3"
    key = desk.say("Where?", 'It says "Page 2" (a.pdf, page 2).')
    one = desk.asking.conversation.get(key)
    assert one is not None
    desk.until(lambda: one.checked)
    assert [(found.quote, found.state, found.place.page) for found in one.evidence if found.place] == [
        ("Page 2", "found", 2)
    ]
    new = machine.restart()
    assert new.asking.open(new.history.list()[0].id)
    again = new.asking.conversation.last
    assert again is not None and again.checked and again.evidence == one.evidence


def test_evidence_that_nobody_had_time_for_is_looked_up_when_the_conversation_is_opened(
    machine: Desks, desk: Desk
) -> None:
    desk.attach("a.pdf")
    desk.ask("Where?")
    desk.close()  # the helper thread is gone when the answer ends
    desk.engine.answer('It says "Page 2" (a.pdf, page 2).')
    new = machine.restart()
    assert new.asking.open(new.history.list()[0].id)
    last = new.asking.conversation.last
    assert last is not None and not last.checked
    new.until(lambda: last.checked)
    assert [found.state for found in last.evidence] == ["found"]


# Branches


def test_asking_again_keeps_the_old_answer_beside_the_new_one(machine: Desks, desk: Desk) -> None:
    first = desk.say("Why?", "Old.")
    assert desk.asking.ask_again(first)
    desk.engine.answer("New.")
    second = desk.asking.conversation.last
    assert second is not None and desk.talk == [("Why?", "New.")]
    assert "Old." not in texts(desk.engine.requests[1])
    assert desk.asking.branches(second.key) == (2, 2) and desk.shown == [second.key]
    assert desk.asking.switch(second.key, -1)
    assert desk.talk == [("Why?", "Old.")] and desk.shown == [first]
    assert desk.asking.branches(first) == (1, 2)
    assert not desk.asking.switch(first, -1) and not desk.asking.switch(first, 2)
    desk.say("And?", "So.")
    assert "Old." in texts(desk.engine.requests[2]) and "New." not in texts(desk.engine.requests[2])
    new = machine.restart()
    assert new.asking.open(new.history.list()[0].id)
    assert new.talk == [("Why?", "Old."), ("And?", "So.")]
    assert new.asking.switch(first, 1) and new.talk == [("Why?", "New.")]
    assert new.asking.switch(second.key, -1) and new.talk == [("Why?", "Old."), ("And?", "So.")]


def test_editing_an_earlier_question_begins_a_branch(desk: Desk) -> None:
    first = desk.say("Why?", "One.")
    second = desk.say("And then?", "Two.")
    third = desk.say("And last?", "Three.")
    assert desk.asking.edit(second, "  Or else?  ")
    desk.engine.answer("Else.")
    assert desk.talk == [("Why?", "One."), ("Or else?", "Else.")]
    roles = [words(message) for message in desk.engine.requests[3].messages[1:]]
    assert roles == ["Why?", "One.", "Or else?"]
    other = desk.asking.conversation.last
    assert other is not None and desk.asking.switch(other.key, -1)
    assert desk.shown == [first, second, third]
    assert desk.asking.title == "Why?"
    assert not desk.asking.edit(first, "   ") and not desk.asking.edit(99, "x")


def test_a_question_that_failed_is_asked_again_in_its_place(machine: Desks, desk: Desk) -> None:
    key = desk.ask("Why?")
    desk.engine.say(Failed(plain("The machine ran out of memory.")))
    assert desk.asking.ask_again(key)
    desk.engine.answer("Because.")
    assert desk.asking.branches(key) == (1, 1) and desk.talk == [("Why?", "Because.")]
    new = machine.restart()
    assert new.asking.open(new.history.list()[0].id)
    last = new.asking.conversation.last
    assert last is not None and not last.error and new.talk == [("Why?", "Because.")]


def test_a_withdrawn_branch_gives_the_old_one_back(machine: Desks, desk: Desk) -> None:
    first = desk.say("Why?", "Because.")
    desk.say("And?", "So.")
    desk.ask("Last?")
    assert desk.asking.edit(first, "How?")  # waits for the answer that is being written
    waiting = desk.asking.conversation.waiting
    assert waiting is not None and len(desk.shown) == 1
    assert desk.asking.withdraw(waiting.key) == "How?"
    assert len(desk.shown) == 3 and desk.talk[0] == ("Why?", "Because.")
    desk.engine.answer("Done.")
    assert desk.talk[-1] == ("Last?", "Done.")
    new = machine.restart()
    assert new.asking.open(new.history.list()[0].id)
    assert len(new.asking.conversation.all) == 3


# One conversation and another


def test_an_answer_goes_on_in_its_own_conversation_while_another_is_open(machine: Desks, desk: Desk) -> None:
    desk.say("Alpha?", "A.")
    desk.ask("Beta?")
    desk.engine.say(TextDelta("B"))
    old = desk.asking.conversation.id
    desk.asking.new()
    assert desk.shown == [] and desk.asking.elsewhere and desk.engine.stops == []
    assert [(one.id, one.writing) for one in machine.history.list()] == [(old, True)]
    assert desk.asking.waits_for == "other answer"
    assert desk.asking.ask("Gamma?")
    assert len(desk.engine.requests) == 2  # one at a time
    desk.engine.say(TextDelta("ecause"))
    desk.engine.say(finished())
    desk.until(lambda: len(desk.engine.requests) == 3)
    assert [words(message) for message in desk.engine.requests[2].messages[1:]] == ["Gamma?"]
    desk.engine.answer("G.")
    assert not any(one.writing for one in machine.history.list())
    assert desk.talk == [("Gamma?", "G.")]
    assert desk.asking.open(old)
    assert desk.talk == [("Alpha?", "A."), ("Beta?", "Because")]
    assert sorted(one.title for one in machine.history.list()) == ["Alpha?", "Gamma?"]


def test_coming_back_to_a_running_answer_shows_it_going_on(desk: Desk) -> None:
    desk.ask("Why?")
    desk.engine.say(TextDelta("Be"))
    old = desk.asking.conversation
    desk.asking.new()
    assert desk.asking.open(old.id) and desk.asking.conversation is old
    assert desk.asking.busy and not desk.asking.elsewhere
    changed: list[int] = []
    desk.asking.changed.connect(changed.append)
    desk.engine.say(TextDelta("cause"))
    desk.until(lambda: bool(changed))
    desk.asking.stop()
    assert desk.engine.stops == [1]
    desk.engine.say(finished("cancelled"))
    assert desk.talk == [("Why?", "Because")]


def test_what_belongs_to_nobody_here_is_ignored(machine: Desks, desk: Desk) -> None:
    other = machine.window()
    desk.ask("Mine?")
    other.ask("Yours?")
    for window, number, text in ((desk, 1, "mine"), (other, 2, "yours")):
        window.engine.event.emit(number, TextDelta(text))
        window.engine.event.emit(number, finished())
    desk.engine.event.emit(77, TextDelta("nobody's"))
    assert (desk.talk, other.talk) == ([("Mine?", "mine")], [("Yours?", "yours")])


def test_a_conversation_is_open_in_one_window_at_a_time(machine: Desks, desk: Desk) -> None:
    desk.say("Why?", "Because.")
    id = desk.asking.conversation.id
    other = machine.window()
    assert not other.asking.open(id) and other.talk == []
    assert machine.history.owner(id) is desk.asking
    desk.asking.new()
    assert other.asking.open(id) and other.talk == [("Why?", "Because.")]
    assert not desk.asking.open(id)
    other.close()
    assert desk.asking.open(id)


def test_a_question_that_was_taken_back_gives_no_name(machine: Desks, desk: Desk) -> None:
    desk.reading.auto = False
    (desk.folder / "a.pdf").write_bytes(b"x")
    desk.attachments.add_paths([desk.folder / "a.pdf"])
    assert desk.asking.ask("Alpha?")
    waiting = desk.asking.conversation.waiting
    assert waiting is not None and desk.asking.title == "Alpha?"
    assert desk.asking.withdraw(waiting.key) == "Alpha?"
    assert desk.asking.title == "" and machine.history.list() == []
    desk.until(lambda: len(desk.reading.jobs) == 1)
    desk.reading.finish(1)
    desk.say("Beta?", "Yes.")
    new = machine.restart()
    assert [one.title for one in new.history.list()] == ["Beta?"]


def test_a_queued_question_is_asked_with_its_own_files_while_another_conversation_is_open(
    machine: Desks, desk: Desk
) -> None:
    desk.attach("a.pdf")
    desk.ask("First?")
    assert desk.asking.ask("Second?")
    old = desk.asking.conversation.id
    desk.asking.new()
    assert desk.asking.waits_for == "other answer"
    assert desk.asking.ask("Mine?")
    desk.engine.answer("One.")
    desk.until(lambda: len(desk.engine.requests) == 2)
    assert [document.name for document in desk.engine.shown] == ["a.pdf"]
    assert words(desk.engine.requests[1].messages[-1]) == "Second?"
    assert [one.id for one in machine.history.list() if one.writing] == [old]
    desk.engine.answer("Two.")
    desk.until(lambda: len(desk.engine.requests) == 3)
    assert words(desk.engine.requests[2].messages[-1]) == "Mine?" and desk.engine.shown == ()
    desk.engine.answer("Three.")
    assert desk.talk == [("Mine?", "Three.")]
    assert desk.asking.open(old)
    assert desk.talk == [("First?", "One."), ("Second?", "Two.")] and desk.asking.draft == ""
    assert not any(one.writing for one in machine.history.list())


def test_a_queued_question_is_there_when_one_comes_back_and_goes_once(desk: Desk) -> None:
    desk.ask("First?")
    assert desk.asking.ask("Second?")
    old = desk.asking.conversation.id
    desk.asking.new()
    assert desk.asking.open(old)
    waiting = desk.asking.conversation.waiting
    assert waiting is not None and waiting.question == "Second?" and desk.asking.waits_for == "answer"
    desk.engine.answer("One.")
    desk.until(lambda: len(desk.engine.requests) == 2)
    desk.engine.answer("Two.")
    assert desk.talk == [("First?", "One."), ("Second?", "Two.")] and len(desk.engine.requests) == 2


def test_a_queued_question_of_a_deleted_conversation_is_not_asked(machine: Desks, desk: Desk) -> None:
    desk.ask("First?")
    assert desk.asking.ask("Second?")
    old = desk.asking.conversation.id
    desk.asking.new()
    machine.history.delete(old)
    desk.say("Mine?", "Yes.")
    assert [words(request.messages[-1]) for request in desk.engine.requests] == ["First?", "Mine?"]


def test_a_queued_question_becomes_the_draft_when_the_window_closes(machine: Desks, desk: Desk) -> None:
    desk.ask("First?")
    assert desk.asking.ask("Second?")
    old = desk.asking.conversation.id
    desk.asking.new()
    new = machine.restart()
    assert new.asking.open(old)
    assert new.talk == [("First?", "")] and new.asking.draft == "Second?"


def test_a_queued_question_that_turns_out_to_cost_much_becomes_a_draft_and_that_is_said(
    machine: Desks, desk: Desk
) -> None:
    told: list[str] = []
    desk.asking.notice.connect(told.append)
    desk.attach("a.pdf")
    desk.ask("First?")
    assert desk.asking.ask("Second?")
    old = desk.asking.conversation.id
    desk.asking.new()
    desk.engine.price = lambda *documents: costs(*documents, tokens=200_000, seconds=600.0)
    desk.engine.answer("One.")
    desk.until(lambda: bool(told))
    assert told == ["“Second?” was not asked. It is kept as a draft in its conversation."]
    assert len(desk.engine.requests) == 1 and not any(one.writing for one in machine.history.list())
    assert desk.asking.open(old)
    assert desk.talk == [("First?", "One.")] and desk.asking.draft == "Second?"


def test_a_question_that_waits_for_files_becomes_the_draft_and_that_is_said(desk: Desk) -> None:
    told: list[str] = []
    desk.asking.notice.connect(told.append)
    desk.reading.auto = False
    (desk.folder / "a.pdf").write_bytes(b"a")
    desk.attachments.add_paths([desk.folder / "a.pdf"])
    assert desk.asking.ask("Why?")
    old = desk.asking.conversation.id
    desk.asking.new()
    desk.until(lambda: bool(told))
    assert "“Why?” was not asked" in told[0]
    assert desk.asking.open(old)
    assert desk.talk == [] and desk.asking.draft == "Why?"


def test_another_model_fails_answers_everywhere(desk: Desk) -> None:
    desk.ask("First?")
    old = desk.asking.conversation.id
    desk.asking.new()
    desk.model.load(LocalFolder(Path("/models/other")))
    assert desk.asking.open(old)
    last = desk.asking.conversation.last
    assert last is not None and last.stage is Stage.FAILED and "model was changed" in str(last.error)


def test_opening_what_is_not_there_changes_nothing(desk: Desk) -> None:
    desk.say("Why?", "Because.")
    assert not desk.asking.open("nothing")
    assert desk.talk == [("Why?", "Because.")]


# Deleting and renaming


def test_deleting_the_open_conversation_begins_a_new_one_and_can_be_undone(machine: Desks, desk: Desk) -> None:
    desk.say("Why?", "Because.")
    desk.ask("And?")
    desk.engine.say(TextDelta("Because of"))
    id = desk.asking.conversation.id
    machine.history.delete(id)
    assert desk.engine.stops == [2] and desk.shown == [] and machine.history.list() == []
    desk.engine.answer("too late")
    assert not desk.asking.open(id)
    assert machine.history.undo_delete() == id
    assert [one.id for one in machine.history.list("because")] == [id]
    assert desk.asking.open(id)
    assert desk.talk == [("Why?", "Because."), ("And?", "Because of")]


def test_what_was_deleted_is_gone_after_a_restart(machine: Desks, desk: Desk) -> None:
    desk.say("Zanzibar?", "Quixotic.")
    id = desk.asking.conversation.id
    machine.history.delete(id)
    machine.stop()
    assert not any(b"uixotic" in path.read_bytes() for path in (machine.folder / "history").iterdir())
    new = machine.restart()
    assert new.history.list() == [] and not new.asking.open(id)


def test_a_new_name_stays(machine: Desks, desk: Desk) -> None:
    desk.say("Why?", "Because.")
    titles: list[str] = []
    desk.asking.title_changed.connect(lambda: titles.append(desk.asking.title))
    machine.history.rename(desk.asking.conversation.id, "  The  reason ")
    assert titles == ["The reason"]
    desk.say("And?", "So.")
    new = machine.restart()
    (summary,) = new.history.list()
    assert summary.title == "The reason"
    new.history.rename(summary.id, "  ")
    assert new.history.list() == [summary]


def test_without_a_disk_everything_works_in_memory(qtbot: QtBot, tmp_path: Path) -> None:
    history = History()
    desk = Desk(FakeEngineBridge(model_info()), history, tmp_path, qtbot)
    desk.say("Why?", "Because.")
    id = desk.asking.conversation.id
    desk.asking.new()
    assert [one.title for one in history.list("because")] == ["Why?"]
    assert desk.asking.open(id) and desk.talk == [("Why?", "Because.")]
    history.delete(id)
    assert history.list() == []
    desk.close()
    assert history.close()
