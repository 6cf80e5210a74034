"""Word documents: what is read of them, with known values, and that what they refer to is left alone."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.chat.evidence.checking import check
from app.ingest.formats.word.numbering import written
from app.ingest.kinds import sniff
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from app.ingest.view.types import File
from app.ingest.view.viewing import ViewingProcess
from model.errors import IngestError
from tests.app.ingest.formats.word.documents import lease


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lease(tmp_path_factory.mktemp("word") / "lease.docx")


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as made:
        yield made


@pytest.fixture(scope="module")
def document(path: Path, reader: Reader) -> Document:
    return reader.read(path)


def test_everything_is_read_in_its_order(document: Document) -> None:
    assert document.kind == "word" and len(document.pages) == 3
    text = document.pages[0].text
    wanted = (
        "Header: Harbour Estates",
        "Lease of the boathouse",
        "The rent is 1,234.56 EUR",
        "1. The tenant keeps the slipway clear.",
        "2. The landlord repairs the roof.",
        "• A bullet",
        "Berth\tLength\tFee",
        "A8\t12 m\t455",
        "Both berths\t765",
        "Winter\tashore",
        "The yard is 412 square metres[1]",
        "The deposit is three rents.",
        "Comment by Anna Berg",
        "Is this still allowed?",
        "Notice is six months.",
        "Tracked change by Bo Lind, 2026-05-03, deleted: “two”",
        "Tracked change by Bo Lind, 2026-05-03, inserted: “six”",
    )
    places = [text.find(words) for words in wanted]
    assert -1 not in places, [words for words in wanted if words not in text]
    assert places == sorted(places)
    assert "Signed in Kiel." in document.pages[2].text
    assert "[1] Measured on 3 May, in the yard." in document.pages[2].text


def test_hidden_text_is_counted_and_pictures_are_shown(document: Document) -> None:
    assert "not seen" not in document.pages[0].text
    assert [str(one.why) for one in document.skipped] == ["13 characters that are marked as hidden were left out."]
    assert [page.state for page in document.pages] == ["text", "image", "text"] and document.pages[1].picture


def test_evidence_and_the_viewer_agree(document: Document, path: Path) -> None:
    (found,) = check("“The landlord repairs the roof” (lease.docx, page 1)", [document])
    assert found.state == "found" and found.place is not None and found.place.boxes
    (altered,) = check("“The landlord repairs the doors” (lease.docx, page 1)", [document])
    assert altered.state == "unverified"
    viewing = ViewingProcess()
    try:
        assert len(viewing.open(File(path), _Never()).sizes) == 3
        (hits,) = viewing.find(File(path), "repairs the roof", (1,), _Never())
        assert hits.hits[0][0][1] == pytest.approx(found.place.boxes[0][1], abs=3)
    finally:
        viewing.close()


class _Never:
    def is_set(self) -> bool:
        return False


def test_what_it_is_is_told_by_its_parts_and_not_by_its_name(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "lease.bin"
    other.write_bytes(path.read_bytes())
    assert sniff(other).kind == "word"
    with zipfile.ZipFile(tmp_path / "plain.docx", "w") as archive:
        archive.writestr("holiday.txt", "word/document.xml")
    with pytest.raises(IngestError, match="archive"):
        sniff(tmp_path / "plain.docx")


def test_the_strict_form_is_read_alike(path: Path, document: Document, reader: Reader, tmp_path: Path) -> None:
    strict = tmp_path / "strict.docx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(strict, "w") as made:
        for name in old.namelist():
            data = old.read(name)
            for part in (b"wordprocessingml", b"officeDocument", b"drawingml"):
                usual = b"http://schemas.openxmlformats.org/" + part + b"/2006/"
                data = data.replace(usual, b"http://purl.oclc.org/ooxml/" + part + b"/")
            made.writestr(name, data)
    assert [page.text for page in reader.read(strict).pages] == [page.text for page in document.pages]


@pytest.mark.parametrize(
    ("count", "form", "words"),
    [(4, "lowerRoman", "iv"), (1994, "upperRoman", "MCMXCIV"), (28, "lowerLetter", "bb"), (7, "decimalZero", "07")],
)
def test_numbers_as_lists_write_them(count: int, form: str, words: str) -> None:
    assert written(count, form) == words
