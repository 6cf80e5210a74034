"""Words on pictures, through the real engine: which way they lie, in which language, where they stand."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from app.ingest.formats.mupdf import pymupdf
from app.ingest.ocr.arranging import arranged_lines
from app.ingest.ocr.capital_i import with_capital_i
from app.ingest.ocr.doubtful import read_doubtful_again
from app.ingest.ocr.engine import FoundLine, FoundWord
from app.ingest.ocr.languages import language_files, language_folders
from app.ingest.ocr.prepare import evened, lie_of
from app.ingest.ocr.reading import Hint, Reading, read_picture
from app.ingest.ocr.tesseract import Tesseract
from tests.files.scans import Scan, distorted, drawn, matched, screenshot, text_pdf

WIDE = (
    "the first unit rose by 93.3",
    "the liability of Bramley for fraud",
    "gross negligence. A fee of $871.73",
    "days after the final inspection of",
    "that reasonable effort means at least",
)
"""Lines of a narrow column, set apart as justified print is."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Tesseract]:
    made = Tesseract(language_files(language_folders()))
    yield made
    made.close()


@pytest.fixture(scope="module")
def page() -> Scan:
    return drawn(text_pdf(random.Random(1), "eng", 3), 100)


def right(scan: Scan, found: Reading) -> float:
    return len(matched(scan.words, [word.text for word in found.words])) / len(scan.words)


@pytest.mark.parametrize(("degrees", "turn"), [(0.0, 0), (90.0, 90), (180.0, 180), (273.0, 270)])
def test_words_and_boxes_whichever_way_the_page_lies(degrees: float, turn: int, page: Scan, engine: Tesseract) -> None:
    scan = distorted(page, random.Random(2), degrees=degrees)
    found = read_picture(scan.image, engine)
    assert found.turn == turn
    assert found.language == "eng"
    assert right(scan, found) > 0.9
    assert found.confidence > 0.8
    for one, other in matched(scan.words, [word.text for word in found.words]):
        box = found.words[other].box
        assert all(abs(a - b) < 8 for a, b in zip(scan.boxes[one], box, strict=True))


def test_german_is_read_as_german(engine: Tesseract) -> None:
    scan = drawn(text_pdf(random.Random(4), "deu", 3), 130)
    found = read_picture(scan.image, engine)
    assert found.language == "deu"
    assert right(scan, found) > 0.9


@pytest.mark.parametrize(
    ("english", "german", "hint", "language"),
    [(0.92, 0.93, "", "eng"), (0.92, 0.93, "deu", "eng"), (0.95, 0.99, "deu", "eng"), (0.88, 0.94, "", "deu")],
)
def test_another_language_has_to_be_clearly_surer(english: float, german: float, hint: str, language: str) -> None:
    """English print is read nearly as surely with German data; German print with English data is not."""
    sure = {"eng": english, "deu": german}

    class Twofold:
        name, languages = "none", ("eng", "deu")

        def read(self, picture: Image.Image, language: str, seconds: float, *, block: bool = False) -> list[FoundLine]:
            return [FoundLine([FoundWord("committee", (10, 10, 90, 30), sure[language])], 0)]

    image = Image.new("L", (2000, 400), 255)
    image.paste(0, (100, 100, 900, 130))
    assert read_picture(image, Twofold(), Hint(0, hint)).language == language


def test_a_dark_screen_is_read_row_by_row(engine: Tesseract) -> None:
    scan = screenshot(random.Random(3), dark=True, rows=3)
    found = read_picture(scan.image, engine)
    assert right(scan, found) > 0.9
    assert [word.text for word in found.words][:3] == ["Settings", "and", "status"]


def test_grain_in_wide_gaps_is_not_read_and_takes_no_word_with_it(engine: Tesseract) -> None:
    with pymupdf.open() as document:
        sheet = document.new_page(width=420, height=90)
        for row, words in enumerate(WIDE):
            for column, word in enumerate(words.split()):
                sheet.insert_text((20 + 65 * column, 24 + 13 * row), word, fontname="cour", fontsize=8)
        scan = distorted(drawn(document, 200), random.Random(6), noise=6, quality=80)
    assert [word.text for word in read_picture(scan.image, engine).words] == scan.words


def test_a_lone_i_is_no_bar_and_a_bar_is_no_i(engine: Tesseract) -> None:
    lines = ("When I left, I took it.", "Part I of the report", "Name | Place | Street")
    with pymupdf.open() as document:
        sheet = document.new_page(width=240, height=90)
        for row, words in enumerate(lines):
            sheet.insert_text((20, 24 + 20 * row), words, fontname="helv", fontsize=11)
        scan = drawn(document, 150)
    found = [line.text for block in read_picture(scan.image, engine).blocks for line in block]
    assert found[:2] == list(lines[:2])
    assert "I" not in found[2].split()


@pytest.mark.parametrize(
    ("stroke", "text"),
    [((104, 10, 107, 40), "I"), ((104, 2, 107, 48), "|"), ((104, 20, 107, 40), "|"), ((104, 10, 130, 40), "|")],
)
def test_only_what_is_as_high_and_as_thin_as_a_letter_is_an_i(stroke: tuple[int, int, int, int], text: str) -> None:
    image = Image.new("L", (300, 60), 255)
    for box in ((10, 10, 90, 40), (150, 10, 290, 40), stroke):
        image.paste(0, box)
    boxes = ((10, 10, 90, 40), (100, 2, 120, 50), (150, 10, 290, 40))
    words = [FoundWord(word, box, 0.95) for word, box in zip(("When", "|", "left"), boxes, strict=True)]
    mended = with_capital_i([FoundLine(words, 1)], image)[0].words
    assert [word.text for word in mended] == ["When", text, "left"]
    assert mended[1].box == (stroke if text == "I" else boxes[1])
    alone = FoundLine([FoundWord("|", (100, 2, 120, 50), 0.9)], 1)
    assert with_capital_i([alone], image) == [alone]  # nothing tells how high letters are


class Alone:
    """An engine that reads a whole picture as ``lines`` and a small part of it as ``closer``."""

    name, languages = "none", ("eng",)

    def __init__(self, lines: list[FoundLine], closer: list[FoundWord]) -> None:
        self._lines, self._closer = lines, closer
        self.parts: list[tuple[int, int]] = []

    def read(self, picture: Image.Image, language: str, seconds: float, *, block: bool = False) -> list[FoundLine]:
        if not block:
            return self._lines
        self.parts.append(picture.size)
        return [FoundLine(self._closer, 0)] if self._closer else []


@pytest.mark.parametrize(
    ("closer", "text"),
    [
        ([FoundWord("schriftliche", (0, 0, 9, 9), 0.97)], "schriftliche"),
        ([FoundWord("schriftlich", (0, 0, 9, 9), 0.3)], "schriftlicee"),  # hardly surer
        ([FoundWord("schrift", (0, 0, 9, 9), 0.9), FoundWord("liche", (9, 0, 19, 9), 0.9)], "schriftlicee"),
        ([], "schriftlicee"),
    ],
)
def test_a_doubtful_word_is_read_by_itself_and_the_surer_reading_counts(closer: list[FoundWord], text: str) -> None:
    sure = FoundWord("Zustimmung", (60, 10, 120, 30), 0.95)
    lines = [FoundLine([FoundWord("schriftlicee", (0, 10, 50, 30), 0.24), sure], 0)]
    engine = Alone(lines, closer)
    found = read_doubtful_again(lines, Image.new("L", (200, 40), 255), "eng", engine, time.process_time() + 60)
    assert [word.text for word in found[0].words] == [text, "Zustimmung"]
    assert len(engine.parts) == 1  # the sure word is not read again
    assert lines[0].words[0].text == "schriftlicee"
    late = read_doubtful_again(lines, Image.new("L", (200, 40), 255), "eng", engine, time.process_time() - 1)
    assert late == lines


def test_nothing_is_read_from_what_holds_no_words(engine: Tesseract) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 300), dtype=np.uint8))
    assert len(read_picture(noise, engine).words) < 3
    assert read_picture(Image.new("L", (300, 200), 90), engine).words == []
    assert read_picture(Image.new("RGB", (1, 1)), engine).words == []


def test_light_and_dark_print_come_out_alike() -> None:
    light = screenshot(random.Random(5), rows=2).image.convert("L")
    dark = Image.fromarray(255 - np.asarray(light))
    assert np.abs(np.asarray(evened(light)).astype(int) - np.asarray(evened(dark)).astype(int)).max() <= 1


@pytest.mark.parametrize("degrees", [0.0, 2.0, -4.0])
def test_the_lie_of_lines(degrees: float, page: Scan) -> None:
    lie = lie_of(evened(page.image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)))
    assert lie.across
    assert abs(lie.degrees + degrees) < 0.3
    assert not lie_of(evened(page.image.transpose(Image.Transpose.ROTATE_90))).across


def line(text: str, x: float, y: float, height: float = 20.0) -> FoundLine:
    width = 9.0 * len(text)
    return FoundLine([FoundWord(text, (x, y, x + width, y + height), 0.9)], 1)


def test_labels_and_values_are_read_row_by_row_though_their_ink_ends_at_other_heights() -> None:
    labels = [line("Status", 50, 100, 18), line("Update", 50, 140, 23), line("Size", 50, 180, 18)]
    values = [line("Pending", 400, 101, 23), line("March", 400, 140, 18), line("412", 400, 180, 18)]
    found = [one.text for block in arranged_lines(labels + values) for one in block]
    assert found == ["Status", "Pending", "Update", "March", "Size", "412"]


def test_prose_is_read_column_by_column() -> None:
    words = "several words of prose that fill a column"
    left = [line(f"left {at} {words}", 50, 100 + 30 * at) for at in range(5)]
    beside = [line(f"right {at} {words}", 560, 100 + 30 * at) for at in range(5)]
    mixed = [one for pair in zip(left, beside, strict=True) for one in pair]
    found = [one.text.split()[0] for block in arranged_lines(mixed) for one in block]
    assert found == ["left"] * 5 + ["right"] * 5


def test_large_print_is_read_from_a_smaller_picture(engine: Tesseract) -> None:
    scan = drawn(text_pdf(random.Random(1), "eng", 6, size=40), 300)
    scan = distorted(scan, random.Random(1), noise=25)
    found = read_picture(scan.image, engine)
    pairs = matched(scan.words, [word.text for word in found.words])
    assert len(pairs) > 0.9 * len(scan.words)
    for one, other in pairs:
        assert all(abs(a - b) < 12 for a, b in zip(scan.boxes[one], found.words[other].box, strict=True))
