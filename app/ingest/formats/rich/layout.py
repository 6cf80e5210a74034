"""What is in a rich text file: paragraphs, tables, footnotes, comments, pictures; what is hidden or deleted is told.

Fields are shown as they were stored, objects and links are not opened.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.ingest.formats.laid_out.content import (
    CUT,
    MAX_CHARACTERS,
    PAGE_BREAK,
    Content,
    Note,
    escaped,
    hidden_text,
    picture,
    undrawn,
)
from app.ingest.formats.rich.tokens import Token, tokens
from app.ingest.types import WHOLE_FILE
from model.errors import IngestError
from model.messages import msg, msg_n

_MOST_BYTES = 256 << 20
_DEEPEST = 500
_MOST_PICTURE = 16 << 20
"""Hexadecimal digits of one picture."""

_SKIPPED = frozenset(
    (
        *(
            "fonttbl",
            "colortbl",
            "stylesheet",
            "info",
            "fldinst",
            "filetbl",
            "listtable",
            "listoverridetable",
            "revtbl",
        ),
        *("revtbl", "rsidtbl", "generator", "xmlnstbl", "themedata", "colorschememapping", "latentstyles", "datastore"),
        *("datafield", "nonshppict", "bkmkstart", "bkmkend", "pgdsctbl", "private", "xe", "tc", "rxe"),
        *("template", "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn", "background", "fchars", "lchars"),
    )
)
_TAKEN = frozenset(("shppict", "shptxt", "annotation", "atnauthor", "listtext", "pntext", "footnote", "shpinst"))
"""Destinations that are read although a program that does not know them may pass over them."""

_SIGNS = {
    "tab": "\t",
    "cell": "",
    "emdash": "—",
    "endash": "–",
    "bullet": "•",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "emspace": "\u2003",
    "enspace": "\u2002",
    "nestcell": "\t",
    "nestrow": "\n",
    "line": "\n",
    "lbr": "\n",
}
_ESCAPED = {"\\~": "\u00a0", "\\_": "\u2011", "\\-": "", "\\\\": "\\", "\\{": "{", "\\}": "}"}
_CHARSETS = {
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    134: "gbk",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
}
_WIDE = frozenset(("cp932", "cp949", "gbk", "cp950"))


@dataclass(frozen=True, slots=True)
class _State:
    """What a group has set; it ends with the group."""

    skip: bool = False
    into: str = ""
    """``footnote``, ``annotation``, ``head``, ``foot``, ``pict``, ``fonttbl``; empty for the text itself."""
    codec: str = ""
    unicode_skip: int = 1
    hidden: bool = False
    deleted: bool = False


@dataclass(slots=True)
class _Flow:
    """Paragraphs in the making."""

    done: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    """Text that is not HTML yet: what has no blank gets its places to break as a whole."""

    def settle(self) -> list[str]:
        """The open paragraph, all of it HTML."""
        if self.words:
            self.open.append(escaped("".join(self.words)).replace("\n", "<br/>"))
            self.words = []
        return self.open

    def end_paragraph(self, in_table: bool) -> None:
        text = "".join(self.settle())
        if in_table:
            self.open.append("<br/>")
            return
        self.end_table()
        self.open = []
        if text.strip():
            self.done.append(f"<p>{text}</p>")

    def end_cell(self) -> None:
        self.cells.append("".join(self.settle()).removesuffix("<br/>"))
        self.open = []

    def end_row(self) -> None:
        if self.cells:
            self.rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in self.cells) + "</tr>")
        self.cells = []

    def end_table(self) -> None:
        self.end_row()
        if self.rows:
            self.done.append(f"<table>{''.join(self.rows)}</table>")
        self.rows = []

    def html(self) -> str:
        self.end_paragraph(False)
        self.end_table()
        return "".join(self.done)


def lay_out(path: Path, form: str) -> Content:
    """The file's content. Raises ``IngestError``."""
    with path.open("rb") as file:
        return content_of(file.read(_MOST_BYTES))


def content_of(data: bytes) -> Content:
    """The content of rich text that is at hand. Raises ``IngestError``."""
    reading = _Reading()
    for token in tokens(data):
        reading.take(token)
        if reading.cut:
            break
    return reading.content()


class _Reading:
    """State while one file is read."""

    def __init__(self) -> None:
        self.cut = False
        self._flows: dict[str, _Flow] = {"": _Flow()}
        self._asides: list[str] = []
        self._stack: list[_State] = []
        self._now = _State()
        self._codec = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._bytes = bytearray()
        self._skip_characters = 0
        self._half = ""
        """The first half of a character that is written as two."""
        self._in_table = self._star = self._begins = False
        self._digits: list[str] = []
        self._hidden = self._deleted = self._length = self._footnotes = self._drawn = self._objects = 0

    def content(self) -> Content:
        """Everything, in the order of the document: footnotes behind the text."""
        self._flush()
        parts = [self._flows["head"].html()] if "head" in self._flows else []
        parts.append(self._flows[""].html())
        if self._asides:
            parts += ["<hr/>", *self._asides]
        if "foot" in self._flows:
            parts.append(self._flows["foot"].html())
        body = "".join(parts)
        seen = self._drawn or self._objects
        if not seen and not body.replace(PAGE_BREAK, "").replace("<hr/>", "").strip():
            raise IngestError(msg("rich.empty", "The rich text file holds no text."))
        return Content(body, tuple(self._notes()))

    def _notes(self) -> list[Note]:
        notes = [CUT] if self.cut else []
        if self._hidden:
            notes.append(hidden_text(self._hidden))
        if self._deleted:
            why = msg_n(
                "rich.deleted",
                "{n} character that is marked as deleted was left out.",
                "{n} characters that are marked as deleted were left out.",
                self._deleted,
            )
            notes.append(Note(WHOLE_FILE, why))
        if self._drawn:
            notes.append(undrawn(self._drawn))
        if self._objects:
            why = msg_n(
                "rich.objects",
                "{n} embedded file is not read; save it as a separate file with another program, and add that file.",
                "{n} embedded files are not read; save them as separate files with another program, and add those "
                "files.",
                self._objects,
            )
            notes.append(Note(WHOLE_FILE, why))
        return notes

    def take(self, token: Token) -> None:
        """One more token."""
        begins, self._begins = self._begins, token.symbol == "{"
        if token.symbol == "{":
            self._flush()
            if len(self._stack) < _DEEPEST:
                self._stack.append(self._now)
            self._star = False
        elif token.symbol == "}":
            self._close()
        elif token.symbol == "\\*":
            self._star = begins  # anywhere else it says nothing
        elif token.word:
            self._word(token.word, token.number)
            self._star = False
        elif token.symbol:
            self._characters(_ESCAPED.get(token.symbol, ""))
        elif self._skip_characters and self._now.into != "pict":
            skipped = 1 if token.hexadecimal else min(self._skip_characters, len(token.data))
            self._skip_characters -= skipped
            self._raw(token.data[skipped:])
        else:
            self._raw(token.data)

    def _raw(self, data: bytes) -> None:
        if self._now.into == "pict":
            if len(self._digits) < _MOST_PICTURE // 256:
                self._digits.append(data.decode("latin-1"))
        elif not self._now.skip:
            self._bytes += data
            if len(self._bytes) > 1 << 16 and (self._now.codec or self._codec) not in _WIDE:
                self._flush()

    def _close(self) -> None:
        self._flush()
        before, self._now = self._now, self._stack.pop() if self._stack else _State()
        if before.into == self._now.into or before.skip:
            return
        if before.into == "pict":
            self._picture()
        elif before.into in ("footnote", "annotation"):
            html = self._flows.pop(before.into, _Flow()).html().removeprefix("<p>").removesuffix("</p>")
            if html:
                mark = f"[{self._footnotes}]" if before.into == "footnote" else "Comment:"
                self._asides.append(f'<p class="aside">{mark} {html}</p>')

    def _word(self, word: str, number: int | None) -> None:
        if word not in ("u", "uc"):
            self._flush_for(word)
        if self._destination(word):
            return
        if self._now.into == "fonttbl":
            if word == "f":
                self._font = number or 0
            elif word == "fcharset" and number in _CHARSETS and len(self._fonts) < 5000:
                self._fonts[self._font] = _CHARSETS[number]
            return
        on = number != 0
        match word:
            case "ansicpg":
                self._codec = _known(f"cp{number}", "cp1252")
            case "mac":
                self._codec = "mac_roman"
            case "uc":
                self._now = replace(self._now, unicode_skip=max(0, min(10, number or 0)))
            case "u":
                self._characters(_unit(number or 0))
                self._skip_characters = self._now.unicode_skip
            case "f":
                self._now = replace(self._now, codec=self._fonts.get(number or 0, ""))
            case "v":
                self._now = replace(self._now, hidden=on)
            case "deleted":
                self._now = replace(self._now, deleted=on)
            case "plain":
                self._now = replace(self._now, hidden=False, deleted=False, codec="")
            case "pngblip" | "jpegblip":
                self._digits = ["!"]
            case _:
                self._shape(word)

    def _shape(self, word: str) -> None:
        """Words that end paragraphs and cells, and those that stand for a sign."""
        if self._now.skip or self._now.into == "pict":
            return
        flow = self._flow()
        match word:
            case "par" | "sect":
                flow.end_paragraph(self._in_table)
            case "pard":
                self._in_table = False
            case "intbl":
                self._in_table = True
            case "cell":
                flow.end_cell()
            case "row":
                flow.end_row()
                self._in_table = False
            case "page":
                flow.end_paragraph(False)
                flow.done.append(PAGE_BREAK)
            case "chftn":
                self._characters("" if self._now.into == "footnote" else f"[{self._footnotes + 1}]")
            case _ if word in _SIGNS:
                self._characters(_SIGNS[word])

    def _destination(self, word: str) -> bool:
        """Whether the word says where its group's text belongs."""
        if self._now.skip:
            return self._now.into != "fonttbl"
        if word == "fonttbl":
            self._now = replace(self._now, skip=True, into="fonttbl")
        elif word == "pict":
            self._now, self._digits = replace(self._now, into="pict"), []
        elif word in ("footnote", "annotation"):
            self._footnotes += word == "footnote"
            self._now = replace(self._now, into=word)
        elif word in ("header", "headerl", "headerr", "headerf"):
            self._margin("head")
        elif word in ("footer", "footerl", "footerr", "footerf"):
            self._margin("foot")
        elif word == "objdata":
            self._objects += 1
            self._now = replace(self._now, skip=True)
        elif word in _SKIPPED or (self._star and word not in _TAKEN):
            self._now = replace(self._now, skip=True)
        else:
            return False
        return True

    def _margin(self, where: str) -> None:
        """Of headers for first, left and right pages, the first with words in it is read."""
        known = self._flows.get(where)
        if known is not None and (known.done or known.open or known.words):
            self._now = replace(self._now, skip=True)
        else:
            self._now = replace(self._now, into=where)

    def _flow(self) -> _Flow:
        return self._flows.setdefault(self._now.into, _Flow())

    def _flush_for(self, word: str) -> None:
        if self._bytes and not (word in ("loch", "hich", "dbch", "af") and not self._now.skip):
            self._flush()

    def _flush(self) -> None:
        if self._bytes:
            data, self._bytes = bytes(self._bytes), bytearray()
            self._characters(data.decode(self._now.codec or self._codec, errors="replace"), flushed=True)

    def _characters(self, text: str, *, flushed: bool = False) -> None:
        if not flushed:
            self._flush()
        now = self._now
        text, self._half = _whole(self._half + text)
        if now.skip or now.into == "pict" or not text:
            return
        if now.hidden:
            self._hidden += len(text)
        elif now.deleted:
            self._deleted += len(text)
        else:
            self._length += len(text)
            self.cut = self._length > MAX_CHARACTERS
            self._flow().words.append(text)

    def _picture(self) -> None:
        shown = ""
        if self._digits[:1] == ["!"]:
            try:
                shown = picture(binascii.unhexlify("".join("".join(self._digits[1:]).split())))
            except (binascii.Error, ValueError):
                shown = ""
        self._drawn += not shown
        if shown:
            self._flow().settle().append(shown)
        self._digits = []


def _whole(text: str) -> tuple[str, str]:
    """The text with characters that were written as two halves put together, and a half that is left at the end."""
    if not any("\ud800" <= letter <= "\udfff" for letter in text):
        return text, ""
    end = text[-1:] if "\ud800" <= text[-1] <= "\udbff" else ""
    whole = text[: len(text) - len(end)]
    return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), end


def _unit(number: int) -> str:
    """A UTF-16 unit, written as a signed number."""
    return chr(number & 0xFFFF)


def _known(codec: str, otherwise: str) -> str:
    try:
        "".encode(codec)
    except LookupError:
        return otherwise
    return codec
