"""TIFF files of several pages as a kind of file; one of a single page is a picture."""

from __future__ import annotations

import struct
from typing import BinaryIO

from app.i18n import tr
from app.ingest.filekind import FileKind, Form, Format
from app.ingest.limits import MIB


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


SCAN = FileKind(
    name="scan",
    title=lambda: tr("Scan"),
    noun="scan",
    icon="pdf",
    formats=(Format(Form("scan", "tiff"), (), (b"II*\0", b"MM\0*"), confirms=_has_pages),),
    most_bytes=512 * MIB,
    view="pages",
    layout="app.ingest.formats.book.layout:lay_out",
)
