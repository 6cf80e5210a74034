"""Hostile compound files: workbooks from before 2007 with false places, sizes and formulas, and encrypted files."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.app.ingest.formats.mail.outlook_files import Storage, compound
from tests.app.ingest.formats.protected.encrypted import agile, slow, standard
from tests.app.ingest.formats.sheet.books import prices as new_prices
from tests.app.ingest.formats.sheet.older_books import Sheet, older_book, prices, record, stream_of
from tests.hostile.case import Case, flipped, spliced, spread, truncated
from tests.hostile.office import changed


def cases(rng: random.Random, size: int) -> Iterator[Case]:
    """About ``size`` files."""
    yield from _books()
    yield from _encrypted(rng, max(1, size // 4))
    seeds = (("prices.xls", prices()),)
    each = max(1, size // (4 * len(seeds)))
    for name, data in seeds:
        yield Case(name, data, "read", "valid")
        yield from truncated(rng, name, data, spread(rng, len(data), each // 3 + 1))
        yield from flipped(rng, name, data, each)
        yield from spliced(rng, name, data, rng.choice(seeds)[1], each // 2 + 1)


def _encrypted(rng: random.Random, size: int) -> Iterator[Case]:
    """Files with the password that Excel tries by itself, so that what is inside is reached, and with others."""
    family, key = "encrypted", "VelvetSweatshop"
    inside = _book()
    seeds = (("agile.xlsx", agile(inside, key)), ("standard.xlsx", standard(inside, key)))
    for name, data in seeds:
        yield Case(name, data, "read", "valid")
        yield from truncated(rng, name, data, spread(rng, len(data), size // 8 + 1))
        yield from flipped(rng, name, data, size // 2)
    yield Case("other-key.xlsx", agile(inside, "x"), "refused", family)
    yield Case("slow.xlsx", slow(seeds[0][1]), "refused", family)
    yield Case(
        "bomb.xlsx", standard(changed(inside, "xl/workbook.xml", b"<a>" + b" " * 8_000_000), key), "refused", family
    )
    yield Case("mail.xlsx", standard(b"From: a@b\nTo: c@d\nSubject: x\n\nPK", key), "refused", family)
    yield Case("again.xlsx", standard(seeds[1][1], key), "refused", family)
    yield Case(
        "no-package.xlsx",
        compound(Storage({"EncryptionInfo": b"\4\0\4\0", "EncryptedPackage": b"x"})),
        "refused",
        family,
    )
    entities = (
        b"\4\0\4\0\x40\0\0\0<!DOCTYPE a ["
        + b"".join(b'<!ENTITY e%d "%s">' % (number, b"&e%d;" % (number - 1) * 10) for number in range(1, 12))
        + b"]><a>&e11;</a>"
    )
    laughs = Storage({"EncryptionInfo": entities, "EncryptedPackage": bytes(900)})
    yield Case("entities.xlsx", compound(laughs), "refused", family)


@cache
def _book() -> bytes:
    with TemporaryDirectory() as folder:
        return new_prices(Path(folder) / "a.xlsx").read_bytes()


def _books() -> Iterator[Case]:
    family = "older workbooks"
    wide = Sheet("A")
    for row in range(0, 65_536, 16):
        wide.put(row, 255, 1.0)
    yield Case("wide.xls", older_book(wide), "read", family)
    for name, tokens in (
        ("without-end", b"\x1e\x01\0" + b"\x15" * 1500),
        ("sums", b"\x1e\x01\0" + b"\x19\x10\0\0" * 400),
        ("lonely", b"\x05\x05\x05"),
        ("strange", b"\x18\x1a\x3f\x00"),
        ("names", b"\x23\xff\xff\0\0" * 30),
        ("long", b"\x1e\x01\0" + b"\x1e\x01\0\x03" * 12_000),
    ):
        sheet = Sheet("A")
        sheet.put(0, 0, "words")
        sheet.formula(0, 1, tokens[:60_000], 1.0)
        yield Case(f"formula-{name}.xls", older_book(sheet), "read", family)
    sheet = Sheet("A")
    sheet.put(0, 0, "words")
    sheet.formula(0, 1, struct.pack("<BHH", 1, 9, 9), 1.0)
    yield Case("shared-nowhere.xls", older_book(sheet), "read", family)
    sheet.merge(0, 65_535, 0, 255)
    sheet.body += record(0x00E5, struct.pack("<H", 1027) + struct.pack("<HHHH", 0, 9, 0, 9) * 1027) * 40
    yield Case("merged.xls", older_book(sheet), "read", family)
    data = prices()
    at = data.index(struct.pack("<HH", 0x0085, 8 + 2 * len("Prices 2026"))) + 4
    for name, place in (("itself", 0), ("beyond", 0x7FFFFFFF), ("inside", 5)):
        yield Case(f"sheet-{name}.xls", data[:at] + struct.pack("<I", place) + data[at + 4 :], "either", family)
    locked = stream_of([Sheet("A")], record(0x002F, struct.pack("<HHH", 1, 1, 1) + bytes(48)))
    yield Case("locked.xls", compound(Storage({"Workbook": locked})), "refused", family)
    yield Case(
        "many.xls", older_book(*(Sheet(f"S{number}", body=wide.body[:18]) for number in range(900))), "read", family
    )
    circle = bytearray(data)
    circle[48:52] = b"\0\0\0\0"
    yield Case("directory.xls", bytes(circle), "refused", family)
