"""Words that were read from a picture, as the viewer shows, finds and copies them."""

from __future__ import annotations

from dataclasses import replace

from app.ingest.types import Page, TextLine, Word
from app.ingest.view.read_words import find_read, read_text, together
from app.ingest.view.types import Link, PageText, ShownLine
from tests.app.chat.evidence.papers import page, scanned


def test_every_letter_has_its_place_in_its_word() -> None:
    read = read_text(scanned(1, "Due date: 8 April", "EUR 12.50"))
    assert read is not None
    first = read.lines[0]
    assert first.text == "Due date: 8 April" and len(first.edges) == len(first.text) + 1
    assert first.edges == tuple(50.0 + 6 * place for place in range(len(first.text) + 1))
    assert first.part(4, 9) == (50 + 24, 60, 50 + 54, 72)
    assert read_text(page(1, "A layer")) is None


def test_lines_that_run_up_or_down_the_page() -> None:
    def line(*tops: float) -> TextLine:
        words = tuple(Word("word", (10, top, 20, top + 40), 0.9) for top in tops)
        return TextLine("word word", (10, min(tops), 20, max(tops) + 40), "", "picture", words)

    for tops, edges in (((100, 150), (100, 110)), ((150, 100), (190, 180))):
        shown = read_text(replace(page(1, "x"), lines=(line(*tops),), text="word word"))
        assert shown is not None and shown.lines[0].axis == 1 and shown.lines[0].edges[:2] == edges
        assert shown.lines[0].part(0, 4) == (10, tops[0], 20, tops[0] + 40)


def test_a_page_that_lies_upside_down_or_on_its_side() -> None:
    word = Word("word", (10, 20, 50, 60), 0.9)
    line = TextLine("word", word.box, "", "picture", (word,))
    for turn, axis, edges in ((180, 0, (50, 40)), (90, 1, (60, 50)), (270, 1, (20, 30))):
        shown = read_text(replace(page(1, "word"), lines=(line,), turn=turn))
        assert shown is not None and (shown.lines[0].axis, shown.lines[0].edges[:2]) == (axis, edges)


def test_hits_lie_on_the_words() -> None:
    read = scanned(3, "The rent is due on the first", "of the month, and the rent-", "al fee too")
    found = find_read(read, "RENT")
    assert found.page == 3 and found.hits[0] == ((50 + 24, 60, 50 + 48, 72),) and len(found.hits) == 2
    (across,) = find_read(read, "rental fee").hits
    assert len(across) == 2
    assert find_read(read, "lease").hits == () and find_read(page(1, "rent"), "rent").hits == ()


def test_the_layer_counts_only_where_reading_kept_some_of_it() -> None:
    layer = PageText((ShownLine("garbage", (0, 0, 7, 1), tuple(range(8)), 0, 0),), (Link((0, 0, 1, 1), 2, 0.0, ""),))
    scan: Page = scanned(1, "Sound words")
    read = read_text(scan)
    assert read is not None
    whole = together(layer, read, scan)
    assert whole is not None and [line.text for line in whole.lines] == ["Sound words"] and whole.links == layer.links
    mixed = replace(scan, lines=(*page(1, "A layer").lines, *scan.lines))
    both = together(layer, read, mixed)
    assert both is not None and [line.text for line in both.lines] == ["garbage", "Sound words"]
    assert [line.block for line in both.lines] == [0, 1]
    assert together(layer, None, page(1, "A layer")) is layer and together(None, None, None) is None
    assert together(None, read, scan) == read


def test_paragraphs_are_told_apart() -> None:
    lines = scanned(1, "One two", "three four", "five").lines
    made = replace(page(1, "x"), lines=lines, text="One two\nthree four\n\nfive")
    read = read_text(made)
    assert read is not None and [line.block for line in read.lines] == [0, 0, 1]
