"""Hebrew, Arabic and Persian as it is read: laid out by MuPDF's own engine or glyph by glyph, and read again."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from app.ingest.formats.mupdf import pymupdf
from app.ingest.formats.pdf.text.layer import read_layer
from app.ingest.process.protocol import page_text
from app.ingest.types import TextLine
from app.ingest.view.searching import search
from app.ingest.view.shown_text import lines_of, structured
from tests.app.ingest.formats.pdf.text.test_shapes import remap
from tests.evidence.layout import DEJAVU

FONT = Path(DEJAVU) / "DejaVuSans.ttf"
pytestmark = pytest.mark.skipif(not FONT.exists(), reason="no font with Hebrew and Arabic letters is installed")

WORDS = {
    "he": ["שכירות", "חוזה", "לפי", "סעיף", "תשלום", "הדירה", "של", "ביום", "מבקר", "המדינה", "לא", "את", "בתוך"],
    "ar": ["الإنتاجية", "المشكلات", "تحليلات", "العقد", "في", "الإيجار", "لا", "السلام", "دفع", "المبلغ", "خلال"],
    "fa": ["قرارداد", "اجاره", "مبلغ", "پرداخت", "تاریخ", "گزارش", "استاندارد", "کالا", "شرکت", "سالیانه", "ماه"],
}
NUMBERS = ["1403/09/19", "12:30", "1,234.50", "7", "2024", "3.14", "50%"]
LATIN = ["Microsoft", "Python", "pandas"]


def text_of(page: pymupdf.Page) -> str:
    blocks = read_layer(page).blocks
    return page_text([[TextLine(line.text, line.box) for line in block] for block in blocks])


def sentence(rng: random.Random, language: str) -> str:
    """Words with numbers, brackets, and words in Latin letters among them, and a mark at the end."""
    words = rng.sample(WORDS[language], rng.randint(4, 6))
    for _ in range(rng.randint(0, 2)):
        at = rng.randrange(1, len(words))
        kind = rng.randrange(4)
        if kind == 0:
            words.insert(at, rng.choice(NUMBERS))
        elif kind == 1:
            words.insert(at, rng.choice(LATIN))
        elif kind == 2:
            words.insert(at, f"({rng.choice(WORDS[language])} {rng.randint(2, 99)})")
        else:
            words[at] = f"{words[at]}{':' if language == 'he' else '،'}"
    for at in range(len(words) - 1, 0, -1):  # two that stand together could be read either way
        if re.search(r"[\dA-Za-z%]$", words[at - 1]) and re.match(r"[\dA-Za-z]", words[at]):
            words.insert(at, rng.choice(WORDS[language]))
    return " ".join(words) + rng.choice([".", ".", "?" if language == "he" else "؟", "", "!"])


def laid_out(document: pymupdf.Document, lines: list[str], size: int = 13) -> pymupdf.Page:
    """A page on which MuPDF's own engine has laid the lines out."""
    page = document.new_page(width=800, height=842)
    css = (
        f"@font-face {{font-family: d; src: url({FONT.name});}} p {{font-family: d; font-size: {size}px; margin: 8px;}}"
    )
    html = "".join(f'<p dir="rtl">{line.replace("<", "&lt;")}</p>' for line in lines)
    page.insert_htmlbox((30, 30, 770, 800), html, css=css, archive=pymupdf.Archive(str(FONT.parent)))
    return page


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("seed", range(4))
def test_lines_are_read_as_they_were_written(language: str, seed: int) -> None:
    rng = random.Random(seed)
    lines = [sentence(rng, language) for _ in range(20)]
    with pymupdf.open() as document:
        found = [line for line in text_of(laid_out(document, lines)).splitlines() if line.strip()]
    assert found == lines


@pytest.mark.parametrize("language", WORDS)
def test_the_viewer_finds_and_places_the_same_words(language: str) -> None:
    rng = random.Random(5)
    lines = [sentence(rng, language) for _ in range(12)]
    with pymupdf.open() as document:
        page = laid_out(document, lines)
        shown = lines_of(structured(page))
        for line in lines:
            hits = search(shown, line)
            assert hits, line
            left, right = min(box[0] for box in hits[0]), max(box[2] for box in hits[0])
            assert left >= 30 and 760 < right <= 771  # the paragraph's right edge
            first = line.split()[0]
            starts = [boxes for boxes in search(shown, first) if abs(boxes[0][3] - hits[0][0][3]) < 2]
            assert max(boxes[0][2] for boxes in starts) == pytest.approx(right, abs=0.6), line


def by_hand(words: list[tuple[float, str]], codes: dict[str, str]) -> pymupdf.Document:
    """Glyphs from left to right as they are seen; what they stand for is told as ``codes`` has it."""
    document = pymupdf.open()
    page = document.new_page(width=600, height=200)
    writer = pymupdf.TextWriter(page.rect)
    for x, seen in words:
        writer.append((x, 100), seen, pymupdf.Font(fontfile=str(FONT)), 12)
    writer.write_text(page)
    characters = {character for _, seen in words for character in seen}
    remap(document, "sans", {character: codes.get(character, character) for character in characters})
    return pymupdf.open(stream=document.tobytes(), filetype="pdf")


def test_a_ligature_that_stands_for_two_letters_keeps_their_order() -> None:
    seen = "\u0645\ufefc\u0633"  # as painted, from left to right: meem, lam-alef, seen
    document = by_hand([(100, seen)], {"\ufefc": "لا"})
    assert text_of(document[0]).strip() == "سلام"
    assert "سلام" in "".join(line[0] for line in lines_of(structured(document[0])))


def test_brackets_told_as_they_are_meant_or_as_they_look() -> None:
    looks = by_hand([(100, "\u05e7\u05d5\u05d7\u05dc (4)(\u05d1)15 \u05e3\u05d9\u05e2\u05e1")], {})
    assert text_of(looks[0]).strip() == "סעיף 15(ב)(4) לחוק"
    meant = by_hand([(100, "\u05e7\u05d5\u05d7\u05dc )4()\u05d1(15 \u05e3\u05d9\u05e2\u05e1")], {})
    assert text_of(meant[0]).strip() == "סעיף 15(ב)(4) לחוק"


def test_words_that_read_leftwards_in_an_english_line() -> None:
    page = by_hand([(100, "The word (\u05dd\u05d4) \u05dd\u05d5\u05dc\u05e9 means peace, 7 times.")], {})[0]
    assert text_of(page).strip() == "The word שלום (הם) means peace, 7 times."


def test_a_table_that_reads_leftwards_goes_on_row_by_row() -> None:
    rows = [(400.0 - 30, 60.0 + 20 * row, 120.0) for row in range(4)]
    with pymupdf.open() as document:
        page = document.new_page(width=600, height=200)
        font = pymupdf.Font(fontfile=str(FONT))
        writer = pymupdf.TextWriter(page.rect)
        for number, (_, y, left) in enumerate(rows):
            writer.append((left, y), f"{number}.50", font, 12)
        for right, y, _ in rows:
            writer.append((right, y), "שכירות"[::-1], font, 12)
        writer.write_text(page)
        assert [line for line in text_of(page).splitlines() if line] == [f"שכירות\t{number}.50" for number in range(4)]
