"""What an answer quotes and cites, in the many ways in which models do it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.chat.evidence.quotes import claims
from tests.app.chat.evidence.papers import clip, image, paper

CONTRACT = paper("contract.pdf", ("a",), ("b",), ("c",), ("d",), ("e",))
ODD = paper("Angebot (final), v2 [neu].pdf", ("a",), ("b",), ("c",))
LONG = paper("minutes of the second extraordinary meeting of the board, 2024.pdf", ("a",), ("b",), ("c",))
CLIP = clip("clip.mp4", 0, 5, 10)
SHOT = image("settings.png")

FORMS = [
    ('It is "so and so" (contract.pdf, page 3).', "so and so", (3,)),
    ("It is “so and so” (contract.pdf, p. 3).", "so and so", (3,)),
    ("Es gilt „so und so“ (contract.pdf, Seite 3).", "so und so", (3,)),
    ("Es gilt »so und so« (S. 3).", "so und so", (3,)),
    ("C’est « ainsi soit-il » (contract.pdf, p. 3).", "ainsi soit-il", (3,)),
    ("It is 'so and so' (p3).", "so and so", (3,)),
    ('INV-1 [page 2: "Invoice number: INV-1"]', "Invoice number: INV-1", (2,)),
    ('On page 4, it says "so and so".', "so and so", (4,)),
    ('Page 4 of contract.pdf says: "so and so".', "so and so", (4,)),
    ("Laut Seite 4 gilt: „so und so“.", "so und so", (4,)),
    ('contract.pdf, page 4: "so and so"', "so and so", (4,)),
    ('**"so and so"** (**contract.pdf**, page 4)', "so and so", (4,)),
    ('"*so and so*" — *contract.pdf, page 4*', "*so and so*", (4,)),
    ('"so and so"\n(`contract.pdf`, pages 3–4)', "so and so", (3, 4)),
    ('"so and so" (pp. 2, 4 and 5)', "so and so", (2, 4, 5)),
    ('"so and so" (Seite 3 f.)', "so and so", (3, 4)),
    ('"so and so" (vgl. Seite 3)', "so and so", (3,)),
    ('"so and so" (page 3 of contract.pdf)', "so and so", (3,)),
    ('"so and so" (Document 1, page 3)', "so and so", (3,)),
    ("> so and so\n> and more\n>\n> (contract.pdf, page 3)", "so and so\nand more", (3,)),
    ("> so and so\n\n— contract.pdf, page 3", "so and so", (3,)),
    ('"so and so"\n\n(contract.pdf, page 3)', "so and so", (3,)),
    ('| Fee | "so and so" | contract.pdf, page 3 |', "so and so", (3,)),
    ('"He said “so” and left" (page 2)', "He said “so” and left", (2,)),
    ("“He said ‘so’ and left” (page 2)", "He said ‘so’ and left", (2,)),
    ('"He said "so" and left" (page 2)', 'He said "so" and left', (2,)),
    ("“The parties’ duty (see page 9) ends” (page 2)", "The parties’ duty (see page 9) ends", (2,)),
    ('"so and so " [contract.pdf, page 2]', "so and so", (2,)),
    ("「合同自签字之日起生效」（contract.pdf，page 2）", "合同自签字之日起生效", (2,)),
]


@pytest.mark.parametrize(("answer", "quote", "pages"), FORMS, ids=[form[0][:40] for form in FORMS])
def test_the_forms_that_models_use(answer: str, quote: str, pages: tuple[int, ...]) -> None:
    (claim,) = claims(answer, [CONTRACT])
    assert claim.quote == quote
    assert [cited.pages for cited in claim.cited] == [pages]
    assert claim.cited[0].document == 0
    assert claim.sure


@pytest.mark.parametrize(
    "name",
    [
        "Angebot (final), v2 [neu].pdf",
        "angebot (final), v2 [neu].pdf",
        "Angebot (final), v2 [neu]",
        "`Angebot (final), v2 \\[neu\\].pdf`",
    ],
)
def test_names_with_brackets_commas_and_spaces(name: str) -> None:
    (claim,) = claims(f'"so and so" ({name}, page 3)', [CONTRACT, ODD])
    assert (claim.cited[0].document, claim.cited[0].pages) == (1, (3,))
    assert claim.end == len(f'"so and so" ({name}, page 3)')


@pytest.mark.parametrize(
    "name",
    ["minutes of the second….pdf", "minutes of the second extraordinary meeting...2024.pdf", "minutes of…"],
)
def test_names_that_a_model_shortens(name: str) -> None:
    (claim,) = claims(f'"so and so" ({name}, page 3)', [CONTRACT, LONG])
    assert (claim.cited[0].document, claim.cited[0].pages) == (1, (3,))


def test_a_name_with_a_slip_is_understood_but_another_file_is_not() -> None:
    near, other = (claims(f'"so" ({name}, page 3)', [CONTRACT])[0] for name in ("contrcat.pdf", "offer.pdf"))
    assert (near.cited[0].document, near.cited[0].foreign) == (0, False)
    assert (other.cited[0].document, other.cited[0].foreign) == (None, True)


def test_digits_in_a_name_are_no_slip() -> None:
    files = [paper("invoice-2023.pdf", ("a",)), paper("notes.pdf", ("a",))]
    assert claims('"so" (invoice-2024.pdf, page 1)', files)[0].cited[0].foreign


def test_several_quotations_before_one_source() -> None:
    answer = 'It says "first words", "second words" and "third words" (contract.pdf, page 2).'
    found = claims(answer, [CONTRACT])
    assert [claim.quote for claim in found] == ["first words", "second words", "third words"]
    assert all(claim.cited[0].pages == (2,) and claim.sure for claim in found)
    assert answer[found[0].start : found[0].end] == '"first words"'
    assert answer[found[2].start : found[2].end] == '"third words" (contract.pdf, page 2)'


def test_each_quotation_has_its_own_source() -> None:
    answer = 'Page 1 says "one thing"; page 2 says "another thing". See "a third" (page 3) and "a fourth" on page 4.'
    assert [(c.quote, c.cited[0].pages) for c in claims(answer, [CONTRACT])] == [
        ("one thing", (1,)),
        ("another thing", (2,)),
        ("a third", (3,)),
        ("a fourth", (4,)),
    ]


def test_sources_before_their_quotations() -> None:
    answer = '[page 1] "one thing" [page 2] "another thing"'
    assert [(c.quote, c.cited[0].pages) for c in claims(answer, [CONTRACT])] == [
        ("one thing", (1,)),
        ("another thing", (2,)),
    ]


def test_a_source_behind_the_next_sentence_is_only_probable() -> None:
    first, second = claims('It is called "so and so". The fee is "five euros" (page 2).', [CONTRACT])
    assert (first.sure, second.sure) == (False, True)


def test_sources_without_quotations() -> None:
    answer = "The fee is due at once (contract.pdf, page 2). See also pages 3 and 4."
    found = claims(answer, [CONTRACT])
    assert [answer[claim.start : claim.end] for claim in found] == ["(contract.pdf, page 2)", "pages 3 and 4"]
    assert all(not claim.quote for claim in found)


def test_two_files_in_one_bracket() -> None:
    (claim,) = claims('"so and so" (contract.pdf, page 2; Angebot (final), v2 [neu].pdf, p. 3)', [CONTRACT, ODD])
    assert [(cited.document, cited.pages) for cited in claim.cited] == [(0, (2,)), (1, (3,))]


def test_times_count_where_a_video_is_attached() -> None:
    answer = "Harbour [00:12]. The office opens at 08:30 (contract.pdf, page 1). A car (clip.mp4, 1:02:03)."
    assert [claim.cited[0].time_s for claim in claims(answer, [CONTRACT])] == [None, None]
    times = [claim.cited[0].time_s for claim in claims(answer, [CLIP])]
    assert times == [12, 510, None, 3723]


def test_a_picture_is_cited_by_its_name() -> None:
    (claim,) = claims('The button "Apply now" is at the top (settings.png).', [SHOT])
    assert (claim.quote, claim.cited[0].document) == ("Apply now", 0)


def test_code_and_file_names_in_quotation_marks_are_no_quotations() -> None:
    assert claims('```\nprint("so and so")\n```\n', [CONTRACT]) == []
    (claim,) = claims('See "contract.pdf", page 3.', [CONTRACT])
    assert (claim.quote, claim.cited[0].pages) == ("", (3,))


def test_numbers_that_are_no_pages() -> None:
    assert claims("The file has 3 pages, 5 tables, and EUR 3.50 per p. It is version 2.", [CONTRACT]) == []


_PIECES = st.sampled_from(
    [*"\"“”„«»‘’'()[]{}>*_`|\n…-", " ", "word", "page 3", "p. 2", "contract.pdf", "00:12", "Seite 4", "```", "> ", "3"]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=40).map("".join))
def test_whatever_the_answer_the_claims_are_apart_and_inside_it(answer: str) -> None:
    end = 0
    for claim in claims(answer, [CONTRACT, ODD, CLIP]):
        assert end <= claim.start < claim.end <= len(answer)
        end = claim.end


@pytest.mark.parametrize("cell", ["'Prices 2026'!B4", "“Prices 2026”!$B$4"])
def test_a_sheet_s_name_before_a_cell_is_no_quotation(cell: str) -> None:
    found = [claim.quote for claim in claims(f"It says “Rope costs 20 EUR” (a.xlsx, {cell}).", [])]
    assert found == ["Rope costs 20 EUR"]
