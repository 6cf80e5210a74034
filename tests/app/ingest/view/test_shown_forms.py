"""The viewer shows and finds what a form holds and what people remarked, though the page prints neither."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.ingest.read.reader import Reader
from app.ingest.view.shown_pdf import ShownPdf
from tests.files.forms import FormPage


@pytest.fixture
def form() -> FormPage:
    form = FormPage(300, 300)
    form.write(20, 50, "Price:")
    form.text_field((80, 40, 180, 54), "price", "250 EUR", shown="")
    form.annotation(f"<</Type/Annot/Subtype/Text/T(Ann)/Rect{form.rect((220, 200, 240, 220))}/Contents(Too dear)>>")
    return form


@pytest.mark.parametrize(("words", "box"), [("250 EUR", (80, 40, 180, 54)), ("too dear", (220, 200, 240, 220))])
def test_words_that_are_not_printed_are_found(
    form: FormPage, tmp_path: Path, words: str, box: tuple[float, float, float, float]
) -> None:
    shown = ShownPdf(form.save(tmp_path / "a.pdf"), "pdf", None)
    ((hit,),) = shown.find(words, [1])
    assert len(hit) == 1
    x0, y0, x1, y1 = hit[0]
    assert box[0] - 1 <= x0 < x1 <= box[2] + 1
    assert box[1] - 3 <= y0 < y1 <= box[3] + 3
    assert shown.find("nowhere", [1]) == [[]]
    shown.close()


def test_an_old_drawing_is_drawn_anew_everywhere(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    path = form.save(tmp_path / "a.pdf")
    before = path.read_bytes()
    shares = (80 / 300, 40 / 300, 180 / 300, 54 / 300)
    picture, _ = reader.region(path, shares, 70)
    pixels = np.frombuffer(picture.read(), np.uint8)
    assert pixels.min() < 100, "the value can be read in the picture of its field"
    shown = ShownPdf(path, "pdf", None)
    drawn = np.frombuffer(shown.draw(1, 1.0, (80, 40, 100, 14))[0], np.uint8).reshape(14, 100, 4)[:, :, :3]
    shown.close()
    assert drawn.min() < 100
    assert path.read_bytes() == before
