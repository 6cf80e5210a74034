"""A presentation with one of everything, made by python-pptx."""

from __future__ import annotations

import io
from pathlib import Path

import pptx
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.util import Inches

from tests.files import samples

_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


def harbour(path: Path) -> Path:
    """Five slides: bullets with notes and a comment, a table, a chart, a picture, a hidden one."""
    deck = pptx.Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "The new harbour wall"
    frame = first.placeholders[1].text_frame
    frame.text = "It is 412 metres long"
    deeper = frame.add_paragraph()
    deeper.text, deeper.level = "of which 96 metres are new", 1
    first.notes_slide.notes_text_frame.text = "Mention the storm of 1962."
    _comment(deck, first)
    second = deck.slides.add_slide(deck.slide_layouts[5])
    second.shapes.title.text = "Costs"
    table = second.shapes.add_table(3, 3, Inches(1), Inches(2), Inches(8), Inches(2)).table
    for row, values in enumerate((("Part", "2025", "2026"), ("Stone", "310", "455"), ("Both years", "", "765"))):
        for column, value in enumerate(values):
            table.cell(row, column).text = value
    table.cell(2, 0).merge(table.cell(2, 1))
    third = deck.slides.add_slide(deck.slide_layouts[5])
    third.shapes.title.text = "Ships"
    data = CategoryChartData()
    data.categories = ["May", "June"]
    data.add_series("Ferries", (14, 27.5))
    third.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(2), Inches(6), Inches(4), data)
    fourth = deck.slides.add_slide(deck.slide_layouts[6])
    image = io.BytesIO(samples.png_bytes(samples.page_image()))
    fourth.shapes.add_picture(image, Inches(1), Inches(1))
    fifth = deck.slides.add_slide(deck.slide_layouts[5])
    fifth.shapes.title.text = "Only if somebody asks"
    fifth._element.set("show", "0")
    deck.save(str(path))
    return path


def _comment(deck: pptx.Presentation, slide: object) -> None:
    package = deck.part.package
    authors = (
        f'<p:cmAuthorLst xmlns:p="{_P}"><p:cmAuthor id="0" name="Anna Berg" initials="AB" lastIdx="1"/></p:cmAuthorLst>'
    )
    comment = (
        f'<p:cmLst xmlns:p="{_P}"><p:cm authorId="0" dt="2026-05-03T10:00:00" idx="1"><p:pos x="10" y="10"/>'
        "<p:text>Is that measured?</p:text></p:cm></p:cmLst>"
    )
    for owner, kind, name, data in (
        (deck.part, "commentAuthors", "/ppt/commentAuthors.xml", authors),
        (slide.part, "comments", "/ppt/comments/comment1.xml", comment),
    ):
        content = f"application/vnd.openxmlformats-officedocument.presentationml.{kind}+xml"
        owner.relate_to(Part(PackURI(name), content, package, data.encode()), _RELATION + kind)
