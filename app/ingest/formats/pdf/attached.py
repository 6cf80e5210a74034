"""One of the files that are attached to a PDF, or that a portfolio is made of, as bytes."""

from __future__ import annotations

from pathlib import Path

from app.ingest.attached import EMPTY, MAX_ATTACHED_BYTES, NO_SUCH, TOO_LARGE
from app.ingest.formats.mupdf import mupdf, open_pdf
from app.ingest.formats.pdf.inside import inside_of
from model.errors import IngestError

_START = 1 << 16


def take_out(path: Path, _form: str, password: str | None, number: int) -> bytes:
    """The file with this number, counted from 0 as they are listed. Raises ``IngestError``.

    No more than the limit is ever unpacked, however much its stream would give.
    """
    with open_pdf(path, password) as document:
        files = inside_of(document).files
        if number >= len(files) or files[number].stream is None:
            raise IngestError(NO_SUCH)
        try:
            stream = mupdf.pdf_open_stream(files[number].stream)
            bounded = mupdf.fz_open_null_filter(stream, MAX_ATTACHED_BYTES + 1, 0)
            data: bytes = mupdf.fz_buffer_extract(mupdf.fz_read_all(bounded, _START))
        except MemoryError:
            raise
        except Exception:  # MuPDF's errors share no useful base
            raise IngestError(EMPTY) from None
    if len(data) > MAX_ATTACHED_BYTES:
        raise IngestError(TOO_LARGE)
    return data
