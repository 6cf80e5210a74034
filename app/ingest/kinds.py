"""The registry of kinds, and what a file really is: told from its first bytes and never from its name.

A new kind is a folder in ``formats`` with a ``kind`` module, and its place in ``KINDS``: the window, the command line,
evidence, coverage and the packages ask there. ``sniff`` gives a ``Form`` that one of the readers takes, or raises
``IngestError`` with a sentence about what the file is instead and what to do about it.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from pathlib import Path
from typing import BinaryIO

from app.ingest.compound import MAGIC, names_at_top
from app.ingest.filekind import FileKind, Form, Format, Kind, imported
from app.ingest.formats.book.kind import BOOK, XPS
from app.ingest.formats.image.kind import IMAGE
from app.ingest.formats.mail.kind import MAIL
from app.ingest.formats.opendocument.kind import OPENDOCUMENT
from app.ingest.formats.pdf.kind import PDF
from app.ingest.formats.protected.kind import PROTECTED
from app.ingest.formats.recording.kind import RECORDING
from app.ingest.formats.rich.kind import RICH
from app.ingest.formats.scan.kind import SCAN
from app.ingest.formats.sheet.kind import SHEET
from app.ingest.formats.slides.kind import SLIDES
from app.ingest.formats.subtitles.kind import SUBTITLES
from app.ingest.formats.text.kind import TEXT
from app.ingest.formats.video.kind import VIDEO
from app.ingest.formats.web.kind import WEB
from app.ingest.formats.word.kind import WORD
from app.ingest.limits import megabytes
from app.ingest.zip_directory import directory_of
from model.errors import IngestError
from model.messages import Message, msg

HEAD_BYTES = 4096
_ZIP = b"PK\x03\x04"
_MOST_LOOKED = 64 << 20
_FEW = 200
"""Bytes of a text for each byte that text never has: a stray one is no reason to refuse the file."""

_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")


KINDS: dict[Kind, FileKind] = {
    one.name: one
    for one in (
        *(SCAN, IMAGE, RECORDING, VIDEO, PDF, WORD, RICH, TEXT, SUBTITLES),
        *(SHEET, SLIDES, PROTECTED, OPENDOCUMENT, MAIL, WEB, BOOK, XPS),
    )
}
"""Every kind that can be read, by name, in the order in which a file's first bytes are tried."""

FORMATS: tuple[Format, ...] = tuple(form for kind in KINDS.values() for form in kind.formats)
SHARED_SUFFIXES = frozenset(suffix for one in FORMATS for suffix in one.shared)
SUFFIXES = frozenset(suffix for one in FORMATS for suffix in one.suffixes) | SHARED_SUFFIXES
"""Usual suffixes of readable files; files with other names may be readable as well."""


def kind_by_name(path: Path) -> Kind:
    """The kind that a file's name suggests, until it has been read; a PDF where it suggests nothing."""
    suffix = path.suffix.lower()
    return next((one.form.kind for one in FORMATS if suffix in one.suffixes + one.shared), PDF.name)


_UNKNOWN = msg(
    "file.unknown-kind",
    "This kind of file cannot be read; Lectern reads documents, pictures, videos and recordings.",
)
_JPEG_XL = msg("file.jpeg-xl", "This is a JPEG XL picture, which cannot be read yet; save it as PNG or JPEG.")
_ARCHIVE = msg("file.archive", "This is an archive; unpack it and add the files in it.")
_INCOMPLETE = msg("file.incomplete", "The file is damaged or incomplete; try to get it again from its source.")
_OLDER: tuple[tuple[str, Message], ...] = (
    ("EncryptedPackage", _INCOMPLETE),
    ("WordDocument", msg("file.old-word", "This is a Word document from before 2007; save it as .docx or PDF first.")),
    ("Workbook", _INCOMPLETE),
    ("Book", _INCOMPLETE),
    (
        "PowerPoint Document",
        msg("file.old-powerpoint", "This is a presentation from before 2007; save it as .pptx or PDF first."),
    ),
)
"""What a compound file is ([MS-CFB]), by the part that shows it."""

_APPLE = (b"Index/Document.iwa", b"index.apxl", b"Index.zip", b"uildVersionHistory.plist")
_OFFICE = msg("file.old-office", "This file is from an older program; save it as .docx, .xlsx, .pptx or PDF first.")
_STREAM = msg("file.stream", "This file only points to a network stream, which Lectern never opens.")
_REFUSED: tuple[tuple[bytes, Message], ...] = (
    (_ZIP, _ARCHIVE),
    (MAGIC, _OFFICE),
    (
        b"%!PS",
        msg(
            "file.postscript",
            "This is a PostScript file, which is a program and is never run; convert it to PDF first.",
        ),
    ),
    (b"8BPS", msg("file.photoshop", "This is a Photoshop file; export it as PNG first.")),
    (b"\xff\x0a", _JPEG_XL),
    (b"\0\0\0\x0cJXL ", _JPEG_XL),
    (
        b"#EXTM3U",
        msg(
            "file.playlist",
            "This is a playlist that points to other files or to the network, and Lectern never follows it.",
        ),
    ),
    (b"v=0\n", _STREAM),
    (b"v=0\r\n", _STREAM),
)


def check_file(path: Path) -> os.stat_result:
    """The file's status, where it is a plain file with something in it. Raises ``IngestError``."""
    try:
        status = path.stat()
    except FileNotFoundError:
        raise IngestError(msg("file.missing", "There is no such file; it may have been moved or renamed.")) from None
    except PermissionError:
        raise IngestError(
            msg("file.permission", "You do not have permission to open this file; check its permissions.")
        ) from None
    except (OSError, ValueError) as error:
        raise IngestError(msg("file.unreachable", "This file cannot be reached: {why}.", why=_because(error))) from None
    if stat.S_ISDIR(status.st_mode):
        raise IngestError(msg("file.folder", "This is a folder; choose the files inside it."))
    if not stat.S_ISREG(status.st_mode):
        raise IngestError(msg("file.device", "This is a device, a pipe or a socket, and only regular files are read."))
    if status.st_size == 0:
        raise IngestError(msg("file.empty", "The file is empty (0 bytes); it may not have been downloaded completely."))
    return status


def sniff(path: Path) -> Form:
    """The form of the file. Raises ``IngestError`` for everything that no reader takes."""
    status = check_file(path)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            directory = directory_of(file) if head.startswith(_ZIP) else b""
            form = form_of(head, path.suffix.lower(), directory, file)
    except PermissionError:
        raise IngestError(
            msg("file.permission", "You do not have permission to open this file; check its permissions.")
        ) from None
    except OSError as error:
        raise IngestError(msg("file.unreadable", "This file cannot be read: {why}.", why=_because(error))) from None
    limit = KINDS[form.kind].most_bytes
    if status.st_size > limit:
        raise IngestError(too_large(limit))
    return form


def too_large(limit: int) -> Message:
    """A sentence about a file with more than ``limit`` bytes."""
    return msg(
        "file.too-large",
        "The file is larger than the limit of {limit} for this kind of file.",
        limit=megabytes(limit),
    )


def settled(path: Path, form: Form, password: str | None = None) -> Form:
    """The form of a file after it has been opened, where only that tells. In child processes only."""
    tells = KINDS[form.kind].tells
    told: Form = imported(tells)(path, form.format, password) if tells else form
    return told


def form_of(head: bytes, suffix: str = "", directory: bytes = b"", file: BinaryIO | None = None) -> Form:
    """What a file that starts with ``head`` is. Raises ``IngestError``.

    ``suffix`` decides between kinds of text; ``directory`` is a zip archive's list of its parts; ``file`` is the file
    itself, for what only a look further into it tells.
    """
    # A mark at the very beginning tells more than one further in, which may be that of a file inside.
    for one in sorted(FORMATS, key=lambda one: not head.startswith(one.signatures)):
        begins = head.startswith(one.signatures) or one.matches(head) or (one.inside and one.inside in directory)
        if begins and (one.confirms is None or (file is not None and one.confirms(file))):
            return one.form
    for prefix, message in _REFUSED:
        if head.startswith(prefix):
            raise IngestError(_more_exactly(head, directory, file) or message)
    refused = _marked_up(head)
    if refused or not _is_text(head):
        raise IngestError(refused or _UNKNOWN)
    texts = [one for one in FORMATS if one.text]
    return next((one.form for one in texts if suffix in one.suffixes), texts[0].form)


def _more_exactly(head: bytes, directory: bytes, file: BinaryIO | None) -> Message | None:
    """What a compound file or an archive that no reader takes is, as far as its parts tell."""
    if head.startswith(MAGIC) and file is not None:
        file.seek(0)
        start, top = file.read(_MOST_LOOKED), names_at_top(file)
        told = (message for name, message in _OLDER if (name in top if top else _part(name) in start))
        return next(told, None if top else _INCOMPLETE)
    if head.startswith(_ZIP) and file is not None:
        if not directory:
            return _INCOMPLETE
        if b"xl/workbook.bin" in directory:
            return msg("file.binary-excel", "This is a binary Excel workbook (.xlsb); save it as .xlsx first.")
        if any(part in directory for part in _APPLE):
            return msg(
                "file.apple", "This is a file of Pages, Numbers or Keynote; export it as PDF or for Office first."
            )
    return None


def _part(name: str) -> bytes:
    """A part's name as the directory of a compound file has it: from the beginning to the end of a name."""
    return name.encode("utf-16-le") + b"\0\0"


def _marked_up(head: bytes) -> Message | None:
    """A sentence about text that is written to look otherwise."""
    text = head.decode("utf-8", errors="replace")
    if re.search(r"<svg[\s>]", text) and re.match(r"\s*<", text):
        return msg("file.svg", "This is an SVG drawing, which cannot be read; save it as PNG or PDF.")
    return None


def _is_text(head: bytes) -> bool:
    """Whether there is no byte that text never has, in one of the encodings that begin with a mark, or any other."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return not _CONTROLS.search(head[: len(head) & ~3].decode("utf-32", errors="replace"))
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return not _CONTROLS.search(head.decode("utf-16", errors="replace"))
    half = max(1, len(head) // 2)
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head[start::2].count(0) > 0.6 * half:
            return not _CONTROLS.search(head.decode(encoding, errors="replace"))
    return b"\0" not in head and len(_CONTROLS.findall(head.decode("latin-1"))) * _FEW <= len(head)


def _because(error: OSError | ValueError) -> str:
    """The system's own words, without the path."""
    return (error.strerror if isinstance(error, OSError) else None) or "its name is not valid"
