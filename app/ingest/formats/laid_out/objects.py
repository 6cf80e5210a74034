"""What in office files is not read: newer kinds of charts, and other programs' objects.

They are counted by the archive's list and its relations, without a look into them, so that the coverage can name them.
Charts whose numbers are stored beside them are read (``charts``), so are OpenDocument's own objects, and what is
embedded in Office's files is listed as attached (``embedded``).
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from pathlib import Path

from app.ingest.formats.laid_out.content import Note
from app.ingest.types import WHOLE_FILE
from model.messages import msg_n

OFFICE = frozenset({"docx", "pptx", "xlsx", "odt", "ods", "odp"})
_CHART = re.compile(rb"/relationships/chartEx\"")
_OBJECT = re.compile(r"Object \d+")
_MOST_RELATIONS = 4 << 20


def left_objects(path: Path, form: str) -> tuple[Note, ...]:
    """A note for each sort of thing in the file that is not read; nothing for a file of another kind."""
    if form not in OFFICE:
        return ()
    with zipfile.ZipFile(path) as archive:
        found = _related(archive) if form in ("docx", "pptx", "xlsx") else _inside(archive)
    notes = []
    if charts := found["chart"]:
        why = msg_n(
            "objects.charts",
            "A chart is not read: its numbers are not stored as a table. Save the file as PDF to have its words read.",
            "{n} charts are not read: their numbers are not stored as tables. Save the file as PDF to have their words "
            "read.",
            charts,
        )
        notes.append(Note(WHOLE_FILE, why))
    if objects := found["object"]:
        why = msg_n(
            "objects.embedded",
            "An embedded object from another program is not read; save it as a separate file.",
            "{n} embedded objects from other programs are not read; save them as separate files.",
            objects,
        )
        notes.append(Note(WHOLE_FILE, why))
    return tuple(notes)


def _related(archive: zipfile.ZipFile) -> Counter[str]:
    """Of Office's files: charts of the newer sorts, such as waterfalls, by the relations of the parts."""
    lists = [one for one in archive.infolist() if one.filename.endswith(".rels") and one.file_size <= _MOST_RELATIONS]
    return Counter(chart=sum(len(_CHART.findall(archive.read(one))) for one in lists))


def _inside(archive: zipfile.ZipFile) -> Counter[str]:
    """Of OpenDocument's: objects of other programs, each one file; OpenDocument's own are folders, and are read."""
    return Counter(object=sum(bool(_OBJECT.fullmatch(name)) for name in archive.namelist()))
