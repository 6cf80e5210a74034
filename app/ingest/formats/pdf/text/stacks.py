"""Writing that runs down the page with one character on each line, put together to what a person reads."""

from __future__ import annotations

from collections.abc import Sequence

from app.ingest.types import Box

_LEAST = 3
_STEP = 1.35
"""How far the next character may be below, in heights of a line; rows of a table are further apart."""

_BESIDE = 1.5
"""Single letters with print so near beside them, in heights of a line, mark the parts of a list."""


def stacks(texts: Sequence[str], boxes: Sequence[Box]) -> list[list[int]]:
    """Runs of lines that hold one letter each and are below each other; ``texts`` are in the order of painting."""
    found: list[list[int]] = []
    run: list[int] = []
    for number, text in enumerate(texts):
        if not _single(text):
            run = _ended(run, found)
        elif run and _follows(boxes[run[-1]], boxes[number]):
            run.append(number)
        else:
            _ended(run, found)
            run = [number]
    _ended(run, found)
    return [run for run in found if _is_word(run, texts, boxes)]


def _ended(run: list[int], found: list[list[int]]) -> list[int]:
    if len(run) >= _LEAST:
        found.append(run)
    return []


def _single(text: str) -> bool:
    """One character that can be part of a word."""
    stripped = text.strip()
    return len(stripped) == 1 and (stripped.isalpha() or "\u3000" < stripped < "\u30ff")


def _follows(one: Box, other: Box) -> bool:
    height = one[3] - one[1]
    aside = abs((one[0] + one[2]) - (other[0] + other[2])) / 2
    return 0.4 * height < other[1] - one[1] < _STEP * height and aside < 0.3 * height


def _is_word(run: list[int], texts: Sequence[str], boxes: Sequence[Box]) -> bool:
    """Chinese, Japanese and Korean is written so; letters only where no text is beside them."""
    if sum(texts[number].strip() >= "\u2e80" for number in run) * 2 > len(run):
        return True
    own, beside = set(run), 0
    for number in run:
        left, top, right, bottom = boxes[number]
        reach = _BESIDE * (bottom - top)
        beside += any(
            other not in own and box[0] < right + reach and box[2] > left - reach and box[1] < bottom and box[3] > top
            for other, box in enumerate(boxes)
        )
    return beside * 3 < len(run)
