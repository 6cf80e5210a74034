"""A subtitle file by itself, to be laid out: each cue's time and words. The time is what a cue is called."""

from __future__ import annotations

from pathlib import Path

from app.ingest.cues import MAX_CUES
from app.ingest.formats.laid_out.content import CUT, SPOT, Content, Note, escaped
from app.ingest.formats.subtitles.reading import damaged_note, guessed_note, read_text
from app.ingest.formats.subtitles.written import parsed
from app.ingest.types import WHOLE_FILE
from app.text.times import h_mm_ss
from model.errors import IngestError
from model.messages import msg

_STYLE = "p{margin:0 0 5pt 0} b{font-family:monospace}"


def lay_out(path: Path, _form: str) -> Content:
    """The file's content. Raises ``IngestError``."""
    text, guessed, cut = read_text(path)
    found = parsed(text, MAX_CUES)
    if not found.cues:
        raise IngestError(
            msg("subtitles.none", "No subtitles with times can be read; the file is damaged or holds no subtitles.")
        )
    notes = [Note(WHOLE_FILE, why) for why in (*guessed_note(guessed), *damaged_note(found.damaged))]
    if cut or len(found.cues) >= MAX_CUES:
        notes.append(CUT)
    body, spots = [], []
    for cue in found.cues:
        spots.append(h_mm_ss(cue.start_s))
        times = f"{h_mm_ss(cue.start_s)} – {h_mm_ss(cue.end_s)}"
        words = "<br/>".join(escaped(line) for line in cue.text.split("\n"))
        body.append(f"<p>{SPOT}<b>{times}</b> {words}</p>")
    return Content("".join(body), tuple(notes), _STYLE, spots=tuple(spots))
