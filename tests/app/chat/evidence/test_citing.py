import random

import pytest

from app.chat.evidence.citing import Mark, marks, state_words, where, where_long
from app.chat.evidence.places import Checked, Evidence, Place
from model.messages import NOTHING, plain


def evidence(answer: str, claim: str, quote: str = "", state: Checked = "found") -> Evidence:
    start = answer.index(claim)
    return Evidence(start, start + len(claim), quote, state, Place("d", 3), plain("Why."))


def shown(answer: str, *found: Evidence) -> str:
    """The answer with its marks in braces."""
    parts, at = [], 0
    for mark in marks(answer, found):
        parts += [answer[at : mark.start], "{", mark.words or "*", "}"]
        at = mark.end
    return "".join([*parts, answer[at:]])


@pytest.mark.parametrize(
    ("answer", "claim", "quote", "wanted"),
    [
        ('It is "so" (a.pdf, page 3).', '"so" (a.pdf, page 3)', "so", 'It is "so" {*}.'),
        ('INV-1 [page 2: "No: INV-1"]', '[page 2: "No: INV-1"]', "No: INV-1", "INV-1 {*}"),
        ('*"so"* (p. 2) x', '"so"* (p. 2)', "so", '*"so"* {*} x'),
        ("„so“ (Seite 3)", "„so“ (Seite 3)", "so", "„so“ {*}"),
        ('"so" on page 3 of a.pdf, it', '"so" on page 3 of a.pdf', "so", '"so" {on page 3 of a.pdf}, it'),
        ("On page 3 it says", "page 3", "", "On {page 3} it says"),
        ("So it is (page 3).", "(page 3)", "", "So it is {*}."),
        ('The words "so" stand there', '"so"', "so", 'The words "so"{*} stand there'),
        ('| "so" | page 3 |', '"so" | page 3', "so", '| "so" | {page 3} |'),
        ("> so\n> and so\n\n— a.pdf, page 3", "> so\n> and so\n\n— a.pdf, page 3", "so\nand so", None),
        ("[a.pdf, page 3](a.pdf)", "[a.pdf, page 3]", "", "{*}"),
        ("See ![page 3](x.png)", "[page 3]", "", "See ![page 3](x.png)"),
        ('["so", page 3: "x"]', '["so"', "so", '["so"{*}, page 3: "x"]'),
        ("(see `a.pdf`, page 3)", "(see `a.pdf`, page 3)", "", "{*}"),
        ("`(page 3)", "`(page 3)", "", "`(page 3){*}"),
    ],
)
def test_a_quotation_stays_and_its_source_gives_way(answer: str, claim: str, quote: str, wanted: str | None) -> None:
    assert shown(answer, evidence(answer, claim, quote)) == (wanted if wanted is not None else answer + "{*}")


def test_several_marks_keep_their_order_and_their_numbers() -> None:
    answer = '"a" and "b" (p. 3), "c" (p. 4)'
    found = [evidence(answer, '"a"', "a"), evidence(answer, '"b" (p. 3)', "b"), evidence(answer, '"c" (p. 4)', "c")]
    assert [mark.index for mark in marks(answer, found)] == [0, 1, 2]
    assert shown(answer, *found) == '"a"{*} and "b" {*}, "c" {*}'


def test_evidence_that_does_not_fit_the_text_is_left_out() -> None:
    far = Evidence(5, 900, "x", "found", None, NOTHING)
    backwards = Evidence(4, 2, "x", "found", None, NOTHING)
    assert marks("short (page 1)", [far, backwards]) == ()
    twice = [Evidence(6, 14, "", "seen", None, NOTHING)] * 2
    assert marks("short (page 1)", twice) == (Mark(6, 14, 0),)


@pytest.mark.parametrize("seed", range(50))
def test_marks_never_overlap_whatever_the_evidence_says(seed: int) -> None:
    chance = random.Random(seed)
    answer = "".join(chance.choices('ab "„“()[]|\n*_`>,.page 3 (p. 2)', k=200))
    cuts = sorted(chance.sample(range(201), 12))
    found = [
        Evidence(start, end, answer[start + 1 : end - 1] if chance.random() < 0.5 else "", "found", None, NOTHING)
        for start, end in zip(cuts[::2], cuts[1::2], strict=True)
    ]
    at = 0
    for mark in marks(answer, found):
        one = found[mark.index]
        assert at <= mark.start <= mark.end <= len(answer)
        assert one.start <= mark.start
        assert mark.start == mark.end or not set(answer[mark.start : mark.end]) & {"\n", "|"}
        at = mark.end


def test_places_in_words() -> None:
    assert (
        str(where(Place("d", 3))) == "p. 3"
        and str(where(Place("d", time_s=75.9))) == "01:15"
        and where(None) == NOTHING
    )
    assert str(where_long(Place("d", 3), "a.pdf")) == "a.pdf, page 3"
    assert str(where_long(Place("d", time_s=75), "")) == "01:15"
    answer = "(page 3)"
    states = {state: str(state_words(evidence(answer, answer, "", state))) for state in ("found", "seen", "unverified")}
    assert len(set(states.values())) == 3 and states["unverified"] == "Not found"
