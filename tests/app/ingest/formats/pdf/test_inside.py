"""What a PDF holds beside its pages is named, and never passes for read."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from app.ingest.read.reader import Reader
from app.ingest.types import Document
from tests.files.forms import FormPage


@pytest.fixture
def form() -> FormPage:
    form = FormPage()
    form.write(50, 100, "See the attached list.")
    return form


def notes(document: Document) -> str:
    return "\n".join(f"{skipped.where}: {skipped.why}" for skipped in document.skipped)


def file(form: FormPage, names: str) -> int:
    stream = form.object("<</Type/EmbeddedFile>>", b"1;2;3")
    return form.object(f"<</Type/Filespec{names}/EF<</F {stream} 0 R>>>>")


@pytest.mark.parametrize("names", ["/UF(list.csv)", "/F(list.csv)", "/F(x)/UF<FEFF006C006900730074002E006300730076>"])
def test_a_file_in_the_tree_of_names(reader: Reader, form: FormPage, tmp_path: Path, names: str) -> None:
    leaf = form.object(f"<</Names[(key){file(form, names)} 0 R]>>")
    tree = form.object(f"<</Kids[{leaf} 0 R]>>")
    path = form.save(tmp_path / "a.pdf", catalog=[("Names", f"<</EmbeddedFiles {tree} 0 R>>")])
    document = reader.read(path)
    assert notes(document) == (
        "attached files: The PDF holds an attached file; open it from the list of attached files to read it: "
        "“list.csv”."
    )
    assert [one.name for one in document.attached] == ["list.csv"]
    assert reader.take_out(path, document.attached[0], tmp_path / "out").read_bytes() == b"1;2;3"


def test_files_that_belong_to_the_document_or_to_a_page(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    whole, page = file(form, "/UF(invoice.xml)"), file(form, "/UF(sources.zip)")
    pinned = file(form, "/UF(photo.jpg)")
    form.annotation(f"<</Type/Annot/Subtype/FileAttachment/Rect[9 9 30 30]/FS {pinned} 0 R/T(Ann)/Contents(See this)>>")
    form.document.xref_set_key(form.page.xref, "AF", f"[{page} 0 R]")
    document = reader.read(form.save(tmp_path / "a.pdf", catalog=[("AF", f"[{whole} 0 R]")]))
    found = notes(document)
    assert "3 attached files" in found
    assert all(name in found for name in ("invoice.xml", "sources.zip", "photo.jpg"))
    taken = [reader.take_out(document.path, one, tmp_path / "out").read_bytes() for one in document.attached]
    assert taken == [b"1;2;3"] * 3
    assert "[Comment by Ann: See this]" in document.pages[0].text


def test_a_portfolio_is_not_its_cover(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    listed = " ".join(f"({number:02d}){file(form, f'/UF(part {number}.pdf)')} 0 R" for number in range(14))
    catalog = [("Names", f"<</EmbeddedFiles<</Names[{listed}]>>>>"), ("Collection", "<</View/D>>")]
    found = notes(reader.read(form.save(tmp_path / "a.pdf", catalog=catalog)))
    assert "portfolio" in found
    assert "14 files" in found
    assert "“part 0.pdf”" in found
    assert "part 13" not in found


def test_attached_files_of_an_encrypted_pdf(reader: Reader, tmp_path: Path) -> None:
    with pymupdf.open() as document:
        document.new_page().insert_text((50, 100), "See the attached list.")
        document.embfile_add("list", b"1;2;3", filename="list.csv", ufilename="list.csv")
        document.save(tmp_path / "a.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="x", user_pw="")
    assert "list.csv" in notes(reader.read(tmp_path / "a.pdf"))


WAIT = "Please wait... If this message is not eventually replaced by the proper contents, get Adobe Reader."


@pytest.mark.parametrize("words", ["", WAIT, "The document you are trying to load requires Adobe Reader 8 or higher."])
def test_a_form_that_only_adobe_reader_shows(reader: Reader, tmp_path: Path, words: str) -> None:
    form = FormPage()
    if words:
        form.page.insert_textbox((50, 50, 500, 200), words)
    form.form = f"/XFA[(template){form.object('<<>>', b'<template/>')} 0 R]"
    document = reader.read(form.save(tmp_path / "a.pdf", catalog=[("NeedsRendering", "true")] if not words else []))
    assert "XFA" in notes(document)
    page = document.pages[0]
    assert page.state == "skipped"
    assert "only Adobe Reader shows" in str(page.reason)
    assert not page.text


def test_an_old_form_with_an_xfa_part_beside_its_fields(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    form.write(50, 150, "Name:")
    form.text_field((120, 140, 220, 154), "name", "Brennan")
    form.form = f"/XFA[(template){form.object('<<>>', b'<template/>')} 0 R]"
    document = reader.read(form.save(tmp_path / "a.pdf"))
    assert "Name: Brennan" in document.pages[0].text
    assert "XFA" in notes(document)


def test_a_plain_pdf_has_no_notes(reader: Reader, form: FormPage, tmp_path: Path) -> None:
    assert notes(reader.read(form.save(tmp_path / "a.pdf"))) == ""
