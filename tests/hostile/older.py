"""Hostile files of older programs: workbooks of before 2007 with false places, sizes and formulas."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

from tests.app.ingest.formats.mail.outlook_files import Storage, compound
from tests.app.ingest.formats.sheet.older_books import Sheet, older_book, prices, record, stream_of
from tests.hostile.case import Case, flipped, spliced, spread, truncated


def cases(rng: random.Random, size: int) -> Iterator[Case]:
    """About ``size`` files."""
    yield from _books()
    seeds = (("prices.xls", prices()),)
    each = max(1, size // (4 * len(seeds)))
    for name, data in seeds:
        yield Case(name, data, "read", "valid")
        yield from truncated(rng, name, data, spread(rng, len(data), each // 3 + 1))
        yield from flipped(rng, name, data, each)
        yield from spliced(rng, name, data, rng.choice(seeds)[1], each // 2 + 1)


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
