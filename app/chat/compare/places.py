"""Where the words of a difference are on their pages: boxes to mark.

A paragraph is found among its page's lines by its letters and digits alone, folded, so that other line breaks, hyphens
and punctuation do not matter; its words then have their lines and characters.
"""

from __future__ import annotations

from app.chat.compare.aligning import Change, Paragraph, Piece
from app.chat.evidence.places import Place
from app.chat.evidence.searching.boxes import boxes
from app.chat.evidence.searching.fold import fold
from app.chat.evidence.searching.stream import Span
from app.ingest.types import Document, Page


def places(change: Change, first: Document, second: Document) -> tuple[Place | None, Place | None]:
    """Where the change is in either document, with the changed words' boxes; ``None`` where it has no such paragraph.

    Where nothing went or came on one side, all of its paragraph is marked; a paragraph that is not found among the
    lines of its page gives the page alone.
    """
    before = change.before and _place(first, change.before, change.pieces, "removed")
    after = change.after and _place(second, change.after, change.pieces, "added")
    return before or None, after or None


def _place(document: Document, paragraph: Paragraph, pieces: tuple[Piece, ...], kind: str) -> Place:
    page = next((page for page in document.pages if page.number == paragraph.page), None)
    found = _spans(page, paragraph, pieces, kind) if page is not None else []
    marked = boxes(page, found) if page is not None else ()
    return Place(document.content_hash, paragraph.page, boxes=marked, name=document.name)


def _spans(page: Page, paragraph: Paragraph, pieces: tuple[Piece, ...], kind: str) -> list[Span]:
    """The words of ``kind`` on the page's lines, one span for each line's part."""
    letters = [
        (sign, number, at)
        for number, line in enumerate(page.lines)
        for at, letter in enumerate(line.text)
        for sign in _key(letter)
    ]
    words = ["".join(map(_key, word)) for word in paragraph.text.split()]
    start = _start([sign for sign, _, _ in letters], [line for _, line, _ in letters], "".join(words))
    if start is None:
        return []
    starts = [start]
    for word in words:
        starts.append(starts[-1] + len(word))
    bounds = [(starts[low], starts[high]) for low, high in _chosen(pieces, kind, len(words))]
    spans: list[Span] = []
    for low, high in [one for one in bounds if one[0] < one[1]] or [(starts[0], starts[-1])]:
        on: dict[int, list[int]] = {}
        for _, line, at in letters[low:high]:
            on.setdefault(line, []).append(at)
        spans += [Span(page.number - 1, line, at[0], at[-1] + 1) for line, at in on.items()]
    return spans


def _start(signs: list[str], lines: list[int], key: str) -> int | None:
    """Where the key is among the page's letters: rather as whole lines than in the midst of others."""
    text = "".join(signs)
    hit = first = text.find(key) if key else -1
    while hit >= 0:
        end = hit + len(key)
        whole = (hit == 0 or lines[hit - 1] != lines[hit]) and (end == len(lines) or lines[end] != lines[end - 1])
        if whole:
            return hit
        hit = text.find(key, hit + 1)
    return first if first >= 0 else None


def _chosen(pieces: tuple[Piece, ...], kind: str, most: int) -> list[tuple[int, int]]:
    """The words of one side, first and behind the last, that the other side does not have."""
    found, at = [], 0
    for piece in pieces:
        if piece.kind not in ("same", kind):
            continue
        length = len(piece.text.split())
        if piece.kind == kind:
            found.append((min(at, most), min(at + length, most)))
        at += length
    return found


def _key(letter: str) -> str:
    return "".join(sign for sign in fold(letter) if sign.isalnum())
