"""Files inside Office Open XML files: listed as attached, and taken out one by one.

A part in an ``embeddings`` folder is such a file itself, or a compound file around one: a package, an object of
another program with its name ([MS-OLEDS], section 2.3.6), or a document of an older office program. The workbooks
behind charts are not listed; the chart's numbers are read.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from olefile import MAGIC, OleFileIO

from app.ingest.attached import MAX_ATTACHED, MAX_ATTACHED_BYTES, NO_SUCH, TOO_LARGE, AttachedFile
from app.ingest.formats.laid_out.archive import check_archive
from app.ingest.formats.laid_out.content import Note
from app.ingest.formats.protected.unlocking import unlocked
from model.errors import IngestError
from model.messages import msg

_EMBEDDED = re.compile(r"(?:word|xl|ppt)/embeddings/[^/]+", re.IGNORECASE)
_CHART = re.compile(r"(?:word|xl|ppt)/charts/_rels/[^/]+\.rels", re.IGNORECASE)
_TARGET = re.compile(rb'Target="[^"]*?embeddings/([^"/]+)"')
_MOST_CHARTS = 500
_OLDER = {"WordDocument": ".doc", "Workbook": ".xls", "Book": ".xls", "PowerPoint Document": ".ppt"}
_LISTED = msg(
    "office.attached", "Files embedded in it are not part of this text; open them from the list of attached files."
)


@dataclass(frozen=True, slots=True)
class _Inside:
    name: str
    data: bytes


def embedded_in(path: Path) -> tuple[tuple[AttachedFile, ...], tuple[Note, ...]]:
    """What the file lists as attached, and a note where there is anything."""
    with zipfile.ZipFile(path) as archive:
        files = tuple(_listed(archive, part, number) for number, part in enumerate(_parts(archive)))
    return files, (Note(msg("where.embedded", "embedded files"), _LISTED),) if files else ()


def _listed(archive: zipfile.ZipFile, part: str, number: int) -> AttachedFile:
    inside = _opened(archive, part)
    return AttachedFile(number, inside.name, len(inside.data))


def take_out(path: Path, form: str, password: str | None, number: int) -> bytes:
    """The file with this number, counted from 0 as they are listed. Raises ``IngestError``."""
    with unlocked(path, form, password) as (readable, _):
        return _taken_out(readable, number)


def _taken_out(path: Path, number: int) -> bytes:
    check_archive(path)
    with zipfile.ZipFile(path) as archive:
        parts = _parts(archive)
        if number >= len(parts):
            raise IngestError(NO_SUCH)
        data = _opened(archive, parts[number]).data
    if len(data) > MAX_ATTACHED_BYTES:
        raise IngestError(TOO_LARGE)
    return data


def _parts(archive: zipfile.ZipFile) -> list[str]:
    """The names of the parts, without those that only hold a chart's numbers."""
    names = archive.namelist()
    charts = [name for name in names if _CHART.fullmatch(name)][:_MOST_CHARTS]
    behind = {found.decode("utf-8", "replace") for name in charts for found in _TARGET.findall(archive.read(name))}
    embedded = [name for name in names if _EMBEDDED.fullmatch(name) and PurePosixPath(name).name not in behind]
    return [name for name in embedded if archive.getinfo(name).file_size][:MAX_ATTACHED]


def _opened(archive: zipfile.ZipFile, part: str) -> _Inside:
    """The file in a part, with its original name; at most one byte more than the limit is read."""
    name = PurePosixPath(part).name
    with archive.open(part) as file:
        data = file.read(MAX_ATTACHED_BYTES + 1)
    if not data.startswith(MAGIC):
        return _Inside(name, data)
    try:
        with OleFileIO(io.BytesIO(data)) as ole:
            return _unwrapped(ole) or _Inside(PurePosixPath(name).stem + _ending(ole), data)
    except MemoryError:
        raise
    except Exception:  # olefile raises nearly anything on damaged data
        return _Inside(name, data)


def _unwrapped(ole: OleFileIO) -> _Inside | None:
    if ole.exists("\x01Ole10Native"):
        return _native(ole.openstream("\x01Ole10Native").read())
    for stream in ("Package", "CONTENTS"):
        if ole.exists(stream):
            data = ole.openstream(stream).read()
            ending = ".pdf" if data.startswith(b"%PDF") else _office(data)
            return _Inside(f"embedded{ending}", data) if ending else None
    return None


def _office(data: bytes) -> str:
    """The usual extension of an Office Open XML file, by its largest folder."""
    if not data.startswith(b"PK"):
        return ""
    endings = {b"word/": ".docx", b"xl/": ".xlsx", b"ppt/": ".pptx"}
    return next((ending for folder, ending in endings.items() if folder in data), ".zip")


def _ending(ole: OleFileIO) -> str:
    return next((ending for stream, ending in _OLDER.items() if ole.exists(stream)), ".bin")


def _native(data: bytes) -> _Inside | None:
    """The file in an ``Ole10Native`` stream: its label, two paths, and its bytes."""
    label, at = _text(data, 6)
    _, at = _text(data, at)
    at += 4
    (length,) = struct.unpack_from("<I", data, at)
    at += 4 + length
    (size,) = struct.unpack_from("<I", data, at)
    inside = data[at + 4 : at + 4 + size]
    name = label.replace("\\", "/").rpartition("/")[2].strip()
    return _Inside(name or "embedded.bin", inside) if inside else None


def _text(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(b"\0", at)
    return data[at:end].decode("cp1252", "replace"), end + 1
