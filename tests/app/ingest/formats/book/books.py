"""An EPUB, an FB2 file and a TIFF file of several pages, made here."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

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
