"""Recognition through the real, confined process: merged into pages, cached, killed and gone on with."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from app.ingest.ocr.merging import Use, Words, merged
from app.ingest.ocr.recogniser import Recogniser
from app.ingest.ocr.store import RecognitionStore, forget_recognised
from app.ingest.read.reader import Reader
from app.ingest.types import Document, Page, ReadOptions, TextLine, Word
from model.errors import CancelledError
from model.messages import plain
from tests.app.chat.evidence.papers import scanned
from tests.files.scans import distorted, drawn, scanned_pdf, screenshot, text_pdf

PAGES = 3


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as made:
        yield made


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = random.Random(1)
    pages = [drawn(text_pdf(rng, "eng", 2), 100) for _ in range(PAGES)]
    pages[2] = distorted(pages[2], rng, degrees=90)
    return scanned_pdf(tmp_path_factory.mktemp("scans") / "scan.pdf", pages, 100)


@pytest.fixture(scope="module")
def document(reader: Reader, scan: Path) -> Document:
    return reader.read(scan)


@pytest.fixture
def store(tmp_path: Path) -> RecognitionStore:
    return RecognitionStore(tmp_path / "recognised")


def test_a_scan_gets_its_words_and_small_pictures_and_is_read_once(
    document: Document, store: RecognitionStore, tmp_path: Path
) -> None:
    assert [(page.state, page.recognition) for page in document.pages] == [("image", "waiting")] * PAGES
    order: list[int] = []
    shown = iter([2])
    with Recogniser(store) as recogniser:
        read = recogniser.recognise(
            document, first=lambda: next(shown, None), on_page=lambda page: order.append(page.number)
        )
        assert order == [2, 1, 3]
        assert [(page.state, page.recognition, page.turn) for page in read.pages] == [
            ("both", "read", 0), ("both", "read", 0), ("both", "read", 90),
        ]  # fmt: skip
        for page in read.pages:
            assert page.from_picture and page.confidence is not None and page.confidence > 0.8
            assert page.picture is not None and page.picture.budget == 70
            words = [word for line in page.lines for word in line.words]
            assert len(words) > 15
            assert all(0 <= word.box[0] < word.box[2] <= page.width for word in words)
            assert all(0 <= word.box[1] < word.box[3] <= page.height for word in words)
        turned = read.pages[2].picture
        assert turned is not None and (turned.width > turned.height) is (read.pages[2].height > read.pages[2].width)
        lines = next((tmp_path / "recognised").glob("*.jsonl")).read_bytes()
        again = recogniser.recognise(document, on_card=True)
        assert [page.text for page in again.pages] == [page.text for page in read.pages]
        assert all(page.picture is not None and page.picture.budget > 70 for page in again.pages)
    assert next((tmp_path / "recognised").glob("*.jsonl")).read_bytes() == lines
    assert forget_recognised(tmp_path / "recognised", [document.content_hash]) == len(lines)
    assert not list((tmp_path / "recognised").iterdir())


def test_killed_and_stopped_it_goes_on_where_it_was(document: Document, store: RecognitionStore) -> None:
    cancel, told = threading.Event(), list[Page]()

    def on_page(page: Page) -> None:
        told.append(page)
        if len(told) == 1:
            assert recogniser.pid is not None
            psutil.Process(recogniser.pid).kill()
        else:
            cancel.set()

    with Recogniser(store) as recogniser:
        with pytest.raises(CancelledError):
            recogniser.recognise(document, on_page=on_page, cancel=cancel)
        assert [page.recognition for page in told] == ["read", "failed"]
        assert "could not be read" in str(told[1].reason) and told[1].picture is not None
        read = recogniser.recognise(document)
    assert [page.recognition for page in read.pages] == ["read"] * PAGES


def test_a_page_whose_time_ran_out_says_so_and_is_tried_again(
    reader: Reader, store: RecognitionStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tall.png"
    tall = Image.new("RGB", (700, 4200), "white")
    tall.paste(screenshot(random.Random(2), rows=4).image.convert("RGB"), (0, 0))
    tall.save(path)
    document = reader.read(path)
    with Recogniser(store) as recogniser:
        monkeypatch.setattr("app.ingest.ocr.recogniser.PAGE_SECONDS", 0.0001)
        cut = recogniser.recognise(document).pages[0]
        assert "Time ran out" in str(cut.reason) and cut.recognition in ("part", "failed")
        assert cut.recognition == ("part" if cut.from_picture else "failed")
        monkeypatch.undo()
        whole = recogniser.recognise(document).pages[0]
    assert whole.recognition == "read" and "Time ran out" not in str(whole.reason) and whole.from_picture


def test_what_was_read_before_time_ran_out_is_kept_and_marked() -> None:
    line = TextLine("Total 5", (0, 0, 50, 10), source="picture", words=(Word("Total", (0, 0, 40, 10), 0.9),))
    page, use = scanned(1, "old"), Use("both", plain("Read."), True, None)
    cut = merged(page, Words([[line]], 0, "eng", True), use, complete=False)
    assert (cut.recognition, cut.text) == ("part", "Total 5") and str(cut.reason).startswith("Read. Time ran out")
    nothing = merged(page, Words([], 0, "", True), use, complete=False)
    assert nothing.recognition == "failed" and "Time ran out" in str(nothing.reason)
    assert merged(page, Words([], 0, "", True), use).recognition == "read"


def test_a_damaged_cache_is_read_anew(document: Document, store: RecognitionStore, tmp_path: Path) -> None:
    one_page = Document(
        **{name: getattr(document, name) for name in document.__slots__} | {"pages": document.pages[:1]}
    )
    with Recogniser(store) as recogniser:
        first = recogniser.recognise(one_page)
        path = next((tmp_path / "recognised").glob("*.jsonl"))
        path.write_bytes(b'{"number": 1, "blocks": [[["x", 1e99, 0, 0, 0, "", "picture", []]]], "turn": 7}\n{"numb')
        second = recogniser.recognise(one_page)
    assert first.pages[0].text == second.pages[0].text


def test_images_and_pages_with_sound_text(reader: Reader, store: RecognitionStore, tmp_path: Path) -> None:
    path = tmp_path / "screen.png"
    screenshot(random.Random(2), rows=4).image.save(path)
    with Recogniser(store) as recogniser:
        image = recogniser.recognise(reader.read(path))
        assert image.pages[0].from_picture and image.pages[0].state == "both"
        assert "Settings and status" in image.pages[0].text
        asked = recogniser.recognise(reader.read(path, ReadOptions(budget=560)), ReadOptions(budget=560))
        assert asked.pages[0].picture is not None and asked.pages[0].picture.budget == 560
        sound = tmp_path / "sound.pdf"
        text_pdf(random.Random(3), "eng", 3).save(sound)
        plain = reader.read(sound)
        assert recogniser.recognise(plain) is plain


def test_the_store_stays_within_its_bounds(tmp_path: Path) -> None:
    store = RecognitionStore(tmp_path, most_bytes=1000)
    for number in range(4):
        store.add(f"{number:064}", "key", {"number": 1, "blocks": "x" * 400})
    store.trim()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 1000
