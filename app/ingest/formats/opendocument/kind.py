"""OpenDocument texts, spreadsheets and presentations as a kind of file."""

from __future__ import annotations

from collections.abc import Callable

from app.ingest.filekind import FileKind, Form, Format
from app.ingest.limits import MIB
from model.messages import msg

_TYPE = b"application/vnd.oasis.opendocument."


def _says(kind: bytes) -> Callable[[bytes], bool]:
    """Whether the archive begins with the part that names its type, as the standard asks (part 2, section 3.3)."""
    begins = b"mimetype" + _TYPE + kind
    return lambda head: head.startswith(b"PK\x03\x04") and head[30:].startswith(begins)


def _format(form: str, kind: str, suffixes: tuple[str, ...]) -> Format:
    mime = _TYPE.decode() + kind
    return Format(
        Form("opendocument", form),
        suffixes,
        matches=_says(kind.encode()),
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
