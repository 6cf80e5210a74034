"""What an older workbook's sheet holds that xlrd does not give: formulas, headers, footers, the text of text boxes, and
how many drawings there are. Record by record, as in [MS-XLS], section 2.3.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from xlrd.biffh import unpack_string, unpack_unicode
from xlrd.formula import FMLA_TYPE_CELL, FMLA_TYPE_SHARED, decompile_formula

_BEGIN, _END, _CONTINUE = 0x0809, 0x000A, 0x003C
_HEADER, _FOOTER, _DRAWN, _TEXT, _SHARED, _ARRAY = 0x0014, 0x0015, 0x005D, 0x01B6, 0x04BC, 0x0221
_FORMULAS = (0x0006, 0x0206, 0x0406)
_REMARK = 0x19
_SEEN = frozenset((0x05, 0x08))
"""A chart and a picture, among the types of drawn objects ([MS-XLS], section 2.5.143)."""

_MOST_BOXES = 500
_MOST_FORMULAS = 40_000
_LONGEST = 4096
"""Bytes of a formula's tokens; Excel writes at most 1,800."""

_ELSEWHERE = 1
"""The first token of a formula that is in a record of its own, for several cells."""

_UNKNOWN = "a formula that cannot be shown"
_WHOLE = re.compile(r'("(?:[^"]|"")*")|\b(\d+)\.0(?![\d.eE])')

At = tuple[int, int]
"""Row and column, counted from 0."""


@dataclass(slots=True)
class Written:
    """Of one sheet. ``drawn`` is the number of charts and pictures on it."""

    formulas: dict[At, str] = field(default_factory=dict)
    margins: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)
    drawn: int = 0


def written_in(book: Any, number: int) -> Written:
    """What is in the records of the sheet with this number."""
    found, last, kind = Written(), (0, 0), 0
    shared: dict[At, tuple[bytes, bool]] = {}
    waiting: dict[At, At] = {}
    for code, data, depth, start in _records(book.mem, book._sh_abs_posn[number]):
        if depth > 1:
            continue  # a chart's own records
        if code in _FORMULAS and len(data) > 22 and len(found.formulas) + len(waiting) < _MOST_FORMULAS:
            last = struct.unpack_from("<HH", data)
            if data[22] == _ELSEWHERE and len(data) >= 27:
                waiting[last] = struct.unpack_from("<HH", data, 23)
            else:
                found.formulas[last] = _formula(book, data[20:], FMLA_TYPE_CELL, last)
        elif code in (_SHARED, _ARRAY) and len(data) > 14:
            shared[last] = (data[12:] if code == _ARRAY else data[8:], code == _ARRAY)
        elif code in (_HEADER, _FOOTER) and data:
            found.margins.append(("Header" if code == _HEADER else "Footer", _string(book, data)))
        elif code == _DRAWN and len(data) >= 6:
            (kind,) = struct.unpack_from("<H", data, 4)
            found.drawn += kind in _SEEN
        elif code == _TEXT and kind != _REMARK and len(found.boxes) < _MOST_BOXES:
            found.boxes.append(_box(book.mem, data, start))
    for at, where in waiting.items():
        if where in shared:
            tokens, array = shared[where]
            words = _formula(book, tokens, FMLA_TYPE_CELL if array else FMLA_TYPE_SHARED, at)
            found.formulas[at] = f"{{{words}}}" if array else words
    return found


def _records(mem: Any, start: int) -> Iterator[tuple[int, bytes, int, int]]:
    """Code, contents, depth of nesting, and where the next record begins."""
    at, depth = start, 0
    while at + 4 <= len(mem):
        code, length = struct.unpack_from("<HH", mem, at)
        at += 4 + length
        depth += code == _BEGIN
        yield code, bytes(mem[at - length : at]), depth, at
        depth -= code == _END
        if depth <= 0:
            return


def _formula(book: Any, data: bytes, how: int, at: At) -> str:
    """A formula as it is typed; ``data`` begins with the length of its tokens."""
    (length,) = struct.unpack_from("<H", data)
    if length > _LONGEST:
        return _UNKNOWN
    try:
        words = decompile_formula(book, data[2:], length, how, browx=at[0], bcolx=at[1])
    except MemoryError:
        raise
    except Exception:  # xlrd's, on tokens that it does not know
        words = None
    return f"={_WHOLE.sub(lambda found: found[1] or found[2], words)}" if words else _UNKNOWN


def _string(book: Any, data: bytes) -> str:
    try:
        text = unpack_unicode(data, 0) if book.biff_version >= 80 else unpack_string(data, 0, book.encoding)
    except (UnicodeDecodeError, struct.error, IndexError, AssertionError):
        return ""
    return str(text)


def _box(mem: Any, data: bytes, start: int) -> str:
    """The text of a text box, which is in the records after it; each begins with its letters' width."""
    if len(data) < 12:
        return ""
    left, text, at = struct.unpack_from("<H", data, 10)[0], "", start
    while left > 0 and at + 5 <= len(mem):
        code, length = struct.unpack_from("<HH", mem, at)
        if code != _CONTINUE or not length:
            break
        wide = mem[at + 4] & 1
        part = bytes(mem[at + 5 : at + 4 + length])[: left * (1 + wide)]
        text += part.decode("utf-16-le" if wide else "latin-1", errors="replace")
        left -= len(part) // (1 + wide) or 1
        at += 4 + length
    return text.replace("\r", "\n").strip()
