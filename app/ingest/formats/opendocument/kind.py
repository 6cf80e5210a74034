"""OpenDocument texts, spreadsheets and presentations as a kind of file."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from app.ingest.filekind import FileKind, Form, Format
from app.ingest.limits import MIB
from app.ingest.zip_directory import beginning_of, directory_of
from model.messages import msg

_TYPE = b"application/vnd.oasis.opendocument."


def _is(kind: bytes) -> Callable[[BinaryIO], bool]:
    """Whether the part that names the archive's type names this one.

    The standard wants it first (part 2, section 3.3), and not every program keeps to that.
    """

    def confirms(file: BinaryIO) -> bool:
        return beginning_of(file, directory_of(file), "mimetype").startswith(_TYPE + kind)

    return confirms


def _format(form: str, kind: str, suffixes: tuple[str, ...]) -> Format:
    mime = _TYPE.decode() + kind
    return Format(
        Form("opendocument", form),
        suffixes,
        inside=b"mimetype",
        confirms=_is(kind.encode()),
        mime=(mime, f"{mime}-template"),
        uti=(f"org.oasis-open.opendocument.{kind}",),
    )


OPENDOCUMENT = FileKind(
    name="opendocument",
    title=msg("kind.opendocument", "OpenDocument"),
    noun="OpenDocument file",
    icon="pdf",
    formats=(
        _format("odt", "text", (".odt", ".ott")),
        _format("ods", "spreadsheet", (".ods", ".ots")),
        _format("odp", "presentation", (".odp", ".otp")),
    ),
    most_bytes=512 * MIB,
    view="pages",
    modes=True,
    layout="app.ingest.formats.opendocument.layout:lay_out",
)
