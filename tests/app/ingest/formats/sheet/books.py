"""A workbook with one of everything, made by openpyxl."""

from __future__ import annotations

import datetime
from pathlib import Path

import openpyxl
from openpyxl.comments import Comment

GOODS = (("Rope", 12, 3.5), ("Anchor", 2, 149.9), ("Lamp & <oil>", 7, 22))


def prices(path: Path) -> Path:
    """Two sheets and a hidden one: formulas, formats, a date, a comment, merged cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Prices 2026"
    sheet.append(["Item", "Count", "Price", "Sum"])
    for row, (name, count, price) in enumerate(GOODS, 2):
        sheet.append([name, count, price, f"=B{row}*C{row}"])
        sheet[f"C{row}"].number_format = '#,##0.00 "EUR"'
    sheet["A7"], sheet["B7"] = "Total weight", 1234567.891
    sheet["B7"].number_format = "#,##0.0"
    sheet["B7"].comment = Comment("weighed twice", "Anna")
    sheet["F9"], sheet["F9"].number_format = datetime.date(2026, 5, 3), "dd.mm.yyyy"
    sheet.merge_cells("A9:B9")
    sheet["A9"] = "Valid until the third of May"
    long = book.create_sheet("Berths")
    for row in range(1, 101):
        long.append([f"Berth {row}", row * 3, f"Owner number {row * 7}"])
    hidden = book.create_sheet("Notes")
    hidden["C3"] = "nobody sees this sheet"
    hidden.sheet_state = "hidden"
    book.save(path)
    return path
