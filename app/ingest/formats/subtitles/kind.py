"""Subtitle files as a kind of file."""

from __future__ import annotations

from app.ingest.filekind import FileKind, Form, Format
from app.ingest.limits import MIB
from model.messages import msg

SUFFIXES = (".srt", ".vtt")

SUBTITLES = FileKind(
    name="subtitles",
    title=msg("kind.subtitles", "Subtitles"),
    noun="subtitle file",
    icon="pdf",
    formats=(
        Format(Form("subtitles", "srt"), (".srt",), text=True, mime=("application/x-subrip",)),
        Format(Form("subtitles", "vtt"), (".vtt",), text=True, mime=("text/vtt",)),
    ),
    most_bytes=64 * MIB,
    view="pages",
    modes=True,
    layout="app.ingest.formats.subtitles.layout:lay_out",
)
