"""PDF as a kind of file."""

from __future__ import annotations

from app.i18n import tr
from app.ingest.filekind import FileKind, Form, Format
from app.ingest.limits import MIB

PDF = FileKind(
    name="pdf",
    title=lambda: tr("PDF"),
    noun="PDF",
    icon="pdf",
    formats=(
        Format(
            Form("pdf", "pdf"),
            (".pdf",),
            matches=lambda head: b"%PDF-" in head[:1029],
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
    attached="app.ingest.formats.pdf.attached:take_out",
)
