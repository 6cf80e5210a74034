"""Zip archives that office files and books are, checked before anything in them is read.

No entry is unpacked that declares too large a size, or is packed so much smaller that only a bomb is; XML that declares
entities is refused, for no office program writes it.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from app.ingest.limits import MIB
from model.errors import IngestError
from model.messages import msg

MAX_ENTRIES = 20_000
MAX_UNPACKED = 1024 * MIB
MAX_XML = 256 * MIB
_MAX_RATIO = 500
_SMALL = 4 * MIB
_PROLOGUE = 1 << 16
_STRICT = b"http://purl.oclc.org/ooxml/"
_STRICT_NAME = re.compile(re.escape(_STRICT) + rb"(\w+)/([\w/-]+)")
_DECLARES = re.compile(rb"<!\s*(?:DOCTYPE[^>]*\[|ENTITY)", re.IGNORECASE)
"""A document type that is only named declares nothing, and nothing is ever fetched for it."""

_MAINS = ("/document.xml", "/workbook.xml", "/presentation.xml")
_DAMAGED = msg("file.incomplete", "The file is damaged or incomplete; try to get it again from its source.")
BOMB = msg("file.bomb", "The file unpacks to far more data than such a file normally holds, so it is not read.")


def check_archive(path: Path) -> None:
    """Raise ``IngestError`` where the archive should not be opened."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise IngestError(BOMB)
            for entry in entries:
                _check(archive, entry)
    except (IngestError, MemoryError):
        raise
    except Exception:  # zipfile raises nearly anything on damaged data
        raise IngestError(_DAMAGED) from None


def _check(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & 1:
        raise IngestError(msg("file.locked", "The file is protected by a password; save it without one and read that."))
    if entry.file_size > _SMALL and entry.file_size > _MAX_RATIO * max(1, entry.compress_size):
        raise IngestError(BOMB)
    if not entry.filename.lower().endswith((".xml", ".rels", ".xhtml", ".opf", ".ncx")):
        return
    if entry.file_size > MAX_XML:
        raise IngestError(BOMB)
    with archive.open(entry) as file:
        start = file.read(_PROLOGUE)
    if entry.filename.lower().endswith((".xml", ".rels")) and _DECLARES.search(start.replace(b"\0", b"")):
        raise IngestError(
            msg(
                "file.entities",
                "The file declares its own XML entities, which no office program does, so it is not read.",
            )
        )


def transitional(path: Path) -> Path | io.BytesIO:
    """The file, or its contents as most programs write them where it is in the strict form (ECMA-376, part 4).

    The two forms differ in the names of their XML namespaces; what reads these files knows the common ones.
    """
    with zipfile.ZipFile(path) as archive:
        mains = [name for name in archive.namelist() if name.endswith(_MAINS)]
        if not any(_STRICT in archive.read(name) for name in mains):
            return path
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as copy:
            for name in archive.namelist():
                data = archive.read(name)
                if name.endswith((".xml", ".rels")):
                    data = _STRICT_NAME.sub(rb"http://schemas.openxmlformats.org/\1/2006/\2", data)
                copy.writestr(name, data)
    made.seek(0)
    return made
