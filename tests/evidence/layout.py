"""Pages really written as PDF, every word's box kept: columns, hyphens, ligatures, running heads, footnotes."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from app.ingest.formats.mupdf import pymupdf
from tests.evidence import sentences

Box = tuple[float, float, float, float]
WIDTH, HEIGHT, MARGIN = 595.0, 842.0, 62.0
LIGATURES = {"ffi": "ﬃ", "ffl": "ﬄ", "fi": "ﬁ", "fl": "ﬂ", "ff": "ﬀ"}
DEJAVU = "/usr/share/fonts/truetype/dejavu/"
FILES = {
    "sans": DEJAVU + "DejaVuSans.ttf",
    "serif": DEJAVU + "DejaVuSerif.ttf",
    "condensed": DEJAVU + "DejaVuSansCondensed.ttf",
    "mono": DEJAVU + "DejaVuSansMono.ttf",
}
BUILT_IN = ("helv", "tiro", "cour", "cjk")


@cache
def font(name: str) -> Any:
    """A font by one of the names in this module."""
    return pymupdf.Font(name) if name in BUILT_IN else pymupdf.Font(fontfile=FILES[name])


@cache
def fonts_for(language: str) -> tuple[str, ...]:
    """The names of fonts on this machine that can write a language."""
    there = [name for name, path in FILES.items() if Path(path).exists()]
    if language == "zh":
        return ("cjk",)
    if language in ("en", "de"):
        return (*BUILT_IN[:3], *there)
    letter = ord("д" if language == "ru" else "א")
    return tuple(name for name in there if font(name).has_glyph(letter))


@dataclass
class Word:
    """A word of a sentence, and its place: pieces where it is hyphenated."""

    text: str
    mark: str = ""
    """A footnote's number behind the word."""
    pieces: list[tuple[int, Box]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)


@dataclass
class Sentence:
    """A sentence and its words."""

    text: str
    words: list[Word]

    @property
    def pages(self) -> list[int]:
        return list(dict.fromkeys(page for word in self.words for page, _ in word.pieces))


@dataclass
class Cell:
    """A line of a table."""

    label: str
    value: str
    page: int
    label_box: Box
    value_box: Box


@dataclass
class Made:
    """A document as it was written. Pages count from 1."""

    path: Path
    language: str
    sentences: list[Sentence]
    cells: list[Cell]
    pages: int
    style: str


@dataclass
class Style:
    """How a document looks."""

    language: str
    font: str
    size: float
    columns: int
    hyphen: str
    ligatures: bool
    justified: bool
    heads: bool
    footnotes: bool
    interleaved: bool

    @property
    def joined(self) -> bool:
        return self.language == "zh"


def random_style(rng: random.Random) -> Style:
    """Any look that the language allows."""
    language = rng.choices(("en", "de", "ru", "he", "zh"), (40, 36, 8, 6, 10))[0]
    if not fonts_for(language):
        language = "en"
    name = rng.choice(fonts_for(language))
    latin = language in ("en", "de")
    hyphens = ["", "-", "-", "\u2010" if font(name).has_glyph(0x2010) else "-", "\u00ad" if name in FILES else "-"]
    columns = rng.choice((1, 1, 2, 2, 3)) if latin else rng.choice((1, 2))
    return Style(
        language=language,
        font=name,
        size=rng.uniform(8.5, 11.5),
        columns=columns,
        hyphen=rng.choice(hyphens) if latin else "",
        ligatures=latin and name not in ("mono", "cour") and font(name).has_glyph(0xFB03) > 0 and rng.random() < 0.5,
        justified=language != "he" and rng.random() < 0.5,
        heads=rng.random() < 0.7,
        footnotes=latin and rng.random() < 0.3,
        interleaved=columns == 2 and rng.random() < 0.25,
    )


@dataclass
class _Piece:
    """Text at a place, waiting to be written."""

    x: float
    baseline: float
    size: float
    text: str


class Layout:
    """One document being written."""

    def __init__(self, rng: random.Random, style: Style) -> None:
        self.rng, self.style, self.font = rng, style, font(style.font)
        self.sentences: list[Sentence] = []
        self.cells: list[Cell] = []
        self.pages: list[list[_Piece]] = []
        gutter = 22.0
        self.column_width = (WIDTH - 2 * MARGIN - gutter * (style.columns - 1)) / style.columns
        self.lefts = [MARGIN + column * (self.column_width + gutter) for column in range(style.columns)]
        self.leading = style.size * 1.32
        self.notes = 0
        self.head = self._shown(f"{rng.choice(('Report', 'Vertrag', 'Minutes'))} {rng.randint(100, 999)}")
        self._new_page()

    def _new_page(self) -> None:
        self.pages.append([])
        self.column, self.y = 0, MARGIN + 20
        self.bottom = HEIGHT - MARGIN - 20
        if self.style.footnotes and self.rng.random() < 0.7:
            self._footnote()

    def _footnote(self) -> None:
        self.notes += 1
        size = self.style.size * 0.72
        text = f"{self.notes} {self._shown(sentences.sentence(self.rng, self.style.language))}"
        while self._width(text, size) > WIDTH - 2 * MARGIN:
            text = text.rsplit(" ", 1)[0]
        self.bottom -= self.leading * 1.6
        self._put(MARGIN, self.bottom + self.leading * 1.4, text, size)
        self.mark = str(self.notes)

    def _shown(self, text: str) -> str:
        """What the page shows for a text: ligatures, where the style has them."""
        if self.style.ligatures:
            for letters, glyph in LIGATURES.items():
                text = text.replace(letters, glyph)
        return text

    def _width(self, text: str, size: float | None = None) -> float:
        return float(self.font.text_length(text, size or self.style.size))

    def _put(self, x: float, baseline: float, text: str, size: float | None = None) -> Box:
        size = size or self.style.size
        self.pages[-1].append(_Piece(x, baseline, size, text))
        width = self._width(text, size)
        return (x, baseline - self.font.ascender * size * 0.75, x + width, baseline - self.font.descender * size * 0.75)

    def _line_room(self) -> None:
        if self.y + self.leading <= self.bottom:
            return
        self.column += 1
        self.y = MARGIN + 20
        if self.column == self.style.columns:
            self._new_page()

    def paragraph(self, texts: list[str]) -> None:
        """Some sentences, flowing on through columns and pages."""
        words: list[Word] = []
        for text in texts:
            parts = re.findall(r"\d+|.", text) if self.style.joined else text.split()
            own = [Word(part) for part in parts]
            if getattr(self, "mark", "") and len(own) > 4 and own[3].text.isalpha() and len(own[3].text) > 4:
                own[3].mark, self.mark = self.mark, ""
            self.sentences.append(Sentence(text, own))
            words += own
        self._flow(words)
        self.y += self.leading * 0.6

    def _flow(self, words: list[Word]) -> None:
        line: list[tuple[Word, str]] = []
        space = 0.0 if self.style.joined else self._width(" ")
        used, left = 0.0, list(words)
        while left:
            word = left.pop(0)
            rest = (
                word.text[len("".join(word.shown).replace(self.style.hyphen or "\0", "")) :]
                if word.shown
                else word.text
            )
            text = self._shown(rest)
            width = self._width(text + word.mark)
            if used + width <= self.column_width or not line:
                line.append((word, text))
                used += width + space
                continue
            head = self._hyphenated(rest, self.column_width - used)
            if head:
                line.append((word, self._shown(head) + self.style.hyphen))
                word.shown.append(head + self.style.hyphen)
            self._write(line, last=False)
            line, used = [], 0.0
            left.insert(0, word)
        self._write(line, last=True)

    def _hyphenated(self, word: str, room: float) -> str:
        """The part of a word that still fits on the line."""
        if not self.style.hyphen or len(word) < 7 or not word[:6].isalpha():
            return ""
        for cut in range(len(word) - 3, 2, -1):
            head = word[:cut]
            if head.isalpha() and word[cut:][:3].isalpha() and self._width(self._shown(head) + "-") <= room:
                return head
        return ""

    def _write(self, line: list[tuple[Word, str]], last: bool) -> None:
        self._line_room()
        self.y += self.leading
        left, page = self.lefts[self.column], len(self.pages)
        space = 0.0 if self.style.joined else self._width(" ")
        total = sum(self._width(text) for _, text in line) + space * (len(line) - 1)
        spread = (
            (self.column_width - total) / (len(line) - 1)
            if self.style.justified and not last and len(line) > 1
            else 0.0
        )
        if self.style.language == "he":
            self._write_leftwards(line, left + self.column_width, page)
            return
        x = left
        for word, text in line:
            box = self._box(x, text)
            word.pieces.append((page, box))
            if self.style.justified:
                self._put(x, self.y, text)
            x += self._width(text) + space + spread
            if word.mark and not text.endswith(self.style.hyphen or "\0"):
                self._put(box[2], self.y - self.style.size * 0.35, word.mark, self.style.size * 0.6)
        if not self.style.justified:
            self._put(left, self.y, ("" if self.style.joined else " ").join(text for _, text in line))

    def _write_leftwards(self, line: list[tuple[Word, str]], right: float, page: int) -> None:
        text = " ".join(text for _, text in line)
        self._put(right - self._width(text), self.y, text)
        for word, part in line:
            right -= self._width(part)
            word.pieces.append((page, self._box(right, part)))
            right -= self._width(" ")

    def _box(self, x: float, text: str) -> Box:
        size = self.style.size
        return (x, self.y - 0.7 * size, x + self._width(text), self.y + 0.15 * size)

    def table(self, rows: list[tuple[str, str]]) -> None:
        """Labels and values beside each other."""
        if self.y + (len(rows) + 1) * self.leading * 1.3 > self.bottom:
            self.column = self.style.columns
            self._new_page()
        left = self.lefts[self.column] if self.column < self.style.columns else self.lefts[0]
        for label, value in rows:
            self.y += self.leading * 1.3
            shown = self._shown(label)
            at = left + self.column_width * 0.5
            self._put(left, self.y, shown)
            self._put(at, self.y, value)
            self.cells.append(Cell(label, value, len(self.pages), self._box(left, shown), self._box(at, value)))
        self.y += self.leading

    def save(self, path: Path) -> Made:
        """Write the file."""
        with pymupdf.open() as document:
            for number, pieces in enumerate(self.pages, 1):
                page = document.new_page(width=WIDTH, height=HEIGHT)
                writer = pymupdf.TextWriter(page.rect)
                for piece in self._in_order(pieces, number):
                    rtl = int(self.style.language == "he")
                    writer.append((piece.x, piece.baseline), piece.text, self.font, piece.size, right_to_left=rtl)
                writer.write_text(page)
            document.subset_fonts()
            document.save(path, garbage=3, deflate=True)
        name = f"{self.style.language} {self.style.font} {self.style.columns}"
        return Made(path, self.style.language, self.sentences, self.cells, len(self.pages), name)

    def _in_order(self, pieces: list[_Piece], number: int) -> list[_Piece]:
        if self.style.interleaved:
            pieces = sorted(pieces, key=lambda piece: (round(piece.baseline), piece.x))
        if not self.style.heads or self.style.language == "he":
            return pieces
        head = _Piece(MARGIN, MARGIN - 12, self.style.size * 0.9, self.head)
        foot = _Piece(WIDTH / 2 - 20, HEIGHT - MARGIN + 14, self.style.size * 0.9, f"- {number} -")
        return [head, foot, *pieces] if self.notes % 2 else [head, *pieces, foot]


LABELS = {
    "en": ("Invoice number", "Due date", "Total amount", "Customer", "Tax rate", "Net weight", "Contact", "Order"),
    "de": ("Rechnungsnummer", "Fälligkeit", "Gesamtbetrag", "Kunde", "Steuersatz", "Gewicht", "Prüfer", "Bestellung"),
}


def make_document(path: Path, seed: int) -> Made:
    """A document of one to six pages, the same for the same seed."""
    rng = random.Random(seed)
    style = random_style(rng)
    layout = Layout(rng, style)
    for _ in range(rng.randint(3, 12)):
        layout.paragraph([sentences.sentence(rng, style.language) for _ in range(rng.randint(2, 9))])
        if style.language in LABELS and style.columns < 3 and rng.random() < 0.25:
            layout.table([(label, _value(rng, style.language)) for label in rng.sample(LABELS[style.language], 4)])
    return layout.save(path)


def _value(rng: random.Random, language: str) -> str:
    makers = (sentences.money, sentences.date, sentences.percent)
    if rng.random() < 0.3:
        return f"{rng.choice('ABCX')}{rng.randint(100, 999)}-{rng.randint(10, 9999)}"
    return rng.choice(makers)(rng, language)
