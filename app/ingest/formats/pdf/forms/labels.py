"""Puts a form's values where they belong among a page's lines: behind their labels, ticks before what they tick.

Which words label a field is nowhere in the file; people put them left of it or above it, and right of a tick. Where a
line has fields inside it ("Name ______ Date ______"), it is cut there.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import islice
from typing import Any

from app.ingest.formats.mupdf import mupdf, pymupdf
from app.ingest.formats.pdf.forms.fields import Field, Fields
from app.ingest.formats.pdf.forms.widgets import bound_of, run_page
from app.ingest.formats.pdf.text.hidden import Shape
from app.ingest.formats.pdf.text.layer import Layer
from app.ingest.formats.pdf.text.lines import Line
from app.ingest.limits import MAX_LINES, MAX_PAGE_TEXT
from app.ingest.types import Box
from app.ingest.view.shown_text import lines_of

_LEADERS = frozenset(" \t\u00a0_.…·-–")
_FILLED = re.compile(r"(?:_{2,}|\.{3,}|…+|·{3,}|\s)+$")
_FILLING = re.compile(r"^(?:_{2,}|\.{3,}|…+|·{3,}|\s)+")
_BLANK = re.compile(r"[_…\u00a0]|\.\.|··|--|––|\s\s")
_ENDED = re.compile(r"[:?=#№*(/\-–—…]\s*$")
_FAR_LEFT, _FAR_RIGHT, _ABOVE, _BELOW, _CHAIN = 250.0, 60.0, 14.0, 8.0, 40.0
"""Points from a field to its label; to the field before it that shares a label."""

_TOUCH = 4.0
_TALL = 30.0
_STEP = 12.0
_MAX_STEPS = 400
_CROWD = 500
"""Of more things than this in one row, no more are looked at."""


def add_fields(page: pymupdf.Page, layer: Layer, fields: Fields) -> None:
    """What the fields hold into the layer, and out of it what they cover."""
    layer.hidden += fields.hidden
    if not fields.shown:
        return
    bare = not layer.characters
    _uncover(layer, fields.shown)
    _cut_lines(page, layer, fields.shown)
    _Placing(layer, fields.shown).place()
    layer.unclear |= bare
    _limit(layer)


class _Rows:
    """Things on the page, found by the height at which they are."""

    def __init__(self, things: Sequence[Any]) -> None:
        self._rows: dict[int, list[Any]] = {}
        for thing in things:
            first, last = int(thing.box[1] // _STEP), int(thing.box[3] // _STEP)
            for row in range(first, min(last, first + 100) + 1):
                self._rows.setdefault(row, []).append(thing)

    def between(self, top: float, bottom: float) -> list[Any]:
        """What may lie between two heights, bounded; some of it more than once."""
        first, last = int(top // _STEP), int(bottom // _STEP)
        rows = range(first, min(last, first + 100) + 1)
        return list(islice((thing for row in rows for thing in self._rows.get(row, ())), _CROWD))


class _Placing:
    """One page's fields on their way to their labels."""

    def __init__(self, layer: Layer, fields: Sequence[Field]) -> None:
        self._layer = layer
        self._lines = [line for block in layer.blocks for line in block]
        self._fields = sorted(fields, key=lambda one: (one.box[1], one.box[0]))
        self._words = _Rows([line for line in self._lines if any(map(str.isalnum, line.text))])
        self._boxes = _Rows(self._fields)
        self._before: dict[int, list[Line]] = {}
        self._after: dict[int, list[Line]] = {}
        self._loose: list[list[Line]] = []
        self._tails: dict[int, list[Line]] = {}
        """The run of lines that a placed field ended in, where another may follow it."""

    def place(self) -> None:
        lefts = {id(one): self._left(one) for one in self._fields if one.kind != "tick"}
        for one in self._fields:
            if one.kind == "tick":
                self._place_tick(one)
            elif one.lines:
                self._place_value(one, lefts)
        self._rebuild()

    def _place_value(self, one: Field, lefts: dict[int, Line | None]) -> None:
        label = lefts[id(one)]
        in_grid = label is None and self._in_grid(one, lefts)
        if label is None and not in_grid:
            label = self._above(one) or self._below(one)
        if label is not None:
            self._behind(label, one)
            return
        neighbour = self._neighbour(one)
        if neighbour is not None:
            run = self._tails[id(neighbour)]
            run += one.lines
            self._tails[id(one)] = run
            return
        run = list(one.lines)
        if one.name and not in_grid:
            run[0].role = "joined"
            x0, y0, _, y1 = one.box
            run.insert(0, Line(one.name if _ENDED.search(one.name) else f"{one.name}:", (x0, y0, x0, y1), run[0].size))
        self._loose.append(run)
        self._tails[id(one)] = run

    def _behind(self, label: Line, one: Field) -> None:
        run = self._after.setdefault(id(label), [])
        if not run:
            if not _ENDED.search(label.text):
                label.text = f"{label.text.rstrip()}:"
            one.lines[0].role = "joined"
        run += one.lines
        self._tails[id(one)] = run

    def _place_tick(self, one: Field) -> None:
        left, right = self._left(one), self._right(one)
        if left is not None and right is not None:
            before, after = one.box[0] - left.box[2], right.box[0] - one.box[2]
            if before < 0.6 * after or (after >= 0.6 * before and self._ends_row(one)):
                right = None
        if right is not None:
            self._before.setdefault(id(right), []).extend(one.lines)
            right.role = "joined"
            return
        label = left or self._above(one) or self._below(one)
        if label is not None:
            one.lines[0].role = "joined"
            self._after.setdefault(id(label), []).extend(one.lines)
            return
        self._layer.unclear = True
        if one.name:
            _, y0, x1, y1 = one.box
            one.lines.append(Line(one.name, (x1, y0, x1, y1), one.lines[0].size, "joined"))
        self._loose.append(list(one.lines))

    def _left(self, one: Field) -> Line | None:
        x0, top, bottom = one.box[0], one.box[1], _first_row(one)
        near = [
            line
            for line in self._words.between(top, bottom)
            if -_TOUCH <= x0 - line.box[2] <= _FAR_LEFT and line.box[0] < x0 and _level(line.box, top, bottom)
        ]
        best = max(near, key=lambda line: float(line.box[2]), default=None)
        return None if best is None or self._parted(one, best.box[2], x0) else best

    def _right(self, one: Field) -> Line | None:
        x1, top, bottom = one.box[2], one.box[1], one.box[3]
        near = [
            line
            for line in self._words.between(top, bottom)
            if -_TOUCH <= line.box[0] - x1 <= _FAR_RIGHT and _level(line.box, top, bottom)
        ]
        best = min(near, key=lambda line: float(line.box[0]), default=None)
        return None if best is None or self._parted(one, x1, best.box[0]) else best

    def _parted(self, one: Field, left: float, right: float) -> bool:
        """Whether another field is between a field and its label."""
        top, bottom = one.box[1], _first_row(one)
        return any(
            other is not one
            and other.box[0] >= left - _TOUCH
            and other.box[2] <= right + _TOUCH
            and _level(other.box, top, bottom)
            for other in self._boxes.between(top, bottom)
        )

    def _ends_row(self, one: Field) -> bool:
        """Whether the last thing in a tick's row is a tick: then each tick follows its label."""
        top, bottom = one.box[1], one.box[3]
        edge = max(other.box[2] for other in self._boxes.between(top, bottom) if _level(other.box, top, bottom))
        return not any(
            edge <= line.box[0] <= edge + _FAR_RIGHT and _level(line.box, top, bottom)
            for line in self._words.between(top, bottom)
        )

    def _above(self, one: Field) -> Line | None:
        return self._over_or_under(one, one.box[1] - _ABOVE, one.box[1] + _TOUCH, lambda box: one.box[1] - box[3])

    def _below(self, one: Field) -> Line | None:
        return self._over_or_under(one, one.box[3] - _TOUCH, one.box[3] + _BELOW, lambda box: box[1] - one.box[3])

    def _over_or_under(self, one: Field, top: float, bottom: float, gap: Any) -> Line | None:
        x0, _, x1, _ = one.box
        near = [
            line
            for line in self._words.between(top, bottom)
            if -_TOUCH <= gap(line.box) <= bottom - top - _TOUCH
            and x0 - _FAR_RIGHT / 2 <= line.box[0] < x1
            and line.box[2] > x0
            and id(line) not in self._after
        ]
        return min(near, key=lambda line: (gap(line.box), abs(line.box[0] - x0)), default=None)

    def _in_grid(self, one: Field, lefts: dict[int, Line | None]) -> bool:
        """Whether fields of the same width are right above or below, as in a table's column under its heading."""
        x0, y0, x1, y1 = one.box
        tall = y1 - y0
        for other in self._boxes.between(y0 - 2 * tall, y1 + 2 * tall):
            if other is one or other.kind == "tick" or lefts[id(other)] is not None:
                continue
            apart = max(other.box[1] - y1, y0 - other.box[3])
            if abs(other.box[0] - x0) < _TOUCH and abs(other.box[2] - x1) < _TOUCH and -_TOUCH <= apart < 0.4 * tall:
                return True
        return False

    def _neighbour(self, one: Field) -> Field | None:
        """The filled field right before this one in its row."""
        top, bottom = one.box[1], _first_row(one)
        near = [
            other
            for other in self._boxes.between(top, bottom)
            if id(other) in self._tails
            and -_TOUCH <= one.box[0] - other.box[2] <= _CHAIN
            and _level(other.box, top, bottom)
        ]
        best = max(near, key=lambda other: float(other.box[2]), default=None)
        if best is None or any(
            best.box[2] <= line.box[0] and line.box[2] <= one.box[0] + _TOUCH and _level(line.box, top, bottom)
            for line in self._words.between(top, bottom)
        ):
            return None
        return best

    def _rebuild(self) -> None:
        """The blocks anew, with everything in its place; what has no label comes after the block above it."""
        following: dict[int, list[list[Line]]] = {}
        first: list[list[Line]] = []
        by_foot = sorted(self._lines, key=lambda line: line.box[3])
        feet = [line.box[3] for line in by_foot]
        for run in self._loose:
            anchor = _anchor(run, by_foot, feet)
            (first if anchor is None else following.setdefault(id(anchor), [])).append(run)
        blocks = _rows_of(first)
        for block in self._layer.blocks:
            kept: list[Line] = []
            for line in block:
                kept += [*self._before.get(id(line), ()), line, *self._after.get(id(line), ())]
                if id(line) in following:
                    blocks += [kept, *_rows_of(following[id(line)])]
                    kept = []
            if kept:
                blocks.append(kept)
        self._layer.blocks = blocks


def _first_row(one: Field) -> float:
    """Where the first row of a field ends: the label of a tall one is beside its top."""
    top, bottom = one.box[1], one.box[3]
    return bottom if bottom - top <= _TALL else top + 18.0


def _level(box: Box, top: float, bottom: float) -> bool:
    """Whether something is in a row."""
    shared = min(box[3], bottom) - max(box[1], top)
    return shared > 0.4 * min(box[3] - box[1], bottom - top)


def _anchor(run: list[Line], by_foot: list[Line], feet: list[float]) -> Line | None:
    """The line that is nearest above, best in the same column."""
    x0, y0, x1, y1 = run[0].box[0], run[0].box[1], max(line.box[2] for line in run), run[0].box[3]
    stop = bisect_right(feet, (y0 + y1) / 2)
    above = by_foot[max(0, stop - _MAX_STEPS) : stop]
    for line in reversed(above):
        if line.box[0] < x1 and line.box[2] > x0:
            return line
    return above[-1] if above else None


def _rows_of(runs: list[list[Line]]) -> list[list[Line]]:
    """Runs that are side by side make one block."""
    rows: list[list[Line]] = []
    for run in runs:
        if rows and _level(rows[-1][0].box, run[0].box[1], run[0].box[3]):
            rows[-1] += run
        else:
            rows.append(list(run))
    return rows


def _uncover(layer: Layer, fields: Sequence[Field]) -> None:
    """Words under a field that has a background cannot be seen."""
    covers = [Shape(0, one.box) for one in fields if one.opaque]
    if not covers:
        return
    rows = _Rows(covers)
    for block in layer.blocks:
        for line in list(block):
            if any(shape.covers(line.box) for shape in rows.between(line.box[1], line.box[3])):
                block.remove(line)
                layer.hidden += len(line.text.strip(" _.…"))
    layer.blocks = [block for block in layer.blocks if block]


def _cut_lines(page: pymupdf.Page, layer: Layer, fields: Sequence[Field]) -> None:
    """Lines with fields inside them, in the pieces that are between the fields."""
    rows = _Rows(fields)
    known: dict[tuple[int, str], list[Any]] | None = None
    for block in layer.blocks:
        for place in range(len(block) - 1, -1, -1):
            line = block[place]
            if not _BLANK.search(line.text):
                continue
            inside = {id(one): one for one in rows.between(line.box[1], line.box[3]) if _inside(line.box, one.box)}
            if not inside:
                continue
            if known is None:
                known = _letters(page)
            letters = known.get((round(line.box[1] / 2), "".join(line.text.split())))
            if letters is not None:
                block[place : place + 1] = _pieces(line, letters, [one.box for one in inside.values()])
    layer.blocks = [block for block in layer.blocks if block]


def _inside(line: Box, box: Box) -> bool:
    return box[0] < line[2] - _TOUCH and box[2] > line[0] + _TOUCH and _level(box, line[1], line[3])


def _letters(page: pymupdf.Page) -> dict[tuple[int, str], list[Any]]:
    """The page's lines with the place of each letter, by height and text."""
    structured = mupdf.FzStextPage(bound_of(page))
    device = mupdf.fz_new_stext_device(structured, mupdf.FzStextOptions(mupdf.FZ_STEXT_PRESERVE_WHITESPACE))
    run_page(page, device, mupdf.FzCookie())
    mupdf.fz_close_device(device)
    found: dict[tuple[int, str], list[Any]] = {}
    for line in lines_of(structured):
        row = round(line[1][1] / 2)
        for near in (row - 1, row, row + 1):
            found.setdefault((near, "".join(line[0].split())), line)
    return found


def _pieces(line: Line, letters: list[Any], boxes: list[Box]) -> list[Line]:
    """A line without the blanks and rules under its fields; whole where real words are under them."""
    text, box, edges, _, axis = letters
    if axis:
        return [line]
    under = []
    for place in range(len(text)):
        middle = (edges[place] + edges[place + 1]) / 2
        under.append(any(one[0] <= middle <= one[2] for one in boxes))
    if any(covered and letter not in _LEADERS for covered, letter in zip(under, text, strict=True)):
        return [line]
    pieces: list[Line] = []
    start: int | None = None
    for place in range(len(text) + 1):
        covered = place == len(text) or under[place]
        if covered and start is not None:
            words = _FILLING.sub("", _FILLED.sub("", text[start:place]))
            if words.strip():
                at = start + text[start:place].index(words)
                pieces.append(Line(words, (edges[at], box[1], edges[at + len(words)], box[3]), line.size))
            start = None
        elif not covered and start is None:
            start = place
    return pieces


def _limit(layer: Layer) -> None:
    """What was put in counts towards the limits too."""
    characters, lines = MAX_PAGE_TEXT, MAX_LINES
    for block in layer.blocks:
        for place, line in enumerate(block):
            characters -= len(line.text)
            lines -= 1
            if characters < 0 or lines < 0:
                layer.cut = True
                del block[place:]
                break
    layer.blocks = [block for block in layer.blocks if block]
