"""Text layers that say other letters than their pages show, and sound ones that are not suspected of it."""

from __future__ import annotations

import random
import string
from pathlib import Path

import pytest

from app.ingest.formats.mupdf import pymupdf
from app.ingest.formats.pdf.text.garbage import doubt
from app.ingest.formats.pdf.text.layer import Layer, read_layer
from app.ingest.formats.policy import decide
from tests.evidence.layout import BUILT_IN, FILES, font, fonts_for
from tests.evidence.sentences import TEMPLATES, sentence

HAVE = [name for name, path in FILES.items() if Path(path).exists()]
needs_fonts = pytest.mark.skipif(not HAVE, reason="no font that can be embedded is installed")


def page_of(lines: list[str], name: str, size: float = 11.0, codes: dict[str, str] | None = None) -> pymupdf.Page:
    """A page in a font that is embedded as a subset; ``codes``: what its map calls the glyphs of characters."""
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        writer = pymupdf.TextWriter(page.rect)
        for row, line in enumerate(lines):
            writer.append((50, 60 + 1.5 * size * row), line, font(name), size)
        writer.write_text(page)
        document.subset_fonts()
        data = document.tobytes()
    document = pymupdf.open(stream=data, filetype="pdf")
    if codes:
        remap(document, name, {character: codes.get(character, character) for line in lines for character in line})
    return pymupdf.open(stream=document.tobytes(), filetype="pdf")[0]


def remap(document: pymupdf.Document, name: str, codes: dict[str, str]) -> None:
    """Let the fonts of a file, all of them ``name``, call the glyph of each character something else."""
    pairs = "\n".join(
        f"<{font(name).has_glyph(ord(shown)):04x}> <{meant.encode('utf-16-be').hex()}>"
        for shown, meant in codes.items()
    )
    table = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{len(codes)} beginbfchar\n{pairs}\nendbfchar\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    )
    for xref in range(1, document.xref_length()):
        if document.xref_get_key(xref, "ToUnicode")[0] == "xref":
            document.update_stream(int(document.xref_get_key(xref, "ToUnicode")[1].split()[0]), table.encode())


def decided(page: pymupdf.Page) -> tuple[Layer, str, str]:
    layer = read_layer(page)
    decision = decide(layer, "auto", None, False)
    return layer, decision.state, str(decision.reason)


def shifted(letters: str, by: int) -> dict[str, str]:
    return {letter: letters[(at + by) % len(letters)] for at, letter in enumerate(letters)}


CIPHERS = {
    "signs for letters": {letter: chr(33 + at % 15) for at, letter in enumerate(string.ascii_letters)},
    "some places on": shifted("".join(map(chr, range(33, 127))), 29),
}


@needs_fonts
@pytest.mark.parametrize("name", HAVE)
@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("rows", [1, 3, 30])
def test_letters_mapped_to_others_make_the_page_a_picture(name: str, cipher: str, rows: int) -> None:
    rng = random.Random(rows)
    lines = [sentence(rng, "en") for _ in range(rows)]
    _, state, reason = decided(page_of(lines, name, 9.0, CIPHERS[cipher]))
    assert state in ("image", "both") and "sound" not in reason
    assert state == "image" or rows == 30


@pytest.mark.parametrize("language", TEMPLATES)
@pytest.mark.parametrize("rows", [1, 2, 12])
@pytest.mark.parametrize("size", [6.0, 11.0, 24.0])
def test_sound_text_is_not_doubted(language: str, rows: int, size: float) -> None:
    for seed, name in enumerate(fonts_for(language)):
        rng = random.Random(seed)
        layer, state, _ = decided(page_of([sentence(rng, language) for _ in range(rows)], name, size))
        assert layer.doubt == "" and state == "text", name


@pytest.mark.parametrize("name", ["helv", "heit", "hebo", "tiro", "tiit", "tibi", "cour", "cobo"])
@pytest.mark.parametrize(
    "text", ["Phone", "Total: 1,299.00 EUR", "INVOICE No. 2024-117", "a b c d e f g h i j", "q: 12 % of 48?"]
)
def test_short_text_in_fonts_without_a_map_is_sound(name: str, text: str) -> None:
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((60, 100), text, fontname=name, fontsize=12)
        page.draw_line((60, 103), (200, 103))  # underlined
        layer, state, _ = decided(page)
    assert layer.doubt == "" and state == "text" and name[:4] in (*BUILT_IN, name)


def test_code_and_formulas_on_a_page_that_shows_them_are_sound() -> None:
    lines = ["if (a[i] != b->c && *p == '#') { x += y; }", "#define N (1<<4) /* %d */", "r = {x: [1,2], y: $z}"] * 4
    with pymupdf.open() as document:
        page = document.new_page()
        for row, line in enumerate(lines):
            page.insert_text((50, 60 + 14 * row), line, fontname="cour", fontsize=9)
        layer, state, _ = decided(page)
    assert layer.doubt == "" and state == "text"


ARABIC = (
    "تعتبر البرمجة من الأدوات القوية التي يمكن أن تعزز الإنتاجية وتساعد في إيجاد حلول فعالة للمشكلات في العمل اليومي "
)
PERSIAN = "این قرارداد میان شرکت و مستاجر بسته شد و مبلغ آن هر ماه پیش از روز دهم پرداخت خواهد شد مگر آن که "
HEBREW = "השוכר ישלם את דמי השכירות עד העשירי בכל חודש ואם לא ישלם רשאי המשכיר לבטל את החוזה בהודעה של שלושים יום "
RUSSIAN = (
    "Арендатор обязан вносить плату до десятого числа каждого месяца, иначе договор может быть расторгнут досрочно. "
)
GREEK = "Ο μισθωτής οφείλει να καταβάλλει το μίσθωμα έως τη δέκατη ημέρα κάθε μήνα, αλλιώς η σύμβαση λύεται πρόωρα. "


@pytest.mark.parametrize("text", [ARABIC, PERSIAN, HEBREW, RUSSIAN, GREEK])
def test_letters_of_a_script_turned_into_others(text: str) -> None:
    assert doubt(text) == "" and doubt(text.upper()) == ""
    text *= 3
    letters = sorted({character for character in text.lower() if character.isalpha()})
    found = 0
    for seed in range(20):
        rng = random.Random(seed)
        alphabet = [chr(code) for code in range(ord(letters[0]), ord(letters[-1]) + 1) if chr(code).isalpha()]
        table = dict(zip(letters, rng.sample(alphabet, len(letters)), strict=True))
        found += doubt("".join(table.get(character, character) for character in text.lower())) == "script"
    assert found >= 15


def test_latin_letters_inside_arabic_words() -> None:
    assert doubt(ARABIC.replace("ل", "Ǆ")) == "script"
    assert decide(Layer(595, 842, doubt="script", blocks=[]), "auto", None, False).state == "image"
