"""What in office files is not read, and that it is named."""

from __future__ import annotations

import zipfile
from pathlib import Path

import docx
import openpyxl
from openpyxl.chart import BarChart, Reference

from app.ingest.formats.laid_out.objects import left_objects
from app.ingest.formats.laid_out.pages import LaidOut
from tests.app.ingest.formats.opendocument.documents import letter, package
from tests.app.ingest.formats.slides.decks import harbour

_CHART = "http://schemas.microsoft.com/office/2014/relationships/chartEx"


def related(path: Path, owner: str, *kinds: str) -> Path:
    """The file with one more list of relations, as Office writes it for embedded things."""
    links = "".join(f'<Relationship Id="x{at}" Type="{kind}" Target="x{at}"/>' for at, kind in enumerate(kinds))
    space = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(owner, f"<Relationships {space}>{links}</Relationships>")
    return path


def reasons(path: Path, form: str) -> list[str]:
    return [str(note.why) for note in left_objects(path, form)]


def test_charts_of_the_newer_sorts_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    docx.Document().save(str(path))
    assert reasons(path, "docx") == []
    related(path, "word/_rels/footer9.xml.rels", _CHART, _CHART)
    assert reasons(path, "docx")[0].startswith("2 charts are not read")


def test_charts_that_are_read_are_not_named(tmp_path: Path) -> None:
    assert reasons(harbour(tmp_path / "a.pptx"), "pptx") == []
    book, path = openpyxl.Workbook(), tmp_path / "a.xlsx"
    sheet = book.active
    for row in (("May", 14), ("June", 27)):
        sheet.append(row)
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2))
    sheet.add_chart(chart, "D1")
    book.save(path)
    assert reasons(path, "xlsx") == []


def test_objects_of_other_programs_in_open_documents_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.odt"
    path.write_bytes(letter())
    assert reasons(path, "odt") == []
    body = "<office:text><text:p>Words.</text:p></office:text>"
    path.write_bytes(package("text", body, **{"Object 1__content.xml": b"<math/>"}))
    assert reasons(path, "odt") == []  # one of OpenDocument's own, which is read
    path.write_bytes(package("text", body, **{"Object 2": b"\xd0\xcf\x11\xe0"}))
    (why,) = reasons(path, "odt")
    assert why == "An embedded object from another program is not read; save it as a separate file."
    assert why in [str(note.why) for note in LaidOut(path, "odt").notes]
