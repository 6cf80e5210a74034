"""Invoices of one page each in the sample model's own layouts, with what is in them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

from app.chat.extract.values import date_of, number_of
from model.training.data.fields import FIELDS
from model.training.data.records import TRAIN_STYLES, Block, Record, form
from model.training.files import write_pdf

LABELS = ("invoice number", "invoice date", "customer", "due date", "total")
EXAMPLES = {
    "invoice number, date, total": {"invoice_number": "invoice number", "date": "invoice date", "total": "total"},
    "all invoices with number, date and total": {
        "invoice_number": "invoice number",
        "date": "invoice date",
        "total": "total",
    },
    "List every date, name and amount.": {"date": "invoice date", "name": "customer", "amount": "total"},
}
"""The README's question, the panel's example and the first suggestion of an empty conversation, with their columns."""
Truth = Mapping[str, Mapping[str, str]]


def write_invoices(folder: Path, count: int, seed: str) -> Truth:
    """Write ``count`` files; their values by file and label."""
    rng, by_label = random.Random(seed), {field.label: field for field in FIELDS}
    truth = {}
    for number in range(1, count + 1):
        block = form(rng, [by_label[label] for label in LABELS], rng.choice(TRAIN_STYLES))
        name = f"invoice-{number:02}.pdf"
        truth[name] = {fact.label: fact.value for fact in block.facts}
        write_pdf(folder / name, Record(name, ((Block("title", (("Invoice",),)), block),)))
    return truth


def is_right(value: object, label: str, written: str) -> bool:
    """Whether a cell's value is what was written under ``label``."""
    if label == "total":
        return value == number_of(written)
    return value == (str(date_of(written)) if "date" in label else written)
