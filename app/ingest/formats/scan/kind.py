"""TIFF files of several pages, and archives of pictures, as a kind of file; a TIFF of one page is a picture."""

from __future__ import annotations

import struct
from typing import BinaryIO

from app.ingest.filekind import FileKind, Form, Format
from app.ingest.limits import MIB
from app.ingest.zip_directory import directory_of, names_in
from model.messages import msg

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".jp2", ".webp")
_BESIDE = ("comicinfo.xml", ".ds_store", "thumbs.db", ".nfo", ".sfv")


def _has_pages(file: BinaryIO) -> bool:
    """Whether the first directory of a TIFF file names a second one (TIFF 6.0, section 2)."""
    file.seek(0)
    head = file.read(8)
    order = "<" if head[:2] == b"II" else ">"
    try:
        (first,) = struct.unpack(f"{order}I", head[4:])
        file.seek(first)
        (count,) = struct.unpack(f"{order}H", file.read(2))
        file.seek(first + 2 + 12 * count)
        (second,) = struct.unpack(f"{order}I", file.read(4))
    except (struct.error, OSError):
        return False
    return bool(second not in (0, first))


def _is_picture_book(file: BinaryIO) -> bool:
    """Whether an archive holds pictures and nothing else but a note about them."""
    names = [name.lower() for name in names_in(directory_of(file)) if not name.endswith("/")]
    names = [name for name in names if not name.startswith("__macosx/") and not name.endswith(_BESIDE)]
    return bool(names) and all(name.endswith(_PICTURES) for name in names)


SCAN = FileKind(
    name="scan",
    title=msg("kind.scan", "Scan"),
    noun="scan",
    icon="pdf",
    formats=(
        Format(Form("scan", "tiff"), (), (b"II*\0", b"MM\0*"), confirms=_has_pages),
        Format(
            Form("scan", "cbz"),
            (".cbz",),
            (b"PK\x03\x04",),
            confirms=_is_picture_book,
            mime=("application/vnd.comicbook+zip",),
        ),
    ),
    most_bytes=512 * MIB,
    view="pages",
    layout="app.ingest.formats.book.layout:lay_out",
)
