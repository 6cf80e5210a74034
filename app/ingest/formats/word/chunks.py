"""Documents of other kinds embedded in a Word document's text (``altChunk``; ECMA-376, part 1, section 17.17.2)."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath

from app.ingest.filekind import imported
from app.ingest.formats.laid_out.content import Content
from app.ingest.kinds import KINDS, sniff
from model.errors import IngestError

_KINDS = ("web", "mail", "rich", "text")
"""Word is not among them: a document could contain itself."""


def chunk_of(data: bytes, name: str) -> Content | None:
    """The content of a part, by what its bytes are; nothing where it cannot be read."""
    with tempfile.NamedTemporaryFile(suffix=PurePosixPath(name).suffix.replace(".htm", ".html")[:6]) as file:
        file.write(data)
        file.flush()
        path = Path(file.name)
        try:
            form = sniff(path)
            if form.kind not in _KINDS:
                return None
            content: Content = imported(KINDS[form.kind].layout)(path, form.format)
        except IngestError:
            return None
        return content
