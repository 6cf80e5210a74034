"""Encrypted office files as a kind of file, until the password tells which kind they are."""

from __future__ import annotations

from typing import BinaryIO

from app.ingest.attached import MAX_ATTACHED_BYTES
from app.ingest.compound import MAGIC, names_at_top
from app.ingest.filekind import FileKind, Form, Format
from model.messages import msg


def _is_encrypted(file: BinaryIO) -> bool:
    """Whether a compound file is an encrypted package ([MS-OFFCRYPTO], section 2.3.4)."""
    return {"EncryptedPackage", "EncryptionInfo"} <= names_at_top(file)


PROTECTED = FileKind(
    name="protected",
    title=msg("kind.protected", "Office file with a password"),
    noun="office file",
    icon="pdf",
    formats=(Format(Form("protected", "encrypted"), (), (MAGIC,), confirms=_is_encrypted),),
    # The confined process writes no longer file, and what is inside is about as large.
    most_bytes=MAX_ATTACHED_BYTES,
    view="pages",
    modes=True,
    tells="app.ingest.formats.protected.unlocking:what_it_is",
    attached="app.ingest.formats.laid_out.embedded:take_out",
)
