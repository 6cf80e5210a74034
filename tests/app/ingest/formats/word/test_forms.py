"""Word documents as other and older programs write them, and what they contain besides plain text."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from app.ingest.formats.laid_out.embedded import take_out
from app.ingest.formats.laid_out.symbols import in_symbols, symbol
from app.ingest.formats.word.layout import lay_out
from app.ingest.kinds import sniff
from tests.app.ingest.formats.mail.outlook_files import Storage, compound
from tests.app.ingest.formats.packed import changed, more_relations, native_object

_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
_W = nsdecls("w")


def _letter(path: Path, *paragraphs: str) -> Path:
    """A letter with paragraphs given as XML after its first line."""
    document = docx.Document()
    document.add_paragraph("Dear harbour master,")
    for inner in paragraphs:
        document.element.body.insert(-1, parse_xml(inner))
    document.save(str(path))
    return path


def _text(path: Path) -> str:
    return re.sub(r"<[^>]*>", "|", lay_out(path, "docx").body)


@pytest.mark.parametrize(
    "main",
    [
        "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
        "application/vnd.ms-word.document.macroEnabled.main+xml",
        "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
    ],
)
def test_templates_and_documents_with_macros_are_read(tmp_path: Path, main: str) -> None:
    path = changed(_letter(tmp_path / "a.docm"), lambda _name, data: data.replace(_MAIN.encode(), main.encode()))
    assert sniff(path).kind == "word" and "Dear harbour master," in _text(path)


def test_the_main_part_may_have_another_name(tmp_path: Path) -> None:
    path = changed(
        _letter(tmp_path / "a.docx"),
        lambda _name, data: data.replace(b"word/document.xml", b"word/document2.xml"),
        rename=lambda name: name.replace("word/document.xml", "word/document2.xml").replace(
            "word/_rels/document.xml", "word/_rels/document2.xml"
        ),
    )
    assert sniff(path).kind == "word" and "Dear harbour master," in _text(path)


def test_ticks_and_choices_of_older_forms_are_read(tmp_path: Path) -> None:
    field = '<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{}</w:ffData></w:fldChar></w:r><w:r><w:t>{}</w:t></w:r>'
    path = _letter(
        tmp_path / "a.docx",
        f"<w:p {_W}>"
        + field.format('<w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox>', "moored")
        + field.format('<w:checkBox><w:default w:val="0"/></w:checkBox>', "afloat")
        + field.format(
            '<w:ddList><w:result w:val="1"/><w:listEntry w:val="N"/><w:listEntry w:val="S"/></w:ddList>', "!"
        )
        + "</w:p>",
    )
    assert "☑moored☐afloatS!" in _text(path)


def test_readings_above_words_follow_them(tmp_path: Path) -> None:
    ruby = (
        "<w:r><w:ruby><w:rt><w:r><w:t>とうきょう</w:t></w:r></w:rt>"
        "<w:rubyBase><w:r><w:t>東京</w:t></w:r></w:rubyBase></w:ruby></w:r>"
    )
    shown = _text(_letter(tmp_path / "a.docx", f"<w:p {_W}>{ruby}<w:r><w:t>へ</w:t></w:r></w:p>"))
    assert "東京へ" in shown and "Reading: 東京 (とうきょう)" in shown


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ("<m:sSup><m:e>{r}</m:e><m:sup>{2}</m:sup></m:sSup>", "r²"),
        ("<m:sSub><m:e>{a}</m:e><m:sub>{n}</m:sub></m:sSub>{b}", "a_n b"),
        ("<m:f><m:num>{a+b}</m:num><m:den>{2}</m:den></m:f>", "(a+b)/2"),
        (
            "<m:sSup><m:e><m:f><m:num>{x}</m:num><m:den>{v}</m:den></m:f></m:e><m:sup>{2}</m:sup></m:sSup>",
            "(x/v)²",
        ),
        ("<m:rad><m:radPr><m:degHide/></m:radPr><m:deg/><m:e>{x}</m:e></m:rad>", "√(x)"),
        ("<m:rad><m:deg>{3}</m:deg><m:e>{x}</m:e></m:rad>", "∛(x)"),
        (
            '<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{i=1}</m:sub><m:sup>{n}</m:sup>'
            "<m:e>{i}</m:e></m:nary>",
            "∑_(i=1)^n i",
        ),
        ("<m:func><m:fName>{log}</m:fName><m:e><m:d><m:e>{x}</m:e></m:d></m:e></m:func>", "log(x)"),
        ('<m:d><m:dPr><m:begChr m:val="["/><m:endChr m:val="]"/></m:dPr><m:e>{a}</m:e></m:d>', "[a]"),
        ("<m:m><m:mr><m:e>{1}</m:e><m:e>{0}</m:e></m:mr><m:mr><m:e>{0}</m:e><m:e>{1}</m:e></m:mr></m:m>", "1, 0; 0, 1"),
    ],
)
def test_equations_are_written_on_a_line(tmp_path: Path, inner: str, words: str) -> None:
    maths = re.sub(r"\{([^}]*)\}", r"<m:r><m:t>\1</m:t></m:r>", inner)
    path = _letter(tmp_path / "a.docx", f"<w:p {_W} {_M}><m:oMath>{maths}</m:oMath></w:p>")
    assert f"|{words}|" in _text(path)


def test_a_deleted_row_is_noted_and_not_read_as_text(tmp_path: Path) -> None:
    row = "<w:tr>{}<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc></w:tr>"
    gone = '<w:trPr><w:del w:author="Bo Lind" w:date="2026-05-03T10:00:00Z"/></w:trPr>'
    table = f"<w:tbl {_W}>{row.format('', 'stays')}{row.format(gone, 'leaves')}</w:tbl>"
    cell = f"<w:tbl {_W}><w:tr><w:tc>{table}<w:p/></w:tc></w:tr></w:tbl>"
    shown = _text(_letter(tmp_path / "a.docx", cell))
    assert "stays" in shown and shown.count("leaves") <= 1


def test_a_page_of_another_kind_inside_is_read(tmp_path: Path) -> None:
    r = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    path = _letter(tmp_path / "a.docx", f'<w:altChunk {_W} {r} r:id="rChunk"/>')
    page = b"<html><body><script>bad()</script><p>Moored at berth 34.</p></body></html>"

    def change(name: str, data: bytes) -> bytes:
        if name == "[Content_Types].xml":
            return data.replace(b"<Default ", b'<Default Extension="htm" ContentType="text/html"/><Default ', 1)
        if name == "word/_rels/document.xml.rels":
            return more_relations(data, ("rChunk", "aFChunk", "chunk.htm"))
        return data

    shown = _text(changed(path, change, {"word/chunk.htm": page}))
    assert "Moored at berth 34." in shown and "bad()" not in shown


def test_words_in_diagrams_are_read(tmp_path: Path) -> None:
    path = _letter(tmp_path / "a.docx", _DIAGRAM)
    a = "http://schemas.openxmlformats.org/drawingml/2006/main"
    data = f'<d xmlns:a="{a}"><a:p><a:r><a:t>Storm </a:t></a:r><a:r><a:t>warning</a:t></a:r></a:p></d>'.encode()

    def change(name: str, old: bytes) -> bytes:
        if name == "word/_rels/document.xml.rels":
            return more_relations(old, ("rData", "diagramData", "diagrams/data1.xml"))
        return old

    assert "|Storm warning|" in _text(changed(path, change, {"word/diagrams/data1.xml": data}))


_DIAGRAM = (
    f'<w:p {nsdecls("w", "r")} xmlns:g="http://schemas.openxmlformats.org/drawingml/2006/diagram"><w:r><w:drawing>'
    '<g:relIds r:dm="rData"/></w:drawing></w:r></w:p>'
)


def test_files_inside_are_listed_and_taken_out(tmp_path: Path) -> None:
    path = changed(
        _letter(tmp_path / "a.docx"),
        added={
            "word/embeddings/oleObject1.bin": compound(
                Storage({"\x01Ole10Native": native_object("C:\\tide\\tides.txt", b"high at 06:12")})
            ),
            "word/embeddings/table.xlsx": b"PK not really",
            "word/embeddings/chart.xlsx": b"PK behind a chart",
            "word/charts/_rels/chart1.xml.rels": b'<R><x Target="../embeddings/chart.xlsx"/></R>',
        },
    )
    content = lay_out(path, "docx")
    assert [(one.name, one.size) for one in content.attached] == [("tides.txt", 13), ("table.xlsx", 13)]
    assert any("list of attached files" in str(note.why) for note in content.notes)
    assert take_out(path, "docx", None, 0) == b"high at 06:12"


def test_headers_keep_their_paragraphs_and_tables_apart(tmp_path: Path) -> None:
    document = docx.Document()
    header = document.sections[0].header
    header.paragraphs[0].text = "Harbour Estates"
    table = header.add_table(1, 2, docx.shared.Inches(4))
    table.cell(0, 0).text, table.cell(0, 1).text = "Page", "Berth 7"
    document.add_paragraph("Words.")
    document.save(str(tmp_path / "a.docx"))
    shown = _text(tmp_path / "a.docx")
    assert "|Header: Harbour Estates|" in shown and "|Page|" in shown and "|Berth 7|" in shown


def test_signs_of_symbol_fonts() -> None:
    assert [symbol(code, "Symbol") for code in ("F061", "F057", "F0B3", "F0B0")] == ["α", "Ω", "≥", "°"]
    assert symbol("F0FE", "Wingdings") == "☑" and symbol("2192", "Cambria") == "→" and symbol("no", "Symbol") == ""
    assert in_symbols("5 \uf06dm", "Symbol") == "5 μm" and in_symbols("\uf06d", "Arial") == "\uf06d"


def test_a_truncated_file_is_not_called_an_archive(tmp_path: Path) -> None:
    path = _letter(tmp_path / "a.docx")
    path.write_bytes(path.read_bytes()[:-4000])
    with pytest.raises(Exception, match="damaged or incomplete"):
        sniff(path)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("notes.txt", "x")
    with pytest.raises(Exception, match="This is an archive"):
        sniff(tmp_path / "b.zip")
