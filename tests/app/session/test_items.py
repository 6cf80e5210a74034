from dataclasses import replace
from pathlib import Path

from app.ingest.cues import Cue
from app.ingest.types import Document, ReadProgress, Skipped
from app.session.items import Item, Items, ItemState
from app.text.times import clock
from app.ui.files.words import details, remark, summary
from model.messages import plain
from model.types import Sound
from tests.app.chat.evidence.papers import image, paper, scanned
from tests.fakes import document


def ready(path: Path, **changes: object) -> Item:
    return Item(1, path, state=ItemState.READY, document=replace(document(path), **changes))  # type: ignore[arg-type]


def test_the_same_path_is_taken_once() -> None:
    items = Items()
    first = items.add(Path("/a/b.pdf"))
    assert first is not None
    assert items.add(Path("/a/b.pdf")) is None
    assert items.remove(first.key) is first
    again = items.add(Path("/a/b.pdf"))
    assert again is not None and again.key != first.key


def test_the_same_content_under_another_name_is_a_twin() -> None:
    items = Items()
    for name in ("/a/b.pdf", "/a/c.pdf"):
        item = items.add(Path(name))
        assert item is not None
        item.document = document(item.path, content_hash="same")
    first, second = items
    assert items.twin(second) is first


def test_summaries() -> None:
    assert summary(ready(Path("a.pdf"))) == "PDF · 3 pages · as text"
    assert summary(ready(Path("a.png"))) == "Picture · 4 picture tokens"
    assert summary(ready(Path("a.mp4"))) == "Video · 3 frames · 0:03 · 12 picture tokens"
    reading = Item(1, Path("a.pdf"), progress=ReadProgress(4, 200, "page"))
    assert summary(reading) == "Reading page 5 of 200"
    assert summary(replace(reading, progress=None)) == "Waiting to be read…"
    assert summary(replace(reading, progress=ReadProgress(0, 0, "page"))) == "Opening…"


def test_what_was_left_out_is_said() -> None:
    item = ready(Path("a.pdf"), skipped=(Skipped(plain("Page 2"), plain("It is blank.")),))
    assert remark(item) == "1 note about this file"
    assert "Page 2: It is blank." in details(item)
    assert "3 pages as text" in details(item)
    assert remark(ready(Path("a.pdf"))) == ""


def test_pages_that_were_hard_to_read_are_named() -> None:
    pages = [scanned(number, "some words", confidence=0.5 if number in (2, 4, 5) else 0.95) for number in range(1, 7)]
    item = ready(Path("a.pdf"))
    item.document = paper("a.pdf", *pages)
    assert remark(item) == "Pages 2, 4, 5 were hard to read"
    item.document = paper("a.pdf", pages[0], replace(pages[1], recognition="failed", lines=()), pages[2])
    assert remark(item) == "The picture of page 2 could not be read; “Read again” tries once more"
    assert "the picture of page 2 could not be read; “Read again” tries once more" in details(item)
    item.document = replace(image("a.png"), pages=(replace(pages[1], number=1),))
    assert remark(item) == "It was hard to read"


def test_pages_of_which_only_a_part_was_read_are_named() -> None:
    pages = [scanned(number, "some words") for number in range(1, 4)]
    cut = [replace(page, recognition="part") for page in pages]
    item = ready(Path("a.pdf"))
    item.document = paper("a.pdf", cut[0], pages[1], cut[2])
    assert remark(item) == "Only a part of the pictures of pages 1, 3 was read"
    item.document = replace(image("a.png"), pages=(cut[0],))
    assert remark(item) == "Only a part of its text was read"


def test_clock() -> None:
    assert [clock(5), clock(65.9), clock(3725)] == ["0:05", "1:05", "1:02:05"]


def test_what_becomes_of_a_files_sound() -> None:
    talk = Document("t" * 64, Path("talk.mp3"), "talk.mp3", "recording", (), (), 90.0, (), b"")
    item = Item(1, talk.path, state=ItemState.READY, document=talk)
    assert summary(item) == "Recording · 1:30"
    item.document = replace(talk, sound=(Sound(bytes(2), 1, "s"),))
    item.hears = False
    assert summary(item) == "Recording · 1:30 · not heard: this model does not hear"
    item.hears = True
    assert summary(item) == "Recording · 1:30 · sound heard"
    item.document = replace(item.document, cues=(Cue(0, 1, "Hello.", "transcript", "E4B"),))
    assert summary(item) == "Recording · 1:30 · with transcript"
    item.state, item.progress = ItemState.READING, ReadProgress(75, 90, "second")
    assert summary(item) == "Listening: 1:15 of 1:30"
