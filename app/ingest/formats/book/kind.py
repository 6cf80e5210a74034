"""Electronic books and XPS files as kinds of files."""

from __future__ import annotations

from typing import BinaryIO

from app.ingest.filekind import FileKind, Form, Format
from app.ingest.limits import MIB
from app.ingest.zip_directory import directory_of, names_in
from model.messages import msg

LAYOUT = "app.ingest.formats.book.layout:lay_out"


def _is_epub(head: bytes) -> bool:
    return head.startswith(b"PK\x03\x04") and head[30:].startswith(b"mimetypeapplication/epub+zip")


def _is_fictionbook(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml") and b"<FictionBook" in head


def _is_zipped_fictionbook(file: BinaryIO) -> bool:
    """Whether an archive holds one FictionBook and nothing else (``.fb2.zip``)."""
    names = names_in(directory_of(file))
    return len(names) == 1 and names[0].casefold().endswith(".fb2")


BOOK = FileKind(
    name="book",
    title=msg("kind.book", "Book"),
    noun="book",
    icon="pdf",
    formats=(
        Format(
            Form("book", "epub"),
            (".epub",),
            matches=_is_epub,
            inside=b"META-INF/container.xml",
            mime=("application/epub+zip",),
            uti=("org.idpf.epub-container",),
        ),
        Format(Form("book", "fb2"), (".fb2",), matches=_is_fictionbook, mime=("application/x-fictionbook+xml",)),
        Format(
            Form("book", "fbz"),
            (".fbz",),
            inside=b".fb2",
            confirms=_is_zipped_fictionbook,
            mime=("application/x-zip-compressed-fb2",),
        ),
        Format(
            Form("book", "mobi"),
            (".mobi", ".prc"),
            matches=lambda head: head[60:68] == b"BOOKMOBI",
            mime=("application/x-mobipocket-ebook",),
        ),
    ),
    most_bytes=256 * MIB,
    view="pages",
    modes=True,
    layout=LAYOUT,
)

XPS = FileKind(
    name="xps",
    title=msg("kind.xps", "XPS document"),
    noun="XPS document",
    icon="pdf",
    formats=(
        Format(
            Form("xps", "xps"),
            (".xps", ".oxps"),
            inside=b".fdseq",
            mime=("application/oxps", "application/vnd.ms-xpsdocument"),
        ),
    ),
    most_bytes=256 * MIB,
    view="pages",
    modes=True,
    layout=LAYOUT,
)
