"""Where Markdown's fenced code begins and ends, read line by line as CommonMark 0.31 defines (section 4.5).

The one reader of fences: for answers that still grow (``app.text.segments``), for export, for evidence, which looks
for no quotations in code, and for data in answers. It follows an answer as it comes, at a cost that grows with its
length; a whole parser would begin at the top with every token. Only fences at the document's own level are meant: one
inside a list item or a block quote is part of that prose. The tests compare it with markdown-it-py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["prose", "code"]
Line = Literal["prose", "opens", "code", "closes"]
"""The role of a line: a fence's own two lines are neither prose nor code."""

_OPENS = re.compile(r" {0,3}(?:(?P<ticks>`{3,})(?P<info>[^`\n]*)|(?P<tildes>~{3,})(?P<more>[^\n]*))")


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a text: prose, or the inside of a fenced block.

    ``start`` is where its text begins, in characters; ``language`` is the first word behind the opening fence.
    """

    kind: Kind
    text: str
    start: int
    language: str = ""


class Fences:
    """Takes lines in order, without their line ends."""

    def __init__(self) -> None:
        self._fence = ""
        self.language = ""
        """Of the block that is open or was opened last."""

    @property
    def open(self) -> bool:
        """Whether the next line is inside a block."""
        return bool(self._fence)

    def take(self, line: str) -> Line:
        """The role of the next line."""
        if self._fence:
            if not self.closes(line):
                return "code"
            self._fence = ""
            return "closes"
        opened = _OPENS.fullmatch(line)
        if opened is None:
            return "prose"
        self._fence = opened["ticks"] or opened["tildes"]
        self.language = next(iter((opened["info"] or opened["more"] or "").split()), "")
        return "opens"

    def closes(self, line: str) -> bool:
        """Whether ``line`` would close the block that is open."""
        bare = line.rstrip(" \t\r")
        mark = bare.lstrip(" ")
        return len(bare) - len(mark) <= 3 and len(mark) >= len(self._fence) > 0 and set(mark) == {self._fence[0]}


def blocks(text: str) -> Iterator[Block]:
    """Prose and fenced blocks in turn; prose at either end may be empty. An unclosed block goes to the text's end."""
    fences = Fences()
    at = begin = 0
    for line in text.split("\n"):
        language, end = fences.language, at
        at += len(line) + 1
        match fences.take(line):
            case "opens":
                yield Block("prose", text[begin:end], begin)
            case "closes":
                yield Block("code", text[begin:end], begin, language)
            case _:
                continue
        begin = at
    if fences.open:
        yield Block("code", text[begin:], begin, fences.language)
    else:
        yield Block("prose", text[begin:], begin)
