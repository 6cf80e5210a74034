"""Comments on a page: who wrote what and when, told apart from the page's own words, and found as evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.chat.evidence.checking import check
from app.ingest.formats.pdf.comments import MAX_COMMENTS, MAX_WORDS
from app.ingest.read.reader import Reader
from app.ingest.types import Document, Page, ReadOptions
from tests.files.forms import FormPage

NOTE = "/Type/Annot/Subtype/Text/T(Lucas)/M(D:20240503101500+02'00')"


@pytest.fixture
def form() -> FormPage:
    form = FormPage()
    form.write(50, 100, "The rent is due on the first of the month.")
    return form


def read(reader: Reader, form: FormPage, path: Path, options: ReadOptions | None = None) -> Document:
    return reader.read(form.save(path / "a.pdf"), options)


def comments(page: Page) -> list[str]:
    return [line.text for line in page.lines if line.role == "comment"]


@pytest.mark.parametrize("direct", [False, True], ids=["own object", "in the page's list"])
@pytest.mark.parametrize("kind", ["Text", "Stamp", "Ink", "Square", "Line", "Caret", "Polygon"])
def test_every_kind_of_remark(reader: Reader, form: FormPage, tmp_path: Path, kind: str, direct: bool) -> None:
    place = form.rect((300, 90, 320, 110))
    form.annotation(f"<<{NOTE.replace('/Text', f'/{kind}')}/Rect{place}/Contents(Too late.)/AP<<>>>>", direct=direct)
    document = read(reader, form, tmp_path)
    page = document.pages[0]
    assert comments(page) == ["[Comment by Lucas, 2024-05-03: Too late.]"]
    assert page.text.startswith("The rent is due on the first of the month.\n\n")
    assert page.text.endswith("\n\n[Comment by Lucas, 2024-05-03: Too late.]")
    found = check("“Too late.” (a.pdf, page 1)", [document])[0]
    assert found.state == "found"
    assert "comment" in str(found.reason)
    assert "comment" not in str(check("“The rent is due” (a.pdf, page 1)", [document])[0].reason)
    assert found.place is not None
    x0, y0, x1, y1 = found.place.boxes[0]
    assert 295 <= x0 < x1 <= 325
    assert 85 <= y0 < y1 <= 115


def test_words_that_are_drawn_are_not_given_twice(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    place = (300, 200, 400, 220)
    look = form.drawn(place, ["Call the owner"])
    form.annotation(
        f"<</Type/Annot/Subtype/FreeText/Rect{form.rect(place)}/Contents(Call the owner)/F 4"
        f"/DA(/Helv 10 Tf 0 g)/AP<</N {look}>>>>"
    )
    assert read(reader, form, tmp_path).pages[0].text.count("Call the owner") == 1


@pytest.mark.parametrize(
    ("kind", "contents", "expected"),
    [
        ("Highlight", "/Contents(Says who?)", "[Comment by Lucas, 2024-05-03, on “first of the month”: Says who?]"),
        ("Highlight", "", "[Highlighted by Lucas, 2024-05-03: “first of the month”]"),
        ("StrikeOut", "", "[Struck out by Lucas, 2024-05-03: “first of the month”]"),
        ("Underline", "", "[Underlined by Lucas, 2024-05-03: “first of the month”]"),
    ],
)
def test_marked_words(reader: Reader, form: FormPage, tmp_path: Path, kind: str, contents: str, expected: str) -> None:
    x0, _, x1, _ = form.page.search_for("first of the month")[0]
    top, bottom = form.height - 90, form.height - 103
    quad = f"/QuadPoints[{x0} {top} {x1} {top} {x0} {bottom} {x1} {bottom}]"
    form.annotation(f"<<{NOTE.replace('/Text', f'/{kind}')}{quad}/Rect[{x0} {bottom} {x1} {top}]{contents}>>")
    assert comments(read(reader, form, tmp_path).pages[0]) == [expected]


def test_replies_follow_what_they_answer(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    def note(y: float, words: str, more: str = "") -> int:
        return form.annotation(f"<<{NOTE}/Rect{form.rect((300, y, 320, y + 20))}/Contents({words}){more}>>")

    low = note(400, "Low")
    high = note(200, "High")
    first = note(500, "To high", f"/IRT {high} 0 R")
    note(100, "To that", f"/IRT {first} 0 R")
    note(100, "To low", f"/IRT {low} 0 R")
    found = comments(read(reader, form, tmp_path).pages[0])
    assert [line[1:].split(" by ")[0] for line in found] == ["Comment", "Reply", "Reply", "Comment", "Reply"]
    assert [line.rpartition(": ")[2] for line in found] == ["High]", "To high]", "To that]", "Low]", "To low]"]


def test_what_is_not_shown_or_says_nothing(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    place = form.rect((300, 90, 320, 110))
    form.annotation(f"<<{NOTE}/Rect{place}/Contents(hidden)/F 2>>")
    form.annotation(f"<<{NOTE}/Rect{place}/Contents(not viewed)/F 32>>")
    form.annotation(f"<<{NOTE}/Rect{place}>>")
    form.annotation(f"<</Type/Annot/Subtype/Popup/Rect{place}/Contents(popup)>>")
    form.annotation(f"<</Type/Annot/Subtype/Link/Rect{place}/Contents(link)>>")
    page = read(reader, form, tmp_path).pages[0]
    assert page.text == "The rent is due on the first of the month."


def test_rich_text_where_there_is_no_plain_one(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    rich = "/RC(<body><p>Much <b>too</b> late</p></body>)"
    form.annotation(f"<</Type/Annot/Subtype/Text/Rect{form.rect((300, 90, 320, 110))}{rich}>>")
    assert comments(read(reader, form, tmp_path).pages[0]) == ["[Comment: Much too late]"]


def test_number_and_length_are_bounded_and_said(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    place = form.rect((300, 90, 320, 110))
    for number in range(MAX_COMMENTS + 7):
        form.annotation(f"<<{NOTE}/Rect{place}/Contents({'long ' * 1000}{number})>>")
    page = read(reader, form, tmp_path).pages[0]
    found = comments(page)
    assert len(found) == MAX_COMMENTS
    assert max(map(len, found)) < MAX_WORDS + 100
    assert "7 more comments" in str(page.reason)


def test_comments_on_pages_without_text(reader: Reader, tmp_path: Path) -> None:
    def page(form: FormPage, mode: str = "auto") -> Page:
        form.annotation(f"<<{NOTE}/F 4/Rect{form.rect((300, 90, 320, 110))}/Contents(Where is it?)/AP<<>>>>")
        return read(reader, form, tmp_path, ReadOptions(mode=mode)).pages[0]  # type: ignore[arg-type]

    drawn = FormPage()
    drawn.page.draw_circle((300, 300), 100, fill=(1, 0, 0))
    found = page(drawn)
    assert (found.state, comments(found)) == ("both", ["[Comment by Lucas, 2024-05-03: Where is it?]"])
    assert found.picture is not None
    empty = page(FormPage())
    assert empty.state in ("text", "both")
    assert comments(empty)
    assert "comments are left out" in str(page(FormPage(), "image").reason)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_places_on_turned_pages(reader: Reader, form: FormPage, tmp_path: Path, turn: int) -> None:
    form.annotation(f"<<{NOTE}/Rect{form.rect((300, 200, 340, 220))}/Contents(Here)>>")
    form.page.set_rotation(turn)
    page = read(reader, form, tmp_path).pages[0]
    box = next(line.box for line in page.lines if line.role == "comment")
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    assert middle == pytest.approx({0: (320, 210), 90: (632, 320), 180: (275, 632), 270: (210, 275)}[turn], abs=2)
