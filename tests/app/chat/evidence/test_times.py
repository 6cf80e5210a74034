"""Places that are only named: once or several times, in one clip or in one of several."""

from __future__ import annotations

import pytest

from app.chat.evidence.checking import check
from app.chat.evidence.citing import marks, where
from app.chat.evidence.places import Evidence
from app.ingest.types import Document
from tests.app.chat.evidence.papers import clip, image, page, paper

TOUR = clip("Harbour tour.mp4", *range(0, 176, 5), duration=176)
PHONE = clip("phone.mp4", *range(12), duration=12)
LONG_PHONE = clip("phone.mp4", *range(0, 100, 5), duration=100)
LEASE = paper("lease.pdf", ("The rent is due.",), ("Nothing else.",))


def only(answer: str, *documents: Document, question: str = "") -> Evidence:
    (found,) = check(answer, documents, question)
    return found


@pytest.mark.parametrize("answer", ["00:12 [00:12]", "00:12 (00:12)", "[00:12], [00:12]", "00:12 – 00:12 [00:12]"])
def test_a_time_said_twice_in_a_row_is_one_piece_of_evidence_and_one_sign(answer: str) -> None:
    found = only(answer, TOUR)
    assert (answer[found.start : found.end], found.also, found.state) == (answer, (), "seen")
    (mark,) = marks(answer, [found])
    assert (mark.words, str(where(found.place))) == ("", "00:12")


def test_a_place_that_is_named_again_counts_once_and_each_mention_has_its_sign() -> None:
    answer = "At 00:10 a boat comes. It leaves [00:40]. The first one came at 00:10 (Harbour tour.mp4, 00:10)."
    first, second = check(answer, [TOUR])
    assert [str(where(one.place)) for one in (first, second)] == ["00:10", "00:40"]
    assert answer[first.start : first.end] == "00:10"
    assert [answer[start:end] for start, end in first.also] == ["00:10 (Harbour tour.mp4, 00:10)"]
    assert [(mark.index, answer[mark.start : mark.end]) for mark in marks(answer, (first, second))] == [
        (0, "00:10"),
        (1, "[00:40]"),
        (0, "00:10 (Harbour tour.mp4, 00:10)"),
    ]


def test_pages_that_are_named_again_count_once_and_quotations_each() -> None:
    answer = "It is due (page 1). It is not late (page 1). See page 2. See page 9. See page 8. See page 9."
    found = check(answer, [LEASE])
    assert [one.state for one in found] == ["seen", "seen", "unverified", "unverified"]
    assert [len(one.also) for one in found] == [1, 0, 1, 0]
    twice = check('"The rent is due" (page 1). Again: "The rent is due" (page 1).', [LEASE])
    assert [one.state for one in twice] == ["found", "found"]


def test_the_only_clip_that_is_long_enough_is_meant() -> None:
    for answer in (
        "Office [00:50].",
        "Office [00:50]. In phone.mp4 there is nothing of it.",
        'It says "Exit" [00:50].',
    ):
        found = only(answer, PHONE, TOUR)
        assert found.state == "seen" and found.place is not None, answer
        assert (found.place.document, found.place.time_s) == (TOUR.content_hash, 50)


def test_a_clip_that_is_named_with_its_time_is_taken_at_its_word() -> None:
    found = only("Office (phone.mp4, 00:50).", PHONE, TOUR)
    assert (found.state, found.place) == ("unverified", None) and "00:12" in str(found.reason)


@pytest.mark.parametrize(
    ("answer", "question", "meant"),
    [
        ("phone.mp4 shows a street. A car comes [00:50].", "", LONG_PHONE),
        ("phone.mp4 shows a street, Harbour tour.mp4 a quay. A car comes [00:50].", "", TOUR),
        ("A car comes [00:50].", "What happens at 00:50 in Harbour tour?", TOUR),
        ("A car comes [00:50].", "What happens in phone.mp4?", LONG_PHONE),
        ("In phone.mp4 a car comes. Another one is at 00:55.", "What is in Harbour tour?", LONG_PHONE),
    ],
)
def test_of_several_clips_the_one_named_in_the_answer_or_the_question_is_meant(
    answer: str, question: str, meant: Document
) -> None:
    found = only(answer, LONG_PHONE, TOUR, question=question)
    assert found.place is not None and found.place.document == meant.content_hash
    assert found.choices == ()


@pytest.mark.parametrize("question", ["", "Compare phone.mp4 and Harbour tour."])
def test_where_it_cannot_be_told_there_is_a_choice(question: str) -> None:
    found = only("A car comes [00:50].", LEASE, LONG_PHONE, TOUR, question=question)
    assert (found.state, found.place) == ("seen", None)
    assert [(one.document, one.time_s, one.name) for one in found.choices] == [
        (LONG_PHONE.content_hash, 50, "phone.mp4"),
        (TOUR.content_hash, 50, "Harbour tour.mp4"),
    ]
    assert "phone.mp4, Harbour tour.mp4" in str(found.reason)


def test_a_time_that_no_clip_has() -> None:
    found = only("A car comes [09:50].", LONG_PHONE, TOUR)
    assert (found.state, found.place, found.choices) == ("unverified", None, ()) and "09:50" in str(found.reason)


def test_a_picture_is_a_place_without_a_page() -> None:
    found = only('The button "Apply now" (settings.png).', image("settings.png"), LEASE)
    assert found.place is not None and (found.place.page, found.place.name) == (None, "settings.png")
    paged = only('"Apply now" (scan.pdf, page 1)', paper("scan.pdf", page(1, state="image")))
    assert paged.place is not None and paged.place.page == 1
