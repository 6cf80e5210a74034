"""A zip archive's list of its parts, read without unpacking: what a file is must be told before it is trusted."""

from __future__ import annotations

import os
import struct
import zlib
from typing import BinaryIO

MOST = 8 << 20
"""Bytes of the list; no honest office file or book has a longer one."""

_END_BYTES = 65_557
"""The archive's end, with the longest comment."""

_ENTRY = 46
_LONG = 0xFFFFFFFF
"""Marks a number that is given in the ZIP64 record only."""


def directory_of(file: BinaryIO) -> bytes:
    """The list as it is; empty where there is none, or it is longer than any honest one."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_BYTES))
    end = file.read(_END_BYTES)
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) < at + 20:
        return b""
    length, start = struct.unpack_from("<II", end, at + 12)
    if _LONG in (length, start):
        length, start = _long_end(file, end[:at])
    if length > MOST or start > size:
        return b""
    file.seek(start)
    return file.read(length)


def _long_end(file: BinaryIO, before: bytes) -> tuple[int, int]:
    """Length and start of the list in an archive of the larger form (ZIP64; sections 4.3.14 and 4.3.15)."""
    at = before.rfind(b"PK\x06\x07")
    if at < 0 or len(before) < at + 16:
        return MOST + 1, 0
    file.seek(min(struct.unpack_from("<Q", before, at + 8)[0], 1 << 62))
    record = file.read(56)
    if len(record) < 56 or not record.startswith(b"PK\x06\x06"):
        return MOST + 1, 0
    length, start = struct.unpack_from("<QQ", record, 40)
    return length, start


def names_in(directory: bytes) -> list[str]:
    """The names of the parts, folders too, as far as the list is sound (APPNOTE.TXT, section 4.3.12)."""
    names, at = [], 0
    while directory[at : at + 4] == b"PK\x01\x02" and at + _ENTRY <= len(directory):
        name, extra, comment = struct.unpack_from("<HHH", directory, at + 28)
        names.append(directory[at + _ENTRY : at + _ENTRY + name].decode("utf-8", errors="replace"))
        at += _ENTRY + name + extra + comment
    return names


def beginning_of(file: BinaryIO, directory: bytes, part: str, most: int = 256) -> bytes:
    """The first bytes of a part, wherever in the archive it is; empty where there is no such part."""
    wanted, at = part.encode(), 0
    while directory[at : at + 4] == b"PK\x01\x02" and at + _ENTRY <= len(directory):
        name, extra, comment = struct.unpack_from("<HHH", directory, at + 28)
        if directory[at + _ENTRY : at + _ENTRY + name] == wanted:
            (method,), (start,) = (
                struct.unpack_from("<H", directory, at + 10),
                struct.unpack_from("<I", directory, at + 42),
            )
            file.seek(start)
            head = file.read(30)
            if len(head) < 30:
                return b""
            file.seek(start + 30 + sum(struct.unpack_from("<HH", head, 26)))
            return _unpacked(file.read(most), method, most)
        at += _ENTRY + name + extra + comment
    return b""


def _unpacked(data: bytes, method: int, most: int) -> bytes:
    if method != zlib.DEFLATED:
        return data
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, most)
    except zlib.error:
        return b""
