"""PDF as a kind of file."""

from __future__ import annotations

from app.ingest.filekind import FileKind, Form, Format
from app.ingest.limits import MIB
from model.messages import msg


def _is_pdf(head: bytes) -> bool:
    """The mark may be behind some other bytes, but not in a compound file: an Outlook mail with a PDF has it too."""
    return b"%PDF-" in head[:1029] and not head.startswith(b"\xd0\xcf\x11\xe0")


PDF = FileKind(
    name="pdf",
    title=msg("kind.pdf", "PDF"),
    noun="PDF",
    icon="pdf",
    formats=(
        Format(
            Form("pdf", "pdf"),
            (".pdf",),
            matches=_is_pdf,
            mime=("application/pdf",),
            uti=("com.adobe.pdf",),
        ),
    ),
    most_bytes=2048 * MIB,
    view="pages",
    modes=True,
    reader="app.ingest.formats.pdf.reader:read_pdf",
    closer="app.ingest.formats.pdf.closer:part_of_page",
    shown="app.ingest.view.shown_pdf:ShownPdf",
    sheet="app.ingest.formats.pdf.scans:sheet_of_page",
    searchable="app.ingest.searchable.making:of_pdf",
    attached="app.ingest.formats.pdf.attached:take_out",
)
