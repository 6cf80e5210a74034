"""Words found among a page's lines, across line ends and hyphens; capitals and ligatures do not count. No parser."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from app.ingest.types import Box
from app.ingest.view.types import MAX_HITS

Line = list[Any]
"""Text, box, edges of its characters, number of its block, axis; see ``ShownLine``."""
Lines = list[Line]

_HYPHENS = "-\u00ad\u2010\u2011"
_LOOSE = re.compile(rf"[{_HYPHENS}\s]+")
_SPLIT = f"(?:[{_HYPHENS}]\n)?"
_ANY_HYPHEN = f"[{_HYPHENS}]\n?"


def search(lines: Lines, words: str) -> list[list[Box]]:
    """Each hit as the boxes of its parts; capitals, ligatures, white space and hyphens at line ends do not count."""
    pattern = _pattern(words)
    if pattern is None:
        return []
    folded, origins = _folded(lines)
    hits: list[list[Box]] = []
    for match in pattern.finditer(folded):
        parts = _parts(lines, origins[match.start() : match.end()])
        if parts:
            hits.append(parts)
        if len(hits) >= MAX_HITS:
            break
    return hits


def loose(text: str) -> str:
    """Without white space and hyphens; capitals and ligatures do not count."""
    return _LOOSE.sub("", _fold(text))


def _pattern(words: str) -> re.Pattern[str] | None:
    """Between any two letters a word may be hyphenated at a line's end."""
    folded = " ".join(_fold(words).split())
    if not folded:
        return None
    parts = []
    for before, letter in zip(" " + folded, folded, strict=False):
        if letter == " ":
            parts.append(r"\s+")
        elif letter in _HYPHENS:
            parts.append(_ANY_HYPHEN)
        else:
            parts.append((_SPLIT if before.isalnum() else "") + re.escape(letter))
    return re.compile("".join(parts))


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text.casefold()).replace("\u2019", "'")


def _folded(lines: Lines) -> tuple[str, list[tuple[int, int]]]:
    """The page's text, one line after the other, and where each of its characters comes from."""
    pieces: list[str] = []
    origins: list[tuple[int, int]] = []
    for number, line in enumerate(lines):
        text: str = line[0]
        folded = _fold(text)
        if len(folded) == len(text):
            pieces.append(folded)
            origins += [(number, place) for place in range(len(text))]
        else:
            for place, letter in enumerate(text):
                several = _fold(letter)
                pieces.append(several)
                origins += [(number, place)] * len(several)
        following = lines[number + 1] if number + 1 < len(lines) else None
        if following is None or not _goes_on(line, following):
            pieces.append("\n")
            origins.append((number, len(text)))
    return "".join(pieces), origins


def _goes_on(line: Line, following: Line) -> bool:
    """Whether the next line is the same row's next run, which reads the other way."""
    one, other = line[1], following[1]
    touching = max(one[0], other[0]) - min(one[2], other[2]) < 0.15 * (one[3] - one[1])
    return bool(line[3] == following[3] and one[1] == other[1] and one[3] == other[3] and touching)


def _parts(lines: Lines, places: list[tuple[int, int]]) -> list[Box]:
    """The boxes of some characters, one per line."""
    spans: dict[int, list[int]] = {}
    for number, place in places:
        if place < len(lines[number][0]):
            spans.setdefault(number, []).append(place)
    return [_box(lines[number], min(span), max(span) + 1) for number, span in spans.items()]


def _box(line: Line, start: int, end: int) -> Box:
    _, (x0, y0, x1, y1), edges, _, axis = line
    low, high = sorted((edges[start], edges[end]))
    return (x0, low, x1, high) if axis else (low, y0, high, y1)
