"""A number that was hard to read is read again, through the real process, and evidence says what came of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from app.chat.evidence.checking import check
from app.ingest.formats.mupdf import pymupdf
from app.ingest.ocr.second_look import SecondLook
from app.ingest.process import serving
from app.ingest.process.serving import Failures
from app.ingest.types import Document, TextLine, Word
from tests.app.chat.evidence.papers import image, page, paper
from tests.files import samples

SIZE = (620, 300)
BOX = (40.0, 120.0, 300.0, 160.0)
TOTAL = "1,788.84"


@pytest.fixture(scope="module")
def look() -> Iterator[SecondLook]:
    with SecondLook() as made:
        yield made


def picture(words: str = TOTAL) -> Image.Image:
    drawn = Image.new("RGB", SIZE, "white")
    pen, font = ImageDraw.Draw(drawn), ImageFont.load_default(size=32)
    for row, line in enumerate(("Above 5555", words, "Below 7777")):
        pen.text((40, 20 + 100 * row), line, fill="black", font=font)
    return drawn


def read_as(path: Path, words: str, *, scan: bool, turn: int = 0) -> Document:
    """A page on which a number was read, with little confidence, from the box in which it stands."""
    line = TextLine(words, BOX, "", "picture", (Word(words, BOX, 0.5),))
    made = replace(page(1, state="both"), lines=(line,), text=words, recognition="read", confidence=0.5, turn=turn)
    document = paper(path.name, made) if scan else replace(image(path.name), pages=(made,))
    return replace(document, path=path)


@pytest.mark.parametrize("scan", [False, True])
def test_both_readings_are_shown_where_they_differ(look: SecondLook, tmp_path: Path, scan: bool) -> None:
    path = samples.image_file(tmp_path / "total.png", picture())
    if scan:
        with pymupdf.open() as document:
            sheet = document.new_page(width=SIZE[0], height=SIZE[1])
            sheet.insert_image(sheet.rect, filename=str(path))
            path = tmp_path / "total.pdf"
            document.save(str(path))
    assert look(read_as(path, TOTAL, scan=scan), 1, BOX) == TOTAL
    (same,) = check(f"“{TOTAL}” (page 1)", [read_as(path, TOTAL, scan=scan)], read=look)
    assert same.state == "scanned"
    (other,) = check("“1,738.84” (page 1)", [read_as(path, "1,738.84", scan=scan)], read=look)
    assert (other.state, other.readings) == ("seen", ("1,738.84", TOTAL))


def test_a_page_that_lies_on_its_side(look: SecondLook, tmp_path: Path) -> None:
    path = samples.image_file(tmp_path / "side.png", picture().transpose(Image.Transpose.ROTATE_90))
    box = (BOX[1], SIZE[0] - BOX[2], BOX[3], SIZE[0] - BOX[0])
    document = read_as(path, TOTAL, scan=False, turn=90)
    assert look(document, 1, box) == TOTAL


def test_what_cannot_be_read_again_says_nothing(look: SecondLook, tmp_path: Path) -> None:
    path = samples.image_file(tmp_path / "total.png", picture())
    document = read_as(path, TOTAL, scan=False)
    assert look(document, 1, (590.0, 270.0, 610.0, 290.0)) == "", "white paper"
    assert look(document, 1, (700.0, 10.0, 800.0, 20.0)) == "", "beside the picture"
    assert look(replace(document, path=tmp_path / "gone.png"), 1, BOX) == ""
    with SecondLook(entry=crash) as crashing:
        assert crashing(document, 1, BOX) == ""


def crash(connection: Connection) -> None:
    serving.serve(connection, lambda request: os._exit(3), Failures("reading", memory="", damaged=""))
