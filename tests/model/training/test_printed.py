"""Print and its places: the dense lessons of the tower."""

from __future__ import annotations

from dataclasses import replace

import pytest

from model.training.data.content import EDGE, NUMBER, RING, Cells, Letter
from model.training.data.printed import OPEN, read_printed

SIZE = (48, 144)
A = Letter("a", x=24.0, y=24.0, half=8.0, size=24.0, index=0)


def test_a_letter_covers_the_patch_whose_middle_lies_in_it() -> None:
    printed = read_printed([A], SIZE)
    covered = printed.letter.reshape(3, 9)
    assert covered[1, 1] == NUMBER["a"] and printed.place.reshape(3, 9)[1, 1] == 0
    assert (covered > 0).sum() == 1
    assert printed.ring.tolist() == [[NUMBER["a"], 0, 0, 0, 0], [0] * RING, [0] * RING]


@pytest.mark.parametrize("x", [24 + 7, 24 - 7, 24 + 9])
def test_where_a_letter_ends_within_a_pixel_or_two_nothing_is_asked(x: float) -> None:
    assert read_printed([replace(A, x=x)], SIZE).letter.reshape(3, 9)[1, 1] == OPEN


def test_at_a_soft_token_s_edge_the_next_one_may_hold_the_letter_too() -> None:
    edge = replace(A, x=48 - EDGE[0] + 0.5, index=6)
    printed = read_printed([edge], SIZE)
    assert printed.ring[:, 1].tolist() == [NUMBER["a"], OPEN, 0]
    assert list(Cells(SIZE).near(edge)) == [1]
    assert list(Cells(SIZE).near(replace(A, x=1.0, y=1.0))) == [], "nothing lies outside of the picture"


def test_two_letters_in_one_slot_are_left_open() -> None:
    printed = read_printed([A, replace(A, letter="b", x=30.0, index=RING)], SIZE)
    assert printed.ring[0].tolist() == [OPEN, 0, 0, 0, 0]
    same = read_printed([A, replace(A, x=30.0, index=RING)], SIZE)
    assert same.ring[0, 0] == NUMBER["a"]


def test_two_letters_in_one_patch_are_both_asked_for() -> None:
    small = [Letter("i", x=20.0, y=24.0, half=3.0, size=22.0, index=0), Letter("t", 27.0, 24.0, 4.0, 22.0, 1)]
    printed = read_printed(small, SIZE)
    patch = 9 + 1
    assert printed.sides[patch].tolist() == [NUMBER["i"], NUMBER["t"]]
    assert printed.patch_ring[patch].tolist() == [NUMBER["i"], NUMBER["t"], 0, 0, 0]
    assert (printed.patch_ring > 0).sum() == 2


def test_at_a_patch_s_edge_the_next_one_may_hold_the_letter_too() -> None:
    printed = read_printed([replace(A, x=32.5)], SIZE)
    assert printed.patch_ring[9 + 2, 0] == NUMBER["a"] and printed.patch_ring[9 + 1, 0] == OPEN


def test_a_word_that_begins_outside_has_letters_but_no_places() -> None:
    printed = read_printed([replace(A, index=-1), replace(A, x=40.0, letter="c", index=2)], SIZE)
    assert printed.letter.reshape(3, 9)[1, 1] == NUMBER["a"]
    assert printed.place.reshape(3, 9)[1, 1] == OPEN
    assert printed.ring[0].tolist() == [OPEN, OPEN, NUMBER["c"], OPEN, OPEN]
