"""Files that are inside of other files: attached to a mail, embedded in a PDF. What is known of them before they are
taken out, and the limits on taking them out."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from app.ingest.limits import MIB
from app.text.file_names import fit_name
from model.errors import IngestError
from model.messages import msg

MAX_ATTACHED = 1000
"""Files that one document lists."""

MAX_ATTACHED_BYTES = 63 * MIB
"""The largest file that is taken out of another one; the process that does it may write no longer file."""

MAX_ATTACHED_DEPTH = 3
"""How far files within files are followed where nobody looks: on the command line."""

MAX_ATTACHED_FILES = 200
MAX_ATTACHED_TOTAL = 512 * MIB
"""Of one command."""

NO_SUCH = msg("attached.no-such", "This attached file is no longer available; read the file it is attached to again.")
TOO_LARGE = msg(
    "attached.too-large",
    "The attached file is larger than {limit} MB; save it with another program and add it from there.",
    limit=MAX_ATTACHED_BYTES // MIB,
)
EMPTY = msg("attached.empty", "The attached file is empty (0 bytes), or its contents are elsewhere.")


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file inside of another one. ``number`` counts from 0; ``size`` is in bytes, ``None`` where nobody knows."""

    number: int
    name: str
    size: int | None = None


def place(written: Path, folder: Path, name: str) -> Path:
    """A copy of ``written`` in ``folder``, called as near to ``name`` as is safe and free. Raises ``IngestError``."""
    fit = Path(fit_name(name, "attached file"))
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for number in count(1):
            path = folder / (fit.name if number == 1 else f"{fit.stem} ({number}){fit.suffix}")
            try:
                with path.open("xb") as target, written.open("rb") as source:
                    shutil.copyfileobj(source, target)
            except FileExistsError:
                continue
            return path
    except OSError as error:
        why = error.strerror or "the disk refused"
        raise IngestError(
            msg("attached.not-written", "The attached file cannot be saved: {why}; free some disk space.", why=why)
        ) from None
    raise AssertionError
