"""OpenDocument: texts, spreadsheets and slides, with what is beside them; evidence names the cell and the slide."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.chat.evidence.checking import check
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from model.errors import IngestError
from tests.app.ingest.formats.opendocument.documents import letter, package, prices, talk


def read(reader: Reader, path: Path, data: bytes) -> Document:
    path.write_bytes(data)
    return reader.read(path)


def state(document: Document, quotation: str) -> tuple[str, int | None, str]:
    (found,) = check(f"“{quotation}”", [document])
    return found.state, found.place.page if found.place else None, found.place.spot if found.place else ""


def test_a_text(reader: Reader, tmp_path: Path) -> None:
    document = read(reader, tmp_path / "a.odt", letter())
    assert document.kind == "opendocument"
    first, second = (page.text for page in document.pages)
    assert "Rental agreement" in first
    assert "850 EUR[1] a month." in first.replace("\u00a0", " ")
    assert "Tracked change, deleted by Ann Berg: within ten days" in first
    assert "Comment by Ann Berg, 2026-05-03: Which account?" in first
    assert "1. Keys" in first
    assert "c. Front door" in first
    assert "2. Cellar" in first
    assert "Water" in first
    assert "Not to be seen" not in first + second
    assert "The deposit is 1,700 EUR." in second
    assert "[1] Heating not included." in second
    assert "Flat 12" in second
    assert document.pages[0].picture is not None  # the drawing on it
    assert any("14 characters that are marked as hidden" in str(one.why) for one in document.skipped)
    assert state(document, "The deposit is 1,700 EUR.")[:2] == ("found", 2)
    assert state(document, "The deposit is 1,800 EUR.")[0] == "unverified"


def test_a_spreadsheet(reader: Reader, tmp_path: Path) -> None:
    document = read(reader, tmp_path / "a.ods", prices())
    text = "\n".join(page.text for page in document.pages)
    assert "Sheet “Prices 2026”" in text
    assert "Sheet “Cost” (hidden)" in text
    assert "(=SUM(B2:B4))" in text
    assert "[comment by Ann Berg: per metre]" in text
    assert "Merged cells: A1:B1" in text
    assert text.count("Float") == 2
    assert state(document, "61.50 €") == ("found", 1, "'Prices 2026'!B5")
    assert state(document, "Cost 11 €")[2] == "Cost!A1"


def test_slides_from_top_to_bottom(reader: Reader, tmp_path: Path) -> None:
    document = read(reader, tmp_path / "a.odp", talk())
    assert len(document.pages) == 2
    first = document.pages[0].text
    assert first.index("Harbour works") < first.index("Below the title") < first.index("Mention the crane.")
    assert state(document, "Dredging costs 48,000 EUR") == ("found", 2, "Slide 2")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (package("text", "<office:text/>"), "is empty"),
        (package("presentation", "<office:presentation/>"), "no slides"),
        (package("spreadsheet", "<office:text/>"), "damaged"),
        (letter()[:-400], "damaged|incomplete"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(reader: Reader, tmp_path: Path, data: bytes, why: str) -> None:
    with pytest.raises(IngestError, match=why):
        read(reader, tmp_path / "a.odt", data)


def test_an_encrypted_one(reader: Reader, tmp_path: Path) -> None:
    data = package("text", "<office:text/>")
    with pytest.raises(IngestError, match="protected by a password"):
        import io
        import zipfile

        out = io.BytesIO(data)
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
            for name in old.namelist():
                words = b"<manifest><encryption-data/></manifest>" if name.startswith("META") else old.read(name)
                new.writestr(name, words)
        read(reader, tmp_path / "a.odt", out.getvalue())
