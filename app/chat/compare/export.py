"""Differences as Markdown and as plain data: each with its pages, what went and what came, and what it means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from app.chat.compare.aligning import Change, Piece
from model.messages import Message, msg

NOUNS = {
    "changed": msg("compare.changed", "Changed"),
    "added": msg("compare.added", "Added"),
    "removed": msg("compare.removed", "Removed"),
    "moved": msg("compare.moved", "Moved"),
}
NUMBER = msg("compare.number", "a number")
NONE = msg("compare.none", "No difference in the text was found.")
Tell = Callable[[Message], str]
"""Puts a message into the language of the file."""


def where(change: Change) -> Message:
    """``page 3 → page 4``, ``page 3`` where it is the same, one of them where there is no other."""
    numbers = list(dict.fromkeys(str(one.page) for one in (change.before, change.after) if one is not None))
    pages = [msg("where.page", "page {number}", number=number) for number in numbers]
    if len(pages) == 1:
        return pages[0]
    return msg("compare.from-to", "{before} → {after}", before=pages[0], after=pages[1])


def heading(change: Change, tell: Tell = str) -> str:
    """The kind of difference, its pages, and whether it is one of numbers."""
    return ", ".join(tell(part) for part in (NOUNS[change.kind], where(change), *[NUMBER] * change.numbers))


def marked(pieces: Sequence[Piece], removed: str = "[-{}-]", added: str = "{{+{}+}}") -> str:
    """The words with what went and what came marked; long stretches that are the same are shortened."""
    forms = {"same": "{}", "removed": removed, "added": added}
    return " ".join(forms[piece.kind].format(piece.text) for piece in shortened(pieces) if piece.text)


def shortened(pieces: Sequence[Piece], most: int = 12) -> list[Piece]:
    """The same pieces; of a long stretch that is in both, ``most`` words stay beside each difference."""
    found = []
    for number, piece in enumerate(pieces):
        words = piece.text.split()
        if piece.kind == "same" and len(words) > 2 * most:
            head = [] if number == 0 else words[:most]
            tail = [] if number == len(pieces) - 1 else words[-most:]
            piece = Piece("same", " ".join([*head, "…", *tail]))
        found.append(piece)
    return found


def to_markdown(
    first: str, second: str, changes: Sequence[Change], meanings: Sequence[str] = (), tell: Tell = str
) -> str:
    """All differences, those of numbers first. Nothing of the documents is taken for markup."""
    return f"# {_plain(first)} → {_plain(second)}\n\n{listed(changes, meanings, tell)}"


def listed(changes: Sequence[Change], meanings: Sequence[str] = (), tell: Tell = str) -> str:
    """The differences alone, as Markdown without a title."""
    lines = [] if changes else [tell(NONE)]
    for number, change in enumerate(changes, 1):
        lines += [f"## {number}. {heading(change, tell)}", ""]
        escaped = [Piece(piece.kind, _plain(piece.text)) for piece in change.pieces]
        lines += [f"> {marked(escaped, '~~{}~~', '**{}**')}", ""]
        if number <= len(meanings) and meanings[number - 1]:
            lines += [_plain(meanings[number - 1]), ""]
    return "\n".join(lines).rstrip() + "\n"


def as_objects(changes: Sequence[Change], meanings: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Each difference as plain data."""
    return [
        {
            "kind": change.kind,
            "numbers": change.numbers,
            "before": None if change.before is None else {"page": change.before.page, "text": change.before.text},
            "after": None if change.after is None else {"page": change.after.page, "text": change.after.text},
            "pieces": [{"kind": piece.kind, "text": piece.text} for piece in change.pieces],
            "meaning": meanings[number] if number < len(meanings) else "",
        }
        for number, change in enumerate(changes)
    ]


def _plain(text: str) -> str:
    return "".join(f"\\{letter}" if letter in r"\`*_[]<>#|~!" else letter for letter in " ".join(text.split()))
