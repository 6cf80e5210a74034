"""Long PDFs read by two processes: the same document, and a fork that fails costs nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from app.ingest.formats.mupdf import pymupdf
from app.ingest.formats.pictures import LARGEST_PICTURE
from app.ingest.limits import Timeouts
from app.ingest.process import spool
from app.ingest.read.reader import Reader
from app.ingest.types import Document, ReadOptions
from tests.app.ingest.read import hooks
from tests.files import samples

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or len(psutil.Process().cpu_affinity()) < 2, reason="the fork is for Linux with two cores"
)
PAGES = 80


@pytest.fixture(scope="module")
def long_pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return samples.text_pdf(tmp_path_factory.mktemp("long") / "long.pdf", pages=PAGES)


@pytest.fixture
def marked() -> Iterator[Reader]:
    with Reader(entry=hooks.marked) as reader:
        yield reader


def from_the_fork(document: Document) -> list[int]:
    return [page.number for page in document.pages if str(page.reason) == "from the fork"]


def test_every_other_page_comes_from_the_fork_which_is_confined_too(marked: Reader, long_pdf: Path) -> None:
    document = marked.read(long_pdf)
    theirs = from_the_fork(document)
    assert theirs and all(number % 2 == 0 for number in theirs)
    assert [page.text.split("\n")[0] for page in document.pages] == [
        f"Page {n} of {PAGES}" for n in range(1, PAGES + 1)
    ]
    assert marked.pid is not None and psutil.Process(marked.pid).children() == []


def test_the_document_is_the_same_as_without_one(tmp_path: Path) -> None:
    path = tmp_path / "mixed.pdf"
    with pymupdf.open() as whole:
        for part in (
            samples.mixed_pdf(tmp_path / "a.pdf"),
            samples.scan_pdf(tmp_path / "b.pdf", pages=3, ocr=True),
        ) * 5:
            with pymupdf.open(part) as pages:
                whole.insert_pdf(pages)
        whole.save(path)
    documents = []
    for entry in (hooks.worker.main, hooks.alone):
        with Reader(entry=entry) as reader:
            documents.append(without_places(reader.read(path)))
    assert len(documents[0].pages) == 40 and documents[0] == documents[1]


def without_places(document: Document) -> Document:
    """Pictures lie in a folder of each reader's own."""
    pages = tuple(
        page if page.picture is None else replace(page, picture=replace(page.picture, pixels=page.picture.read()))
        for page in document.pages
    )
    return replace(document, pages=pages)


@pytest.mark.parametrize("entry", [hooks.fork_dies, hooks.fork_hangs, hooks.fork_lies])
def test_a_fork_that_fails_costs_nothing(long_pdf: Path, entry: hooks.Entry) -> None:
    with Reader(Timeouts(unit_s=5.0), entry=entry) as reader:
        document = reader.read(long_pdf)
        assert [page.state for page in document.pages] == ["text"] * PAGES and from_the_fork(document) == []
        assert reader.pid is not None and psutil.Process(reader.pid).children() == []
        assert len(reader.read(long_pdf).pages) == PAGES


def test_a_fork_that_fell_behind_goes_on_in_front(long_pdf: Path) -> None:
    with Reader(entry=hooks.fork_is_late) as reader:
        theirs = from_the_fork(reader.read(long_pdf))
    assert theirs and theirs[0] > 8 and theirs[-1] >= PAGES - 1


def test_a_crash_is_seen_at_once_though_the_fork_lives(hooked: Reader, tmp_path: Path) -> None:
    document = hooked.read(samples.text_pdf(tmp_path / "crash-at-2-.pdf", pages=PAGES))
    assert [page.number for page in document.pages if page.state == "skipped"] == [2]
    assert "crash" in str(document.pages[1].reason)


def test_both_share_the_room_for_pictures(marked: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = samples.text_pdf(tmp_path / "a.pdf", pages=30)
    monkeypatch.setattr(spool.SpoolFolder, "remaining", lambda self: int(2.5 * LARGEST_PICTURE))
    document = marked.read(path, ReadOptions(mode="image", budget=70))
    assert [page.state for page in document.pages] == ["image"] * 30
    monkeypatch.setattr(spool.SpoolFolder, "remaining", lambda self: 3_000_000)
    full = marked.read(path, ReadOptions(mode="image", budget=140))
    assert {page.state for page in full.pages} == {"image", "skipped"}
    assert sum(p.picture.height * p.picture.width * 3 for p in full.pages if p.picture is not None) <= 3_000_000
