"""Page numbers in words: ``3, 7–9 and 12`` as ``3, 7–9, 12``."""

from __future__ import annotations

from collections.abc import Iterable

MOST = 12
"""Ranges that are named; more end in an ellipsis."""


def numbers_in_words(numbers: Iterable[int], most: int = MOST) -> str:
    """Sorted numbers as a short list, three and more in a row as a range."""
    ranges: list[list[int]] = []
    for number in sorted(set(numbers)):
        if ranges and number == ranges[-1][-1] + 1:
            ranges[-1][1:] = [number]
        else:
            ranges.append([number])
    words: list[str] = []
    for one in ranges:
        together = len(one) == 1 or one[1] - one[0] > 1
        words += ["–".join(map(str, one))] if together else map(str, one)
    return ", ".join(words[:most]) + (", …" if len(words) > most else "")
