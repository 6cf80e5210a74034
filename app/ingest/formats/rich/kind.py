"""Rich text as a kind of file."""

from __future__ import annotations

from app.ingest.filekind import FileKind, Form, Format
from app.ingest.limits import MIB
from model.messages import msg

RICH = FileKind(
    name="rich",
    title=msg("kind.rich-text", "Rich text"),
    noun="rich text document",
    icon="pdf",
    formats=(
        Format(
            Form("rich", "rtf"),
            (".rtf",),
            (b"{\\rtf",),
            mime=("application/rtf", "text/rtf"),
            uti=("public.rtf",),
        ),
    ),
    most_bytes=256 * MIB,
    view="pages",
    modes=True,
    layout="app.ingest.formats.rich.layout:lay_out",
)
