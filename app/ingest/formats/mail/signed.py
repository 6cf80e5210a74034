"""What an opaquely signed mail (S/MIME) holds, taken out unchecked: RFC 5652, section 5, in BER."""

from __future__ import annotations

SIGNED = bytes.fromhex("2a864886f70d010702")
_SEQUENCE, _OID, _OCTETS, _GROUP, _EXPLICIT = 0x30, 0x06, 0x04, 0x24, 0xA0
_DEEPEST = 12


class BrokenError(Exception):
    """The data is not signed contents."""


def signed_contents(data: bytes) -> bytes | None:
    """The contents; nothing where the data is encrypted, damaged, or its contents are elsewhere."""
    try:
        outer = _parts(data, _SEQUENCE)
        if outer[0] != (_OID, SIGNED) or outer[1][0] != _EXPLICIT:
            return None
        signed = _parts(outer[1][1], _SEQUENCE)
        inner = next(_all(value) for tag, value in signed[1:] if tag == _SEQUENCE)
        if len(inner) < 2 or inner[1][0] != _EXPLICIT:
            return None
        return b"".join(_octets(tag, value, 0) for tag, value in _all(inner[1][1]))
    except (BrokenError, IndexError, StopIteration):
        return None


def _parts(data: bytes, tag: int) -> list[tuple[int, bytes]]:
    first = _all(data)[0]
    if first[0] != tag:
        raise BrokenError
    return _all(first[1])


def _octets(tag: int, value: bytes, depth: int) -> bytes:
    """A string of bytes in one piece or in several."""
    if tag == _OCTETS:
        return value
    if tag != _GROUP or depth > _DEEPEST:
        raise BrokenError
    return b"".join(_octets(one, inside, depth + 1) for one, inside in _all(value))


def _all(data: bytes) -> list[tuple[int, bytes]]:
    """The values one after the other, by their tags."""
    found, at = [], 0
    while at < len(data):
        tag, start, end, after = _one(data, at, 0)
        if (tag, start) == (0, at + 2):
            break
        found.append((tag, data[start:end]))
        at = after
    return found


def _one(data: bytes, at: int, depth: int) -> tuple[int, int, int, int]:
    """Tag of the value at ``at``, where its contents begin and end, and where the next value begins."""
    if at + 2 > len(data) or data[at] & 31 == 31 or depth > _DEEPEST:
        raise BrokenError
    tag, length = data[at], data[at + 1]
    at += 2
    if length == 0x80:  # of no length that is said: up to two zeros
        start = at
        while data[at : at + 2] != b"\0\0":
            at = _one(data, at, depth + 1)[3]
        return tag, start, at, at + 2
    if length > 0x80:
        count = length & 0x7F
        length = int.from_bytes(data[at : at + count], "big")
        at += count
    if at + length > len(data):
        raise BrokenError
    return tag, at, at + length, at + length
