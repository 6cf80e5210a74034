"""An EPUB, an FB2 file and a TIFF file of several pages, made here."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pymupdf
from PIL import Image, ImageDraw

_CONTAINER = """<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
_PACKAGE = """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Tides</dc:title></metadata><manifest>{items}</manifest>
<spine>{refs}</spine></package>"""


def epub(path: Path, chapters: int = 3) -> Path:
    """Each chapter says its number."""
    names = [f"c{number}.xhtml" for number in range(1, chapters + 1)]
    items = "".join(f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in names)
    refs = "".join(f'<itemref idref="{name}"/>' for name in names)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr("META-INF/container.xml", _CONTAINER)
        archive.writestr("book.opf", _PACKAGE.format(items=items, refs=refs))
        for number, name in enumerate(names, 1):
            words = f"<h1>Chapter {number}</h1><p>The tide rose {number * 17} centimetres &amp; fell.</p>"
            page = (
                f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>{words}</body></html>'
            )
            archive.writestr(name, page)
    return path


def fictionbook(path: Path) -> Path:
    """One section."""
    path.write_text(
        '<?xml version="1.0" encoding="utf-8"?><FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"><body>'
        "<section><title><p>Прилив</p></title><p>Вода поднялась на 34 сантиметра.</p></section></body></FictionBook>",
        encoding="utf-8",
    )
    return path


def tiff_pages(count: int = 3, compression: str = "group4") -> bytes:
    """Pages of A4 at 100 dots an inch, each with a bar at a height of its own."""
    pages = []
    for number in range(count):
        page = Image.new("1", (827, 1169), 1)
        ImageDraw.Draw(page).rectangle((100, 100 + 200 * number, 700, 150 + 200 * number), fill=0)
        pages.append(page)
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], compression=compression, dpi=(100, 100))
    return out.getvalue()


def mobi(html: bytes = b"<html><body><p>The tide rose 34 centimetres.</p></body></html>") -> bytes:
    """A Mobipocket book without compression: a Palm database of a head and one record of text."""
    head = (
        struct.pack(">HHIHHHH", 1, 0, len(html), 1, 4096, 0, 0) + b"MOBI" + struct.pack(">IIIII", 232, 2, 65001, 1, 6)
    )
    records = [(head + b"\xff" * 40).ljust(248, b"\0"), html]
    front = b"Tides".ljust(32, b"\0") + bytes(28) + b"BOOKMOBI" + bytes(8) + struct.pack(">H", len(records))
    at = len(front) + 8 * len(records) + 2
    table = b""
    for number, record in enumerate(records):
        table += struct.pack(">II", at, number)
        at += len(record)
    return front + table + bytes(2) + b"".join(records)


def xps(words: str = "The tide rose 51 centimetres.") -> bytes:
    """An XPS file of one page, with a font in it."""
    kinds = (
        ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
        ("fdseq", "application/vnd.ms-package.xps-fixeddocumentsequence+xml"),
        ("fdoc", "application/vnd.ms-package.xps-fixeddocument+xml"),
        ("fpage", "application/vnd.ms-package.xps-fixedpage+xml"),
        ("ttf", "application/vnd.ms-opentype"),
    )
    types = "".join(f'<Default Extension="{ending}" ContentType="{kind}"/>' for ending, kind in kinds)
    space = 'xmlns="http://schemas.microsoft.com/xps/2005/06"'
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": (
            f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{types}</Types>'
        ),
        "_rels/.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
            'Type="http://schemas.microsoft.com/xps/2005/06/fixedrepresentation" Target="/doc.fdseq"/></Relationships>'
        ),
        "doc.fdseq": f'<FixedDocumentSequence {space}><DocumentReference Source="/doc.fdoc"/></FixedDocumentSequence>',
        "doc.fdoc": f'<FixedDocument {space}><PageContent Source="/1.fpage"/></FixedDocument>',
        "1.fpage": (
            f'<FixedPage {space} Width="816" Height="1056" xml:lang="en"><Glyphs Fill="#ff000000" FontUri="/f.ttf" '
            f'FontRenderingEmSize="16" OriginX="96" OriginY="96" UnicodeString="{words}"/></FixedPage>'
        ),
        "f.ttf": pymupdf.Font("helv").buffer,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def comic(pages: int = 3) -> bytes:
    """An archive of pictures, each with a bar at another height, and a note beside them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(1, pages + 1):
            image = Image.new("RGB", (300, 400), "white")
            ImageDraw.Draw(image).rectangle((30, 100 * number - 40, 270, 100 * number), fill="black")
            data = io.BytesIO()
            image.save(data, "PNG")
            archive.writestr(f"page {number:02}.png", data.getvalue())
        archive.writestr("ComicInfo.xml", "<ComicInfo/>")
    return out.getvalue()
