"""One of the files that are attached to a mail, or to one of the mails in a mailbox, as bytes."""

from __future__ import annotations

from itertools import chain, islice
from pathlib import Path

from app.ingest.attached import NO_SUCH
from app.ingest.formats.mail.layout import mails_in
from app.ingest.formats.mail.parts import attached_to, bytes_of
from model.errors import IngestError


def take_out(path: Path, form: str, _password: str | None, number: int) -> bytes:
    """The file with this number, counted from 0 as they are listed. Raises ``IngestError``."""
    mails = (one() for one in mails_in(path, form))
    part = next(islice(chain.from_iterable(map(attached_to, mails)), number, None), None)
    if part is None:
        raise IngestError(NO_SUCH)
    return bytes_of(part)
