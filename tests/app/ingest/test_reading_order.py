"""Pages whose files hold their print in any order, written with the order known in which a person reads them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from app.ingest.formats.mupdf import pymupdf
from app.ingest.formats.pdf.text.layer import read_layer
from app.ingest.process.protocol import page_text
from app.ingest.reading_order import arranged, between, reading_order
from app.ingest.types import TextLine

Writing = tuple[float, float, str]
"""Left edge, baseline, words."""


def text_of(writings: Sequence[Writing], size: float = 10.0, font: str = "helv") -> str:
    """What the model gets of a page on which these are written in this order."""
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        for x, y, words in writings:
            page.insert_text((x, y), words, fontsize=size, fontname=font)
        layer = read_layer(page)
        return page_text([[TextLine(line.text, line.box) for line in block] for block in layer.blocks])


def words_of(writings: Sequence[Writing]) -> list[str]:
    return " ".join(words for _, _, words in writings).split()


def column(x: float, top: float, name: str, count: int) -> list[Writing]:
    return [(x, top + 13 * row, f"{name}{row} these words fill column {name}") for row in range(count)]


def shuffles(seed: int) -> list[Callable[[list[Writing]], list[Writing]]]:
    rng = random.Random(seed)

    def parts_turned(writings: list[Writing]) -> list[Writing]:
        cut = rng.randint(3, len(writings) - 3)
        return writings[cut:] + writings[:cut]

    def anyhow(writings: list[Writing]) -> list[Writing]:
        return rng.sample(writings, len(writings))

    def from_the_foot(writings: list[Writing]) -> list[Writing]:
        return writings[::-1]

    def by_height(writings: list[Writing]) -> list[Writing]:
        return sorted(writings, key=lambda writing: (writing[1], writing[0]))

    return [list, parts_turned, anyhow, from_the_foot, by_height]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("columns", [2, 3])
def test_columns_under_a_heading(columns: int, seed: int) -> None:
    rng = random.Random(seed)
    heading: list[Writing] = [(60, 60, "A heading that runs across the page, over all of the columns that follow it")]
    lefts = [50 + at * 500 / columns for at in range(columns)]
    foot: list[Writing] = [(lefts[columns // 2], 800, "- 7 -")]
    rows = rng.randint(8, 40)
    body = [
        (x, 100.0 + 13 * row, f"{'xyz'[at]}{row} some words of column {'xyz'[at]}{row}")
        for at, x in enumerate(lefts)
        for row in range(rows)
    ]
    expected = heading + body + foot
    for shuffle in shuffles(seed):
        assert text_of(shuffle(expected)).split() == words_of(expected), shuffle.__name__


@pytest.mark.parametrize("seed", range(8))
def test_labels_and_figures_painted_apart(seed: int) -> None:
    rng = random.Random(seed)
    labels = ["Rent", "Heating", "Water", "Cleaning", "Insurance", "Repairs", "Total"][: rng.randint(3, 7)]
    figures = [f"{rng.randint(10, 9999)}.{rng.randint(10, 99)}" for _ in labels]
    top, step = rng.uniform(80, 300), rng.uniform(13, 22)
    left = [(60.0, top + step * row, label) for row, label in enumerate(labels)]
    right = [(330.0, top + step * row, figure) for row, figure in enumerate(figures)]
    title = [(60.0, top - 40, "What the flat costs")]
    rows = [f"{label}\t{figure}" for label, figure in zip(labels, figures, strict=True)]
    for written in (title + right + left, right + left + title, title + left + right, left + right + title):
        lines = [line for line in text_of(written).splitlines() if line]
        assert lines == ["What the flat costs", *rows]


@pytest.mark.parametrize("turned", [90, 270])
def test_print_that_lies_on_its_side_keeps_its_order(turned: int) -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        for row in range(20):
            at = (100 + 13 * row, 700) if turned == 90 else (500 - 13 * row, 100)
            page.insert_text(at, f"Line {row} of a page that lies on its side", rotate=turned, fontsize=10)
        rows = [line.text.split()[1] for block in read_layer(page).blocks for line in block]
    assert rows == [str(row) for row in range(20)]


def test_a_heading_painted_last_comes_first_and_nothing_else_moves() -> None:
    body: list[Writing] = [(60, 100 + 13 * row, f"Line {row} of a letter that goes on and on") for row in range(30)]
    head: list[Writing] = [(60, 50, "Letter of 3 May")]
    assert text_of(body + head).split() == words_of(head + body)


def test_words_of_one_line_painted_in_odd_order() -> None:
    words = ["the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog"]
    at, places = 60.0, []
    for word in words:
        places.append((at, 100.0, word))
        at += pymupdf.get_text_length(word + " ", fontsize=10)
    below: list[Writing] = [(60, 114, "and sleeps.")]
    assert text_of(places[::2] + places[1::2] + below).split("\n")[0] == " ".join(words)


def test_a_line_that_is_raised_in_its_middle_is_one_line() -> None:
    def width(words: str) -> float:
        return float(pymupdf.get_text_length(words, fontsize=10))

    first, second = 60 + width("E = mc"), 60 + width("E = mc2")
    text = text_of([(60, 100, "E = mc"), (first, 94, "2"), (second, 100, " is an equivalence.")])
    assert text == "E = mc2 is an equivalence."


@pytest.mark.parametrize(
    "words", [("吾輩は猫である", "名前はまだ無い", "どこで生れたか"), ("수정된계약서", "임대인과임차인")]
)
def test_writing_down_the_page_one_character_a_line(words: tuple[str, ...]) -> None:
    font = "korea" if words[0] > "가" else "japan"
    written = [
        (400.0 - 40 * column, 90.0 + 11 * row, character)
        for column, text in enumerate(words)
        for row, character in enumerate(text)
    ]
    assert text_of(written, font=font).split() == list(words)


def test_a_column_of_marks_or_figures_is_no_word() -> None:
    marks = [(300.0, 100.0 + 13 * row, mark) for row, mark in enumerate("1234")]
    assert "1234" not in text_of(marks)
    parts = [(60.0, 100.0 + 13 * row, mark) for row, mark in enumerate("ABCD")]
    texts = [(75.0, 100.0 + 13 * row, f"the {row}th answer") for row in range(4)]
    assert "ABCD" not in text_of(parts + texts)


@dataclass
class Box:
    text: str
    box: tuple[float, float, float, float]


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_lost_or_doubled_whatever_the_boxes(seed: int) -> None:
    rng = random.Random(seed)
    boxes = []
    for number in range(rng.randint(0, 300)):
        x, y = rng.uniform(-50, 600), rng.uniform(-50, 900)
        boxes.append(Box(f"t{number}", (x, y, x + rng.uniform(-5, 400), y + rng.uniform(0, 60))))
    order = reading_order(boxes)
    assert sorted(order) == list(range(len(boxes)))
    blocks = [[box] for box in boxes]
    assert sorted(box.text for block in arranged(blocks) for box in block) == sorted(box.text for box in boxes)


def test_what_is_in_order_stays_as_it_is() -> None:
    left, right = column(60, 80, "x", 20), column(330, 80, "y", 12)
    blocks = [[Box(words, (x, y - 8, x + 200, y + 3)) for x, y, words in part] for part in (left, right)]
    assert arranged(blocks) == blocks
    assert arranged(arranged(blocks[::-1])) == blocks


def test_what_stands_between_pieces() -> None:
    word = Box("word", (10, 10, 40, 20))
    assert between(word, Box("s", (40, 10, 45, 20))) == ""
    assert between(word, Box("next", (43, 10, 60, 20))) == " "
    assert between(word, Box("cell", (70, 10, 90, 20))) == "\t"
    assert between(word, Box("below", (10, 22, 40, 32))) == "\n"
    assert between(word, Box("before", (0, 10, 9, 20))) == "\n"
    assert between(Box("10", (10, 10, 40, 20)), Box("6", (40, 6, 45, 13))) == "^"


@pytest.mark.parametrize("size", [7, 9, 14])
def test_a_single_digit_belongs_to_its_row(size: float) -> None:
    """It is higher than wide, as words that are written downwards are."""
    rows = [("Reading desk, oak", "2", "389.00"), ("Desk lamp with dimmer", "4", "64.50"), ("Delivery", "1", "95.00")]
    lefts = (60, 300, 360)
    writings = [(x, 100 + 22 * at, cell) for at, row in enumerate(rows) for x, cell in zip(lefts, row, strict=True)]
    lines = text_of(writings, size).split("\n")
    assert [line for line in lines if line] == ["\t".join(row) for row in rows]
