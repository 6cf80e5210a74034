from dataclasses import replace

import pytest

from app.chat.evidence.places import Evidence, Place
from app.chat.tools.uses import ToolUse
from app.library.store.records import ExchangeRow, Header, Stored
from app.session.conversation import Conversation, Exchange, Stage, title_of
from app.session.recording import conversation_of, exchange_of, header_of, row_of
from model.messages import NOTHING, msg, plain
from tests.fakes import finished

PLACE = Place("d" * 64, 3, None, ((1.0, 2.0, 3.0, 4.0), (5.0, 6.0, 7.0, 8.0)), "a.pdf")


def stored(talk: Conversation) -> Stored:
    return Stored(header_of(talk), talk.title, exchanges={one.id: row_of(talk, one) for one in talk.all})


def again(talk: Conversation) -> Conversation:
    return conversation_of(stored(talk))


def a_tree() -> Conversation:
    """1 → 2 → 3, and 4 beside 2, and 5 beside 1; what is shown is 1, 2, 3."""
    talk = Conversation()
    for question in ("one", "two", "three"):
        talk.add(question, 5.0)
    talk.add_sibling(2, "four")
    talk.add_sibling(1, "five")
    talk.switch(5, -1), talk.switch(4, -1)
    for one in talk.all:
        one.stage, one.answer = Stage.DONE, one.question.upper()
    return talk


def shown(talk: Conversation) -> list[int]:
    return [one.key for one in talk]


def test_a_conversation_is_a_path_through_a_tree() -> None:
    talk = a_tree()
    assert shown(talk) == [1, 2, 3] and len(talk) == 3 and len(talk.all) == 5
    assert [talk.branches(key) for key in (1, 2, 3, 4, 5)] == [(1, 2), (1, 2), (1, 1), (2, 2), (2, 2)]
    assert talk.switch(2, 1) and shown(talk) == [1, 4]
    assert talk.switch(1, 1) and shown(talk) == [5]
    assert not talk.switch(5, 1) and not talk.switch(5, 0) and not talk.switch(99, 1)
    assert talk.switch(5, -1) and shown(talk) == [1, 4]  # as it was left
    six = talk.add("six")
    assert six.parent == 4 and talk.history(six) == [("one", "ONE"), ("four", "FOUR")]
    assert talk.branches(99) == (0, 0)


def test_a_question_taken_back_leaves_the_other_branches() -> None:
    talk = a_tree()
    seven = talk.add_sibling(2, "seven")
    assert shown(talk) == [1, seven.key]
    talk.remove(seven.key)
    assert shown(talk) in ([1, 2, 3], [1, 4])


def test_a_tree_comes_back_with_the_branches_that_were_chosen() -> None:
    talk = a_tree()
    assert shown(again(talk)) == [1, 2, 3]
    talk.switch(2, 1)
    back = again(talk)
    assert shown(back) == [1, 4] and back.chosen == talk.chosen
    assert back.switch(4, -1) and shown(back) == [1, 2, 3]
    assert back.add("next").key == 6


def test_everything_of_an_exchange_comes_back() -> None:
    talk = Conversation()
    one = talk.add("Why?", 1234.5)
    one.stage, one.answer, one.thinking, one.model, one.sources = Stage.DONE, "A", "T", "Gemma", ("a.pdf",)
    one.finished, one.checked = replace(finished("length", reused=3), thinking_cut=True), True
    one.evidence = (
        Evidence(0, 4, "words", "found", PLACE, msg("evidence.found", "Found."), also=((7, 9),)),
        Evidence(5, 6, "", "unverified", None, plain("No.")),
        Evidence(7, 8, "modern", "scanned", PLACE, plain("Read as modem."), readings=("modem",)),
        Evidence(9, 10, "", "seen", None, plain("Which?"), choices=(PLACE, Place("e" * 64, time_s=12.0, name="b.mp4"))),
    )
    one.tool_uses = (
        ToolUse("look_closer", '{"page": 3}', plain("Looked closer at page 3"), PLACE),
        ToolUse("x", "", NOTHING, None, msg("made.up", "{what} failed.", what="x")),
    )
    (back,) = again(talk).all
    for name in (
        "id",
        "key",
        "stage",
        "answer",
        "thinking",
        "model",
        "sources",
        "finished",
        "checked",
        "evidence",
        "created",
    ):
        assert getattr(back, name) == getattr(one, name), name
    assert back.tool_uses == one.tool_uses


def test_evidence_of_earlier_and_of_later_versions() -> None:
    """Before text was read from pictures, evidence had no readings; what a later state means is not known here."""
    one = row_of(Conversation(), Exchange(1, "Why?", Stage.DONE))
    old = '{"start":0,"end":4,"quote":"so","state":"STATE","place":null,"reason":"Found."}'
    row = replace(one, answer="So.", evidence=f"[{old.replace('STATE', 'found')},{old.replace('STATE', 'later')}]")
    back = exchange_of(row, 1, None)
    assert [(found.state, found.readings) for found in back.evidence] == [("found", ()), ("seen", ())]


def test_texts_that_were_stored_before_they_were_messages_stay_as_they_are() -> None:
    one = row_of(Conversation(), Exchange(1, "Why?", Stage.DONE))
    old = '[{"start":0,"end":4,"quote":"so","state":"found","place":null,"reason":"Found {here}."}]'
    uses = '[{"name":"find","arguments":"{}","words":"Searched a.pdf","place":null,"error":"It is gone."}]'
    back = exchange_of(replace(one, answer="So.", evidence=old, tool_uses=uses), 1, None)
    (found,), (use,) = back.evidence, back.tool_uses
    assert [str(text) for text in (found.reason, use.words, use.error)] == [
        "Found {here}.",
        "Searched a.pdf",
        "It is gone.",
    ]


@pytest.mark.parametrize(
    "stage", [Stage.WAITING, Stage.HELD, Stage.SENT, Stage.READING, Stage.THINKING, Stage.ANSWERING]
)
def test_whatever_was_under_way_comes_back_stopped(stage: Stage) -> None:
    talk = Conversation()
    one = talk.add("Why?")
    one.stage, one.answer = stage, "Part"
    (back,) = again(talk).all
    assert (back.stage, back.answer, back.error) == (Stage.STOPPED, "Part", NOTHING)


def test_two_processes_that_went_on_with_one_conversation_made_two_branches() -> None:
    talk = a_tree()
    kept = stored(talk)
    mine, yours = again(talk), again(talk)
    for other, question in ((mine, "mine"), (yours, "yours")):
        one = other.add(question)
        one.stage, one.answer = Stage.DONE, question
        kept.exchanges[one.id] = row_of(other, one)
    back = conversation_of(kept)
    last = back.last
    assert last is not None and back.branches(last.key)[1] == 2
    assert sorted(one.question for one in back.all if one.parent == 3) == ["mine", "yours"]
    assert len({one.key for one in back.all}) == 7


def test_an_exchange_whose_parent_was_lost_stays_in_sight() -> None:
    talk = a_tree()
    kept = stored(talk)
    two = next(one for one in talk.all if one.question == "two")
    del kept.exchanges[two.id]
    assert "three" in [one.question for one in conversation_of(replace_chosen(kept)).path()]


def replace_chosen(kept: Stored) -> Stored:
    kept.header = replace(kept.header, chosen={"": next(iter(kept.exchanges))})
    kept.exchanges = {id: row for id, row in kept.exchanges.items() if row.question != "four"}
    return kept


@pytest.mark.parametrize("noise", ["", "{", "null", "[]", "7", '"x"', '{"reason": 1}', "[1, 2]", '[{"start": "x"}]'])
def test_noise_in_what_was_kept_never_stops_anything(noise: str) -> None:
    row = ExchangeRow(
        "talk",
        "one",
        1,
        "nobody",
        "Why?",
        "unheard of",
        1.0,
        "A",
        sources=noise,
        finished=noise,
        evidence=noise,
        tool_uses=noise,
    )
    one = exchange_of(row, 1, None)
    assert (one.stage, one.answer) == (Stage.STOPPED, "A")
    assert isinstance(one.sources, tuple) and isinstance(one.evidence, tuple) and isinstance(one.tool_uses, tuple)
    assert conversation_of(
        Stored(Header("talk", 1.0, 1.0, chosen={"x": "y", "": "nobody"}), exchanges={"one": row})
    ).path()


def test_a_title_is_the_question_and_not_too_long() -> None:
    assert title_of("  Why\n\n is  it? ") == "Why is it?"
    long = title_of("What is the notice period of the tenancy agreement that my grandfather signed in the year 1971?")
    assert len(long) <= 80 and long.endswith("…") and " " not in long[-3:]
    assert len(title_of("x" * 500)) == 80
    talk = Conversation()
    talk.add("First?"), talk.add("Second?")
    assert talk.title == "First?"
