"""Searchable PDF files: the words lie where they are seen, what is seen stays, and nothing is left half done."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from PIL import Image

from app.ingest.formats.mupdf import pymupdf
from app.ingest.process import serving
from app.ingest.process.serving import Failures
from app.ingest.searchable.invisible import MOST, Fonts, InvisibleLine, meanings
from app.ingest.searchable.saving import Saver, has_words
from app.ingest.types import Document, Page, TextLine, Word
from app.ingest.view.shown_text import lines_of, structured
from model.errors import CancelledError, IngestError
from tests.app.chat.evidence.papers import image, page, paper, scanned
from tests.files import samples

NEVER = threading.Event()
LINES = ("Rechnung Nr. 4711", "Прибыль €1.234,50", "日本語のテキスト שלום")


@pytest.fixture(scope="module")
def saver() -> Iterator[Saver]:
    with Saver() as made:
        yield made


def document(path: Path, *pages: Page, kind: str = "pdf") -> Document:
    made = paper(path.name, *pages) if kind == "pdf" else replace(image(path.name), pages=pages)
    return replace(made, path=path)


def found(path: Path, words: str, number: int = 0) -> list[tuple[float, ...]]:
    with pymupdf.open(str(path)) as pdf:
        return [tuple(rect) for rect in pdf[number].search_for(words)]


def near(one: tuple[float, ...], other: tuple[float, ...], by: float = 1.0) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


def pixels(path: Path, number: int = 0) -> bytes:
    with pymupdf.open(str(path)) as pdf:
        return bytes(pdf[number].get_pixmap(dpi=50).samples)


def test_a_scan_keeps_its_look_and_gets_its_words(saver: Saver, tmp_path: Path) -> None:
    path = samples.scan_pdf(tmp_path / "scan.pdf", pages=2)
    target = tmp_path / "out.pdf"
    steps: list[tuple[int, int]] = []
    saved = saver.save(
        document(path, scanned(1, *LINES), page(2, state="image")),
        target,
        NEVER,
        lambda done, total: steps.append((done, total)),
    )
    assert (saved.path, saved.pages, saved.archival, saved.signed) == (target, 1, False, False)
    assert steps == [(1, 1)] and pixels(target) == pixels(path)
    with pymupdf.open(str(target)) as pdf:
        assert sorted(pdf[0].get_text().split()) == sorted(" ".join(LINES).split())
        assert pdf[1].get_text().strip() == ""
    for row, line in enumerate(LINES[:2]):
        at = 0
        for word in line.split(" "):
            (box,) = found(target, word)
            assert near(box, (50 + 6 * at, 60 + 14 * row, 50 + 6 * (at + len(word)), 72 + 14 * row)), word
            at += len(word) + 1
    assert set(tmp_path.iterdir()) == {path, target}


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_turned_and_cropped_pages(saver: Saver, tmp_path: Path, rotate: int) -> None:
    path = samples.scan_pdf(tmp_path / "scan.pdf")
    with pymupdf.open(str(path)) as pdf:
        pdf[0].set_cropbox(pymupdf.Rect(20, 30, 500, 700))
        pdf[0].set_rotation(rotate)
        pdf.saveIncr()
    target = tmp_path / "out.pdf"
    saver.save(document(path, scanned(1, "Rechnung Nr. 4711")), target, NEVER)
    with pymupdf.open(str(target)) as pdf:
        (line,) = lines_of(structured(pdf[0]))
    assert line[0] == "Rechnung Nr. 4711" and near(line[1], (50, 60, 50 + 6 * 17, 72))
    assert pixels(target) == pixels(path)


def test_words_that_run_down_and_up(saver: Saver, tmp_path: Path) -> None:
    def line(x: float, *tops: float) -> TextLine:
        words = tuple(Word(f"Wort{top:.0f}", (x, top, x + 10, top + 40), 0.9) for top in tops)
        text = " ".join(word.text for word in words)
        return TextLine(text, (x, min(tops), x + 10, max(tops) + 40), "", "picture", words)

    path = samples.scan_pdf(tmp_path / "scan.pdf")
    made = replace(page(1, state="both"), lines=(line(100, 100, 150), line(200, 350, 300)))
    saver.save(document(path, made), tmp_path / "out.pdf", NEVER)
    for top, x in ((100, 100), (150, 100), (300, 200), (350, 200)):
        (box,) = found(tmp_path / "out.pdf", f"Wort{top}")
        assert near(box, (x, top, x + 10, top + 40))
    upside_down = replace(scanned(1, "Kopfüber gelesen"), turn=180)
    saver.save(document(path, upside_down), tmp_path / "out.pdf", NEVER)
    (box,) = found(tmp_path / "out.pdf", "Kopfüber")
    assert near(box, (50, 60, 98, 72))


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_picture_becomes_pdf_a(saver: Saver, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"shot.{form.lower()}"
    samples.page_image("Scan").save(path, form, dpi=(150, 150))
    target = tmp_path / "out.pdf"
    box = (40.0, 60.0, 240.0, 100.0)
    made = replace(page(1, state="both"), lines=(TextLine("Scan", box, "", "picture", (Word("Scan", box, 0.9),)),))
    assert saver.save(document(path, made, kind="image"), target, NEVER).archival
    with pymupdf.open(str(target)) as pdf:
        assert near(tuple(pdf[0].rect), (0, 0, 620 * 72 / 150, 877 * 72 / 150), 0.1)
        assert "<pdfaid:part>2</pdfaid:part>" in pdf.get_xml_metadata()
        assert "OutputIntents" in pdf.xref_object(pdf.pdf_catalog())
        assert "/ID" in pdf.xref_object(-1) and "Encrypt" not in pdf.xref_object(-1)
        fonts = [pdf.xref_object(xref) for xref in range(1, pdf.xref_length()) if pdf.xref_is_font(xref)]
        assert fonts and all("/Type3" in font for font in fonts)
        images = [xref for xref in range(1, pdf.xref_length()) if pdf.xref_is_image(xref)]
        assert {pdf.xref_get_key(xref, "Interpolate")[1] for xref in images} <= {"false", "null"}
        if form == "JPEG":
            assert pdf.xref_stream_raw(images[0]) == path.read_bytes(), "the picture itself is kept"
    (word,) = found(target, "Scan")
    assert near(word, tuple(edge * 72 / 150 for edge in box))


def test_shared_and_inherited_resources(saver: Saver, tmp_path: Path) -> None:
    """Pages whose resources are their parent's, where they are an object that several share."""
    path = samples.text_pdf(tmp_path / "a.pdf", pages=2, lines=2)
    with pymupdf.open(str(path)) as pdf:
        kind, words = pdf.xref_get_key(pdf[0].xref, "Resources")
        shared = pdf.get_new_xref()
        pdf.update_object(shared, words if kind == "dict" else pdf.xref_object(int(words.split()[0])))
        parent = int(pdf.xref_get_key(pdf[0].xref, "Parent")[1].split()[0])
        pdf.xref_set_key(parent, "Resources", f"{shared} 0 R")
        for number in range(2):
            pdf.xref_set_key(pdf[number].xref, "Resources", "null")
        pdf.saveIncr()
    before = pixels(path)
    target = tmp_path / "out.pdf"
    saver.save(document(path, scanned(1, "Einmal"), scanned(2, "Zweimal")), target, NEVER)
    assert found(target, "Einmal") and found(target, "Zweimal", 1) and found(target, "Page 1 of 2")
    assert pixels(target) == before


def test_more_characters_than_one_font_holds() -> None:
    fonts = Fonts()
    text = "".join(chr(0x4E00 + number) for number in range(MOST + 10))
    runs = fonts.runs(text)
    assert [font for font, _ in runs] == [0, 1] and fonts.count == 2
    assert fonts.characters(0) + fonts.characters(1) == text
    assert fonts.runs(text[:2]) == [(0, b"\x01\x02")]
    assert b"<01> <D83DDE00>" in meanings("\U0001f600")
    assert InvisibleLine((("l", (0, 0, 2, 10)), ("1", (4, 0, 6, 10)))).turn == 0


def test_a_locked_file_stays_locked(saver: Saver, tmp_path: Path) -> None:
    plain, path = samples.scan_pdf(tmp_path / "plain.pdf"), tmp_path / "locked.pdf"
    with pymupdf.open(str(plain)) as pdf:
        pdf.save(str(path), encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="open", owner_pw="own")
    made = document(path, scanned(1, "Geheim"))
    with pytest.raises(IngestError):
        saver.save(made, tmp_path / "out.pdf", NEVER)
    saver.save(replace(made, password="open"), tmp_path / "out.pdf", NEVER)
    with pymupdf.open(str(tmp_path / "out.pdf")) as pdf:
        assert pdf.needs_pass and pdf.authenticate("open")
        assert "Geheim" in pdf[0].get_text()


def test_nothing_is_left_where_it_fails(saver: Saver, tmp_path: Path) -> None:
    path = samples.scan_pdf(tmp_path / "scan.pdf")
    made = document(path, scanned(1, "Wort"))
    target = tmp_path / "out.pdf"
    target.write_bytes(b"as it was")
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(CancelledError):
        saver.save(made, target, stopped)
    with pytest.raises(IngestError, match="another name"):
        saver.save(made, path, NEVER)
    with Saver(entry=crash) as crashing, pytest.raises(IngestError, match="could not be written"):
        crashing.save(made, target, NEVER)
    with pytest.raises(IngestError, match="could not be written"):
        saver.save(made, tmp_path / "missing" / "out.pdf", NEVER)
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing else")
    with pytest.raises(IngestError, match="damaged"):
        saver.save(replace(made, path=tmp_path / "broken.pdf"), target, NEVER)
    assert target.read_bytes() == b"as it was"
    assert {file.name for file in tmp_path.iterdir()} == {"scan.pdf", "out.pdf", "broken.pdf"}


def test_what_a_scanner_left_is_searchable_already(saver: Saver, tmp_path: Path) -> None:
    assert has_words(paper("a.pdf", scanned(1, "Wort"))) and not has_words(paper("a.pdf", page(1, "Wort")))
    assert not has_words(paper("a.pdf", scanned(1, "Wort", confidence=None)))
    path = samples.scan_pdf(tmp_path / "scan.pdf", ocr=True)
    both = replace(page(1, state="both"), lines=(*scanned(1, "Neu").lines, *scanned(1, "Alt", confidence=None).lines))
    saver.save(document(path, both), tmp_path / "out.pdf", NEVER)
    assert found(tmp_path / "out.pdf", "Neu") and not found(tmp_path / "out.pdf", "Alt")


def test_a_picture_that_is_too_long_for_paper(saver: Saver, tmp_path: Path) -> None:
    path = samples.image_file(tmp_path / "long.png", Image.new("RGB", (100, 40_000), "white"))
    saver.save(document(path, scanned(1, "Wort"), kind="image"), tmp_path / "out.pdf", NEVER)
    with pymupdf.open(str(tmp_path / "out.pdf")) as pdf:
        assert pdf[0].rect.height <= 14_400


def crash(connection: Connection) -> None:
    serving.serve(connection, lambda request: os._exit(3), Failures("saving", memory="", damaged=""))
