"""Text and Markdown from end to end: read, shown, searched, looked up, enlarged; the same pages in every process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.chat.documents import document_parts
from app.chat.evidence.checking import check
from app.ingest.read.reader import Reader
from app.ingest.types import Document, ReadOptions
from app.ingest.view.types import File
from app.ingest.view.viewing import ViewingProcess
from model.errors import IngestError
from model.types import TextPart

GO = threading.Event()
LINES = [f"Line {number}: the meter reads {number * 37 + 11} litres." for number in range(400)]
MARKDOWN = """# Lease of the *harbour* office

The rent is **1,234.56 EUR** a month; see [the annex](https://example.org/annex).

| Month | Due |
| ----- | --: |
| May | 3 May 2026 |
| June | 2 June 2026 |

```python
def rent(): return 1234.56
```

<script>alert("raw HTML is text")</script>

![a plan of the floor](http://127.0.0.1:9/plan.png)
"""


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as made:
        yield made


@pytest.fixture(scope="module")
def viewing() -> Iterator[ViewingProcess]:
    made = ViewingProcess()
    yield made
    made.close()


def write(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def said(document: Document) -> str:
    return "".join(part.text for part in document_parts(1, document) if isinstance(part, TextPart))


def test_a_long_text_becomes_pages_with_every_line(reader: Reader, tmp_path: Path) -> None:
    document = reader.read(write(tmp_path / "meter.txt", "\n".join(LINES)))
    assert document.kind == "text" and len(document.pages) > 4 and document.skipped == ()
    assert [line.text for page in document.pages for line in page.lines] == LINES
    assert {page.state for page in document.pages} == {"text"} and document.thumbnail
    assert f"meter.txt ({len(document.pages)} pages)" in said(document) and "Page 2\n" in said(document)


def test_the_viewer_shows_the_pages_that_were_read(reader: Reader, viewing: ViewingProcess, tmp_path: Path) -> None:
    path = write(tmp_path / "meter.txt", "\n".join(LINES))
    document, file = reader.read(path), File(path)
    sheets = viewing.open(file, GO)
    assert sheets.view == "pages" and len(sheets.sizes) == len(document.pages)
    for page in (document.pages[0], document.pages[-1]):
        shown = viewing.text(file, page.number, GO).lines
        assert [line.text.strip() for line in shown] == [line.text for line in page.lines]
        for one, other in zip(shown, page.lines, strict=True):
            assert one.box == pytest.approx(other.box, abs=0.02)
    wanted = document.pages[2].lines[5].text
    found = viewing.find(file, wanted, tuple(range(1, len(document.pages) + 1)), GO)
    assert [one.page for one in found if one.hits] == [3]
    drawn = viewing.draw(file, 1, 1.0, (0, 0, 200, 100), GO)
    assert len(set(drawn.pixels)) > 2


def test_evidence_finds_what_is_there_and_nothing_else(reader: Reader, tmp_path: Path) -> None:
    document = reader.read(write(tmp_path / "meter.txt", "\n".join(LINES)))
    for page in document.pages:
        for line in page.lines[::9]:
            (one,) = check(f"“{line.text}” (meter.txt, page {page.number})", [document])
            assert one.state == "found" and one.place is not None and one.place.page == page.number
            assert one.place.boxes[0][1] == pytest.approx(line.box[1], abs=3)
            (other,) = check(f"“{line.text.replace('reads ', 'reads 9')}” (meter.txt, page {page.number})", [document])
            assert other.state == "unverified"


def test_markdown_is_shown_as_it_means_to_look(reader: Reader, viewing: ViewingProcess, tmp_path: Path) -> None:
    path = write(tmp_path / "lease.md", MARKDOWN)
    document = reader.read(path)
    (page,) = document.pages
    assert page.text.startswith("Lease of the harbour office") and "**" not in page.text and "|" not in page.text
    assert "May\t3 May 2026\nJune\t2 June 2026" in page.text and "def rent(): return 1234.56" in page.text
    assert '<script>alert("raw HTML is text")</script>' in page.text and "a plan of the floor" in page.text
    assert page.picture is None and page.state == "text"
    (link,) = viewing.text(File(path), 1, GO).links
    assert link.address == "https://example.org/annex"
    (one,) = check("“The rent is 1,234.56 EUR a month” (lease.md, page 1)", [document])
    assert one.state == "found"


def test_other_scripts_keep_every_character(reader: Reader, viewing: ViewingProcess, tmp_path: Path) -> None:
    lines = ["Привет, мир", "第一行と日本語", "한국어 문장", "مرحبا بالعالم", "שלום עולם", "हिन्दी", "office 😀 ✓"]
    path = write(tmp_path / "scripts.txt", "\n".join(lines))
    (page,) = reader.read(path).pages
    assert [line.text.strip() for line in page.lines] == lines
    for words in ("мир", "日本語", "بالعالم", "עולם", "office"):
        (found,) = viewing.find(File(path), words, (1,), GO)
        assert len(found.hits) == 1, words


def test_form_feeds_end_pages_and_long_words_stay_on_them(reader: Reader, tmp_path: Path) -> None:
    document = reader.read(write(tmp_path / "a.txt", "one\ftwo " + "x" * 500 + "\n"))
    assert [page.text.split()[0] for page in document.pages] == ["one", "two"]
    second = document.pages[1]
    assert "".join(line.text for line in second.lines).count("x") == 500
    assert all(line.box[0] > 0 and line.box[2] < second.width for line in second.lines)


def test_encodings_are_said_where_they_were_guessed(reader: Reader, tmp_path: Path) -> None:
    certain = reader.read(write(tmp_path / "a.txt", "Grüße"))
    guessed = reader.read(write(tmp_path / "b.txt", "Grüße".encode("cp1252")))
    assert certain.pages[0].text == guessed.pages[0].text == "Grüße"
    assert certain.skipped == () and "read as Windows-1252" in str(guessed.skipped[0].why)


def test_modes_and_a_closer_look(reader: Reader, tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "one two three")
    for mode in ("text", "image", "both"):
        (page,) = reader.read(path, ReadOptions(mode=mode, budget=70)).pages
        assert page.state == mode and (page.picture is not None) == (mode != "text")
        assert bool(page.text) == (mode != "image")
    picture, time_s = reader.region(path, (0.0, 0.0, 0.5, 0.1), 280)
    assert time_s is None and picture.width > picture.height
    with pytest.raises(IngestError, match="no page 2"):
        reader.region(path, (0.0, 0.0, 0.5, 0.1), 280, page=2)


def test_what_is_too_long_is_said(reader: Reader, tmp_path: Path) -> None:
    document = reader.read(write(tmp_path / "a.txt", "\f".join(str(number) for number in range(2005))))
    assert len(document.pages) == 2000 and document.pages[-1].text == "1999"
    assert [(str(one.where), "split the file" in str(one.why)) for one in document.skipped] == [
        ("pages 2001 to 2005", True)
    ]
    with pytest.raises(IngestError, match="only spaces"):
        reader.read(write(tmp_path / "b.txt", " \n\t\n"))
