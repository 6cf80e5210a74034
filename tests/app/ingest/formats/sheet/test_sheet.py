"""Workbooks and separated values: every cell with its address, as it is shown; evidence names the cell."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.chat.evidence.checking import check
from app.chat.evidence.citing import label
from app.cli.common.evidence import evidence_lines
from app.ingest.formats.sheet import layout
from app.ingest.formats.sheet.values import shown
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from model.errors import IngestError
from tests.app.ingest.formats.sheet.books import GOODS, prices


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as made:
        yield made


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory, reader: Reader) -> Document:
    return reader.read(prices(tmp_path_factory.mktemp("book") / "prices.xlsx"))


def test_every_sheet_is_read_with_its_cells_and_formulas(book: Document) -> None:
    first = book.pages[0].text
    assert book.kind == "sheet" and book.skipped == ()
    assert "Sheet “Prices 2026”" in first and "Merged cells: A9:B9" in first
    assert "2\tRope\t12\t3.50 EUR" in first and "(=B2*C2, without a stored value)" in first
    assert "Lamp & <oil>" in first and "1,234,567.9" in first and "[comment by Anna: weighed twice]" in first
    assert "03.05.2026" in first and "Valid until the third of May" in first
    assert "Sheet “Notes” (hidden)" in book.pages[-1].text and "nobody sees this sheet" in book.pages[-1].text
    lines = "\n".join(page.text for page in book.pages).splitlines()
    assert all(f"{row}\tBerth {row}\t{row * 3}\tOwner number {row * 7}" in lines for row in range(1, 101))


def test_every_page_of_a_long_sheet_has_its_letters(book: Document) -> None:
    berths = [page.text for page in book.pages if "Berth " in page.text]
    assert len(berths) == 4 and all(re.search("^A\tB\tC$", text, re.MULTILINE) for text in berths)


def test_evidence_names_the_cell(book: Document) -> None:
    for row, (name, _count, price) in enumerate(GOODS, 2):
        for words, cell in ((name, f"A{row}"), (f"{price:.2f} EUR", f"C{row}")):
            (one,) = check(f"“{words}” (prices.xlsx)", [book])
            assert one.state == "found" and one.place is not None
            assert one.place.spot == f"'Prices 2026'!{cell}" and one.place.page == 1
    found = 0
    for row in range(1, 101):
        (one,) = check(f"“Owner number {row * 7}” (prices.xlsx)", [book])
        found += one.place is not None and one.place.spot == f"Berths!C{row}"
        (other,) = check(f"“Owner number {row * 7 + 1}” (prices.xlsx)", [book])
        assert (other.state == "found") == ((row * 7 + 1) % 7 == 0)
    assert found == 100
    assert str(label(one)) == "✓ Berths!C100" and "Berths!C100" in str(one.reason)
    assert evidence_lines(check("“Owner number 7” (prices.xlsx)", [book]), [book]) == ["✓ Berths!C1: Owner number 7"]


@pytest.mark.parametrize(
    ("data", "row"),
    [
        ("name;amount\nRope;1,50\nLamp;2,75\n", "2\tRope\t1,50"),
        ('name,amount\nRope,1.50\n"Lamp, big",2.75\n', "3\tLamp, big\t2.75"),
        ("name\tamount\nRope\t1.50\n", "2\tRope\t1.50"),
        ("one column\nand nothing else\n", "2\tand nothing else"),
    ],
)
def test_separated_values_whatever_separates_them(reader: Reader, tmp_path: Path, data: str, row: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(data, encoding="utf-8")
    document = reader.read(path)
    assert document.kind == "sheet" and row in document.pages[0].text.splitlines()
    name = row.split("\t")[1]
    (one,) = check(f"“{name}” (a.csv, page 1)", [document])
    assert one.place is not None and one.place.spot == f"A{row[0]}"


def test_a_large_file_is_bounded_and_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MAX_ROWS", 50)
    path = tmp_path / "a.csv"
    path.write_text("".join(f"row {number},x\n" for number in range(1, 80)))
    content = layout.lay_out(path, "csv")
    (note,) = content.notes
    assert str(note.where) == "rows from 51 on" and "split the file" in str(note.why)
    assert "row 50" in content.body and "row 51" not in content.body


def test_an_empty_workbook_is_a_sentence(reader: Reader, tmp_path: Path) -> None:
    import openpyxl

    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    with pytest.raises(IngestError, match="spreadsheet is empty"):
        reader.read(tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    ("value", "form", "words"),
    [
        (1234.5, "General", "1234.5"),
        (0.1 + 0.2, "General", "0.3"),
        (7, "General", "7"),
        (1234.5, "#,##0.00", "1,234.50"),
        (-1234.5, "#,##0.00;(#,##0.00)", "(1,234.50)"),
        (-3, "0.0", "-3.0"),
        (2.675, "0.00", "2.68"),
        (0.195, "0.0%", "19.5%"),
        (12, '0 "pieces"', "12 pieces"),
        (9.5, "#,##0.00\\ [$€-407]", "9.50 €"),
        (1234567, "0.0,,", "1.2"),
        (True, "General", "TRUE"),
        ("text", "@", "text"),
        (datetime.datetime(2026, 5, 3, 14, 7), "yyyy-mm-dd hh:mm", "2026-05-03 14:07"),
        (datetime.datetime(2026, 5, 3, 14, 7), "d mmm yyyy h:mm AM/PM", "3 May 2026 2:07 PM"),
        (datetime.date(2026, 5, 3), "General", "2026-05-03"),
        (datetime.time(9, 5), "hh:mm", "09:05"),
        (datetime.timedelta(hours=30, minutes=2), "[h]:mm:ss", "30:02:00"),
        (1e300, "0.00", "1e+300"),
    ],
)
def test_values_are_shown_as_the_program_shows_them(value: object, form: str, words: str) -> None:
    assert shown(value, form).startswith(words)
