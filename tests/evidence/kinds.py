"""Small PDFs of kinds that are hard to read, with quotations that are there and quotations that are not.

Scripts written from right to left and without spaces, numbers with signs in tables, pages turned and cropped, pictures
beside text, fonts that do not tell what their letters are, forms and comments. Everything follows from the seed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from app.ingest.formats.mupdf import pymupdf
from tests.evidence.layout import DEJAVU
from tests.evidence.lines import LINES, number_line, signed

SIGNS = ("-", ">", "<", "≤", "≥", "±", "~", "≈", "+")
_SIGNED = f"[{''.join(map(re.escape, SIGNS))}−]"
_NUMBER = re.compile(rf"(?<![A-Za-z\d.,/:-])({_SIGNED} ?)?(\d[\d.,/]*\d|\d)(?![A-Za-z\d%‰])")
_CSS = (
    "@font-face {font-family: d; src: url(DejaVuSans.ttf);}"
    "p {font-family: d; font-size: %.1fpx; margin: 5px 0} .r {direction: rtl; text-align: right}"
)


@dataclass
class Case:
    """One document: true quotations with their pages, false ones with how they were made."""

    kind: str
    path: Path
    true: list[tuple[str, int]] = field(default_factory=list)
    false: list[tuple[str, str, int]] = field(default_factory=list)

    def add(self, rng: random.Random, texts: list[str], page: int = 1, short: bool = True) -> None:
        """True quotations are these texts and parts of them; false ones the same with digits or signs altered.

        With ``short``, numbers alone are altered, too.
        """
        numbers = {_plain(found[1], found[2]) for text in texts for found in _NUMBER.finditer(text)}
        numbers |= {digits for text in texts for digits in re.findall(r"\d+", text)}
        for text in texts:
            self.true.append((text, page))
            words = text.split()
            if len(words) > 5:
                start = rng.randint(0, len(words) - 5)
                self.true.append((" ".join(words[start : start + 5]), page))
            for how, quote, number in altered(rng, text):
                if number not in numbers and (short or len(quote) > 0.8 * len(text)):
                    self.false.append((how, quote, page))

    def invent(self, page: int = 1) -> None:
        """Words that are nowhere."""
        self.false.append(("invented", "97 birds fly south before the winter comes", page))
        self.false.append(("invented", "Exit to the left", page))


def _plain(sign: str | None, number: str) -> str:
    return (sign or "").strip().replace("−", "-") + number


def altered(rng: random.Random, text: str) -> Iterator[tuple[str, str, str]]:
    """The text, and one of its numbers with a word before it, with another digit and with another sign."""
    numbers = list(_NUMBER.finditer(text))
    if not numbers:
        return
    found = rng.choice(numbers)
    sign, number = found[1] or "", found[2]
    at = rng.choice([at for at, character in enumerate(number) if character.isdigit()])
    zero = ord(number[at]) - int(number[at])
    digit = chr(zero + (int(number[at]) + rng.randint(1, 9)) % 10)
    others = [other for other in SIGNS if other != _plain(sign, "")]
    wrong = "" if sign and rng.random() < 0.5 else rng.choice(others)
    begin, end = found.span()
    before = text[:begin].rsplit(None, 1)[-1] + " " if text[:begin].strip() and text[begin - 1].isspace() else ""
    changed = number[:at] + digit + number[at + 1 :]
    for how, put, new in (("digit", sign, changed), ("sign", wrong, number)):
        yield how, text[:begin] + put + new + text[end:], _plain(put, new)
        yield how, before + put + new, _plain(put, new)


def _write(path: Path, pages: list[str], size: float, change: Callable[[Any], None] | None = None) -> None:
    """Each page's HTML, laid out as a browser would."""
    archive = pymupdf.Archive(DEJAVU)
    with pymupdf.open() as document:
        for html in pages:
            page = document.new_page()
            page.insert_htmlbox(pymupdf.Rect(60, 60, 535, 780), html, css=_CSS % size, archive=archive)
            if change is not None:
                change(page)
        document.subset_fonts()
        document.save(path, garbage=3)


def _paragraphs(texts: list[str], leftwards: bool = False) -> str:
    attributes = ' class="r" dir="rtl"' if leftwards else ""
    return "".join(f"<p{attributes}>{escape(text)}</p>" for text in texts)


def script(language: str) -> Callable[[random.Random, Path], Case]:
    """A page in one language."""

    def make(rng: random.Random, path: Path) -> Case:
        texts = list(dict.fromkeys(number_line(rng, language) for _ in range(8)))
        _write(path, [_paragraphs(texts, language in ("ar", "fa", "he"))], rng.uniform(10, 13))
        case = Case(language, path)
        case.add(rng, texts)
        return case

    return make


def signs(rng: random.Random, path: Path) -> Case:
    """A table between rules whose numbers have signs: text and picture, and the text is whole."""
    rows = [[rng.choice(LINES["names"]), *(signed(rng) for _ in range(3))] for _ in range(rng.randint(3, 6))]
    case = Case("signs", path)
    with pymupdf.open() as document:
        page = document.new_page()
        font = pymupdf.Font(fontfile=DEJAVU + "DejaVuSans.ttf")
        writer = pymupdf.TextWriter(page.rect)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                writer.append((70 + 110 * column, 100 + 24 * row), cell, font, 10)
        writer.write_text(page)
        for at in range(len(rows) + 1):
            page.draw_line((60, 84 + 24 * at), (500, 84 + 24 * at))
        for at in range(5):
            page.draw_line((60 + 110 * at, 84), (60 + 110 * at, 84 + 24 * len(rows)))
        document.subset_fonts()
        document.save(path)
    texts = [" ".join(cells) for cells in rows]
    case.add(rng, texts)
    plain = {cell for cells in rows for cell in cells[1:]}
    case.true += [(cell, 1) for cell in plain]
    case.false += [("sign", bare, 1) for cell in plain if (bare := _bare(cell)) != cell and bare not in plain]
    case.invent()
    return case


def _bare(cell: str) -> str:
    return re.sub(rf"^{_SIGNED} ?|[%‰+-]$", "", cell)


def turned(rng: random.Random, path: Path) -> Case:
    """A page that is shown turned, its print along with it or against it."""
    return _prose(rng, path, "turned", lambda page: page.set_rotation(rng.choice((90, 180, 270))))


def cropped(rng: random.Random, path: Path) -> Case:
    """A page of which only a part is shown: the part outside is not on it."""
    outside = [number_line(rng, "en") for _ in range(3)]

    def change(page: Any) -> None:
        for at, text in enumerate(outside):
            page.insert_text((60, 800 + 12 * at), text, fontsize=8)
        page.set_cropbox(pymupdf.Rect(40, 40, 555, 785))

    case = _prose(rng, path, "cropped", change)
    case.false += [("outside", text, 1) for text in outside]
    return case


def pictured(rng: random.Random, path: Path) -> Case:
    """A short text beside a picture that does not cover the page: the picture excuses nothing."""
    pixmap = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 80, 60))
    pixmap.clear_with(rng.randint(60, 220))
    height = rng.choice((90, 200, 320))

    def change(page: Any) -> None:
        page.insert_image(pymupdf.Rect(60, 780 - height, 535, 780), pixmap=pixmap, keep_proportion=False)

    case = _prose(rng, path, "pictured", change, count=2)
    case.invent()
    return case


def scanned(rng: random.Random, path: Path) -> Case:
    """A stamp's few words over a picture of the page: other words may be in the picture, altered ones are not."""
    pixmap = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 60, 80))
    pixmap.clear_with(230)

    def change(page: Any) -> None:
        page.insert_image(page.rect, pixmap=pixmap, overlay=False)

    return _prose(rng, path, "scanned", change, count=1, short=False)


def _prose(
    rng: random.Random, path: Path, kind: str, change: Callable[[Any], None], count: int = 6, short: bool = True
) -> Case:
    texts = list(dict.fromkeys(number_line(rng, "en") for _ in range(count)))
    _write(path, [_paragraphs(texts)], rng.uniform(10, 13), change)
    case = Case(kind, path)
    case.add(rng, texts, short=short)
    return case


def form(rng: random.Random, path: Path) -> Case:
    """A filled form: its fields' contents are quoted with their labels."""
    case = Case("form", path)
    with pymupdf.open() as document:
        page = document.new_page()
        for row, label in enumerate(rng.sample(LINES["labels"], 5)):
            value = signed(rng) if rng.random() < 0.4 else f"{rng.choice('VKX')}-{rng.randint(1000, 9999)}"
            page.insert_text((70, 112 + 40 * row), f"{label}:")
            widget = pymupdf.Widget()
            widget.field_type, widget.field_name = pymupdf.PDF_WIDGET_TYPE_TEXT, f"field{row}"
            widget.field_value = value = value.encode("latin-1", "ignore").decode("latin-1").strip()
            widget.rect = pymupdf.Rect(200, 98 + 40 * row, 360, 116 + 40 * row)
            page.add_widget(widget)
            case.add(rng, [f"{label}: {value}"])
        document.save(path)
    return case


def commented(rng: random.Random, path: Path) -> Case:
    """A page with comments: their words are there, and where they are."""
    comments = [number_line(rng, "en") for _ in range(2)]

    def change(page: Any) -> None:
        for at, text in enumerate(comments):
            page.add_text_annot((540, 80 + 90 * at), text)

    texts = list(dict.fromkeys(number_line(rng, "en") for _ in range(4)))
    _write(path, [_paragraphs(texts)], rng.uniform(10, 13), change)
    case = Case("commented", path)
    case.add(rng, texts + comments)
    return case


def unmapped(rng: random.Random, path: Path) -> Case:
    """A font that does not tell which letters its glyphs are: the text layer is no evidence of what is shown."""
    case = _prose(rng, path, "unmapped", lambda page: None)
    with pymupdf.open(path) as document:
        for xref in range(1, document.xref_length()):
            if document.xref_get_key(xref, "ToUnicode")[0] == "xref":
                document.xref_set_key(xref, "ToUnicode", "null")
        document.saveIncr()
    case.true, case.false = [], []  # nothing can be looked up; nothing may be found
    with pymupdf.open(path) as document:
        lines = [line.strip() for line in document[0].get_text().splitlines() if sum(map(str.isalnum, line)) > 6]
    case.false = [("garbage", line, 1) for line in lines[:6]]
    return case


KINDS: dict[str, Callable[[random.Random, Path], Case]] = {
    **{language: script(language) for language in ("ar", "fa", "he", "ja", "ko", "zh")},
    **{make.__name__: make for make in (signs, turned, cropped, pictured, scanned, form, commented, unmapped)},
}
