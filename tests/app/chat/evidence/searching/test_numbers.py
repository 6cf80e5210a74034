"""Signs that belong to numbers, and false quotations from pages that are text and picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.chat.evidence.checking import check
from app.ingest.formats.mupdf import pymupdf
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from tests.app.chat.evidence.papers import page, paper


def state(quote: str, document: Document, number: int = 1) -> str:
    (found,) = check(f"It says “{quote}” ({document.name}, page {number}).", [document])
    return found.state


@pytest.mark.parametrize(
    "printed",
    [
        ">5000", "> 5000", "<5000", "≤5000", "≥ 5000", "≈5000", "≅5000", "~5000", "∼ 5000", "±5000", "∓5000", "+/-5000",
        "-5000", "−5000", "–5000", "(-5000)", "≠5000", "≪5000", "+5000", "√5000", "-$5000", "$-5000", "<€5000",
        "> $5000",
        "5000%", "5000‰", "5000+", "5000-", "5000−", "5000³", "5000^6", "5000½", ".5000", "-.5000", "≥\u00a0-5000",
    ],
)  # fmt: skip
def test_a_sign_that_changes_a_number_is_not_left_out(printed: str) -> None:
    for text in (f"Metals 357 {printed} 2755.9", printed, f"Metals {printed}", f"Metals\n{printed}\nand others"):
        document = paper("a.pdf", tuple(text.split("\n")))
        assert state("5000", document) == "unverified", text
        assert state(printed, document) == "found", text


@pytest.mark.parametrize("sign", [*"<>≤≥±≈~-−+√≠", "% ", "-$"])
def test_a_sign_is_not_added_or_changed(sign: str) -> None:
    document = paper("a.pdf", ("Metals 357 5000 2755.9", "Loss of $5000 a year, 12 points <400"))
    after = sign == "% "
    for quote in ("5000", "Metals 357 5000 2755.9", "357 5000", "Loss of $5000 a year"):
        changed = quote.replace("5000", "5000% ") if after else quote.replace("$", "").replace("5000", f"{sign}5000")
        assert state(quote, document) == "found"
        assert state(changed.strip(), document) == "unverified", changed
    if not after and sign != "<":
        assert state(f"{sign}400", document) == "unverified"


@pytest.mark.parametrize(
    ("printed", "quote"),
    [
        ("Price $5000 net", "5000"),
        ("Price 5000€ net", "5000"),
        ("Price 5000 kg", "5000"),
        ("a share of 7,5 % of it", "a share of 7,5"),
        ("5000,- EUR", "5000"),
        ("pages 3–5 of it", "5"),
        ("pages 3–5 of it", "3"),
        ("- 5000 pieces", "5000 pieces"),
        ("Part A – 5000 pieces", "5000 pieces"),
        ("File -> 5000 pieces", "5000 pieces"),
        ("x = 5000", "5000"),
        ("(5000)", "5000"),
        ("No.5000", "5000"),
        ("the 5-year plan", "the 5 year plan"),
        ("at 5000— the highest", "at 5000 — the highest"),
        ("3 ≤ x ≤ 5", "3 <= x <= 5"),
        ("2½ hours", "2 1/2 hours"),
        ("945.4+ -307", "-307"),
        ("945.4+ 307", "307"),
        ("a rate of -7 K", "**-7 K**"),
    ],
)
def test_what_may_be_left_out_or_written_otherwise(printed: str, quote: str) -> None:
    assert state(quote, paper("a.pdf", (printed,))) == "found"


@pytest.mark.parametrize("quote", ["~7", ">7", "±7", "-489", "~489"])
def test_no_sign_is_added_to_the_parts_of_a_number(quote: str) -> None:
    document = paper("a.pdf", ("By clause 489(7) of the act",))
    assert state("7", document) == state("489(7)", document) == "found"
    assert state(quote, document) == "unverified"


def test_a_number_that_is_there_with_and_without_a_sign_is_found() -> None:
    document = paper("a.pdf", ("up to >5000 a day", "in all 5000 pieces"))
    (found,) = check('"5000" (page 1)', [document])
    assert found.state == "found" and found.place is not None and found.place.boxes[0][1] == 74


FALSE = ("Noble gases 269 -62", "Noble gases -269 62", "Noble gases -259 -62", "97 birds fly south", "5000")


def _written(path: Path, scan: bool = False) -> Path:
    """A page with a short table between rules, or the same words beside a picture that covers the page."""
    with pymupdf.open() as document:
        sheet = document.new_page()
        if scan:
            pixmap = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 60, 80))
            pixmap.clear_with(200)
            sheet.insert_image(sheet.rect, pixmap=pixmap)
        for row, cells in enumerate((("Noble gases", "-269", "-62"), ("Metals", "357", ">5000"))):
            for column, cell in enumerate(cells):
                sheet.insert_text((80 + 120 * column, 100 + 30 * row), cell)
        for at in () if scan else range(4):
            sheet.draw_line((70, 80 + 30 * at), (450, 80 + 30 * at))
            sheet.draw_line((70 + 120 * at, 80), (70 + 120 * at, 170))
        document.save(path)
    return path


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[Document, Document]:
    folder = tmp_path_factory.mktemp("pages")
    with Reader() as reader:
        return reader.read(_written(folder / "table.pdf")), reader.read(_written(folder / "scan.pdf", scan=True))


def test_a_page_whose_text_is_whole_excuses_nothing(read: tuple[Document, Document]) -> None:
    table, _ = read
    assert table.pages[0].state == "both" and not table.pages[0].beyond_text
    assert state("Noble gases -269 -62", table) == "found"
    for quote in FALSE:
        assert state(quote, table) == "unverified", quote


def test_a_picture_that_covers_the_page_excuses_no_altered_words(read: tuple[Document, Document]) -> None:
    _, scan = read
    assert scan.pages[0].state == "both" and scan.pages[0].beyond_text
    assert state("Noble gases -269 -62", scan) == "found"
    assert state("Exit to the left", scan) == "seen"
    for quote in FALSE[:3]:
        assert state(quote, scan) == "unverified", quote


def test_a_damaged_layer_lets_the_picture_be_looked_at() -> None:
    whole = page(1, "A short caption", state="both")
    assert state("Some other words", paper("a.pdf", whole)) == "unverified"
    assert state("Some other words", paper("a.pdf", replace(whole, beyond_text=True))) == "seen"
