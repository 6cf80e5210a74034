"""Differences as Markdown and as plain data: each with its pages, what went and what came, and what it means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.chat.compare.aligning import Change, Piece

NOUNS = {"changed": "Changed", "added": "Added", "removed": "Removed", "moved": "Moved"}


def where(change: Change) -> str:
    """``page 3 → page 4``, ``page 3`` where it is the same, one of them where there is no other."""
    pages = [f"page {one.page}" for one in (change.before, change.after) if one is not None]
    return " → ".join(dict.fromkeys(pages))


def marked(pieces: Sequence[Piece], removed: str = "[-{}-]", added: str = "{{+{}+}}", most: int = 12) -> str:
    """The words with what went and what came marked; long stretches that are the same are shortened."""
    parts = []
    for number, piece in enumerate(pieces):
        if piece.kind == "same":
            words = piece.text.split()
            if len(words) > 2 * most:
                head = [] if number == 0 else words[:most]
                tail = [] if number == len(pieces) - 1 else words[-most:]
                words = [*head, "…", *tail]
            parts.append(" ".join(words))
        else:
            parts.append((removed if piece.kind == "removed" else added).format(piece.text))
    return " ".join(part for part in parts if part)


def to_markdown(first: str, second: str, changes: Sequence[Change], meanings: Sequence[str] = ()) -> str:
    """All differences, those of numbers first. Nothing of the documents is taken for markup."""
    lines = [f"# {_plain(first)} → {_plain(second)}", ""]
    if not changes:
        lines.append("No difference in the text was found.")
    for number, change in enumerate(changes, 1):
        mark = ", a number" if change.numbers else ""
        lines += [f"## {number}. {NOUNS[change.kind]}, {where(change)}{mark}", ""]
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
