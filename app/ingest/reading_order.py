"""The reading order of a page, for the model's text and for looking up quotations alike.

A file's own order is kept wherever a person could have read so: down a column, then down the next one. Only where it
jumps back are the lines sorted by their places: into bands between lines that run across, in them into columns, and
what makes a table row by row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Protocol, TypeVar

from app.ingest.types import Box

_LEFTWARDS = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_GUTTER = 7.0
_NARROW = 0.62
_CROSSING = 0.15
"""The share of a region's lines that may be across a gutter, as headings and page numbers do."""

_PROSE = 18
_WORDS = 10
_ALIGNED = 0.7
_TOUCHING, _APART, _RAISED = 0.11, 0.6, 0.2
"""Gaps within a word and between words, and the least overlap down of pieces of one row, in heights of a line."""

_DEEPEST = 12
_PARAGRAPH = 0.9
"""White space of this many line heights separates two parts of a page."""


class Placed(Protocol):
    """Something written on a page: its text, and its box (left, top, right, bottom) in points."""

    @property
    def text(self) -> str:
        """The text of the line."""

    @property
    def box(self) -> Box:
        """The box around it."""


Piece = TypeVar("Piece", bound=Placed)


def reading_order(lines: Sequence[Placed], owners: Sequence[int] = ()) -> list[int]:
    """The numbers of ``lines`` in the order in which they are read; the given order wherever that can be read.

    ``owners`` gives each line's block, where that is known.
    """
    boxes = [line.box for line in lines]
    if _descends(boxes):
        return list(range(len(lines)))
    page = _Page(lines, boxes, owners or range(len(lines)))
    return page.region(list(range(len(lines))), 0)


def arranged(blocks: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """Blocks of lines in reading order. A block stays whole where nothing has to come between its lines.

    What is in one row comes to be in one block.
    """
    lines = [line for block in blocks for line in block]
    if _descends([line.box for line in lines]):
        return [list(block) for block in blocks]
    owners = [number for number, block in enumerate(blocks) for _ in block]
    order = reading_order(lines, owners)
    result: list[list[Piece]] = []
    before, together = -1, set[int]()
    for number in order:
        if before >= 0 and (owners[number] in together or between(lines[before], lines[number]) != "\n"):
            result[-1].append(lines[number])
            together.add(owners[number])
        else:
            result.append([lines[number]])
            together = {owners[number]}
        before = number
    return result


def between(one: Placed, other: Placed) -> str:
    """What to write between two pieces that are read one after the other: a line end, or a tab, a space or nothing
    where ``other`` is beside ``one``, and ``^`` where it is an exponent.
    """
    first, second = one.box, other.box
    if second[1] >= first[3] or _upright(one) or _upright(other):  # nearly always the first
        return "\n"
    lower = min(first[3] - first[1], second[3] - second[1])
    gap = second[0] - first[2]
    if gap < -_TOUCHING * lower and reads_leftwards(one.text + other.text):
        gap = first[0] - second[2]
    shared = min(first[3], second[3]) - max(first[1], second[1])
    if gap < -_TOUCHING * lower or shared <= _RAISED * lower:
        return "\n"
    if shared <= 0.5 * lower and gap > _APART * lower:
        return "\n"
    if gap >= _APART * lower:
        return "\t"
    if gap > _TOUCHING * lower:
        return " "
    if abs(second[3] - first[3]) < 0.1 * lower and gap > 0.4 * _TOUCHING * lower:
        return " "  # a word that was painted by itself
    raised = second[3] < first[3] - 0.2 * lower and one.text[-1:].isdigit() and other.text[:1].isdigit()
    return "^" if raised else ""


def reads_leftwards(text: str) -> bool:
    """Whether most of the letters of ``text`` are of a script that is written from right to left."""
    if text.isascii() or not _LEFTWARDS.search(text):
        return False
    ways = [unicodedata.bidirectional(character) for character in text]
    return sum(way in ("R", "AL") for way in ways) > sum(way == "L" for way in ways)


def _descends(boxes: Sequence[Box]) -> bool:
    """Whether each line is below the one before it: most pages, so they cost next to nothing."""
    middle = -1e9
    for box in boxes:
        if box[1] < middle:
            return False
        middle = (box[1] + box[3]) / 2
    return True


def _same_row(one: Box, other: Box) -> bool:
    return _shared(one, other) > 0.5


def _shared(one: Box, other: Box) -> float:
    """How much of the lower of two boxes is at the height of the other one."""
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared / max(0.01, min(one[3] - one[1], other[3] - other[1]))


class _Page:
    """The lines of a page while they are being sorted."""

    def __init__(self, lines: Sequence[Placed], boxes: Sequence[Box], owners: Sequence[int]) -> None:
        self._boxes, self._owners = boxes, owners
        self._weights = [_weight(line.text) for line in lines]
        self._figures = [_mostly_digits(line.text) for line in lines]
        text = "".join(line.text for line in lines[:200])[:4000]
        self._leftwards = reads_leftwards(text)
        upright = sum(weight for weight, line in zip(self._weights, lines, strict=True) if _upright(line))
        self._sideways = upright * 2 > sum(self._weights)
        self._downwards = self._sideways and _east_asian(text)

    def region(self, lines: list[int], depth: int) -> list[int]:
        """Some lines in the order in which they are read."""
        if len(lines) < 2:
            return lines
        if self._sideways and not self._downwards:
            return sorted(lines)  # the print is on its side, and which way is not known
        if self._downwards:
            return [line for band in self._bands(lines) for line in sorted(band, key=self._leftmost_last)]
        own = sorted(lines)
        if self._sound(own):
            return own
        if depth >= _DEEPEST:
            return self._by_rows(lines)
        bands = self._bands(lines)
        if depth == 0 and len(bands) > 1:
            head, foot = (self._is_row(bands[at]) for at in (0, -1))
            inner = [line for band in bands[int(head) : len(bands) - int(foot)] for line in band]
            if inner and (head or foot):
                first, last = (self._along(bands[at]) if there else [] for at, there in ((0, head), (-1, foot)))
                return first + self.region(inner, 1) + last
        gutter = self._gutter(lines)
        if gutter is not None:
            return self._by_columns(lines, gutter, depth)
        if len(bands) > 1:
            return [line for band in bands for line in self.region(band, depth + 1)]
        return self._by_rows(lines)

    def _sound(self, lines: list[int]) -> bool:
        """Whether a person could read in this order: down and along, and up only to begin a column further along."""
        boxes, beside = self._boxes, 0
        runs: list[list[int]] = [[lines[0]]]
        for before, line in pairwise(lines):
            one, other = boxes[before], boxes[line]
            if _same_row(one, other):
                if not self._further(one, other):
                    return False
                beside += self._weights[before] >= _WORDS <= self._weights[line]
            elif other[1] < one[1]:
                if any(boxes[seen][3] > other[1] and not self._further(boxes[seen], other) for seen in runs[-1]):
                    return False
                runs.append([])
            runs[-1].append(line)
        if beside > 2:
            return False  # two columns line by line, or a table of words
        return not any(self._torn_apart(runs[at], run) for at, run in enumerate(runs[1:]))

    def _torn_apart(self, labels: list[int], values: list[int]) -> bool:
        """Whether a column of figures follows its labels, so that no figure is beside its label."""
        if len(values) < 3 or sum(self._figures[line] for line in values) < 0.6 * len(values):
            return False
        return self._aligned(labels, values) >= _ALIGNED

    def _further(self, one: Box, other: Box) -> bool:
        """Whether ``other`` is further along the row than ``one``."""
        slack = 0.2 * min(one[3] - one[1], other[3] - other[1])
        return other[2] <= one[0] + slack if self._leftwards else other[0] >= one[2] - slack

    def _aligned(self, one: Sequence[int], other: Sequence[int], shorter: bool = True) -> float:
        """The share of the shorter column's lines (or of ``one``'s) that have one of the other on their own height."""
        few, many = sorted((one, other), key=len) if shorter else (one, other)
        bottoms = {round(self._boxes[line][3]) for line in many}
        near = sum(bool({round(self._boxes[line][3]) + by for by in (-1, 0, 1)} & bottoms) for line in few)
        return near / max(1, len(few))

    def _is_row(self, lines: list[int]) -> bool:
        return all(_same_row(self._boxes[lines[0]], self._boxes[line]) for line in lines)

    def _gutter(self, lines: list[int]) -> tuple[float, float] | None:
        """The widest stretch between print to its left and to its right that hardly any line crosses."""
        boxes = [self._boxes[line] for line in lines]
        left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
        narrow = [box for box in boxes if box[2] - box[0] < _NARROW * (right - left)]
        # Headings and page numbers may be across it.
        allowed = int(_CROSSING * len(narrow))
        changes = sorted([(box[0], 1) for box in narrow] + [(box[2], -1) for box in narrow])
        gaps: list[tuple[float, float]] = []
        covering, begun = 0, None
        for x, change in changes:
            covering += change
            if change < 0 and covering == allowed:
                begun = x
            elif covering > allowed:
                if begun is not None and x - begun >= _GUTTER:
                    gaps.append((begun, x))
                begun = None
        return max(gaps, key=lambda gap: gap[1] - gap[0], default=None)

    def _by_columns(self, lines: list[int], gutter: tuple[float, float], depth: int) -> list[int]:
        """Band by band between lines that run across the gutter; in each, what is left and what is right of it."""
        order: list[int] = []
        band: list[tuple[int, int]] = []
        for line in sorted(lines, key=lambda line: (self._boxes[line][1], line)):
            box = self._boxes[line]
            if box[0] < gutter[0] and box[2] > gutter[1]:
                order += self._band(band, depth)
                band = []
                order.append(line)
            else:
                band.append((int(box[0] + box[2] > gutter[0] + gutter[1]), line))
        return order + self._band(band, depth)

    def _band(self, band: list[tuple[int, int]], depth: int) -> list[int]:
        numbers = sorted({column for column, _ in band}, reverse=self._leftwards)
        parts = [[line for own, line in band if own == number] for number in numbers]
        if len(parts) > 1:
            own = sorted(line for _, line in band)
            if self._sound(own):
                return own
            if self._is_table(parts):
                return self._by_rows(own)
        return [line for part in parts for line in self.region(part, depth + 1)]

    def _is_table(self, parts: list[list[int]]) -> bool:
        """Whether columns are read row by row: their lines are beside each other, and are not all prose."""
        if all(self._is_prose(part) for part in parts):
            return False
        return all(self._aligned(one, other) >= _ALIGNED for one, other in pairwise(parts))

    def _is_prose(self, part: list[int]) -> bool:
        weights = sorted(self._weights[line] for line in part)
        return len(part) > 2 and weights[len(part) // 2] >= _PROSE

    def _bands(self, lines: list[int]) -> list[list[int]]:
        """The region's parts between stretches of white space, from top to bottom."""
        boxes = self._boxes
        by_top = sorted(lines, key=lambda line: (boxes[line][1], line))
        heights = sorted(boxes[line][3] - boxes[line][1] for line in lines)
        apart = _PARAGRAPH * heights[len(heights) // 2]
        bands: list[list[int]] = [[]]
        bottom = boxes[by_top[0]][3]
        for line in by_top:
            if boxes[line][1] > bottom + apart:
                bands.append([])
            bands[-1].append(line)
            bottom = max(bottom, boxes[line][3])
        return bands

    def _by_rows(self, lines: list[int]) -> list[int]:
        """From top to bottom; what is side by side in one row, along the row."""
        units = {unit[0]: unit for unit in self._units(lines)}
        boxes = self._boxes
        heights = sorted(boxes[line][3] - boxes[line][1] for line in units)
        usual = 1.25 * heights[len(heights) // 2]
        by_middle = sorted(units, key=lambda line: (boxes[line][1] + boxes[line][3], line))
        rows: list[list[int]] = []
        for line in (line for line in by_middle if boxes[line][3] - boxes[line][1] <= usual):
            if rows and _same_row(boxes[rows[-1][0]], boxes[line]):
                rows[-1].append(line)
            else:
                rows.append([line])
        # Symbols may have boxes that reach into the next row: each goes to the row that it shares most with.
        for line in (line for line in by_middle if boxes[line][3] - boxes[line][1] > usual):
            shared, row = max((_shared(boxes[row[0]], boxes[line]), -at) for at, row in enumerate(rows))
            if shared > 0.5:
                rows[-row].append(line)
            else:
                rows.append([line])
        rows.sort(key=lambda row: boxes[row[0]][1] + boxes[row[0]][3])
        return [line for row in rows for first in self._along(row) for line in units[first]]

    def _units(self, lines: list[int]) -> list[list[int]]:
        """What stays together: lines of a block that are below each other and do not make a table with others."""
        units: list[list[int]] = []
        for line in sorted(lines):
            before = units[-1][-1] if units else -1
            if before >= 0 and self._owners[before] == self._owners[line] and self._is_below(before, line):
                units[-1].append(line)
            else:
                units.append([line])
        kept: list[list[int]] = []
        for unit in units:
            own = set(unit)
            others = [line for line in lines if line not in own] if len(unit) > 1 else []
            apart = len(unit) > 1 and self._aligned(unit, others, shorter=False) >= _ALIGNED
            kept += [[line] for line in unit] if apart else [unit]
        return kept

    def _is_below(self, one: int, other: int) -> bool:
        first, second = self._boxes[one], self._boxes[other]
        return first[1] < second[1] and second[0] < first[2] and first[0] < second[2]

    def _leftmost_last(self, line: int) -> tuple[int, float]:
        return -round(self._boxes[line][2] / _GUTTER), self._boxes[line][1]

    def _along(self, row: list[int]) -> list[int]:
        along: Callable[[int], float] = (
            (lambda line: -self._boxes[line][2]) if self._leftwards else (lambda line: self._boxes[line][0])
        )
        return sorted(row, key=along)


def _weight(text: str) -> int:
    """Characters; a Chinese or Korean one counts as two letters."""
    return len(text) if text.isascii() else len(text) + sum(character >= "\u2e80" for character in text)


def _mostly_digits(text: str) -> bool:
    digits = sum(map(str.isdigit, text))
    return digits > 0 and 2 * digits >= len(text.replace(" ", ""))


def _upright(line: Placed) -> bool:
    """Whether it is several characters one below the other; a single digit is higher than wide too."""
    left, top, right, bottom = line.box
    return bottom - top > 2 * (right - left) and len(line.text.strip()) > 1


def _east_asian(text: str) -> bool:
    return any("\u2e80" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af" for character in text)
