"""Cells on a scan's line are apart by tabs, words by blanks, as in a text layer."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.chat.evidence.searching.boxes import words_in
from app.chat.evidence.searching.stream import Span
from app.ingest.formats.mupdf import pymupdf
from app.ingest.ocr.recogniser import Recogniser
from app.ingest.ocr.spacing import with_tabs
from app.ingest.ocr.store import RecognitionStore
from app.ingest.read.reader import Reader
from app.ingest.types import TextLine, Word
from tests.evidence.scans import scan_of

HEIGHT = 10.0


def line(*pieces: tuple[str, float], y: float = 0.0, turned: bool = False) -> TextLine:
    """Words of five points a letter, each so far behind the one before."""
    words, x = [], 0.0
    for text, gap in pieces:
        x += gap
        box = (x, y, x + 5 * len(text), y + HEIGHT)
        words.append(Word(text, (box[1], box[0], box[3], box[2]) if turned else box, 0.9))
        x = box[2]
    edge = (y, 0.0, y + HEIGHT, x) if turned else (0.0, y, x, y + HEIGHT)
    return TextLine(" ".join(text for text, _ in pieces), edge, source="picture", words=tuple(words))


PROSE = line(("The", 0), ("tenant", 3), ("pays", 4), ("it", 3), y=40)


@pytest.mark.parametrize("turned", [False, True])
def test_cells_are_apart_and_words_are_not(turned: bool) -> None:
    row = line(("Due", 0), ("date", 3), ("3", 30), ("May", 3), ("2026", 3), turned=turned)
    prose = line(("The", 0), ("tenant", 3), ("pays", 4), ("it", 3), y=40, turned=turned)
    (block, other) = with_tabs([[row], [prose]])
    assert block[0].text == "Due date\t3 May 2026" and other == [prose]
    assert [word.text for word, _ in words_in(block[0], Span(0, 0, 9, 14))] == ["3", "May"]


def test_a_typewriters_wide_spaces_are_spaces() -> None:
    text = line(("if", 0), ("it", 9.5), ("is", 9.5), ("so", 9.5))
    row = line(("Due", 0), ("9:30", 40), y=20)
    ((one, two),) = with_tabs([[text, row]])
    assert (one.text, two.text) == ("if it is so", "Due\t9:30")


def test_a_row_of_single_words_is_all_cells() -> None:
    table = [line(("Chair", 0), ("4", 40), ("12.50", 40), y=20.0 * at) for at in range(3)]
    assert {row.text for row in with_tabs([table])[0]} == {"Chair\t4\t12.50"}


def test_nothing_and_single_words() -> None:
    alone = line(("Total", 0))
    assert with_tabs([]) == [] and with_tabs([[], [alone]]) == [[], [alone]]


def test_a_scanned_form_reads_as_its_text_layer_does(tmp_path: Path) -> None:
    """Through the real engine, upright and lying: the model gets the same text from both."""
    pairs = (("Order date:", "14 March 2026"), ("Contact person:", "Petra Berger"), ("Amount due:", "1,284.50 EUR"))
    with pymupdf.open() as document:
        page = document.new_page(width=400, height=300)
        page.insert_text((40, 60), "Our offer includes delivery and a short introduction.", fontsize=12)
        for row, (label, value) in enumerate(pairs):
            page.insert_text((40, 110 + 20 * row), label, fontsize=12)
            page.insert_text((180, 110 + 20 * row), value, fontsize=12)
        document.save(tmp_path / "text.pdf")
    scan_of(tmp_path / "text.pdf", tmp_path / "scan.pdf", random.Random(1))
    with pymupdf.open(str(tmp_path / "scan.pdf")) as lying:
        pixmap = lying[0].get_pixmap(dpi=200)
        sheet = lying.new_page(width=300, height=400)
        sheet.insert_image(sheet.rect, pixmap=pixmap, rotate=90)
        lying.save(tmp_path / "both.pdf")
    with Reader() as reader, Recogniser(RecognitionStore(tmp_path / "kept")) as recogniser:
        (wanted,) = reader.read(tmp_path / "text.pdf").pages
        upright, lying_down = recogniser.recognise(reader.read(tmp_path / "both.pdf")).pages
    assert wanted.text.count("\t") == 3
    for page in (upright, lying_down):
        assert list(filter(None, page.text.splitlines())) == list(filter(None, wanted.text.splitlines()))
    assert lying_down.turn in (90, 270)
