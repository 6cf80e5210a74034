"""Workbooks from before 2007: the same grid, the same shown values, and formulas that xlrd does not give by itself."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from app.chat.evidence.checking import check
from app.ingest.compound import names_at_top
from app.ingest.filekind import Form
from app.ingest.formats.sheet.either import lay_out
from app.ingest.kinds import sniff
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from model.errors import IngestError
from tests.app.ingest.formats.mail.outlook_files import Storage, compound
from tests.app.ingest.formats.sheet.older_books import GOODS, Sheet, older_book, prices, stream_of


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory, reader: Reader) -> Document:
    path = tmp_path_factory.mktemp("book") / "prices.xls"
    path.write_bytes(prices())
    return reader.read(path)


def test_cells_are_shown_as_the_program_shows_them(book: Document) -> None:
    text = book.pages[0].text
    lines = text.splitlines()
    assert book.kind == "sheet"
    assert "2\tRope\t12\t3.50 EUR\t42 (=B2*C2)" in lines
    assert "3\tÄnker\t2\t149.90 EUR\t299.8 (=B3*C3)" in lines
    assert "4\tLamp & <oil>\t7\t22.00 EUR\t154 (=B4*C4)" in lines
    assert "6\t991.60 EUR (=SUM(D2:D4)*2)" in lines
    assert '7\ttotal (="total")\tTRUE [comment by Anna: weighed twice]\t19%\t#DIV/0!' in lines
    assert "9\tValid until the third of May\t03.05.2026" in lines and "10\t36:00" in lines


def test_what_is_beside_the_cells_is_said(book: Document) -> None:
    lines = book.pages[0].text.splitlines()
    for line in (
        "Header: Offers",
        "Merged cells: A9:B9",
        "Hidden rows: 3",
        "Hidden columns: F",
        "Ask before you order",
    ):
        assert line in lines
    assert "Sheet “Notes” (hidden)" in book.pages[-1].text and "nobody sees this sheet" in book.pages[-1].text
    (note,) = book.skipped
    assert "1 chart or picture" in str(note.why)


def test_evidence_names_the_cell(book: Document) -> None:
    for row, (name, _count, price) in enumerate(GOODS, 2):
        for words, cell in ((name, f"A{row}"), (f"{price:.2f} EUR", f"C{row}")):
            (one,) = check(f"“{words}” (prices.xls)", [book])
            assert one.state == "found" and one.place is not None
            assert one.place.spot == f"'Prices 2026'!{cell}"
    places = [check(f"“Owner number {row * 7}” (prices.xls)", [book])[0].place for row in range(1, 101)]
    assert [place.spot for place in places if place is not None] == [f"Berths!C{row}" for row in range(1, 101)]
    assert not any(
        check(f"“Owner number {row * 7 + 1}” (prices.xls)", [book])[0].state == "found" for row in range(1, 100)
    )


def test_it_is_told_by_what_lies_at_its_top(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(prices())
    assert sniff(path) == Form("sheet", "xls")
    many = Storage({f"s{number}": b"x" for number in range(300)} | {"Workbook": stream_of([Sheet("A")])})
    path.write_bytes(compound(many))
    with path.open("rb") as file:
        assert names_at_top(file) == set(many.streams)
    inside = Storage({"WordDocument": b"x" * 600}, {"ObjectPool": Storage({"Workbook": stream_of([Sheet("A")])})})
    path.write_bytes(compound(inside))
    with pytest.raises(IngestError, match="Word document from before 2007"):
        sniff(path)


def test_an_empty_one_and_a_damaged_one_are_sentences(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(older_book(Sheet("A")))
    with pytest.raises(IngestError, match="spreadsheet is empty"):
        reader.read(path)
    path.write_bytes(compound(Storage({"Workbook": b"\x09\x08" + b"\x00" * 3000})))
    with pytest.raises(IngestError, match="damaged"):
        reader.read(path)


def test_more_cells_than_are_read_are_told(reader: Reader, tmp_path: Path) -> None:
    sheet = Sheet("A")
    sheet.put(0, 0, "first")
    sheet.put(30_000, 0, "beyond")
    path = tmp_path / "a.xls"
    path.write_bytes(older_book(sheet))
    document = reader.read(path)
    assert "first" in document.pages[0].text and "beyond" not in document.pages[-1].text
    assert "split the file" in str(document.skipped[0].why)


def test_without_xlrd_it_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the packages, which do not contain it."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(IngestError, match="which this copy of Lectern cannot read"):
        lay_out(tmp_path / "prices.xls", "xls")
