"""Where an answer puts words in quotation marks: English, German, French, straight, nested, and block quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.text.fences import Fences

_CLOSERS = {
    "“": "”“",
    "„": '“”"',
    "”": "”",
    "«": "»",
    "»": "«",
    "‹": "›",
    "›": "‹",
    "‘": "’",
    "‚": "‘’",
    "「": "」",
    "『": "』",
    '"': '"',
    "'": "'",
    "＂": "＂",
}
_SINGLE = frozenset("‘‚'‹›")
_LONGEST = 3000
MOST = 400
"""Quotations of one answer that are looked at."""

_PARAGRAPH = re.compile(r"\n[ \t>]*\n")
_BLOCK = re.compile(r"(?:^ {0,3}>.*(?:\n|\Z))+", re.MULTILINE)
_BLOCK_MARK = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_BEFORE = frozenset(" \t\n([{|*_>:—–-/,;=`~„“«\"'‘‚+\u00a0（【「")
_MARKUP = "*_`~"
_STARTING = frozenset("([{„“«‘‚$€£§#…")
"""What a quotation may begin with; behind a straight mark that follows a space, it makes the mark an opening one."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quotation in an answer: ``start`` and ``end`` take the marks in, ``text`` is what is between them."""

    start: int
    end: int
    text: str
    block: bool = False


def without_code(answer: str) -> str:
    """The answer with fenced code made blank, every character in its place."""
    fences = Fences()
    lines = answer.split("\n")
    return "\n".join(line if fences.take(line) == "prose" else " " * len(line) for line in lines)


def quotations(answer: str) -> list[Quoted]:
    """Every quotation, outermost only, in order. ``answer`` has no fenced code any more."""
    found: list[Quoted] = []
    at = 0
    hopeless = dict.fromkeys(_CLOSERS, 0)
    while at < len(answer) and len(found) < MOST:
        mark = answer[at]
        if mark in _CLOSERS and at >= hopeless[mark] and _opens(answer, at):
            limit = _limit(answer, at)
            end = _closing(answer, at, limit)
            if end is None:
                hopeless[mark] = limit  # nothing closes before there, whichever mark of this kind opened
            else:
                found.append(Quoted(at, end + 1, _inner(answer[at + 1 : end])))
                at = end
        at += 1
    blocks = [block for block in _blocks(answer) if not any(block.start <= q.start < block.end for q in found)]
    return sorted([*found, *blocks], key=lambda quoted: quoted.start)[:MOST]


def _limit(answer: str, start: int) -> int:
    """A quotation ends with its paragraph at the latest."""
    paragraph = _PARAGRAPH.search(answer, start, start + _LONGEST)
    return paragraph.start() if paragraph else min(len(answer), start + _LONGEST)


def _inner(text: str) -> str:
    """The words without the marks of a block quote around them."""
    return (_BLOCK_MARK.sub("", text) if "\n" in text else text).strip()


def _opens(answer: str, at: int) -> bool:
    mark = answer[at]
    before = answer[at - 1] if at else " "
    after = answer[at + 1] if at + 1 < len(answer) else " "
    if mark in "\"'":
        skipped = answer[:at].rstrip(_MARKUP)[-1:] or " "
        starts = before in _BEFORE or skipped.isspace() or skipped in "([{"
        return starts and not after.isspace()
    if mark == "”":  # opens only where nothing else did: ”so”
        return before in _BEFORE and not after.isspace()
    if mark in "‘›»":
        return before in _BEFORE and bool(after.strip() or mark == "»")
    return True


def _closing(answer: str, start: int, limit: int) -> int | None:
    """Where the quotation that opens at ``start`` ends; a nested one of the same kind is passed over."""
    mark = answer[start]
    closers, straight = _CLOSERS[mark], mark in "\"'"
    strict = straight or mark in _SINGLE
    marks = [at for at in range(start + 1, limit) if answer[at] == mark or answer[at] in closers]
    closing = [answer[at] in closers and _closes(answer, at, start, strict) for at in marks]
    left, depth, first = sum(closing), 0, None
    for at, closes in zip(marks, closing, strict=True):
        left -= closes
        if closes and not (mark == "“" and answer[at] == mark and _opens_inside(answer, at)):
            if first is None:
                first = at
            if depth == 0:
                return at
            depth -= 1
        elif answer[at] == mark and (not straight or (_opens(answer, at) and left >= 2)):
            depth += 1  # a quotation in the quotation: two more marks have to close
    return first


def _opens_inside(answer: str, at: int) -> bool:
    """Whether “ opens a quotation in an English one; in a German one it closes."""
    return answer[at - 1].isspace() and at + 1 < len(answer) and answer[at + 1].isalnum()


def _closes(answer: str, at: int, start: int, strict: bool) -> bool:
    if at == start + 1:
        return False
    after = answer[at + 1] if at + 1 < len(answer) else " "
    if not strict:
        return True
    if after.isalnum():
        return False
    if answer[at] in "\"'" and answer[at - 1].isspace():
        return after not in _STARTING
    return True


def _blocks(answer: str) -> Iterator[Quoted]:
    for match in _BLOCK.finditer(answer):
        text = _BLOCK_MARK.sub("", match[0]).strip()
        if text:
            end = match.start() + len(match[0].rstrip())
            yield Quoted(match.start(), end, text, block=True)
