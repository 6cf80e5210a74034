"""Columns of justified print whose words are pieces of their own: no text layer's order can be trusted there."""

from __future__ import annotations

from dataclasses import replace

from app.chat.evidence.checking import check
from app.ingest.types import TextLine
from tests.app.chat.evidence.papers import page, paper

LEFT = ("It was agreed that no", "means at least fifty", "hours of work in each", "month Either party can")
RIGHT = ("The seller is not to", "rise by considerably", "in any one full year", "unless both agreed")


def test_words_painted_one_by_one_in_two_columns_are_read_down_each() -> None:
    lines: list[TextLine] = []
    for row, pair in enumerate(zip(LEFT, RIGHT, strict=True)):
        for side, text in enumerate(pair):
            words, left = text.split(), 62.0 + 246 * side
            gap = (224 - 8 * sum(map(len, words))) / (len(words) - 1)
            for word in words:
                lines.append(TextLine(word, (left, 86 + 13 * row, left + 8 * len(word), 97 + 13 * row)))
                left += 8 * len(word) + gap
    two = paper("justified.pdf", replace(page(1), lines=tuple(lines), text="x"))

    def state(quote: str) -> str:
        (found,) = check(f'"{quote}" (page 1)', [two])
        return found.state

    assert state("no means at least fifty hours of work in each month") == "found"
    assert state("is not to rise by considerably in any one full year unless both agreed") == "found"
    assert state("no means at most fifty hours of work in each month") == "unverified"
    assert state("is to rise by considerably in any one full year unless both agreed") == "unverified"
