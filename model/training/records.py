"""Documents as records: pages made of blocks, each block with the facts that stand in it.

A block knows its cells (rows of pieces that stand beside each other). From these come both the text layer, in
the form in which ``app.ingest`` gives it (pieces beside each other apart by a tab, blocks by an empty line), and
the page's picture (``model.training.pages``). Held-out documents use layouts that training never shows.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Literal

from model.training import values
from model.training.fields import COLUMNS, FIELDS, ROW_HEADS, SENTENCES, TITLES, Field

Style = Literal[
    "inline", "beside", "beside_plain", "stacked", "sentence", "stacked_colon", "dash", "table", "text", "title"
]
TRAIN_STYLES: tuple[Style, ...] = (
    "inline",
    "beside",
    "beside_plain",
    "stacked",
    "inline",
    "beside",
    "beside_plain",
    "stacked",
    "sentence",
)
HELD_OUT_STYLES: tuple[Style, ...] = ("stacked_colon", "dash")

HEADINGS = 0.2
"""How often a number stands as in ``Invoice LB-2041``, without the word itself."""

_NUMBER = " number"


@dataclass(frozen=True, slots=True)
class Fact:
    """A value, where it stands, and the words around it. ``column`` is set for a cell of a table."""

    label: str
    value: str
    quote: str
    page: int = 0
    field: Field | None = None
    column: str = ""
    row_kind: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of pieces, and the facts in them."""

    style: Style
    lines: tuple[tuple[str, ...], ...]
    facts: tuple[Fact, ...] = ()

    @property
    def text(self) -> str:
        """The block as the text layer gives it."""
        return "\n".join("\t".join(line) for line in self.lines)


@dataclass(frozen=True, slots=True)
class Record:
    """A document: for each page its blocks."""

    name: str
    pages: tuple[tuple[Block, ...], ...]

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All facts with their pages."""
        return tuple(
            replace(fact, page=number)
            for number, blocks in enumerate(self.pages, 1)
            for block in blocks
            for fact in block.facts
        )

    @property
    def labels(self) -> set[str]:
        """The fields that stand somewhere in the document."""
        return {fact.field.label for fact in self.facts if fact.field}

    def page_text(self, number: int) -> str:
        """The text layer of a page, counted from 1."""
        return "\n\n".join(block.text for block in self.pages[number - 1])

    def row_name(self, rng: random.Random, fact: Fact) -> str:
        """Another name that a row of the same table could have."""
        return values.MAKERS[fact.row_kind](rng)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and how hard documents are."""

    pages: tuple[int, int] = (1, 1)
    fields: tuple[int, int] = (2, 5)
    tables: float = 0.0
    prose: float = 0.0
    rows: tuple[int, int] = (2, 4)
    styles: tuple[Style, ...] = TRAIN_STYLES


def make_record(rng: random.Random, recipe: Recipe) -> Record:
    """A document in which every label stands once."""
    count = rng.randint(*recipe.pages)
    left = list(FIELDS)
    rng.shuffle(left)
    rows: set[str] = set()
    pages = tuple(_page(rng, recipe, left, rows) for _ in range(count))
    word = rng.choice(TITLES).lower().replace(" ", "-")
    name = f"{word}-{values.digits(rng, 1, 4)}.pdf" if rng.random() < 0.7 else f"{values.surname(rng).lower()}.pdf"
    return Record(name, pages)


def _page(rng: random.Random, recipe: Recipe, left: list[Field], rows: set[str]) -> tuple[Block, ...]:
    blocks = [Block("title", ((_title(rng),),))] if rng.random() < 0.7 else []
    wanted = min(rng.randint(*recipe.fields), len(left))
    body: list[Block] = []
    while wanted > 0:
        size = min(wanted, rng.randint(1, 4))
        body.append(form(rng, [left.pop() for _ in range(size)], rng.choice(recipe.styles)))
        wanted -= size
    if rng.random() < recipe.tables:
        body.append(_table(rng, recipe, rows))
    while rng.random() < recipe.prose:
        body.append(Block("text", tuple((s,) for s in rng.sample(SENTENCES, rng.randint(1, 2)))))
    rng.shuffle(body)
    return (*blocks, *body)


def _title(rng: random.Random) -> str:
    title = rng.choice(TITLES)
    return title if rng.random() < 0.8 else f"{title} {values.company(rng)}"


def form(rng: random.Random, fields: list[Field], style: Style) -> Block:
    """Labels with their values in one style."""
    lines: list[tuple[str, ...]] = []
    facts = []
    for field in fields:
        value = values.MAKERS[field.kind](rng)
        own = _lines(field.label[0].upper() + field.label[1:], value, style)
        if field.label.endswith(_NUMBER) and rng.random() < HEADINGS:
            own = [(f"{field.label.removesuffix(_NUMBER).capitalize()} {value}",)]
        lines += own
        facts.append(Fact(field.label, value, " ".join(" ".join(line) for line in own), field=field))
    return Block(style, tuple(lines), tuple(facts))


def _lines(label: str, value: str, style: Style) -> list[tuple[str, ...]]:
    match style:
        case "beside":
            return [(f"{label}:", value)]
        case "beside_plain":
            return [(label, value)]
        case "stacked":
            return [(label,), (value,)]
        case "stacked_colon":
            return [(f"{label}:",), (value,)]
        case "dash":
            return [(f"{label} - {value}",)]
        case "sentence":
            return [(f"The {label[0].lower()}{label[1:]} is {value}.",)]
        case _:
            return [(f"{label}: {value}",)]


def _table(rng: random.Random, recipe: Recipe, used: set[str]) -> Block:
    head, kind = rng.choice(ROW_HEADS)
    columns = rng.sample(COLUMNS, rng.randint(1, 3))
    lines: list[tuple[str, ...]] = [tuple(name.capitalize() for name in (head, *(c for c, _ in columns)))]
    facts: list[Fact] = []
    for _ in range(rng.randint(*recipe.rows)):
        name = values.MAKERS[kind](rng)
        if name in used:
            continue
        used.add(name)
        cells = [_cell(rng, cell_kind) for _, cell_kind in columns]
        row = (name, *cells)
        lines.append(row)
        facts += [
            Fact(name, cell, " ".join(row), column=column, row_kind=kind)
            for (column, _), cell in zip(columns, cells, strict=True)
        ]
    return Block("table", tuple(lines), tuple(facts))


def _cell(rng: random.Random, kind: str) -> str:
    return values.number(rng, 9999) if kind == "number" else values.MAKERS[kind](rng)
