"""Joins the texts of pieces of sound that overlap: what both tell is kept once.

A word that the border cut in two is told by both, once broken off; such a word at the very border may be dropped. Words
are compared without case and punctuation, and signs of scripts without blanks one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_UNIT = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[\\w'’]+")
_SIGN = re.compile("[\u0e00-\u0e7f\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]")
_MOST = 12
"""Words that a second of overlap can hold, with some to spare."""
_BROKEN = 1
"""Words at the border that may be told wrongly by one of the two."""
_TELLING = 3
"""Letters of a word that counts when it is the only one that both have."""


def merge(pieces: Iterable[tuple[str, bool]]) -> str:
    """One text of several: each with whether its sound overlaps with the one before."""
    whole = ""
    for text, overlaps in pieces:
        text = text.strip()
        if not whole or not text:
            whole = whole or text
            continue
        stop, start = seam(whole, text) if overlaps else (len(whole), 0)
        whole = joined(whole[:stop], text[start:])
    return whole


def seam(before: str, after: str) -> tuple[int, int]:
    """Where the text of one piece ends and that of the next, which overlaps, goes on, in characters.

    ``before[:stop]`` and ``after[start:]`` together tell everything once. Where they have nothing in common:
    everything of both.
    """
    left = [(match[0].casefold(), match.start()) for match in _UNIT.finditer(before)][-(_MOST + _BROKEN) :]
    right = [(match[0].casefold(), match.start()) for match in _UNIT.finditer(after)][: _MOST + _BROKEN]
    best: tuple[int, int, int, int] | None = None
    for behind in range(_BROKEN + 1):
        for ahead in range(_BROKEN + 1):
            for count in range(1, _MOST + 1):
                stop, last = len(left) - behind, ahead + count
                if count > stop or last > len(right):
                    break
                common = [word for word, _ in left[stop - count : stop]]
                if common != [word for word, _ in right[ahead:last]]:
                    continue
                if len("".join(common)) < _TELLING and (behind or ahead):
                    continue
                found = (count - behind - ahead, count, left[stop - count][1], right[ahead][1])
                best = found if best is None else max(best, found)
    return (len(before), 0) if best is None else (best[2], best[3])


def joined(before: str, after: str) -> str:
    """Two texts with a blank between them, where their script has blanks."""
    before, after = before.rstrip(), after.lstrip()
    if not before or not after:
        return before or after
    close = _is_sign(before[-1]) and _is_sign(after[0])
    return before + ("" if close else " ") + after


def _is_sign(character: str) -> bool:
    """Whether it belongs to a script that is written without blanks, or to its punctuation."""
    return _SIGN.match(character) is not None
