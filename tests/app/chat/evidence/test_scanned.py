"""Quotations looked up in text that was read from a picture: a rank of its own, tolerant of letters, not of digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.chat.evidence.checking import check
from app.chat.evidence.places import Evidence
from app.chat.evidence.searching.confusable import ALIKE, only_letters_differ
from app.ingest.types import Box, Document, Page
from tests.app.chat.evidence.papers import image, page, paper, scanned

SCAN = paper(
    "scan.pdf",
    scanned(
        1,
        "The modem lndustry has not delivered",  # it says: "The modern Industry has not delivered"
        "Total: EUR 1,788.84 due within 30 days",
        "Order INV-20417, reference no. m-771",
        "Die Gebuhren sind jahrlich zu zahlen und nicht ruckzahlbar",
    ),
    page(2, "A sound page of text about the fee of 250 EUR"),
)


def one(answer: str, document: Document = SCAN, **options: Callable[[Document, int, Box], str]) -> Evidence:
    (found,) = check(answer, (document,), **options)
    return found


def state(quote: str, number: int = 1) -> str:
    return one(f"It says “{quote}” (scan.pdf, page {number}).").state


def test_what_is_found_in_a_scan_is_of_a_second_rank() -> None:
    found = one("It says “Total: EUR 1,788.84 due within 30 days” (page 1).")
    assert (found.state, found.readings) == ("scanned", ()) and "read from the picture" in str(found.reason)
    assert found.place is not None and found.place.boxes == ((50, 74, 50 + 6 * 38, 86),)
    assert state("A sound page of text about the fee", 2) == "found"
    elsewhere = one("It says “Total: EUR 1,788.84 due” (page 2).")
    assert elsewhere.state == "elsewhere" and "read from a picture" in str(elsewhere.reason)


@pytest.mark.parametrize(
    ("quote", "read"),
    [
        ("The modern Industry has not delivered", "The modem lndustry has not delivered"),
        ("industry has not delivered", None),
        ("Die Gebühren sind jährlich zu zahlen", "Die Gebuhren sind jahrlich zu zahlen"),
        ("jährlich zu zahlen und nicht rückzahlbar", "jahrlich zu zahlen und nicht ruckzahlbar"),
    ],
)
def test_letters_that_look_alike_are_tolerated_and_shown(quote: str, read: str | None) -> None:
    found = one(f"It says “{quote}” (page 1).")
    if read is None:
        assert found.state == "unverified"  # a small i is no capital one
    else:
        assert (found.state, found.readings) == ("scanned", (read,))


@pytest.mark.parametrize(
    "quote",
    [
        "Total: EUR 1,788.34 due within 30 days",
        "Total: EUR 1.788,84 due within 30 days",
        "Total: EUR l,788.84 due within 30 days",
        "Total: EUR 1,788.84 due within 3O days",
        "Total: EUR -1,788.84 due within 30 days",
        "The modern Industry has delivered",
        "The modern Industry has now delivered",
        "Die Gebühren sind jährlich zu zahlen und rückzahlbar",
        "Order INV-20477",
        "Order INV-20417, reference no. rn-771",
        "The modern Industry has not delivered. Nor has anybody else",
    ],
)
def test_digits_signs_and_negations_are_never_tolerated(quote: str) -> None:
    assert state(quote) == "unverified"


def test_only_few_words_may_be_spelled_otherwise() -> None:
    assert only_letters_differ("the modern corner shop", "the modem corner shop")
    assert not only_letters_differ("modern corner barns", "modem comer bams")
    assert not only_letters_differ("modern", "modem")
    assert ALIKE.keys(["Born cler Vvald ſo"]) == [ALIKE.spell("Bom der Wald fo").key]


def test_a_sound_text_layer_knows_no_tolerance() -> None:
    layer = paper("a.pdf", ("The modem industry has not delivered",))
    assert one("It says “The modern industry has not delivered” (page 1).", layer).state == "unverified"


def test_a_number_that_was_hard_to_read_is_read_again() -> None:
    seen: list[tuple[int, Box]] = []

    def reading(words: str) -> Callable[[Document, int, Box], str]:
        def read(document: Document, number: int, box: Box) -> str:
            seen.append((number, box))
            return words

        return read

    doubtful = paper("scan.pdf", scanned(1, "Total: EUR 1,788.84 due within 30 days", confidence=0.6))
    answer = "It says “Total: EUR 1,788.84 due” (page 1)."
    assert one(answer, doubtful).state == "scanned"  # nobody can read it again
    for same in ("1,788.84", "EUR 1,788.84", "1,788. 84", "EUR 1,788.84 30", ""):
        found = one(answer, doubtful, read=reading(same))
        assert (found.state, found.readings) == ("scanned", ()), same
    for other in ("1,738.84", "1,788.34", "-1,788.84", "1.788,84", "788.84"):
        found = one(answer, doubtful, read=reading(other))
        assert (found.state, found.readings) == ("seen", ("1,788.84", other)) and other in str(found.reason)
    assert {number for number, _ in seen} == {1} and len({box for _, box in seen}) == 1
    seen.clear()
    assert one(answer, read=reading("7")).state == "scanned" and not seen, "it was read with certainty"


def test_what_is_not_in_a_scans_text_is_excused_only_where_it_is_hard_to_read() -> None:
    assert (
        str(one("It says “anything at all” (page 1).").reason)
        == "Not in the text that was read from the picture of page 1."
    )
    bad = paper("scan.pdf", scanned(1, "Total: EUR 1,788.84 due within 30 days", confidence=0.4))
    assert one("It says “something else entirely” (page 1).", bad).state == "seen"
    assert one("It says “Total: EUR 1,788.34 due within 30 days” (page 1).", bad).state == "unverified"
    cut = paper("scan.pdf", replace(scanned(1, "Total: EUR 1,788.84 due within 30 days"), recognition="part"))
    found = one("It says “something else entirely” (page 1).", cut)
    assert found.state == "seen" and str(found.reason).startswith("Only a part of this page's picture was read")
    assert one("It says “Total: EUR 1,788.34 due within 30 days” (page 1).", cut).state == "unverified"
    waiting = paper("scan.pdf", page(1, state="image"))
    assert one("It says “anything at all” (page 1).", waiting).state == "seen"


def test_a_label_and_its_value_far_away_are_marked_apart() -> None:
    near = scanned(1, "Due date 8 April")
    line = near.lines[0]
    words = (
        *line.words[:2],
        *(
            replace(word, box=(word.box[0] + 200, *word.box[1:2], word.box[2] + 200, word.box[3]))
            for word in line.words[2:]
        ),
    )
    far = replace(near, lines=(replace(line, words=words, box=(50, 60, 346, 72)),))
    found = one("It says “Due date 8 April” (page 1).", paper("scan.pdf", far))
    assert found.place is not None
    assert found.place.boxes == ((50, 60, 98, 72), (50 + 54 + 200, 60, 346, 72))


def test_a_picture_that_was_read() -> None:
    shot: Page = scanned(1, "Status: Pending", "Owner: M. Ferrer")
    document = replace(image("settings.png"), pages=(shot,))
    found = one("It says “Status: Pending” (settings.png).", document)
    assert found.state == "scanned" and found.place is not None and found.place.page is None and found.place.boxes
    assert one("It says “Status: Cancelled” (settings.png).", document).state == "unverified"
