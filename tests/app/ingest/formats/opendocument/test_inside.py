"""OpenDocument files of other programs, with their frames and master pages."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest

from app.ingest.formats.laid_out.content import SPOT
from app.ingest.formats.opendocument.layout import lay_out
from app.ingest.kinds import sniff
from model.errors import IngestError
from tests.app.ingest.formats.opendocument.documents import letter, package

_M = "http://www.w3.org/1998/Math/MathML"
_OBJECT = (
    '<office:text><text:p><draw:frame><draw:object xlink:href="./Object 1"/>'
    '<draw:image xlink:href="./ObjectReplacements/Object 1"/></draw:frame></text:p></office:text>'
)


def _text(path: Path, data: bytes, form: str) -> str:
    path.write_bytes(data)
    return re.sub(r"<[^>]*>", "|", lay_out(path, form).body.replace(SPOT, ""))


def _again(data: bytes, order: list[str] | None = None, **changes: tuple[bytes, bytes]) -> bytes:
    """The archive with its parts in another order, and with replacements in some."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in sorted(archive.namelist(), key=lambda name: (name not in (order or []), name)):
            copy.writestr(name, archive.read(name).replace(*changes.get(name.partition(".")[0], (b"", b""))))
    return made.getvalue()


def test_the_name_of_the_type_may_be_anywhere_and_packed(tmp_path: Path) -> None:
    path = tmp_path / "a.odt"
    path.write_bytes(_again(letter(), ["content.xml"]))
    assert sniff(path).format == "odt"


def test_a_document_type_is_no_entity(tmp_path: Path) -> None:
    path = tmp_path / "a.odt"
    named = b'?><!DOCTYPE office:document-content SYSTEM "office.dtd"><office:document-content'
    path.write_bytes(_again(letter(), content=(b"?><office:document-content", named)))
    assert len(lay_out(path, "odt").body) > 500
    declared = named.replace(b'"office.dtd"', b'"office.dtd" [<!ENTITY a "b">]')
    path.write_bytes(_again(letter(), content=(b"?><office:document-content", declared)))
    with pytest.raises(IngestError, match="declares its own XML entities"):
        lay_out(path, "odt")


def test_equations_and_charts_are_read(tmp_path: Path) -> None:
    maths = (
        f'<math xmlns="{_M}"><semantics><mrow><mi>E</mi><mo>=</mo><mfrac><mrow><mi>m</mi><mo>+</mo><mn>1</mn></mrow>'
        "<mn>2</mn></mfrac><msup><mi>c</mi><mn>2</mn></msup><msqrt><mi>x</mi></msqrt></mrow>"
        '<annotation encoding="StarMath 5.0">E = never</annotation></semantics></math>'
    )
    text = _text(tmp_path / "a.odt", package("text", _OBJECT, **{"Object 1/content.xml": maths.encode()}), "odt")
    assert "|E=(m+1)/2 c²√(x)|" in text
    base = "urn:oasis:names:tc:opendocument:xmlns"
    names = " ".join(f'xmlns:{name}="{base}:{name}:1.0"' for name in ("office", "chart", "text", "table"))
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    chart = (
        f"<office:document-content {names}><office:body><office:chart><chart:chart><chart:title><text:p>Tides</text:p>"
        f"</chart:title><table:table><table:table-row>{cell.format('March')}{cell.format('4.25')}</table:table-row>"
        "</table:table></chart:chart></office:chart></office:body></office:document-content>"
    )
    text = _text(tmp_path / "b.odt", package("text", _OBJECT, **{"Object 1/content.xml": chart.encode()}), "odt")
    assert "|Chart: Tides|" in text and "|March|" in text and "|4.25|" in text


def test_master_pages_and_printed_margins_are_given_once(tmp_path: Path) -> None:
    box = "<draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
    slide = f'<draw:page draw:master-page-name="Blue">{box}</draw:page>'
    master = (
        '<style:master-page style:name="Blue"><draw:frame><draw:text-box><text:p>Harbour board</text:p></draw:text-box>'
        '</draw:frame><draw:frame presentation:class="title"><draw:text-box><text:p>Click here</text:p></draw:text-box>'
        '</draw:frame><draw:frame presentation:class="footer"><draw:text-box><text:p>Not for the press</text:p>'
        "</draw:text-box></draw:frame></style:master-page>"
    )
    body = f"<office:presentation>{slide.format('One')}{slide.format('Two')}</office:presentation>"
    text = _text(tmp_path / "a.odp", package("presentation", body, master=master), "odp")
    assert text.count("Behind the slide: Not for the press") == 1
    assert text.count("Behind the slide: Harbour board") == 1 and "Click here" not in text
    footer = (
        '<style:master-page style:name="Default"><style:footer><text:p>Checked by Ann</text:p>'
        "<text:p>Page <text:page-number>1</text:page-number></text:p></style:footer></style:master-page>"
    )
    row = "<table:table-row><table:table-cell><text:p>Rope</text:p></table:table-cell></table:table-row>"
    body = f'<office:spreadsheet><table:table table:name="A">{row}</table:table></office:spreadsheet>'
    text = _text(tmp_path / "a.ods", package("spreadsheet", body, master=footer), "ods")
    assert "|Footer: Checked by Ann|" in text and "Page" not in text
