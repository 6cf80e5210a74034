"""Presentations as a kind of file."""

from __future__ import annotations

from app.ingest.filekind import FileKind, Form, Format
from app.ingest.limits import MIB
from model.messages import msg

SLIDES = FileKind(
    name="slides",
    title=msg("kind.presentation", "Presentation"),
    noun="presentation",
    icon="pdf",
    formats=(
        Format(
            Form("slides", "pptx"),
            (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm"),
            inside=b"ppt/presentation.xml",
            mime=("application/vnd.openxmlformats-officedocument.presentationml.presentation",),
            uti=("org.openxmlformats.presentationml.presentation",),
        ),
    ),
    most_bytes=1024 * MIB,
    view="pages",
    modes=True,
    layout="app.ingest.formats.slides.layout:lay_out",
    attached="app.ingest.formats.laid_out.embedded:take_out",
)
