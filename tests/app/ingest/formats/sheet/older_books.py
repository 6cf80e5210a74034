"""Workbooks of Excel 97 to 2003, written here record by record ([MS-XLS]) into a compound file."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from tests.app.ingest.formats.mail.outlook_files import Storage, compound

FORMATS = ("General", '#,##0.00 "EUR"', "dd.mm.yyyy", "0%", "[h]:mm")
"""A cell's ``form`` is an index into these."""

EMPTY = bytes(8)
_STRING_FOLLOWS = b"\0\0\0\0\0\0\xff\xff"


def record(code: int, data: bytes = b"") -> bytes:
    """One record; what is longer than 8,224 bytes is not needed here."""
    return struct.pack("<HH", code, len(data)) + data


def text(words: str, width: str = "H") -> bytes:
    """A string with the number of its letters before it."""
    return struct.pack(f"<{width}B", len(words), 1) + words.encode("utf-16-le")


@dataclass
class Sheet:
    """A sheet; rows and columns are counted from 0."""

    name: str
    state: int = 0
    body: bytes = b""
    remarks: list[bytes] = field(default_factory=list)

    def put(self, row: int, column: int, value: str | float | bool, form: int = 0) -> None:
        """A cell with a value."""
        at = struct.pack("<HHH", row, column, 15 + form)
        if isinstance(value, bool):
            self.body += record(0x0205, at + bytes((value, 0)))
        elif isinstance(value, str):
            self.body += record(0x0204, at + text(value))
        else:
            self.body += record(0x0203, at + struct.pack("<d", value))

    def error(self, row: int, column: int, code: int) -> None:
        """A cell with an error."""
        self.body += record(0x0205, struct.pack("<HHHBB", row, column, 15, code, 1))

    def formula(self, row: int, column: int, tokens: bytes, value: float | str, form: int = 0) -> None:
        """A cell with a formula and what came out of it."""
        stored = _STRING_FOLLOWS if isinstance(value, str) else struct.pack("<d", value)
        head = struct.pack("<HHH8sHIH", row, column, 15 + form, stored, 0, 0, len(tokens))
        self.body += record(0x0006, head + tokens)
        self.body += record(0x0207, text(value)) if isinstance(value, str) else b""

    def shared(self, rows: tuple[int, int], column: int, tokens: bytes, values: list[float]) -> None:
        """One formula for several cells below one another."""
        for number, value in enumerate(values):
            self.formula(rows[0] + number, column, struct.pack("<BHH", 1, rows[0], column), value)
            if not number:
                head = struct.pack("<HHBBBBH", *rows, column, column, 0, len(values), len(tokens))
                self.body += record(0x04BC, head + tokens)

    def hide(self, row: int | None = None, column: int | None = None) -> None:
        """A row or a column that is not shown."""
        if row is not None:
            self.body += record(0x0208, struct.pack("<HHHHHHHH", row, 0, 9, 255, 0, 0, 0x20, 15))
        if column is not None:
            self.body += record(0x007D, struct.pack("<HHHHHH", column, column, 2048, 15, 1, 0))

    def merge(self, top: int, bottom: int, left: int, right: int) -> None:
        """Cells as one."""
        self.body += record(0x00E5, struct.pack("<HHHHH", 1, top, bottom, left, right))

    def draw(self, kind: int, words: str = "") -> int:
        """Something drawn over the cells: 6 is a text box, 8 a picture, 25 a remark. Its number."""
        number = self.body.count(b"\x5d\0\x1a\0") + 1
        self.body += record(0x005D, struct.pack("<HHHHH", 0x15, 0x12, kind, number, 0) + bytes(12) + bytes(4))
        if words:
            self.body += record(0x01B6, struct.pack("<HH6xHHI", 0, 0, len(words), 16, 0))
            self.body += record(0x003C, b"\1" + words.encode("utf-16-le"))
            self.body += record(0x003C, bytes(16))
        return number

    def remark(self, row: int, column: int, author: str, words: str) -> None:
        """A remark on a cell."""
        number = self.draw(25, words)
        self.remarks.append(record(0x001C, struct.pack("<HHHH", row, column, 0, number) + text(author)))

    def stream(self) -> bytes:
        """The sheet's records."""
        return _begin(0x10) + self.body + b"".join(self.remarks) + record(0x000A)


def _begin(kind: int) -> bytes:
    return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def stream_of(sheets: list[Sheet], before: bytes = b"") -> bytes:
    """The workbook's stream. ``before``: records after its beginning."""
    font = record(0x0031, struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + text("Arial", "B"))
    head = _begin(0x05) + before + record(0x0042, struct.pack("<H", 1200)) + font * 4
    for number, form in enumerate(FORMATS[1:], 164):
        head += record(0x041E, struct.pack("<H", number) + text(form))
    head += record(0x00E0, struct.pack("<HHHBBBBIIH", 0, 0, 0xFFF5, 0x20, 0, 0, 0, 0, 0, 0x20C0)) * 15
    for number in range(len(FORMATS)):
        key = number + 163 if number else 0
        head += record(0x00E0, struct.pack("<HHHBBBBIIH", 0, key, 1, 0x20, 0, 0, 0x04, 0, 0, 0x20C0))
    streams = [sheet.stream() for sheet in sheets]
    bounds = sum(12 + 2 * len(sheet.name) for sheet in sheets)
    at = len(head) + bounds + 4
    for sheet, stream in zip(sheets, streams, strict=True):
        head += record(0x0085, struct.pack("<IBB", at, sheet.state, 0) + text(sheet.name, "B"))
        at += len(stream)
    return head + record(0x000A) + b"".join(streams)


def older_book(*sheets: Sheet) -> bytes:
    """The file."""
    return compound(Storage({"Workbook": stream_of([*sheets])}))


GOODS = (("Rope", 12, 3.5), ("Änker", 2, 149.9), ("Lamp & <oil>", 7, 22.0))
COUNT_BY_PRICE = struct.pack("<BHHBHHB", 0x4C, 0, 0xC0FE, 0x4C, 0, 0xC0FF, 5)
"""The cells two and one to the left, multiplied, as a shared formula has it."""

SUM_OF_SUMS = struct.pack("<BHHHHBBHBHB", 0x25, 1, 3, 0xC003, 0xC003, 0x19, 0x10, 0, 0x1E, 2, 5)
"""``SUM(D2:D4)*2``."""


def prices() -> bytes:
    """Two sheets and a hidden one: formulas, formats, a date, a remark, a text box, merged and hidden cells."""
    sheet = Sheet("Prices 2026")
    sheet.body += record(0x0014, text("&LOffers &P"))
    for column, words in enumerate(("Item", "Count", "Price", "Sum")):
        sheet.put(0, column, words)
    for row, (name, count, price) in enumerate(GOODS, 1):
        sheet.put(row, 0, name)
        sheet.put(row, 1, count)
        sheet.put(row, 2, price, 1)
    sheet.shared((1, 3), 3, COUNT_BY_PRICE, [count * price for _, count, price in GOODS])
    sheet.formula(5, 3, SUM_OF_SUMS, 991.6, 1)
    sheet.formula(6, 0, b"\x17\x05\0total", "total")
    sheet.put(6, 1, True)
    sheet.put(6, 2, 0.19, 3)
    sheet.error(6, 3, 0x07)
    sheet.put(8, 0, "Valid until the third of May")
    sheet.put(8, 5, 46145.0, 2)
    sheet.put(9, 5, 1.5, 4)
    sheet.merge(8, 8, 0, 1)
    sheet.hide(row=2)
    sheet.hide(column=5)
    sheet.remark(6, 1, "Anna", "weighed twice")
    sheet.draw(6, "Ask before you order")
    sheet.draw(8)
    long = Sheet("Berths")
    for row in range(100):
        long.put(row, 0, f"Berth {row + 1}")
        long.put(row, 1, (row + 1) * 3)
        long.put(row, 2, f"Owner number {(row + 1) * 7}")
    hidden = Sheet("Notes", 1)
    hidden.put(2, 2, "nobody sees this sheet")
    return older_book(sheet, long, hidden)
