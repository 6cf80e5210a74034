"""Cuts a growing Markdown answer into pieces, so that only the last piece is ever drawn again.

Prose is cut between blocks once a piece is long enough, code blocks are separate pieces (they get a
copy button and are appended to). Every character is looked at once: the cost of a long answer grows with
its length, not with its square. No Qt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.text.fences import Fences, Kind

PROSE_CHARS = 1_600
LIST_CHARS = 4_000
PARAGRAPH_CHARS = 6_000
TABLE_ROWS = 40

_LIST = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])\s")
_TABLE_RULE = re.compile(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")


@dataclass
class Segment:
    """A piece of the answer. ``closed`` pieces never change again."""

    kind: Kind
    text: str = ""
    language: str = ""
    closed: bool = False
    start: int = 0
    """Where it begins in the answer."""
    repeated: int = 0
    """Number of characters at its beginning that are a table's repeated header."""


class Segmenter:
    """Feed it the answer as it comes; read ``segments``."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self._partial = ""
        self._shown_partial = 0
        self._fences = Fences()
        self._blank_before = False
        self._table: list[str] = []
        self._table_rows = 0
        self._at = 0  # where the line being looked at begins in the answer

    def feed(self, delta: str) -> None:
        """More text. The unfinished last line is part of the last segment until it is complete."""
        self._hide_partial()
        *lines, self._partial = (self._partial + delta).split("\n")
        for line in lines:
            self._line(line)
            self._at += len(line) + 1
        while len(self._partial) > PARAGRAPH_CHARS and not self._fences.open:
            self._cut_line()
        self._show_partial()

    def finish(self) -> None:
        """Mark the answer as complete, and close open blocks."""
        self._hide_partial()
        if self._partial:
            self._line(self._partial)
            self._at += len(self._partial)
        self._partial = ""
        self._close()

    def _cut_line(self) -> None:
        cut = self._partial.rfind(" ", 0, PARAGRAPH_CHARS) + 1 or PARAGRAPH_CHARS
        head, self._partial = self._partial[:cut], self._partial[cut:]
        self._line(head)
        self._at += len(head)
        self._close()

    def _hide_partial(self) -> None:
        if self._shown_partial and self.segments:
            last = self.segments[-1]
            last.text = last.text[: -self._shown_partial]
        self._shown_partial = 0

    def _show_partial(self) -> None:
        if self._partial and not self._fences.closes(self._partial):
            self._open("prose").text += self._partial
            self._shown_partial = len(self._partial)

    def _open(self, kind: Kind, language: str = "") -> Segment:
        """The last segment if it still grows, else a new one."""
        if not self.segments or self.segments[-1].closed:
            self.segments.append(Segment(kind, language=language, start=self._at))
        return self.segments[-1]

    def _close(self) -> None:
        if self.segments and not self.segments[-1].closed:
            self.segments[-1].closed = True
        self._table, self._table_rows = [], 0

    def _line(self, line: str) -> None:
        match self._fences.take(line):
            case "opens":
                self._drop_or_close()
                self._open("code", self._fences.language)
            case "code":
                self._open("code").text += line + "\n"
            case "closes":
                self._close()
            case "prose":
                self._prose_line(line)

    def _drop_or_close(self) -> None:
        """Close the piece before a code block; one that has only blank lines is not worth a widget."""
        if self.segments and not self.segments[-1].closed and not self.segments[-1].text.strip():
            self.segments.pop()
        self._close()

    def _prose_line(self, line: str) -> None:
        if self._blank_before and line.strip() and self._long_enough(line):
            self._close()
        self._blank_before = not line.strip()
        self._follow_table(line)
        self._open("prose").text += line + "\n"

    def _long_enough(self, line: str) -> bool:
        length = len(self.segments[-1].text) if self.segments and not self.segments[-1].closed else 0
        inside_list = line.startswith((" ", "\t")) or _LIST.match(line) is not None
        return length > (LIST_CHARS if inside_list else PROSE_CHARS)

    def _follow_table(self, line: str) -> None:
        """A very long table continues in a new piece under the same header."""
        if "|" not in line:
            self._table, self._table_rows = [], 0
        elif len(self._table) < 2:
            if not self._table or _TABLE_RULE.match(line):
                self._table.append(line)
            else:
                self._table = [line]
        else:
            self._table_rows += 1
            if self._table_rows > TABLE_ROWS:
                header = self._table
                self._close()
                again = self._open("prose")
                again.text = "\n".join(header) + "\n"
                again.repeated = len(again.text)
                self._table, self._table_rows = header, 1
