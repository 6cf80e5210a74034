"""Numbers, dates and texts as their formats show them, and what a workbook holds besides its cells."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import openpyxl
import pytest

from app.ingest.formats.laid_out.content import SPOT
from app.ingest.formats.sheet import layout
from app.ingest.formats.sheet.layout import lay_out
from app.ingest.formats.sheet.values import shown
from app.ingest.kinds import sniff
from model.errors import IngestError
from tests.app.ingest.formats.mail.outlook_files import Storage, compound
from tests.app.ingest.formats.packed import changed, more_relations, relations


@pytest.mark.parametrize(
    ("value", "form", "words"),
    [
        (123456789, "000-00-0000", "123-45-6789"),
        (5551234567, "(###) ###-####", "(555) 123-4567"),
        (19.99, '0 "dollars and" .00 "cents"', "19 dollars and .99 cents"),
        (198356388, "0.00E+00", "1.98E+08"),
        (-198356388, "0.00E+00", "-1.98E+08"),
        (12345, "##0.0E+0", "12.3E+3"),
        (999999, "0.0E+00", "1.0E+06"),
        (2.5, "# ?/?", "2 1/2"),
        (0.333, "# ??/??", "1/3"),
        (3.25, "?/?", "13/4"),
        (3.5, "# ?/8", "3 4/8"),
        (0, "0;-0;;@", ""),
        (0, '#,##0.00;-#,##0.00;"-"', "-"),
        (150, "[>100]0.0;0.00", "150.0"),
        (50, "[>100]0.0;0.00", "50.00"),
        (-1599.99, "$#,##0.00;[Red]($#,##0.00)", "($1,599.99)"),
        (-5, "_-* #,##0.00\\ _€_-;\\-* #,##0.00\\ _€_-", "-5.00"),
        (-0.001, "0.00", "0.00"),
        (1234.5, 'General" kg"', "1234.5 kg"),
        (0.5, "#.##", ".5"),
        (12345678, "#,##0,", "12,346"),
        (1.5e6, '0.0,,"M"', "1.5M"),
        (42, ";;;", "42"),
        (10, '0 "a;b"', "10 a;b"),
        (float("inf"), "0.00", "inf"),
        (5, "0" + 400_000 * ",", "5"),
        ("abc", '0;0;0;"t: "@', "t: abc"),
        (datetime.datetime(2026, 3, 5), "[$-407]d. mmmm yyyy", "5. März 2026"),
        (datetime.datetime(2026, 3, 5), "[$-fr-FR]dddd d mmmm", "jeudi 5 mars"),
        (datetime.datetime(2009, 10, 3), "mm-dd-yy", "2009-10-03"),
        (datetime.datetime(2026, 3, 5), "dd/mm/yyyy;@", "05/03/2026"),
        (datetime.datetime(2026, 3, 5), 'yyyy"年"m"月"d"日"', "2026年3月5日"),
        (datetime.datetime(2026, 3, 5, 1, 2, 3, 450000), "mm:ss.0", "02:03.4"),
        (datetime.timedelta(hours=30, minutes=2), "[h]:mm", "30:02"),
        (
            datetime.datetime(2007, 5, 17, 4, 20),
            '"At" h:mm AM/PM "on" dddd mmmm d"," yyyy',
            "At 4:20 AM on Thursday May 17, 2007",
        ),
    ],
)
def test_values_are_shown_as_the_program_shows_them(value: object, form: str, words: str) -> None:
    assert shown(value, form) == words


def _text(path: Path) -> str:
    return re.sub(r"<[^>]*>", "|", lay_out(path, "xlsx").body.replace(SPOT, ""))


def _book(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in range(1, 9):
        sheet.append([f"Berth {row}", row * 11, "kept apart"])
    book.save(path)
    return path


def test_hidden_rows_and_columns_and_margins_are_named(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(_book(tmp_path / "a.xlsx"))
    sheet = book.active
    for row in (2, 4, 5, 6):
        sheet.row_dimensions[row].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet.oddHeader.center.text, sheet.oddFooter.left.text = "Harbour board", "Page &P of &N"
    book.save(tmp_path / "a.xlsx")
    read = _text(tmp_path / "a.xlsx")
    assert "Hidden rows: 2, 4–6" in read and "Hidden columns: C" in read
    assert "Header: Harbour board" in read and "Footer: Page of" in read


def test_the_strict_form_is_read(tmp_path: Path) -> None:
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    path = changed(
        _book(tmp_path / "a.xlsx"),
        lambda _name, data: data.replace(main, b"http://purl.oclc.org/ooxml/spreadsheetml/main").replace(
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        ),
    )
    assert "|Berth 8|" in _text(path)


def test_text_boxes_and_threaded_comments_are_read(tmp_path: Path) -> None:
    a = "http://schemas.openxmlformats.org/drawingml/2006/main"
    box = f'<d xmlns:a="{a}"><a:p><a:r><a:t>For members only</a:t></a:r></a:p></d>'
    people = '<l><person id="p" displayName="Anna Berg"/><person id="q" displayName="Bo"/></l>'
    threads = (
        '<T><threadedComment ref="B2" dT="2026-05-03T10:00:00" personId="p"><text>Is that measured?</text>'
        '</threadedComment><threadedComment ref="B2" personId="q"><text>Twice.</text></threadedComment></T>'
    )
    path = changed(
        _book(tmp_path / "a.xlsx"),
        lambda name, data: (
            more_relations(data, ("rPerson", "person", "persons/person.xml"))
            if name == "xl/_rels/workbook.xml.rels"
            else data
        ),
        {
            "xl/worksheets/_rels/sheet1.xml.rels": relations(
                ("r1", "drawing", "../drawings/drawing1.xml"),
                ("r2", "threadedComment", "../threadedComments/one.xml"),
            ),
            "xl/drawings/drawing1.xml": box.encode(),
            "xl/threadedComments/one.xml": threads.encode(),
            "xl/persons/person.xml": people.encode(),
        },
    )
    read = _text(path)
    assert "|For members only|" in read
    assert "22 |[comment by Anna Berg, 2026-05-03: Is that measured?; reply by Bo: Twice.]" in read


def test_more_merged_cells_than_can_be_compared_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "_MANY_MERGED", 2)
    book = openpyxl.load_workbook(_book(tmp_path / "a.xlsx"))
    for row in range(20, 24):
        book.active.merge_cells(f"A{row}:B{row}")
    book.save(tmp_path / "a.xlsx")
    content = lay_out(tmp_path / "a.xlsx", "xlsx")
    assert "Berth 8" in content.body and "Merged cells:" not in content.body
    assert any("merged cells in them are not read" in str(note.why) for note in content.notes)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("EncryptedPackage", "damaged or incomplete"),
        ("WordDocument", "save it as .docx"),
        ("PowerPoint Document", "save it as .pptx"),
        ("Contents", "from an older program"),
    ],
)
def test_what_a_compound_file_is_is_said(tmp_path: Path, part: str, words: str) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(compound(Storage({part: b"x" * 600})))
    with pytest.raises(IngestError, match=words):
        sniff(path)
