"""Where the words of a difference are on the page."""

from __future__ import annotations

from pathlib import Path

from app.chat.compare.aligning import compare
from app.chat.compare.places import places
from app.ingest.types import Document, Page, TextLine
from model.messages import NOTHING

HIGH = 20.0


def document(*lines: str, text: str | None = None) -> Document:
    """A page of which every line is 10 points wide for each letter."""
    placed = tuple(TextLine(line, (0, HIGH * row, 10.0 * len(line), HIGH * row + 12)) for row, line in enumerate(lines))
    pages = (Page(1, 595, 842, "\n".join(lines) if text is None else text, placed, None, "text", NOTHING),)
    return Document("a" * 64, Path("a.pdf"), "a.pdf", "pdf", pages, (), None, (), b"")


def rows(boxes: tuple[tuple[float, float, float, float], ...]) -> list[int]:
    return [round(box[1] / HIGH) for box in boxes]


def test_the_changed_words_alone_are_marked_on_both_sides() -> None:
    first = document("Heading", "", "The rent is 850 euros", "a month.")
    second = document("Heading", "", "The rent is 920 euros", "a month.")
    (change,) = compare(first, second)
    for place in places(change, first, second):
        assert place is not None and place.page == 1 and rows(place.boxes) == [2]
        (x0, _, x1, _) = place.boxes[0]
        assert 90 < x0 < 150 and 130 < x1 < 180, place.boxes  # near the letters 12 to 15


def test_words_over_a_line_end_and_a_hyphen() -> None:
    first = document("The tenant may sub-", "let the rooms.")
    second = document("The tenant may never", "let the rooms.")
    (change,) = compare(first, second)
    before, after = places(change, first, second)
    assert before is not None and after is not None
    assert rows(before.boxes) == [0, 1] and rows(after.boxes) == [0, 1]


def test_an_added_paragraph_is_on_one_side_only_and_all_of_it_is_marked() -> None:
    first = document("One paragraph stays.")
    second = document("One paragraph stays.", "", "Another one is new", "and has two lines.")
    (change,) = compare(first, second)
    before, after = places(change, first, second)
    assert before is None and after is not None and rows(after.boxes) == [2, 3]


def test_where_words_only_came_all_of_the_other_paragraph_is_marked() -> None:
    first = document("Dogs are allowed in the garden.")
    second = document("Dogs are allowed in the large garden.")
    (change,) = compare(first, second)
    before, _ = places(change, first, second)
    assert before is not None and before.boxes[0][2] - before.boxes[0][0] > 250


def test_a_short_paragraph_is_rather_a_whole_line_than_a_part_of_one() -> None:
    first = document("Sum 17 of all", "", "17")
    second = document("Sum 17 of all")
    (change,) = compare(first, second)
    before, _ = places(change, first, second)
    assert before is not None and rows(before.boxes) == [2]


def test_a_paragraph_that_is_not_among_the_lines_gives_its_page() -> None:
    first = document("Something else", text="The rent is 850 euros")
    second = document("The rent is 920 euros")
    (change,) = compare(first, second)
    before, after = places(change, first, second)
    assert before is not None and before.page == 1 and before.boxes == ()
    assert after is not None and after.boxes
