"""Presentations in other forms, and text on slides outside of plain text frames."""

from __future__ import annotations

import re
from pathlib import Path

import pptx
import pytest
from lxml import etree
from pptx.util import Inches

from app.ingest.formats.slides.layout import lay_out
from tests.app.ingest.formats.packed import changed

_MAIN = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'


def _text(path: Path) -> str:
    return re.sub(r"<[^>]*>", "|", lay_out(path, "pptx").body)


def _deck(path: Path, *paragraphs: str) -> Path:
    """A slide with a box of paragraphs that are written as XML."""
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    body = slide.shapes.add_textbox(Inches(1), Inches(1), Inches(5), Inches(2)).text_frame._txBody
    for inner in paragraphs:
        body.append(etree.fromstring(f"<a:p {_A}>{inner}</a:p>"))
    deck.save(str(path))
    return path


@pytest.mark.parametrize("kind", ["slideshow", "template"])
def test_shows_and_templates_are_read(tmp_path: Path, kind: str) -> None:
    path = _deck(tmp_path / "a.ppsx", "<a:r><a:t>High tide</a:t></a:r>")
    main = f"application/vnd.openxmlformats-officedocument.presentationml.{kind}.main+xml".encode()
    assert "High tide" in _text(changed(path, lambda _name, data: data.replace(_MAIN, main)))


def test_fields_and_numbers_of_lists_are_read(tmp_path: Path) -> None:
    number = '<a:pPr><a:buAutoNum type="{}"/></a:pPr><a:r><a:t>{}</a:t></a:r>'
    path = _deck(
        tmp_path / "a.pptx",
        '<a:fld id="{0}" type="datetime1"><a:t>3 May 2026</a:t></a:fld>',
        number.format("arabicPeriod", "Rope"),
        number.format("arabicPeriod", "Anchor"),
        "<a:r><a:t>between</a:t></a:r>",
        number.format("alphaLcParenBoth", "Lamp"),
    )
    content = _text(path)
    for words in ("|3 May 2026|", "|1. Rope|", "|2. Anchor|", "|(a) Lamp|"):
        assert words in content


def test_the_first_form_of_a_shape_that_can_be_read_counts(tmp_path: Path) -> None:
    path = _deck(tmp_path / "a.pptx", "<a:r><a:t>√ as new programs write it</a:t></a:r>")
    deck = pptx.Presentation(str(path))
    shape = deck.slides[0].shapes[0]._element
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    either = etree.fromstring(f'<mc:AlternateContent xmlns:mc="{mc}"><mc:Choice/><mc:Fallback/></mc:AlternateContent>')
    shape.addprevious(either)
    either[0].append(shape)
    deck.save(str(path))
    assert "√ as new programs write it" in _text(path)


def test_words_of_the_master_are_given_once(tmp_path: Path) -> None:
    deck = pptx.Presentation()
    for _ in range(2):
        deck.slides.add_slide(deck.slide_layouts[6])
    other = deck.slides[0].shapes.add_textbox(Inches(1), Inches(1), Inches(5), Inches(2))
    other.text_frame.text = "Draft of 3 May"
    deck.slide_masters[0].shapes._spTree.append(other._element)
    deck.save(str(tmp_path / "a.pptx"))
    assert _text(tmp_path / "a.pptx").count("Behind the slide: Draft of 3 May") == 1
