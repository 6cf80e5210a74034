"""Hebrew, Arabic and Persian put back into the order in which they are read, from the positions of their letters.

MuPDF turns a line's letters around run by run, which leaves marks and spaces in the wrong place, cuts numbers into
pieces and turns the letters of a ligature against each other. So each row of the page is put together from its glyphs,
from left to right as it is seen, and then read as the Unicode bidirectional algorithm (UAX #9) would have laid it out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.ingest.formats.pdf.text.glyphs import Glyph, GlyphLine
from app.ingest.reading_order import reads_leftwards

LEFTWARDS = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_FORMS = re.compile("[\ufb1d-\ufdff\ufe70-\ufefc]")
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")
_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
_OPENERS, _CLOSERS = "([{<«‹", ")]}>»›"
_CURRENCY = "$€£¥₪₽"
_UNNATURAL = re.compile(r"\s[,.;:!?]|[()\[\]{}]")
_TOUCHING, _SPACE, _NEAR = 0.35, 0.13, 0.6
"""In heights of a line: how far apart a letter and what belongs to it may be, words, and the pieces of one row."""


@dataclass(slots=True)
class _Sign:
    """Glyphs that are read together: a letter with its marks, or a ligature."""

    glyphs: list[Glyph]
    text: str
    kind: str
    """``R`` and ``L`` letters, ``N`` digits, ``C`` and ``E`` signs within and beside numbers, ``O`` anything else."""


@dataclass(slots=True)
class Row:
    """Glyphs in the order in which they are read; ``runs`` are those that follow each other one way."""

    block: int
    box: tuple[float, float, float, float]
    runs: list[list[Glyph]] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    """The numbers of the lines that it was put together from."""


def rows(lines: Sequence[GlyphLine]) -> list[Row | int]:
    """The page's lines in their order: the number of one that stays as it is, or the row that takes its place."""
    leftwards = reads_leftwards("".join(line.text for line in lines[:400])[:8000])
    groups = _grouped(lines, leftwards)
    made: dict[int, Row] = {}
    drafts = []
    for members in groups:
        signs = _signs([lines[number] for number in members])
        text = "".join(sign.text for sign in signs)
        base = leftwards or reads_leftwards(text)
        drafts.append((members, *_logical(signs, base)))
    turned = sum(_mirrors(signs) for _, signs, _ in drafts)
    for members, signs, runs in drafts:
        own = _mirrors(signs)
        if own > 0 or (own == 0 and turned > 0):
            _mirror(signs)
        made[members[0]] = _row(lines, members, runs)
    gone = {number for members in groups for number in members[1:]}
    return [made.get(number, number) for number in range(len(lines)) if number not in gone]


def _grouped(lines: Sequence[GlyphLine], leftwards: bool) -> list[list[int]]:
    """Lines that make one row, where any of it reads leftwards."""
    buckets: dict[int, list[int]] = {}
    owner: dict[int, list[int]] = {}
    for number, line in enumerate(lines):
        if line.down or not line.glyphs or line.glyphs[0].quad[0] > line.glyphs[0].quad[2]:  # on its head
            continue
        group = [number]
        height = line.box[3] - line.box[1]
        low, high = int(line.box[1] // 16), int(line.box[3] // 16)
        for other in {other for row in range(low, min(high, low + 40) + 1) for other in buckets.get(row, ())}:
            if owner[other] is not group and _beside(lines[other], line, height):
                group += owner[other]
                for member in owner[other]:
                    owner[member] = group
        owner[number] = group
        for row in range(low, min(high, low + 40) + 1):
            buckets.setdefault(row, []).append(number)
    unique = {id(group): group for group in owner.values()}
    found = [sorted(group) for group in unique.values()]
    return sorted(group for group in found if _concerns([lines[number].text for number in group], leftwards))


def _concerns(texts: Sequence[str], leftwards: bool) -> bool:
    """Whether a row has to be put right: it reads leftwards, or is a number in pieces on a page that does."""
    if any(map(LEFTWARDS.search, texts)):
        return True
    return leftwards and len(texts) > 1 and not any(map(str.isalpha, "".join(texts)))


def _beside(one: GlyphLine, other: GlyphLine, height: float) -> bool:
    lower = min(height, one.box[3] - one.box[1])
    shared = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    gap = max(one.box[0], other.box[0]) - min(one.box[2], other.box[2])
    return shared > 0.6 * lower > 0 and -1.5 * lower < gap < _NEAR * lower


def _signs(lines: Sequence[GlyphLine]) -> list[_Sign]:
    """The text of a row, from left to right; spaces where there is room for them and none is written."""
    signs = [sign for line in lines for sign in _clusters(line.glyphs)]
    signs.sort(key=lambda sign: sign.glyphs[0].middle)
    height = max(line.box[3] - line.box[1] for line in lines)
    result: list[_Sign] = []
    for sign in signs:
        if sign.kind == " " and (not result or result[-1].kind == " " or _under(sign, result[-1])):
            continue
        if result and result[-1].kind == " " and _under(result[-1], sign):
            result.pop()
        if result and sign.kind != " " and result[-1].kind != " ":
            before, after = result[-1].glyphs[0], sign.glyphs[0]
            if after.left - before.right > _SPACE * height:
                quad = [before.right, before.quad[1], after.left, after.quad[1]]
                quad += [before.right, before.quad[5], after.left, after.quad[5]]
                result.append(_Sign([Glyph(" ", quad)], " ", " "))
        result.append(sign)
    while result and result[-1].kind == " ":
        result.pop()
    return result


def _under(space: _Sign, sign: _Sign) -> bool:
    """Whether a space is no space between words, since something else is there."""
    return sign.glyphs[0].left < space.glyphs[0].middle < sign.glyphs[0].right


def _clusters(glyphs: Sequence[Glyph]) -> list[_Sign]:
    """Each letter with everything without width: its marks, and the further letters of a ligature."""
    signs: list[_Sign] = []
    waiting: list[Glyph] = []
    for at, glyph in enumerate(glyphs):
        if not glyph.text:
            continue
        mark = bool(unicodedata.combining(glyph.text[0]))
        thin = abs(glyph.right - glyph.left) < 0.02 * max(1.0, abs(glyph.quad[5] - glyph.quad[1]))
        before = signs[-1] if signs and not waiting else None
        follows = before is not None and before.kind != " " and not _stands_before(glyph, glyphs[at + 1 :], mark)
        if (mark or thin) and before is not None and follows:
            before.glyphs.append(glyph)
        elif thin and not glyph.text.isspace():
            waiting.append(glyph)
        else:
            # MuPDF has turned the line, so the letters of a ligature came ahead of its glyph, the last one first.
            signs.append(_Sign([glyph, *waiting[::-1]], "", _kind(glyph.text)))
            waiting = []
    signs += [_Sign([glyph], "", _kind(glyph.text)) for glyph in waiting]
    for sign in signs:
        sign.text = _text(sign.glyphs)
    return signs


def _stands_before(glyph: Glyph, following: Sequence[Glyph], mark: bool) -> bool:
    """Whether a letter without width belongs to the glyph that comes next: it is at that one's right edge."""
    if mark:
        return False
    wide = next((other for other in following[:4] if other.right - other.left > 0.2), None)
    return wide is not None and abs(wide.right - glyph.left) < 0.5 and not wide.text.isspace()


def _text(glyphs: Sequence[Glyph]) -> str:
    text = "".join(glyph.text for glyph in glyphs)
    if text.isspace():
        return " "
    return unicodedata.normalize("NFKC", text) if _FORMS.search(text) else text


def _kind(text: str) -> str:
    character = text[0]
    if character.isspace():
        return " "
    way = unicodedata.bidirectional(character)
    return {"R": "R", "AL": "R", "L": "L", "EN": "N", "AN": "N", "CS": "C", "ES": "C", "ET": "E"}.get(way, "O")


def _logical(signs: list[_Sign], base: bool) -> tuple[list[_Sign], list[list[_Sign]]]:
    """Signs as they are read, and the runs in which they follow each other one way.

    The signs that come back in the first list are those whose brackets may be mirrored.
    """
    if not base:
        return _from_left(signs)
    arabic = any(_ARABIC.search(sign.text) for sign in signs)
    runs: list[list[_Sign]] = []
    loose: list[_Sign] = []
    stretches = _rightward(signs, arabic)
    at = len(signs)
    for start, stop in [*reversed(stretches), (0, 0)]:
        back = signs[stop:at][::-1]
        if back:
            runs.append(back)
            loose += back
        if stop > start:
            runs.append(signs[start:stop])
        at = start
    return loose, runs


def _from_left(signs: list[_Sign]) -> tuple[list[_Sign], list[list[_Sign]]]:
    """A row that is read from left to right with some words in it that are not."""
    runs: list[list[_Sign]] = []
    loose: list[_Sign] = []
    done = at = 0
    while at < len(signs):
        if signs[at].kind != "R":
            at += 1
            continue
        stop = at + 1
        for place in range(at + 1, len(signs)):
            if signs[place].kind == "R":
                stop = place + 1
            elif signs[place].kind == "L":
                break
        start = at - _opened_before(signs, done, at, stop)
        inner, parts = _logical(signs[start:stop], True)
        loose += inner
        runs += [signs[done:start], *parts]
        done = at = stop
    runs.append(signs[done:])
    return loose, [run for run in runs if run]


def _opened_before(signs: Sequence[_Sign], done: int, at: int, stop: int) -> int:
    """1 where a bracket is before some words that closes in them."""
    if at == done or signs[at - 1].text not in _OPENERS:
        return 0
    inner = "".join(sign.text for sign in signs[at:stop])
    closer = _CLOSERS[_OPENERS.index(signs[at - 1].text)]
    return int(inner.count(closer) > inner.count(signs[at - 1].text))


def _rightward(signs: Sequence[_Sign], arabic: bool) -> list[tuple[int, int]]:
    """The stretches of a leftward row that are read from left to right: numbers, and words in other scripts."""
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(signs):
        if signs[at].kind not in "LN" and not (signs[at].kind == "E" and _number_follows(signs, at, arabic)):
            at += 1
            continue
        stop = _number_end(signs, at, arabic) if signs[at].kind != "L" else at + 1
        while True:
            further = _joined(signs, at, stop, arabic)
            if further == stop:
                break
            stop = further
        if any(sign.kind == "L" for sign in signs[at:stop]):
            stop = _with_closers(signs, at, stop)
            if at > 0 and signs[at - 1].kind == "R" and stop < len(signs) and signs[stop].kind == " ":
                stop += 1  # laid out with the word before it, on the far side
        found.append((at, stop))
        at = stop
    return found


def _number_follows(signs: Sequence[_Sign], at: int, arabic: bool) -> bool:
    """Whether a sign such as % or € belongs to the number to its right; in Arabic it is apart (rule W2)."""
    return not arabic and at + 1 < len(signs) and signs[at + 1].kind == "N"


def _number_end(signs: Sequence[_Sign], at: int, arabic: bool) -> int:
    """Where a number ends: digits with single separators between them, and the sign behind it."""
    if signs[at].kind == "E":
        at += 1
    stop = at + 1
    while stop < len(signs):
        if signs[stop].kind == "N":
            stop += 1
        elif (
            signs[stop].kind == "C"
            and stop + 1 < len(signs)
            and signs[stop + 1].kind == "N"
            and not (arabic and unicodedata.bidirectional(signs[stop].text[0]) == "ES")
        ):
            stop += 2
        else:
            break
    if stop < len(signs) and signs[stop].kind == "E" and not (arabic and signs[stop].text in _CURRENCY):
        stop += 1
    return stop


def _joined(signs: Sequence[_Sign], start: int, stop: int, arabic: bool) -> int:
    """Where a stretch ends that continues after signs that are neither letters nor digits."""
    place = stop
    while place < len(signs) and signs[place].kind not in "LRN":
        place += 1
    if place == len(signs) or signs[place].kind == "R":
        return stop
    end = _number_end(signs, place, arabic) if signs[place].kind == "N" else place + 1
    if signs[place].kind == "L" and signs[stop - 1].kind == "L":
        return end
    words = signs[place].kind == "L" or any(sign.kind == "L" for sign in signs[start:stop])
    between = "".join(sign.text for sign in signs[stop:place])
    return end if words and len(between) < 4 and not _UNNATURAL.search(between) else stop


def _with_closers(signs: Sequence[_Sign], start: int, stop: int) -> int:
    """With brackets behind the stretch that are opened in it."""
    while stop < len(signs) and signs[stop].text in _CLOSERS:
        inner = "".join(sign.text for sign in signs[start:stop])
        opener = _OPENERS[_CLOSERS.index(signs[stop].text)]
        if inner.count(opener) <= inner.count(signs[stop].text):
            break
        stop += 1
    return stop


def _mirrors(signs: Iterable[_Sign]) -> int:
    """Above 0 where brackets close before they open, so that they are written as they look; below 0 where not."""
    found, depth = 0, 0
    for sign in signs:
        if sign.text in "([{":
            depth += 1
            found -= depth > 0
        elif sign.text in ")]}":
            found += depth <= 0
            depth -= 1
    return found


def _mirror(signs: Iterable[_Sign]) -> None:
    for sign in signs:
        if sign.text in _OPENERS + _CLOSERS:
            sign.text = sign.text.translate(_MIRRORED)


def _row(lines: Sequence[GlyphLine], members: list[int], runs: list[list[_Sign]]) -> Row:
    boxes = [lines[number].box for number in members]
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    signs = [sign for run in runs for sign in run]
    left = min((sign.glyphs[0].left for sign in signs), default=min(lefts))
    right = max((sign.glyphs[0].right for sign in signs), default=max(rights))
    row = Row(lines[members[0]].block, (left, min(tops), right, max(bottoms)), members=members)
    for run in runs:
        row.runs.append([Glyph(sign.text, sign.glyphs[0].quad) for sign in run])
    return row
