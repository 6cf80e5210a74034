"""Words past the edge of the page that is shown are neither given nor found; those before it are, where they stand."""

from __future__ import annotations

import pytest

from app.ingest.formats.mupdf import pymupdf
from app.ingest.formats.pdf.text.layer import Layer, read_layer

WORDS = ["Design", "Experimentation", "Measurement", "Performance", "Reliability", "Software"]
SIZE = 10.0


def width(words: str) -> float:
    return float(pymupdf.get_text_length(words, fontsize=SIZE))


def cropped(first: int, last: int, rotate: int = 0, media: bool = False) -> tuple[Layer, pymupdf.Page]:
    """A line of words of which only some lie on the page."""
    line = " ".join(WORDS)
    left = 100 + width(" ".join(WORDS[:first]) + " ") if first else 90.0
    right = 100 + width(" ".join(WORDS[: last + 1])) + 1
    with pymupdf.open() as document:
        page = document.new_page(width=700, height=300)
        page.insert_text((100, 150), line, fontsize=SIZE)
        page.insert_text((100, 290), "far below the page", fontsize=SIZE)
        box = pymupdf.Rect(left, 120, right, 180)
        if media:
            page.set_mediabox(pymupdf.Rect(box.x0, 300 - box.y1, box.x1, 300 - box.y0))
        else:
            page.set_cropbox(box)
        page.set_rotation(rotate)
        data = document.tobytes()
    page = pymupdf.open(stream=data, filetype="pdf")[0]
    return read_layer(page), page


@pytest.mark.parametrize("media", [False, True])
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize(("first", "last"), [(0, 5), (1, 1), (2, 4), (0, 2), (3, 5)])
def test_only_words_on_the_page_are_text(first: int, last: int, rotate: int, media: bool) -> None:
    layer, page = cropped(first, last, rotate, media)
    lines = [line for block in layer.blocks for line in block]
    assert " ".join(line.text for line in lines).split() == WORDS[first : last + 1]
    for line in lines:
        assert line.box[0] >= -1 and line.box[2] <= page.rect.width + 1
        assert line.box[1] >= -1 and line.box[3] <= page.rect.height + 1
    left_out = sum(len(word) for at, word in enumerate(WORDS) if not first <= at <= last) + len("farbelowthepage")
    assert layer.hidden >= left_out


def test_a_line_beside_a_picture_is_cut_at_the_edge_too() -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=700, height=300)
        page.insert_image(pymupdf.Rect(20, 20, 60, 60), pixmap=pymupdf.Pixmap(pymupdf.csRGB, (0, 0, 8, 8)))
        page.insert_text((20, 150), " ".join(WORDS), fontsize=SIZE)
        page.set_cropbox(pymupdf.Rect(10, 10, 20 + width("Design Experimentation") + 1, 200))
        layer = read_layer(page)
    assert "".join(line.text for block in layer.blocks for line in block).split() == WORDS[:2]
