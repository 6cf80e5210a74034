"""Page numbers in words."""

from __future__ import annotations

import pytest

from app.text.number_lists import numbers_in_words


@pytest.mark.parametrize(
    ("numbers", "words"),
    [([], ""), ([3], "3"), ([4, 3], "3, 4"), ([3, 7, 8, 9, 12], "3, 7–9, 12"), ([1, 1, 2, 3], "1–3")],
)
def test_runs_become_ranges(numbers: list[int], words: str) -> None:
    assert numbers_in_words(numbers) == words


def test_a_long_list_ends_in_an_ellipsis() -> None:
    assert numbers_in_words(range(1, 40, 2), most=3) == "1, 3, 5, …"
