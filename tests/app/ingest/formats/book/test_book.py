"""Books, and TIFF files of several pages: every page is read, shown and found again."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.chat.evidence.checking import check
from app.ingest.kinds import sniff
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from app.ingest.view.types import File
from app.ingest.view.viewing import ViewingProcess
from model.errors import IngestError
from tests.app.ingest.formats.book.books import comic, epub, fictionbook, mobi, tiff_pages, xps
from tests.files.samples import image_file


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as made:
        yield made


@pytest.fixture(scope="module")
def viewing() -> Iterator[ViewingProcess]:
    made = ViewingProcess()
    yield made
    made.close()


class _Never:
    def is_set(self) -> bool:
        return False


def test_a_book_is_read_chapter_by_chapter(reader: Reader, viewing: ViewingProcess, tmp_path: Path) -> None:
    path = epub(tmp_path / "tides.epub")
    document = reader.read(path)
    assert document.kind == "book" and len(document.pages) == 3
    for number in (1, 2, 3):
        (one,) = check(f"“The tide rose {number * 17} centimetres & fell” (tides.epub, page {number})", [document])
        assert one.state == "found" and one.place is not None and one.place.page == number
    assert check("“The tide rose 18 centimetres” (tides.epub, page 1)", [document])[0].state == "unverified"
    assert viewing.open(File(path), _Never()).sizes == ((595.0, 842.0),) * 3
    (hits,) = viewing.find(File(path), "34 centimetres", (2,), _Never())
    assert len(hits.hits) == 1


def test_a_fictionbook(reader: Reader, tmp_path: Path) -> None:
    document = reader.read(fictionbook(tmp_path / "a.fb2"))
    assert document.kind == "book" and "Вода поднялась на 34 сантиметра." in document.pages[0].text


def test_a_zipped_fictionbook(reader: Reader, viewing: ViewingProcess, tmp_path: Path) -> None:
    plain = fictionbook(tmp_path / "tides.fb2")
    path = tmp_path / "tides.fb2.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(plain, "tides.fb2")
    document = reader.read(path)
    assert document.kind == "book" and [one.text for one in document.pages] == [
        one.text for one in reader.read(plain).pages
    ]
    assert len(viewing.open(File(path), _Never()).sizes) == len(document.pages)
    with zipfile.ZipFile(path, "a") as archive:
        archive.write(plain, "more.fb2")
    with pytest.raises(IngestError, match="archive"):
        sniff(path)


def bar(document: Document, index: int) -> float:
    """How far down the page's bar lies, as a share of its height."""
    picture = document.pages[index].picture
    assert picture is not None
    data = picture.pixels if isinstance(picture.pixels, bytes) else picture.pixels.read_bytes()
    rows = np.frombuffer(data, np.uint8).reshape(picture.height, picture.width, 3).mean(axis=(1, 2))
    return float(np.flatnonzero(rows < 140).mean() / picture.height)


@pytest.mark.parametrize("compression", ["group4", "tiff_lzw", "tiff_adobe_deflate"])
def test_every_page_of_a_tiff_is_read(
    reader: Reader, viewing: ViewingProcess, tmp_path: Path, compression: str
) -> None:
    path = tmp_path / "fax.tif"
    path.write_bytes(tiff_pages(3, compression))
    document = reader.read(path)
    assert document.kind == "scan" and [page.state for page in document.pages] == ["image"] * 3
    for index in range(3):
        assert bar(document, index) == pytest.approx((125 + 200 * index) / 1169, abs=0.01)
        assert document.pages[index].recognition == "waiting"
    sheets = viewing.open(File(path), _Never())
    assert sheets.view == "pages" and len(sheets.sizes) == 3
    assert len(set(viewing.draw(File(path), 2, 0.5, (0, 0, 200, 300), _Never()).pixels)) > 1


def test_a_tiff_of_one_page_is_a_picture(tmp_path: Path) -> None:
    assert sniff(image_file(tmp_path / "a.tiff")).kind == "image"


def test_damage_is_a_sentence(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "a.epub"
    path.write_bytes(epub(tmp_path / "b.epub").read_bytes()[:-90])
    with pytest.raises(IngestError, match="damaged"):
        reader.read(path)


@pytest.mark.parametrize(("name", "data", "words"), [("a.mobi", mobi(), "rose 34"), ("a.xps", xps(), "rose 51")])
def test_books_without_chapters(
    reader: Reader, viewing: ViewingProcess, tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    document = reader.read(path)
    assert f"The tide {words} centimetres." in document.pages[0].text
    (found,) = check(f"“The tide {words} centimetres.” ({name}, page 1)", [document])
    assert found.state == "found"
    (missing,) = check("“The tide rose 35 centimetres.”", [document])
    assert missing.state == "unverified"
    (hits,) = viewing.find(File(path), words, (1,), _Never())
    assert len(hits.hits) == 1


def test_an_archive_of_pictures_is_a_page_for_each(reader: Reader, viewing: ViewingProcess, tmp_path: Path) -> None:
    path = tmp_path / "story.cbz"
    path.write_bytes(comic())
    document = reader.read(path)
    assert document.kind == "scan"
    assert [page.recognition for page in document.pages] == ["waiting"] * 3
    heights = [bar(document, index) for index in range(3)]
    assert heights == sorted(heights)
    assert len(viewing.open(File(path), _Never()).sizes) == 3


def test_an_archive_of_other_things_is_none(tmp_path: Path) -> None:
    path = tmp_path / "story.cbz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", b"x")
        archive.writestr("setup.exe", b"x")
    with pytest.raises(IngestError, match="archive"):
        sniff(path)
