"""The same sentences in a file of any kind that holds words, and where each of them then is.

``WRITERS`` has one writer for each ending. A writer takes a path and some sentences and gives, for each of them, the
place that its evidence has to have: ``'Prices 2026'!A3``, a page's or a second's number as text; empty where only the
page that holds the words is right.
"""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from html import escape
from pathlib import Path

import docx
import openpyxl
import pptx
from PIL import Image
from pptx.util import Inches

from app.ingest.formats.mupdf import pymupdf
from tests.app.ingest.formats.book.books import mobi
from tests.app.ingest.formats.opendocument.documents import package
from tests.files import scans
from tests.files.heic import heic_bytes
from tests.files.recordings import talking
from tests.files.subtitles import Words, subtitled

Writer = Callable[[Path, Sequence[str]], list[str]]
EACH = 5
"""Sentences on a page, a slide or a sheet, where the writer decides."""


def _anywhere(sentences: Sequence[str]) -> list[str]:
    return [""] * len(sentences)


def _portions(sentences: Sequence[str]) -> list[Sequence[str]]:
    return [sentences[at : at + EACH] for at in range(0, len(sentences), EACH)]


def pdf(path: Path, sentences: Sequence[str]) -> list[str]:
    """Pages of ``EACH`` sentences."""
    with pymupdf.open() as document:
        for some in _portions(sentences):
            page = document.new_page()
            page.insert_htmlbox((50, 50, 545, 790), "".join(f"<p>{escape(one)}</p>" for one in some))
        document.save(path, deflate=True)
    return [str(number // EACH + 1) for number in range(len(sentences))]


def word(path: Path, sentences: Sequence[str]) -> list[str]:
    """Headings, paragraphs, a list and a table."""
    document = docx.Document()
    for number, some in enumerate(_portions(sentences), 1):
        document.add_heading(f"Part {number}")
        document.add_paragraph(some[0])
        for one in some[1:3]:
            document.add_paragraph(one, style="List Bullet")
        if some[3:]:
            table = document.add_table(0, 2)
            for one in some[3:]:
                row = table.add_row()
                row.cells[0].text, row.cells[1].text = one, "as agreed"
    document.save(str(path))
    return _anywhere(sentences)


def sheet(path: Path, sentences: Sequence[str]) -> list[str]:
    """Sheets of ``EACH`` rows; a sentence a cell, with a number beside it."""
    book = openpyxl.Workbook()
    del book["Sheet"]
    where = []
    for number, some in enumerate(_portions(sentences), 1):
        page = book.create_sheet(f"Part {number}")
        for row, one in enumerate(some, 1):
            page.append([one, 100 * number + row])
            where.append(f"'Part {number}'!A{row}")
    book.save(path)
    return where


def slides(path: Path, sentences: Sequence[str]) -> list[str]:
    """Two sentences a slide: the title, and a text box."""
    deck = pptx.Presentation()
    for at in range(0, len(sentences), 2):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = sentences[at]
        if at + 1 < len(sentences):
            slide.shapes.add_textbox(Inches(1), Inches(3), Inches(8), Inches(2)).text_frame.text = sentences[at + 1]
    deck.save(str(path))
    return [str(number // 2 + 1) for number in range(len(sentences))]


def open_text(path: Path, sentences: Sequence[str]) -> list[str]:
    """An .odt."""
    body = "".join(f"<text:p>{escape(one)}</text:p>" for one in sentences)
    path.write_bytes(package("text", f"<office:text>{body}</office:text>"))
    return _anywhere(sentences)


def open_sheet(path: Path, sentences: Sequence[str]) -> list[str]:
    """An .ods with one table."""
    cell = '<table:table-row><table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(f"{cell.format(escape(one))}</table:table-row>" for one in sentences)
    table = f'<table:table table:name="List">{rows}</table:table>'
    path.write_bytes(package("spreadsheet", f"<office:spreadsheet>{table}</office:spreadsheet>"))
    return [f"List!A{row}" for row in range(1, len(sentences) + 1)]


def open_slides(path: Path, sentences: Sequence[str]) -> list[str]:
    """An .odp with a sentence a slide."""
    frame = '<draw:frame svg:y="2cm" svg:x="2cm"><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>'
    pages = "".join(
        f'<draw:page draw:name="page{number}">{frame.format(escape(one))}</draw:page>'
        for number, one in enumerate(sentences, 1)
    )
    path.write_bytes(package("presentation", f"<office:presentation>{pages}</office:presentation>"))
    return [str(number) for number in range(1, len(sentences) + 1)]


def rich(path: Path, sentences: Sequence[str]) -> list[str]:
    """Paragraphs of rich text, letters beyond ASCII as numbers."""

    def written(text: str) -> str:
        safe = text.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}")
        units = (safe[at] for at in range(len(safe)))
        return "".join(one if ord(one) < 128 else f"\\u{(ord(one) + 32768) % 65536 - 32768}?" for one in units)

    body = "".join(f"{written(one)}\\par\n" for one in sentences)
    path.write_bytes(rf"{{\rtf1\ansi\ansicpg1252\uc1\deff0{{\fonttbl{{\f0 Arial;}}}}{body}}}".encode("ascii"))
    return _anywhere(sentences)


def mail(path: Path, sentences: Sequence[str]) -> list[str]:
    """A mail with the sentences as text and as HTML, and an attached file."""
    message = EmailMessage()
    message["From"], message["To"] = "Ann Berg <ann@example.org>", "office@example.org"
    message["Subject"], message["Date"] = f"Re: {path.stem}", "Sun, 03 May 2026 10:00:00 +0200"
    message.set_content("\n\n".join(sentences))
    message.add_attachment(b"%PDF-1.7 nothing", "application", "pdf", filename="terms.pdf")
    path.write_bytes(message.as_bytes())
    return _anywhere(sentences)


def mailbox(path: Path, sentences: Sequence[str]) -> list[str]:
    """An mbox with a mail for each portion."""
    parts = []
    for number, some in enumerate(_portions(sentences), 1):
        message = EmailMessage()
        message["From"], message["Subject"] = "Ann Berg <ann@example.org>", f"Letter {number}"
        message["Date"] = "Sun, 03 May 2026 10:00:00 +0200"
        message.set_content("\n\n".join(some))
        parts.append(b"From ann@example.org Sun May  3 10:00:00 2026\n" + message.as_bytes() + b"\n")
    path.write_bytes(b"".join(parts))
    return _anywhere(sentences)


def web(path: Path, sentences: Sequence[str]) -> list[str]:
    """A saved page."""
    body = "".join(f"<p>{escape(one)}</p>" for one in sentences)
    path.write_text(
        f"<!doctype html><html><head><meta charset=utf-8><title>{path.stem}</title></head>"
        f"<body><nav>Home</nav><h1>{path.stem}</h1>{body}<script>var x = 1</script></body></html>",
        encoding="utf-8",
    )
    return _anywhere(sentences)


def book(path: Path, sentences: Sequence[str]) -> list[str]:
    """An EPUB with a chapter for each portion."""
    chapters = _portions(sentences)
    names = [f"c{number}.xhtml" for number in range(1, len(chapters) + 1)]
    items = "".join(f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in names)
    refs = "".join(f'<itemref idref="{name}"/>' for name in names)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/container.xml",
            '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
            '<rootfiles><rootfile full-path="b.opf" media-type="application/oebps-package+xml"/></rootfiles>'
            "</container>",
        )
        archive.writestr(
            "b.opf",
            '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i">'
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Letters</dc:title></metadata>'
            f"<manifest>{items}</manifest><spine>{refs}</spine></package>",
        )
        for name, some in zip(names, chapters, strict=True):
            body = "".join(f"<p>{escape(one)}</p>" for one in some)
            page = f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>{body}</body></html>'
            archive.writestr(name, page)
    return _anywhere(sentences)


def fiction(path: Path, sentences: Sequence[str]) -> list[str]:
    """A FictionBook."""
    body = "".join(f"<p>{escape(one)}</p>" for one in sentences)
    path.write_text(
        '<?xml version="1.0" encoding="utf-8"?><FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0">'
        "<description><title-info><book-title>Letters</book-title></title-info></description>"
        f"<body><section>{body}</section></body></FictionBook>",
        encoding="utf-8",
    )
    return _anywhere(sentences)


def pocket(path: Path, sentences: Sequence[str]) -> list[str]:
    """A .mobi."""
    body = "".join(f"<p>{escape(one)}</p>" for one in sentences)
    path.write_bytes(mobi(f"<html><body>{body}</body></html>".encode()))
    return _anywhere(sentences)


def text(path: Path, sentences: Sequence[str]) -> list[str]:
    """Paragraphs."""
    path.write_text("\n\n".join(sentences) + "\n", encoding="utf-8")
    return _anywhere(sentences)


def western(path: Path, sentences: Sequence[str]) -> list[str]:
    """Paragraphs in Windows' encoding for western Europe."""
    path.write_bytes("\r\n\r\n".join(sentences).encode("cp1252", "replace"))
    return _anywhere(sentences)


def marked(path: Path, sentences: Sequence[str]) -> list[str]:
    """Markdown."""
    plain = [one.replace("*", "").replace("_", "") for one in sentences]
    path.write_text(f"# {path.stem}\n\n" + "\n".join(f"- {one}" for one in plain) + "\n", encoding="utf-8")
    return _anywhere(sentences)


def table(path: Path, sentences: Sequence[str]) -> list[str]:
    """A CSV file with a sentence a row."""
    rows = "".join('"{}",{}\n'.format(one.replace('"', '""'), number) for number, one in enumerate(sentences))
    path.write_text(f"words,number\n{rows}", encoding="utf-8")
    return _anywhere(sentences)


def data(path: Path, sentences: Sequence[str]) -> list[str]:
    """JSON."""
    path.write_text(json.dumps({"letters": list(sentences)}, ensure_ascii=False, indent=1), encoding="utf-8")
    return _anywhere(sentences)


def program(path: Path, sentences: Sequence[str]) -> list[str]:
    """Source code with comments."""
    path.write_text("".join(f"# {one}\nx = {number}\n" for number, one in enumerate(sentences)), encoding="utf-8")
    return _anywhere(sentences)


def subtitles(path: Path, sentences: Sequence[str]) -> list[str]:
    """An .srt with a sentence every four seconds."""
    cues = []
    for number, one in enumerate(sentences):
        begin, end = 4 * number, 4 * number + 3
        times = f"00:{begin // 60:02}:{begin % 60:02},000 --> 00:{end // 60:02}:{end % 60:02},000"
        cues.append(f"{number + 1}\n{times}\n{one}\n")
    path.write_text("\n".join(cues), encoding="utf-8")
    return _anywhere(sentences)


def film(path: Path, sentences: Sequence[str]) -> list[str]:
    """A video with the first sentences as subtitles, two seconds each."""
    timed = tuple((2.0 * number, 2.0 * number + 1.8, one) for number, one in enumerate(sentences))
    subtitled(path, (Words("srt", timed),), seconds=2 * len(timed))
    return [str(2 * number) for number in range(len(timed))]


WRITERS: dict[str, Writer] = {
    **{".pdf": pdf, ".docx": word, ".xlsx": sheet, ".pptx": slides},
    **{".odt": open_text, ".ods": open_sheet, ".odp": open_slides, ".rtf": rich},
    **{".eml": mail, ".mbox": mailbox, ".html": web, ".epub": book, ".fb2": fiction, ".mobi": pocket},
    **{".txt": text, ".log": western, ".md": marked, ".csv": table, ".json": data, ".py": program},
    **{".srt": subtitles, ".mkv": film},
}


def photograph(path: Path, rng: random.Random) -> None:
    """A picture without words: JPEG, PNG or HEIC by the path's ending."""
    small = Image.frombytes("RGB", (24, 18), rng.randbytes(24 * 18 * 3))
    image = small.resize((640, 480), Image.Resampling.BICUBIC)
    if path.suffix == ".heic":
        path.write_bytes(heic_bytes(image))
    else:
        image.save(path)


def scanned(path: Path, rng: random.Random, pages: int = 1) -> None:
    """A PDF of pictures of prose."""
    scans.scanned_pdf(path, [scans.drawn(scans.text_pdf(rng, lines=12)) for _ in range(pages)])


def screenshot(path: Path, rng: random.Random) -> None:
    """Labels and values."""
    scans.screenshot(rng, rows=4).image.save(path)


def recording(path: Path, rng: random.Random) -> None:
    """A short video in which somebody seems to speak."""
    talking(path, [(0.5, 1.0 + rng.random())], seconds=3)
