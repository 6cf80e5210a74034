"""Word documents as a kind of file."""

from __future__ import annotations

from app.ingest.filekind import FileKind, Form, Format
from app.ingest.limits import MIB
from model.messages import msg

WORD = FileKind(
    name="word",
    title=msg("kind.word", "Word document"),
    noun="Word document",
    icon="pdf",
    formats=(
        Format(
            Form("word", "docx"),
            (".docx", ".docm", ".dotx", ".dotm"),
            inside=b"word/document",
            mime=("application/vnd.openxmlformats-officedocument.wordprocessingml.document",),
            uti=("org.openxmlformats.wordprocessingml.document",),
        ),
    ),
    most_bytes=512 * MIB,
    view="pages",
    modes=True,
    layout="app.ingest.formats.word.layout:lay_out",
    attached="app.ingest.formats.laid_out.embedded:take_out",
)
