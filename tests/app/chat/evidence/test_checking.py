"""Quotations looked up in small documents: what is accepted, what is not, and where it is said to stand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.chat.evidence.checking import check
from app.chat.evidence.places import Evidence
from app.chat.evidence.searching.fold import keys, spell
from app.ingest.types import Document, Page, TextLine
from model.messages import plain
from tests.app.chat.evidence.papers import clip, image, page, paper

LEASE = paper(
    "lease.pdf",
    (
        "The tenant shall pay the infor-",
        "mation fee of EUR 1,788.84 within",
        "30 days. He may not sublet the ofﬁces.",
        "Invoice number: INV-20417   Rate -7.5 %",
        "The well-known landlord’s “duty of care” re\u00ad",
        "mains. See 3–5 and 12 345 pieces; 10² m².",
    ),
    ("Die Kündigung bedarf der Schrift-", "form; § 550 BGB gilt.", "Total", "EUR 1788.84", "R E C H N U N G"),
    ("Nothing else is agreed.",),
)


def one(answer: str, *documents: Document) -> Evidence:
    found = check(answer, documents or (LEASE,))
    assert len(found) == 1, found
    return found[0]


def state(quote: str, page_number: int = 1) -> str:
    return one(f"It says “{quote}” (lease.pdf, page {page_number}).").state


@pytest.mark.parametrize(
    ("drawn", "meant"),
    [
        ("O˘guz Özt¨urk", "Oğuz Öztürk"),
        ("Dvoˇr´ak and ˇCapek", None),
        ("Paul Erd˝os, ˚Angstr¨om, Kurt ˙Zak, ¸Stefan", "Paul Erdős, Ångström, Kurt Żak, Ştefan"),
        ("Jiˇr´ı", None),
    ],
)
def test_accents_that_are_drawn_before_their_letters(drawn: str, meant: str | None) -> None:
    document = paper("a.pdf", (f"As {drawn} has shown, l´eau is wet",))
    quotes = [drawn, "l'eau is wet", *([meant] if meant else [])]
    assert [one(f"It says “{quote}” (a.pdf, page 1).", document).state for quote in quotes] == ["found"] * len(quotes)


@pytest.mark.parametrize(
    "quote",
    [
        "the information fee of EUR 1,788.84 within 30 days",
        "the infor- mation fee",
        "the infor-\nmation fee",
        "The information  fee\nof EUR\u00a01,788.84",
        "he may not sublet the offices",
        "The well‑known landlord's ‘duty of care’ remains",
        "the well known landlord's 'duty of care' remains.",
        "[T]he tenant shall pay … within 30 days",
        "The tenant shall pay [...] within 30 days. He may not sublet",
        "The tenant [i.e. the company] shall pay the information fee",
        "Invoice number: INV-20417",
        "Invoice number INV-20417",
        "Rate −7.5%",
        "See 3-5 and 12345 pieces",
        "INV-20417",
        "EUR 1,788.84",
        "30 days",
    ],
)
def test_true_quotations_are_found_however_they_are_written(quote: str) -> None:
    assert state(quote) == "found"


@pytest.mark.parametrize(
    "quote", ["bedarf der Schriftform; § 550 BGB", "Total: EUR 1788.84", "Total | EUR 1788.84", "Rechnung"]
)
def test_tables_and_spaced_print(quote: str) -> None:
    assert state(quote, 2) == "found"


@pytest.mark.parametrize(
    "quote",
    [
        "the information fee of EUR 1,788.85 within 30 days",  # a digit
        "the information fee of EUR 1.788,84 within 30 days",  # separators
        "the information fee of EUR 178884 within 30 days",
        "EUR 1,788",  # cut off
        "788.84",
        "1,788.8",
        "Rate 7.5 %",  # the sign
        "Rate -7.5 ‰",
        "He may sublet the offices",  # the negation
        "He may … sublet the offices",  # the negation left out
        "He may not sublet the office",  # the end of a word
        "enant shall pay",
        "shall the tenant pay the information fee",  # the order
        "within 30 days … the information fee",
        "The landlord shall pay the information fee",  # a name
        "12 3 45 pieces",
        "102 m",  # 10² is another number
        "INV-2041",
        "20417-INV",
        "The parties agree to settle all disputes out of court",
        "form; § 550 BGB gilt. Total EUR 1,788.84",
    ],
)
def test_what_is_not_there_is_not_accepted(quote: str) -> None:
    assert state(quote) == "unverified"


def test_the_place_and_its_boxes() -> None:
    found = one('"information fee" (page 1)')
    assert found.place is not None
    assert (found.place.document, found.place.page) == (LEASE.content_hash, 1)
    first, second = found.place.boxes
    assert first[0] > 120 and first[2] == pytest.approx(50 + 6 * 31) and first[1] == 60
    assert second[0] == 50 and 80 < second[2] < 120 and second[1] == 74
    assert "page 1 of lease.pdf" in str(found.reason)


def test_the_wrong_page_and_the_wrong_file_are_told() -> None:
    wrong = one('"Nothing else is agreed" (page 1)')
    assert wrong.state == "elsewhere" and wrong.place is not None
    assert (wrong.place.page, "page 3" in str(wrong.reason)) == (3, True)
    other = paper("offer.pdf", ("An offer of something.",))
    moved = one('"Nothing else is agreed" (offer.pdf, page 1)', other, LEASE)
    assert moved.state == "elsewhere" and moved.place is not None
    assert moved.place.document == LEASE.content_hash


def test_a_file_that_is_not_attached() -> None:
    assert one('"Nothing else is agreed" (missing.pdf, page 1)').state == "elsewhere"
    nowhere = one('"Something else was agreed" (missing.pdf, page 1)')
    assert (nowhere.state, nowhere.place) == ("unverified", None)
    named = one("That is settled (missing.pdf, page 1).")
    assert named.state == "unverified" and "attached" in str(named.reason)


def test_a_page_alone_is_a_place_and_no_proof() -> None:
    named = one("It is due at once (lease.pdf, page 2).")
    assert named.state == "seen" and named.place is not None and named.place.page == 2
    beyond = one("It is due at once (lease.pdf, page 9).")
    assert (beyond.state, beyond.place) == ("unverified", None) and "3 pages" in str(beyond.reason)


def test_a_page_that_was_not_read_proves_nothing() -> None:
    read = paper("a.pdf", page(1, "One"), replace(page(2, state="skipped"), reason=plain("It is damaged.")))
    named = one("So it is (page 2).", read)
    assert named.state == "unverified" and "damaged" in str(named.reason)
    assert one('"So it is said there" (page 2)', read).state == "unverified"


def test_a_page_that_is_a_picture_can_only_be_shown() -> None:
    scan = paper("scan.pdf", page(1, state="image"), page(2, "Some text that was read", state="text"))
    assert one('"anything at all" (page 1)', scan).state == "seen"
    assert one('"anything at all" (page 2)', scan).state == "unverified"
    assert one('"Some text that was read" (page 1)', scan).state == "elsewhere"
    assert one('The button "Apply now" (settings.png)', image("settings.png")).state == "seen"


def test_a_page_with_text_and_picture_does_not_let_inventions_through() -> None:
    lines = tuple(f"Line {number} of a page with much text on it" for number in range(20))
    both = paper("both.pdf", page(1, *lines, state="both"))
    assert one('"Line 7 of a page" (page 1)', both).state == "found"
    invented = one('"Line 27 of a page" (page 1)', both)
    assert invented.state == "unverified" and "Pictures" in str(invented.reason)


def test_times_in_a_video() -> None:
    video = clip("clip.mp4", 0, 5, 10, 15, duration=20)
    seen = one("A harbour [00:12].", video)
    assert seen.state == "seen" and seen.place is not None and seen.place.time_s == 12
    assert one('The sign reads "Exit" (clip.mp4, 00:05).', video).state == "seen"
    beyond = one("A harbour (clip.mp4, 00:42).", video)
    assert (beyond.state, beyond.place) == ("unverified", None) and "00:20" in str(beyond.reason)
    sparse = clip("clip.mp4", 0, 2, duration=60)
    far = one("A harbour [00:30].", sparse)
    assert far.state == "unverified" and far.place is not None


def test_a_quotation_goes_on_overleaf_past_running_heads_and_notes() -> None:
    def leaf(number: int, *body: str) -> Page:
        made = page(number, *body, top=400)
        head = TextLine("Annual report 2024", (50, 40, 160, 52))
        note = TextLine("1 See the annex for more on this.", (50, 740, 200, 748))
        foot = TextLine(f"- {number} -", (280, 800, 310, 812))
        return replace(made, lines=(head, *made.lines, note, foot))

    report = paper(
        "report.pdf",
        leaf(1, "The board has resolved to sell the"),
        leaf(2, "harbour1 and its three cranes to the city"),
    )
    found = one('"resolved to sell the harbour and its three cranes" (page 1)', report)
    assert found.state == "found" and found.place is not None and found.place.page == 1
    second = one('"resolved to sell the harbour and its three cranes" (page 2)', report)
    assert second.place is not None and second.place.page == 2
    assert one('"resolved to sell the three cranes" (page 2)', report).state == "unverified"


def test_columns_that_the_file_holds_row_by_row() -> None:
    rows = [
        ("The tenant may under", "Notice is given in writing"),
        ("no circumstances", "and takes effect at"),
        ("sublet the offices", "the end of the month"),
    ]
    lines = [
        TextLine(text, (50 + 260 * side, 60 + 14 * row, 250 + 260 * side, 72 + 14 * row))
        for row, pair in enumerate(rows)
        for side, text in enumerate(pair)
    ]
    two = paper("two.pdf", replace(page(1), lines=tuple(lines), text="x"))
    assert one('"The tenant may under no circumstances sublet the offices" (page 1)', two).state == "found"
    assert one('"Notice is given in writing and takes effect at the end of the month" (page 1)', two).state == "found"
    assert one('"The tenant may under sublet the offices" (page 1)', two).state == "unverified"


def test_uncited_quotations() -> None:
    assert one('It says "the tenant shall pay".').state == "found"
    assert one('It says "the landlord shall pay nothing".').state == "unverified"
    assert check('The so-called "landlord" pays; "not found" is a term.', [LEASE]) == ()
    assert check("Nothing is quoted here.", [LEASE]) == ()
    assert check('"anything at all that is said"', []) == ()


def test_several_files_and_a_page_without_a_name() -> None:
    other = paper("offer.pdf", ("One offer.",), ("Two offers.",))
    assert one('"Two offers" (page 2)', LEASE, other).state == "found"
    assert check("As said on page 2.", [LEASE, other]) == ()
    named = check("In offer.pdf there is more. As said on page 2.", [LEASE, other])
    assert [evidence.place.document for evidence in named if evidence.place] == [other.content_hash]


def test_the_same_file_read_in_another_way_has_an_index_of_its_own() -> None:
    as_picture = replace(LEASE, pages=(page(1, state="image"), page(2, state="image"), page(3, state="image")))
    assert one('"Nothing else is agreed" (page 3)').state == "found"
    assert one('"Nothing else is agreed" (page 3)', as_picture).state == "seen"


def test_where_an_answer_is_marked() -> None:
    answer = 'So: "the tenant shall pay" and "30 days" (lease.pdf, page 1). Also “nothing that is there” [page 2].'
    found = check(answer, [LEASE])
    assert [answer[one.start : one.end] for one in found] == [
        '"the tenant shall pay"',
        '"30 days" (lease.pdf, page 1)',
        "“nothing that is there” [page 2]",
    ]
    assert [one.state for one in found] == ["found", "found", "unverified"]


_TEXT = st.text(st.sampled_from("aBcßäöÜ é1290,.-–'’“”fiﬁ ²½ـمיי中国。\u00ad\u200b%€$¨\u0308\n"), max_size=60)


@settings(max_examples=300, deadline=None)
@given(st.lists(_TEXT, max_size=6))
def test_keys_in_bulk_are_those_of_each_line(lines: list[str]) -> None:
    assert keys(lines) == [spell(line).key for line in lines]


_WORDS = st.lists(st.text(st.sampled_from("abcdeäöß"), min_size=3, max_size=9), min_size=1, max_size=9)


@settings(max_examples=200, deadline=None)
@given(st.lists(_WORDS, min_size=1, max_size=5), st.integers(0, 40), st.integers(3, 20))
def test_every_stretch_of_whole_words_is_found(lines: list[list[str]], start: int, length: int) -> None:
    document = paper("a.pdf", tuple(" ".join(words) for words in lines))
    words = [word for line in lines for word in line]
    quote = " ".join(words[start % len(words) :][:length])
    assert one(f'It says "{quote}" (page 1).', document).state == "found"
