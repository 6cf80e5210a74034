"""The names of what lies at the top of a compound file ([MS-CFB]), read without a library: what a file is must be told
before it is trusted."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_SECTORS = 4096
"""Of the directory: 16,384 entries or more."""

_NONE = 0xFFFFFFFF
_LAST = 0xFFFFFFFA
"""Greater numbers stand for no sector."""

_ENTRY = 128


def names_at_top(file: BinaryIO) -> frozenset[str]:
    """The names as far as the directory is sound; none where it is not."""
    try:
        entries = _directory(file)
        if len(entries) < _ENTRY:
            return frozenset()
        waiting, seen, names = [_links(entries, 0)[2]], set[int](), set[str]()
        while waiting:
            number = waiting.pop()
            if number == _NONE or number in seen or (number + 1) * _ENTRY > len(entries):
                continue
            seen.add(number)
            left, right, _ = _links(entries, number)
            waiting += [left, right]
            names.add(_name(entries, number))
    except (struct.error, OverflowError):
        return frozenset()
    return frozenset(names)


def _directory(file: BinaryIO) -> bytes:
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(512)
    shift, first = struct.unpack_from("<H", head, 30)[0], struct.unpack_from("<I", head, 48)[0]
    if not head.startswith(MAGIC) or shift not in (9, 12):
        return b""
    size = 1 << shift

    def sector(number: int) -> bytes:
        at = (number + 1) << shift
        if number > _LAST or at >= end:
            return b""
        file.seek(at)
        return file.read(size)

    tables = list(struct.unpack_from("<109I", head, 76))
    more, left = struct.unpack_from("<II", head, 68)
    while more <= _LAST and left > 0 and len(tables) < end // size + 110:
        numbers = struct.unpack(f"<{size // 4}I", sector(more).ljust(size, b"\xff"))
        tables += numbers[:-1]
        more, left = numbers[-1], left - 1
    found, seen = [], set[int]()
    while first <= _LAST and first not in seen and len(seen) < _MOST_SECTORS:
        seen.add(first)
        found.append(sector(first))
        which, at = divmod(first, size // 4)
        table = sector(tables[which]) if which < len(tables) else b""
        (first,) = struct.unpack_from("<I", table, 4 * at) if len(table) == size else (_NONE,)
    return b"".join(found)


def _links(entries: bytes, number: int) -> tuple[int, int, int]:
    """The entries before and after this one, and the first inside of it."""
    left, right, inside = struct.unpack_from("<III", entries, number * _ENTRY + 68)
    return left, right, inside


def _name(entries: bytes, number: int) -> str:
    at = number * _ENTRY
    (length,) = struct.unpack_from("<H", entries, at + 64)
    return entries[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", errors="replace")
