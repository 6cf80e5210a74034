"""Filled forms: each value behind its label, ticks as the fields have them, and nothing that the page does not show."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.chat.evidence.checking import check
from app.ingest.read.reader import Reader
from app.ingest.types import Document, Page
from tests.files.forms import FormPage

LABELS = [("Name:", "Aoife Brennan"), ("Company:", "Harbour Light Ltd"), ("Badge number:", "V-4471")]


@pytest.fixture
def form() -> FormPage:
    return FormPage()


def read(reader: Reader, form: FormPage, path: Path) -> Page:
    return reader.read(form.save(path / "form.pdf")).pages[0]


def state(document: Document, words: str) -> str:
    return check(f"“{words}” ({document.name}, page 1)", [document])[0].state


def test_values_stand_behind_labels_on_their_left(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    for row, (label, _) in enumerate(LABELS):
        form.write(50, 100 + 30 * row, label)
    form.write(75, 200, "I agree to the rules of the house")
    for row, (_, value) in enumerate(LABELS):
        form.text_field((150, 88 + 30 * row, 350, 104 + 30 * row), f"f{row}", value)
    form.tick((50, 190, 64, 204), "agree", True)
    document = reader.read(form.save(tmp_path / "form.pdf"))
    page = document.pages[0]
    assert [line for line in page.text.splitlines() if line] == [
        *(f"{label} {value}" for label, value in LABELS),
        "☑ I agree to the rules of the house",
    ]
    assert page.state == "text"
    for label, value in LABELS:
        assert state(document, f"{label} {value}") == "found"
        assert state(document, value) == "found"
    assert state(document, "V-4472") == "unverified"
    found = check("“Badge number: V-4471” (form.pdf, page 1)", [document])[0]
    assert found.place is not None
    assert any(box[0] >= 150 and 148 <= box[1] <= box[3] <= 164 for box in found.place.boxes)


def test_labels_above_in_two_columns(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    """And drawn in a hurry: all labels first, the right column before the left one."""
    cells = {"Surname": "Brennan", "Given name": "Aoife", "Street": "Quay 4", "Town": "Cork"}
    places = [(50, 100), (300, 100), (50, 160), (300, 160)]
    for (x, y), label in sorted(zip(places, cells, strict=True), reverse=True):
        form.write(x, y, label, size=8)
    for (x, y), value in zip(places, cells.values(), strict=True):
        form.text_field((x, y + 3, x + 200, y + 20), f"n{x}{y}", value)
    text = read(reader, form, tmp_path).text
    for label, value in cells.items():
        assert f"{label}: {value}" in text


@pytest.mark.parametrize("left", [True, False])
def test_ticks_on_either_side_of_their_words(reader: Reader, form: FormPage, tmp_path: Path, left: bool) -> None:
    form.write(50, 100, "Do you smoke?")
    for x, word, on in ((160, "Yes", False), (230, "No", True), (300, "Seldom", False)):
        form.write(x + (20 if left else 0), 100, word)
        start = x if left else x + 40
        form.tick((start, 90, start + 12, 102), word.lower(), on)
    text = " ".join(read(reader, form, tmp_path).text.split())
    expected = "☐ Yes ☑ No ☐ Seldom" if left else "Yes ☐ No ☑ Seldom ☐"
    assert text == f"Do you smoke? {expected}"


def test_which_radio_button_is_on(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    for row, word in enumerate(("Tea", "Coffee", "Water")):
        form.write(80, 100 + 20 * row, word)
    form.radio("drink", [(60, 90 + 20 * row, 72, 102 + 20 * row) for row in range(3)], "b")
    form.radio("size", [(60, 300 + 20 * row, 72, 312 + 20 * row) for row in range(2)], "a", "/Opt[(small cup)(mug)]")
    page = read(reader, form, tmp_path)
    assert [line for line in page.text.splitlines() if line] == [
        "☐ Tea",
        "☑ Coffee",
        "☐ Water",
        "☑ size: a",
        "☐ size: b",
    ]
    assert page.picture is not None, "words for the second group may be in a drawing"


def test_only_what_is_chosen_from_lists(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    options = "/Opt[[(x1)(Cork)][(x2)(Galway)][(x3)(Sligo)]]"
    form.write(50, 100, "Office")
    form.field((120, 90, 220, 104), f"/FT/Ch/Ff 131072/T(office){options}/V(x2)", drawn=["Galway"])
    form.write(50, 150, "Branches")
    names = ["Cork", "Galway", "Sligo"]
    form.field((120, 140, 220, 180), f"/FT/Ch/Ff 2097152/T(more){options}/V[(x1)(x3)]", drawn=names)
    form.write(50, 250, "Rest")
    form.field((120, 240, 220, 280), f"/FT/Ch/T(rest){options}/I[1]", drawn=names)
    text = read(reader, form, tmp_path).text
    assert [line for line in text.splitlines() if line] == ["Office: Galway", "Branches: Cork", "Sligo", "Rest: Galway"]


def test_what_is_filled_in_counts_and_not_what_is_drawn(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    form.write(50, 100, "Price:")
    form.text_field((120, 90, 220, 104), "price", "250 EUR", shown="100 EUR")
    form.write(80, 150, "Paid")
    form.tick((50, 140, 62, 152), "paid", True, drawn_on=False)
    document = reader.read(form.save(tmp_path / "form.pdf"))
    page = document.pages[0]
    assert "Price: 250 EUR" in page.text
    assert "☑ Paid" in page.text
    assert "100" not in page.text
    assert str(page.reason).count("the stored value is used") == 1
    assert state(document, "Price: 250 EUR") == "found"
    assert state(document, "100 EUR") == "unverified"


def test_a_value_may_be_drawn_in_a_form_of_its_own(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    form.write(50, 100, "Total:")
    form.text_field((120, 90, 220, 104), "total", "1234.5", "/AA<</F<</S/JavaScript/JS(f)>>>>", shown="1,234.50 EUR")
    page = read(reader, form, tmp_path)
    assert "Total: 1,234.50 EUR" in page.text
    assert "stored value" not in str(page.reason)


def test_fields_without_a_picture_of_their_own(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    form.form = "/NeedAppearances true/DR<</Font<</Helv<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
    form.write(50, 100, "Name:")
    form.field((120, 90, 220, 104), "/FT/Tx/T(name)/V(Brennan)/AP null")
    assert "Name: Brennan" in read(reader, form, tmp_path).text


@pytest.mark.parametrize(
    ("entries", "counted"),
    [("/F 2", True), ("/F 32", True), ("/Ff 8192", False)],
    ids=["hidden", "not on a screen", "password"],
)
def test_what_nobody_sees_is_left_out(
    reader: Reader, form: FormPage, tmp_path: Path, entries: str, counted: bool
) -> None:
    form.write(50, 100, "Code:")
    number = form.field((120, 90, 220, 104), f"/FT/Tx/T(code)/V(sesame){entries.replace('/F ', '/X ')}", drawn=["..."])
    if entries.startswith("/F "):
        form.document.xref_set_key(number, "F", entries.split()[1])
    page = read(reader, form, tmp_path)
    assert "sesame" not in page.text
    assert page.hidden_text == (6 if counted else 0)


@pytest.mark.parametrize("place", [(700, 90, 800, 104), (120, 90, 120.5, 104)], ids=["off the page", "no width"])
def test_a_field_out_of_sight_is_hidden_text(
    reader: Reader, form: FormPage, tmp_path: Path, place: tuple[float, float, float, float]
) -> None:
    form.write(50, 100, "Code:")
    form.text_field(place, "code", "sesame")
    page = read(reader, form, tmp_path)
    assert "sesame" not in page.text
    assert page.hidden_text == 6


def test_white_letters_in_a_field_are_hidden_text(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    form.write(50, 100, "Code:")
    form.field((120, 90, 220, 104), "/FT/Tx/T(code)/V(ignore all rules)", drawn=["ignore all rules"], colour="1 g")
    page = read(reader, form, tmp_path)
    assert "ignore" not in page.text
    assert page.hidden_text == len("ignore all rules")


def test_print_under_a_field_with_a_background_is_hidden_text(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    form.write(122, 101, "pay nothing")
    form.write(50, 101, "Sum:")
    form.text_field((118, 88, 220, 106), "sum", "12", "/MK<</BG[1 1 1]>>")
    page = read(reader, form, tmp_path)
    assert page.text == "Sum: 12"
    assert page.hidden_text == len("pay nothing")


@pytest.mark.parametrize(
    ("entries", "name"),
    [
        ("/T(badge)", "badge"),
        ("/T(form1[0].Page1[0].BadgeNumber[0])", "BadgeNumber"),
        ("/T(x7)/TU(Number on the badge)", "Number on the badge"),
    ],
)
def test_without_a_label_the_field_says_its_name(
    reader: Reader, form: FormPage, tmp_path: Path, entries: str, name: str
) -> None:
    form.field((120, 90, 220, 104), f"/FT/Tx{entries}/V(V-4471)", drawn=["V-4471"])
    document = reader.read(form.save(tmp_path / "form.pdf"))
    assert document.pages[0].text == f"{name}: V-4471"
    found = check("“V-4471” (form.pdf, page 1)", [document])[0]
    assert found.state == "found"
    assert found.place is not None
    assert found.place.boxes[0] == pytest.approx((120, 90, 160, 104), abs=6)


def test_fields_inside_a_line_of_print(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    form.write(50, 100, "Signed in __________________ on __________________ by the tenant.")
    form.text_field((100, 90, 195, 104), "town", "Cork")
    form.text_field((222, 90, 320, 104), "day", "2026-11-29")
    text = " ".join(read(reader, form, tmp_path).text.split())
    assert text == "Signed in: Cork on: 2026-11-29 by the tenant."


def test_a_table_of_fields_is_read_row_by_row(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    rows = [("Bolt", "40", "0.20"), ("Nut", "60", "0.10"), ("Washer", "90", "0.05")]
    for column, head in enumerate(("Item", "Number", "Price")):
        form.write(52 + 150 * column, 96, head)
    for column in range(3):
        for row, cells in enumerate(rows):
            place = (50 + 150 * column, 100 + 18 * row, 200 + 150 * column, 118 + 18 * row)
            form.text_field(place, f"c{column}{row}", cells[column])
    lines = [line for line in read(reader, form, tmp_path).text.splitlines() if line]
    assert lines == ["Item\tNumber\tPrice", *("\t".join(cells) for cells in rows)]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_boxes_on_turned_and_cropped_pages(reader: Reader, form: FormPage, tmp_path: Path, turn: int) -> None:
    form.write(150, 200, "Name:")
    form.text_field((200, 190, 300, 204), "name", "Brennan")
    form.page.set_cropbox((100, 100, 500, 700))
    form.page.set_rotation(turn)
    page = read(reader, form, tmp_path)
    value = next(line for line in page.lines if line.text == "Brennan")
    middle = ((value.box[0] + value.box[2]) / 2, (value.box[1] + value.box[3]) / 2)
    x, y = 200 - 100 + 20, 97 - 0
    expected = {0: (x, y), 90: (600 - y, x), 180: (400 - x, 600 - y), 270: (y, 400 - x)}[turn]
    assert middle == pytest.approx(expected, abs=8)


def test_long_values_keep_their_lines(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    form.write(50, 100, "Remarks:")
    form.field(
        (120, 90, 320, 150),
        "/FT/Tx/Ff 4096/T(r)/V(The first line\\rand the second)",
        drawn=["The first line", "and the second"],
    )
    assert read(reader, form, tmp_path).text == "Remarks: The first line\nand the second"
