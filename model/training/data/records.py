"""Documents as records: pages made of blocks, each block with the facts in it.

A block knows its cells (rows of pieces beside each other). From these come both the text layer, in
the form in which ``app.ingest`` gives it (pieces beside each other apart by a tab, blocks by an empty line), and
the page's picture (``model.training.data.pages``). Held-out documents use layouts that training never shows.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Literal

from model.training.data import values
from model.training.data.fields import COLUMNS, FIELDS, ROW_HEADS, SENTENCES, TITLES, Field

Style = Literal[
    "inline",
    "beside",
    "beside_plain",
    "stacked",
    "stacked_colon",
    "sentence",
    "dash",
    "dots",
    "equals",
    "bullets",
    "pairs",
    "pairs_plain",
    "grid",
    "pipe",
    "arrow",
    "numbered",
    "spaced",
    "table",
    "text",
    "title",
]
_USUAL: tuple[Style, ...] = ("inline", "beside", "beside_plain", "stacked", "sentence")
_RARER: tuple[Style, ...] = (
    *("stacked_colon", "dash", "dots", "equals", "bullets", "pairs", "pairs_plain", "grid"),
)  # fmt: skip
TRAIN_STYLES: tuple[Style, ...] = (*_USUAL, *_USUAL, *_RARER)
HELD_OUT_STYLES: tuple[Style, ...] = ("pipe", "arrow", "numbered", "spaced")

HEADINGS = 0.2
"""How often a number is written as in ``Invoice LB-2041``, without the word itself."""

_NUMBER = " number"


@dataclass(frozen=True, slots=True)
class Fact:
    """A value, its place, and the words around it. ``column`` is set for a cell of a table."""

    label: str
    value: str
    quote: str
    page: int = 0
    field: Field | None = None
    column: str = ""
    row_kind: str = ""
    offset: int = 0
    """Where in the quote the value begins."""


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
    first: int = 1
    """The number of the first page; more than 1 where a part of a document is given."""

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All facts with their pages."""
        return tuple(
            replace(fact, page=number)
            for number, blocks in enumerate(self.pages, self.first)
            for block in blocks
            for fact in block.facts
        )

    @property
    def labels(self) -> set[str]:
        """The fields that occur in the document."""
        return {fact.field.label for fact in self.facts if fact.field}

    def page_text(self, number: int) -> str:
        """The text layer of a page, by its number."""
        return "\n\n".join(block.text for block in self.pages[number - self.first])

    @property
    def texts(self) -> list[str]:
        """The text layers of all pages."""
        return [self.page_text(number) for number in range(self.first, self.first + len(self.pages))]

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
    later: float = 0.0
    """How often the pages do not begin with page 1."""
    footers: float = 0.0
    """How often a page ends with its printed number."""
    together: int = 4
    """Most labels in one block."""


def make_record(rng: random.Random, recipe: Recipe) -> Record:
    """A document in which every label occurs once."""
    count = rng.randint(*recipe.pages)
    left = list(FIELDS)
    rng.shuffle(left)
    rows: set[str] = set()
    pages = tuple(_page(rng, recipe, left, rows) for _ in range(count))
    first = _later_page(rng) if rng.random() < recipe.later else 1
    if rng.random() < recipe.footers:
        pages = _numbered(rng, pages, first)
    word = rng.choice(TITLES).lower().replace(" ", "-")
    name = f"{word}-{values.digits(rng, 1, 4)}.pdf" if rng.random() < 0.7 else f"{values.surname(rng).lower()}.pdf"
    return Record(name, pages, first)


def _later_page(rng: random.Random) -> int:
    return rng.randint(2, 12) if rng.random() < 0.7 else rng.randint(13, 120)


def _numbered(rng: random.Random, pages: tuple[tuple[Block, ...], ...], first: int) -> tuple[tuple[Block, ...], ...]:
    """Printed page numbers at the foot; sometimes not those of the file."""
    start = first if rng.random() < 0.8 else rng.randint(1, 40)
    most = start + len(pages) - 1 + (rng.randint(1, 9) if rng.random() < 0.3 else 0)
    form = rng.choice(("Page {number} of {most}", "Page {number} of {most}", "{number} / {most}", "{number}"))
    feet = (form.format(number=number, most=most) for number in range(start, start + len(pages)))
    return tuple((*blocks, Block("text", ((foot,),))) for blocks, foot in zip(pages, feet, strict=True))


def _page(rng: random.Random, recipe: Recipe, left: list[Field], rows: set[str]) -> tuple[Block, ...]:
    blocks = [Block("title", ((_title(rng),),))] if rng.random() < 0.7 else []
    wanted = min(rng.randint(*recipe.fields), len(left))
    body: list[Block] = []
    while wanted > 0:
        size = min(wanted, rng.randint(1, recipe.together))
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
    if style in ("pairs", "pairs_plain", "grid"):
        return _side_by_side(rng, fields, style)
    lines: list[tuple[str, ...]] = []
    facts = []
    for number, field in enumerate(fields, 1):
        value = values.MAKERS[field.kind](rng)
        own = _lines(_capital(field.label), value, style, number)
        if field.label.endswith(_NUMBER) and rng.random() < HEADINGS:
            own = [(f"{field.label.removesuffix(_NUMBER).capitalize()} {value}",)]
        lines += own
        quote = " ".join(" ".join(line) for line in own)
        facts.append(Fact(field.label, value, quote, field=field, offset=quote.rindex(value)))
    return Block(style, tuple(lines), tuple(facts))


def _side_by_side(rng: random.Random, fields: list[Field], style: Style) -> Block:
    """Two labels beside each other, each with its value beside it or below it."""
    lines: list[tuple[str, ...]] = []
    facts = []
    for start in range(0, len(fields), 2):
        two = fields[start : start + 2]
        labels = [_capital(field.label) for field in two]
        held = [values.MAKERS[field.kind](rng) for field in two]
        if style == "grid":
            lines += [tuple(labels), tuple(held)]
            quotes = [" ".join((*labels, *held))] * len(two)
            offsets = [len(" ".join((*labels, *held[:index]))) + 1 for index in range(len(two))]
        else:
            colon = ":" if style == "pairs" else ""
            quotes = [f"{label}{colon} {value}" for label, value in zip(labels, held, strict=True)]
            offsets = [len(label) + len(colon) + 1 for label in labels]
            lines.append(
                tuple(quotes) if colon else tuple(piece for pair in zip(labels, held, strict=True) for piece in pair)
            )
        facts += [
            Fact(field.label, value, quote, field=field, offset=offset)
            for field, value, quote, offset in zip(two, held, quotes, offsets, strict=True)
        ]
    return Block(style, tuple(lines), tuple(facts))


def _capital(label: str) -> str:
    return label[0].upper() + label[1:]


_BETWEEN: dict[Style, str] = {"dash": " - ", "equals": " = ", "pipe": " | ", "arrow": " > ", "spaced": " : "}


def _lines(label: str, value: str, style: Style, number: int) -> list[tuple[str, ...]]:
    match style:
        case "beside":
            return [(f"{label}:", value)]
        case "beside_plain":
            return [(label, value)]
        case "stacked":
            return [(label,), (value,)]
        case "stacked_colon":
            return [(f"{label}:",), (value,)]
        case "dash" | "equals" | "pipe" | "arrow" | "spaced":
            return [(f"{label}{_BETWEEN[style]}{value}",)]
        case "dots":
            return [(f"{label} {'.' * (3 + len(label) % 3)} {value}",)]
        case "bullets":
            return [(f"- {label}: {value}",)]
        case "numbered":
            return [(f"{number}) {label}: {value}",)]
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
            Fact(name, cell, " ".join(row), column=column, row_kind=kind, offset=len(" ".join(row[:place])) + 1)
            for place, ((column, _), cell) in enumerate(zip(columns, cells, strict=True), 1)
        ]
    return Block("table", tuple(lines), tuple(facts))


def _cell(rng: random.Random, kind: str) -> str:
    return values.number(rng, 9999) if kind == "number" else values.MAKERS[kind](rng)
