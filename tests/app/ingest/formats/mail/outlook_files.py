"""Outlook mails, written here: a compound file ([MS-CFB]) with the properties of a mail ([MS-OXMSG])."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_END, _FREE, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF
_TIME, _LONG, _TEXT, _BYTES = 0x40, 3, 0x1F, 0x102


@dataclass
class Storage:
    """A folder in the file."""

    streams: dict[str, bytes] = field(default_factory=dict)
    storages: dict[str, Storage] = field(default_factory=dict)


def compound(root: Storage) -> bytes:
    """The file."""
    entries: list[tuple[str, int, bytes, list[int]]] = []

    def add(name: str, storage: Storage, kind: int) -> int:
        at = len(entries)
        entries.append((name, kind, b"", []))
        for inner, data in storage.streams.items():
            entries[at][3].append(len(entries))
            entries.append((inner, 2, data, []))
        for inner, one in storage.storages.items():
            entries[at][3].append(add(inner, one, 1))
        return at

    add("Root Entry", root, 5)
    small, fat, body = bytearray(), [], bytearray()
    mini: list[int] = []
    starts: dict[int, int] = {}

    def chain(data: bytes) -> int:
        if not data:
            return _END
        start = len(fat)
        count = -(-len(data) // _SECTOR)
        fat.extend([*range(start + 1, start + count), _END])
        body.extend(data.ljust(count * _SECTOR, b"\0"))
        return start

    for at, (_, kind, data, _) in enumerate(entries):
        if kind == 2 and 0 < len(data) < _CUTOFF:
            starts[at] = len(mini)
            count = -(-len(data) // _MINI)
            mini += [*range(len(mini) + 1, len(mini) + count), _END]
            small += data.ljust(count * _MINI, b"\0")
        elif kind == 2 and data:
            starts[at] = chain(data)
    starts[0] = chain(bytes(small))
    mini_start = chain(struct.pack(f"<{len(mini)}I", *mini).ljust(-(-4 * len(mini) // _SECTOR) * _SECTOR, b"\xff"))
    records = bytearray()
    right = {one: kids[at + 1] for _, _, _, kids in entries for at, one in enumerate(kids[:-1])}
    for at, (name, kind, data, kids) in enumerate(entries):
        letters = name.encode("utf-16-le")
        size = len(small) if at == 0 else len(data)
        records += letters.ljust(64, b"\0") + struct.pack("<HBB", len(letters) + 2, kind, 1)
        records += struct.pack("<III", _NONE, right.get(at, _NONE), kids[0] if kids else _NONE)
        records += bytes(36) + struct.pack("<IQ", starts.get(at, _END if kind == 2 else 0), size)
    directory = chain(bytes(records.ljust(-(-len(records) // _SECTOR) * _SECTOR, b"\0")))
    own = 1
    while own * 128 < len(fat) + own:
        own += 1
    first = len(fat)
    fat += [0xFFFFFFFD] * own
    body += struct.pack(f"<{len(fat)}I", *fat).ljust(own * _SECTOR, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIIII", 0, own, directory, 0, _CUTOFF, mini_start, 1, _END, 0, first)
    head += struct.pack(f"<{own - 1}I", *range(first + 1, first + own)) + b"\xff" * (4 * (109 - own))
    return head.ljust(_SECTOR, b"\xff") + bytes(body)


def properties(storage: Storage, header: int, **values: object) -> None:
    """Write the properties, by their numbers in hexadecimal: text, bytes or whole numbers."""
    entries = bytearray(bytes(header))
    for key, value in values.items():
        number = int(key.lstrip("p"), 16)
        if isinstance(value, int):
            entries += struct.pack("<HHIII", _LONG, number, 6, value & 0xFFFFFFFF, 0)
            continue
        if isinstance(value, float):
            entries += struct.pack("<HHIQ", _TIME, number, 6, int((value + 11_644_473_600) * 1e7))
            continue
        kind = _TEXT if isinstance(value, str) else _BYTES
        data = value.encode("utf-16-le") if isinstance(value, str) else value
        assert isinstance(data, bytes)
        storage.streams[f"__substg1.0_{number:04X}{kind:04X}"] = data
        entries += struct.pack("<HHIII", kind, number, 6, len(data) + (2 if kind == _TEXT else 0), 0)
    storage.streams["__properties_version1.0"] = bytes(entries)


def mail(subject: str, text: str, *, header: int = 32, html: bytes = b"", rtf: bytes = b"") -> Storage:
    """A mail from Ann Berg to Bo Lind."""
    made = Storage()
    about: dict[str, object] = {
        "p001A": "IPM.Note",
        "p0037": subject,
        "p0C1A": "Ann Berg",
        "p0C1F": "ann@example.org",
        "p0039": 1_777_795_200.0,
        "p340D": 0x40000,
    }
    if text:
        about["p1000"] = text
    if html:
        about |= {"p1013": html, "p3FDE": 65001}
    if rtf:
        about["p1009"] = rtf
    properties(made, header, **about)
    person = Storage()
    properties(person, 8, p3001="Bo Lind", p39FE="bo@example.org", p0C15=1, p340D=0x40000)
    made.storages["__recip_version1.0_#00000000"] = person
    return made


def attach(to: Storage, name: str, data: bytes | Storage, mime: str = "application/octet-stream") -> None:
    """Attach a file or a mail."""
    number = sum(one.startswith("__attach") for one in to.storages)
    part = Storage()
    about: dict[str, object] = {"p3707": name, "p370E": mime, "p340D": 0x40000}
    if isinstance(data, bytes):
        properties(part, 8, p3705=1, p3701=data, **about)
    else:
        properties(part, 8, p3705=5, **about)
        part.storages["__substg1.0_3701000D"] = data
    to.storages[f"__attach_version1.0_#{number:08X}"] = part


def offer() -> bytes:
    """A mail with two attached files and a mail in it."""
    made = mail("Offer for the roof", "We offer 12,400 EUR for the roof.")
    attach(made, "plan.txt", b"North side first.", "text/plain")
    attach(made, "Angebot.pdf", b"%PDF-1.4 not really" * 400, "application/pdf")
    attach(made, "Older", mail("Older offer", "It was 13,900 EUR before.", header=24))
    return compound(made)
