"""A Word document with one of everything, made by python-docx and, where that has no words for it, as XML."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from tests.files import samples

FOOTNOTES = f"""<w:footnotes {nsdecls("w")}>
<w:footnote w:id="0" w:type="separator"><w:p/></w:footnote>
<w:footnote w:id="2"><w:p><w:r><w:t>Measured on 3 May, in the yard.</w:t></w:r></w:p></w:footnote></w:footnotes>"""


def lease(path: Path) -> Path:
    """Headings, numbered clauses, a table with merged cells, a footnote, a comment, changes, hidden text, a picture."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Harbour Estates"
    document.add_heading("Lease of the boathouse", level=1)
    document.add_paragraph("The rent is ").add_run("1,234.56 EUR").bold = True
    for words in ("The tenant keeps the slipway clear.", "The landlord repairs the roof."):
        document.add_paragraph(words, style="List Number")
    document.add_paragraph("A bullet", style="List Bullet")
    _table(document)
    noted = document.add_paragraph("The yard is 412 square metres")
    _footnote(document, noted)
    remarked = document.add_paragraph("The deposit is three rents.")
    document.add_comment(remarked.runs, text="Is this still allowed?", author="Anna Berg", initials="AB")
    _changes(document.add_paragraph("Notice is "))
    document.add_paragraph("Seen").add_run(" and not seen").font.hidden = True
    document.add_picture(io.BytesIO(samples.png_bytes(samples.page_image())))
    document.add_page_break()
    document.add_paragraph("Signed in Kiel.")
    document.save(str(path))
    return path


def _table(document: Any) -> None:
    table = document.add_table(rows=3, cols=3)
    values = (("Berth", "Length", "Fee"), ("A7", "9.5 m", "310"), ("A8", "12 m", "455"))
    for row, cells in enumerate(values):
        for column, value in enumerate(cells):
            table.cell(row, column).text = value
    extra = table.add_row().cells
    merged = extra[0].merge(extra[1])
    merged.text = "Both berths"
    extra[2].text = "765"
    tall = table.add_row().cells, table.add_row().cells
    tall[0][0].merge(tall[1][0]).text = "Winter"
    tall[0][1].text, tall[1][1].text = "ashore", "afloat"


def _footnote(document: Any, paragraph: Any) -> None:
    part = Part(
        PackURI("/word/footnotes.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
        FOOTNOTES.encode(),
        document.part.package,
    )
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    reference = OxmlElement("w:footnoteReference")
    reference.set(qn("w:id"), "2")
    paragraph.add_run()._r.append(reference)


def _changes(paragraph: Any) -> None:
    about = f'{nsdecls("w")} w:author="Bo Lind" w:date="2026-05-03T10:00:00Z"'
    paragraph._p.append(parse_xml(f'<w:del {about} w:id="8"><w:r><w:delText>two</w:delText></w:r></w:del>'))
    paragraph._p.append(parse_xml(f'<w:ins {about} w:id="9"><w:r><w:t>six</w:t></w:r></w:ins>'))
    paragraph.add_run(" months.")
