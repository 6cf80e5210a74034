"""Selecting text: points to places, places to boxes and words."""

from __future__ import annotations

import pytest

from app.ingest.view.types import PageText, ShownLine
from app.ui.viewer.pages.selection import (
    Caret,
    boxes,
    caret_at,
    flowing,
    line_around,
    on_text,
    span,
    whole_page,
    word_around,
    words,
)


def line(text: str, left: float, top: float, block: int = 0) -> ShownLine:
    """Ten points a letter."""
    edges = tuple(left + 10 * number for number in range(len(text) + 1))
    return ShownLine(text, (left, top, edges[-1], top + 10), edges, block, 0)


COLUMNS = PageText(
    (
        line("One two", 0, 0),
        line("three.", 0, 12),
        line("It's four", 0, 40, block=1),
        line("Right side", 200, 0, block=2),
        line("second", 200, 12, block=2),
    )
)
PAGES = {1: COLUMNS, 2: PageText(()), 3: PageText((line("Next page", 0, 0),))}


@pytest.mark.parametrize(
    ("point", "place"),
    [
        ((0, 5), (0, 0)),
        ((24, 5), (0, 2)),
        ((26, 5), (0, 3)),
        ((-50, 5), (0, 0)),
        ((75, 5), (0, 7)),
        ((65, 15), (1, 6)),
        ((180, 5), (3, 0)),
        ((210, 11), (3, 1)),
        ((20, 200), (2, 2)),
    ],
)
def test_a_point_is_a_place_in_the_text(point: tuple[float, float], place: tuple[int, int]) -> None:
    assert caret_at(COLUMNS, 1, *point) == Caret(1, *place)


def test_a_page_without_text_has_no_place() -> None:
    assert caret_at(PAGES[2], 2, 5, 5) is None
    assert not on_text(PAGES[2], 5, 5)
    assert on_text(COLUMNS, 5, 5)
    assert not on_text(COLUMNS, 5, 30)


def test_text_that_stands_on_its_side_or_runs_backwards() -> None:
    down = PageText((ShownLine("abc", (0, 0, 10, 30), (0, 10, 20, 30), 0, 1),))
    up = PageText((ShownLine("abc", (0, 0, 10, 30), (30, 20, 10, 0), 0, 1),))
    assert [caret_at(down, 1, 5, y) for y in (2, 12, 29)] == [Caret(1, 0, 0), Caret(1, 0, 1), Caret(1, 0, 3)]
    assert [caret_at(up, 1, 5, y) for y in (2, 12, 29)] == [Caret(1, 0, 3), Caret(1, 0, 2), Caret(1, 0, 0)]
    assert up.lines[0].part(0, 1) == (0, 20, 10, 30)


@pytest.mark.parametrize(
    ("place", "word"),
    [((0, 0), "One"), ((0, 3), "One"), ((0, 5), "two"), ((1, 5), "three"), ((2, 2), "It's"), ((1, 6), "three")],
)
def test_a_word(place: tuple[int, int], word: str) -> None:
    found = word_around(COLUMNS, Caret(1, *place))
    assert words(PAGES.get, found) == word


def test_a_line_and_a_page() -> None:
    assert words(PAGES.get, line_around(COLUMNS, Caret(1, 3, 4))) == "Right side"
    everything = whole_page(COLUMNS, 1)
    assert everything is not None
    assert words(PAGES.get, everything) == "One two\nthree.\n\nIt's four\n\nRight side\nsecond"
    assert whole_page(PAGES[2], 2) is None


def test_from_one_place_to_another_in_either_direction() -> None:
    one, other = Caret(1, 0, 4), Caret(1, 1, 5)
    assert span(one, other) == span(other, one)
    assert words(PAGES.get, span(one, other)) == "two\nthree"
    assert boxes(COLUMNS, 1, span(one, other)) == [(40, 0, 70, 10), (0, 12, 50, 22)]


def test_across_pages() -> None:
    selected = span(Caret(1, 4, 0), Caret(3, 0, 4))
    assert words(PAGES.get, selected) == "second\n\nNext"
    assert boxes(COLUMNS, 1, selected) == [(200, 12, 260, 22)]
    assert boxes(PAGES[2], 2, selected) == []
    assert boxes(PAGES[3], 3, selected) == [(0, 0, 40, 10)]
    assert words({1: COLUMNS}.get, selected) is None  # not all pages have come


@pytest.mark.parametrize(
    ("text", "quotation"),
    [
        ("one\ntwo", "one two"),
        ("con-\ntract", "contract"),
        ("well-\nKnown", "well- Known"),
        ("1-\nb", "1- b"),
        ("a\n\nb\nc", "a\n\nb c"),
    ],
)
def test_a_quotation_flows(text: str, quotation: str) -> None:
    assert flowing(text) == quotation
