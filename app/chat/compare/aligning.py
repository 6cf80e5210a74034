"""Two documents' texts side by side: paragraphs aligned, moved ones recognised, words compared inside of changed ones.

Paragraphs are compared as evidence compares words (``evidence.searching.fold``): other line breaks, hyphens, ligatures,
quotation marks or case are no change. The alignment is ``difflib``'s, first over paragraphs, then over words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from app.chat.evidence.searching.fold import keys
from app.ingest.types import Document
from model.cancel import NEVER, Cancel
from model.errors import CancelledError
from model.messages import msg

Kind = Literal["changed", "added", "removed", "moved"]
PieceKind = Literal["same", "removed", "added"]

_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad]\n(?=[^\W\d_])")
_ALIKE = 0.45
"""Similarity of words from which on two paragraphs are one that was changed."""

_ALIKE_ELSEWHERE = 0.6
_MOST_CROSSED = 10_000
"""Pairs of paragraphs that are looked at where the order has changed too."""

_MOST_PARAGRAPHS = 20_000
_MOST_WORDS = 3000
"""Words of one paragraph that are compared one by one."""

_MOST_PAIRS = 40
"""Paragraphs between two aligned ones whose similarity is looked at, on either side."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a paragraph: in both documents, only in the first, or only in the second."""

    kind: PieceKind
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a document; pages count from 1. ``key``: its letters and digits, folded."""

    page: int
    text: str
    key: str


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``before`` is missing where something was added, ``after`` where it was removed."""

    kind: Kind
    before: Paragraph | None
    after: Paragraph | None
    pieces: tuple[Piece, ...]

    @property
    def numbers(self) -> bool:
        """Whether a number is different, was added or was removed."""
        return self.kind != "moved" and any(
            any(letter.isdigit() for letter in piece.text) for piece in self.pieces if piece.kind != "same"
        )


def compare(
    first: Document, second: Document, cancel: Cancel = NEVER, told: Callable[[float], object] = lambda _share: None
) -> tuple[Change, ...]:
    """All differences, those of numbers first, then in the order of the documents.

    ``told`` gets the share of the first document that is done, 0 to 1. Raises ``CancelledError`` if ``cancel`` is set.
    """
    found = list(_changes(paragraphs(first), paragraphs(second), cancel, told))
    return tuple(sorted(found, key=lambda change: not change.numbers))


def paragraphs(document: Document) -> list[Paragraph]:
    """A document's paragraphs with their pages; one that goes on over a page's end is two."""
    texts: list[tuple[int, str]] = []
    for page in document.pages:
        for text in _PARAGRAPH.split(page.text):
            joined = " ".join(_HYPHEN.sub("", text).split())
            if joined and len(texts) < _MOST_PARAGRAPHS:
                texts.append((page.number, joined))
    found = ("".join(_words(text)) for _, text in texts)
    return [Paragraph(page, text, key) for (page, text), key in zip(texts, found, strict=True) if key]


def _go_on(cancel: Cancel) -> None:
    if cancel.is_set():
        raise CancelledError(msg("compare.cancelled", "The comparison was stopped."))


def _changes(
    before: Sequence[Paragraph], after: Sequence[Paragraph], cancel: Cancel, told: Callable[[float], object]
) -> Iterator[Change]:
    matcher = SequenceMatcher(None, [one.key for one in before], [one.key for one in after], autojunk=False)
    gone: list[tuple[int, Paragraph]] = []
    come: list[tuple[int, Paragraph]] = []
    found: list[tuple[int, Change]] = []
    same: list[tuple[int, int]] = []
    for tag, a0, a1, b0, b1 in matcher.get_opcodes():
        if tag == "equal":
            same += zip(range(a0, a1), range(b0, b1), strict=True)
            continue
        told(a0 / max(1, len(before)))
        pairs, left, right = _paired(before[a0:a1], after[b0:b1], cancel)
        found += [(b0, _changed(old, new)) for old, new in pairs]
        gone += [(b0, one) for one in left]
        come += [(b0, one) for one in right]
    found += _moved(gone, come)
    found += _rewritten(gone, come, cancel)
    found += _crossed(before, after, same, found)
    found += [(at, Change("removed", one, None, (Piece("removed", one.text),))) for at, one in gone]
    found += [(at, Change("added", None, one, (Piece("added", one.text),))) for at, one in come]
    yield from (change for _, change in sorted(found, key=lambda pair: pair[0]))


def _paired(
    before: Sequence[Paragraph], after: Sequence[Paragraph], cancel: Cancel
) -> tuple[list[tuple[Paragraph, Paragraph]], list[Paragraph], list[Paragraph]]:
    """Paragraphs that are one and the same, changed; and those that are left on either side. The order stays."""
    pairs: list[tuple[Paragraph, Paragraph]] = []
    left: list[Paragraph] = []
    start = 0
    taken: set[int] = set()
    for old in before:
        _go_on(cancel)
        near = range(start, min(len(after), start + _MOST_PAIRS))
        best = max(near, key=lambda at: _alike(old, after[at]), default=None)
        if best is not None and _alike(old, after[best]) >= _ALIKE:
            pairs.append((old, after[best]))
            taken.add(best)
            start = best + 1
        else:
            left.append(old)
    return pairs, left, [one for at, one in enumerate(after) if at not in taken]


def _alike(one: Paragraph, other: Paragraph) -> float:
    if one.key == other.key:
        return 1.0
    matcher = SequenceMatcher(None, _words(one.text), _words(other.text), autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE else 0.0


def _moved(gone: list[tuple[int, Paragraph]], come: list[tuple[int, Paragraph]]) -> list[tuple[int, Change]]:
    """Paragraphs that are word for word somewhere else now; they are taken out of both lists."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, (_, one) in enumerate(come):
        places[one.key].append(at)
    found, went, came = [], set[int](), set[int]()
    for at, (_, old) in enumerate(gone):
        if places[old.key]:
            target = places[old.key].pop(0)
            position, new = come[target]
            found.append((position, Change("moved", old, new, (Piece("same", new.text),))))
            went.add(at)
            came.add(target)
    gone[:] = [one for at, one in enumerate(gone) if at not in went]
    come[:] = [one for at, one in enumerate(come) if at not in came]
    return found


def _rewritten(
    gone: list[tuple[int, Paragraph]], come: list[tuple[int, Paragraph]], cancel: Cancel
) -> list[tuple[int, Change]]:
    """Paragraphs that were changed and are somewhere else now; they are taken out of both lists."""
    if len(gone) * len(come) > _MOST_CROSSED:
        return []
    found = []
    for old in list(gone):
        _go_on(cancel)
        best = max(come, key=lambda one: _alike(old[1], one[1]), default=None)
        if best is not None and _alike(old[1], best[1]) >= _ALIKE_ELSEWHERE:
            found.append((best[0], _changed(old[1], best[1])))
            gone.remove(old)
            come.remove(best)
    return found


def _crossed(
    before: Sequence[Paragraph],
    after: Sequence[Paragraph],
    same: Sequence[tuple[int, int]],
    found: Sequence[tuple[int, Change]],
) -> list[tuple[int, Change]]:
    """Paragraphs that are the same and have gone past others that were changed: the alignment took them for fixed."""
    ours = {id(one): at for at, one in enumerate(before)}
    theirs = {id(one): at for at, one in enumerate(after)}
    changed = [(ours[id(one.before)], theirs[id(one.after)]) for _, one in found if one.kind == "changed"]
    pairs, known = sorted([*same, *changed]), set(same)
    crossed = [pairs[at] for at in _out_of_order([new for _, new in pairs]) if pairs[at] in known]
    return [(new, Change("moved", before[old], after[new], (Piece("same", after[new].text),))) for old, new in crossed]


def _out_of_order(places: Sequence[int]) -> list[int]:
    """The places, by their index, that are not in the longest run of rising ones (by patience sorting)."""
    tails: list[int] = []
    ends: list[int] = []
    before = [-1] * len(places)
    for index, place in enumerate(places):
        at = bisect_left(tails, place)
        before[index] = ends[at - 1] if at else -1
        tails[at : at + 1], ends[at : at + 1] = [place], [index]
    rising = set()
    index = ends[-1] if ends else -1
    while index >= 0:
        rising.add(index)
        index = before[index]
    return [index for index in range(len(places)) if index not in rising]


def _changed(old: Paragraph, new: Paragraph) -> Change:
    """Word by word; what is only spelled otherwise counts as the same."""
    ours, theirs = old.text.split(), new.text.split()
    if max(len(ours), len(theirs)) > _MOST_WORDS:
        return Change("changed", old, new, (Piece("removed", old.text), Piece("added", new.text)))
    pieces: list[Piece] = []
    matcher = SequenceMatcher(None, _words(old.text), _words(new.text), autojunk=False)
    for tag, a0, a1, b0, b1 in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", " ".join(theirs[b0:b1])))
            continue
        if a1 > a0:
            pieces.append(Piece("removed", " ".join(ours[a0:a1])))
        if b1 > b0:
            pieces.append(Piece("added", " ".join(theirs[b0:b1])))
    return Change("changed", old, new, tuple(pieces))


def _words(text: str) -> list[str]:
    """Words as they are compared: with the marks inside of numbers, which tell 4.5 from 45."""
    return [_as_compared(word) for word in text.split()]


def _as_compared(word: str) -> str:
    if any(letter.isdigit() for letter in word):
        return word.strip(".,;:!?()[]\"'“”„").casefold()
    return keys([word])[0] or word
