"""Subtitle files from the disk: their text in whatever encoding, and the ones that lie beside a video."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from app.ingest.formats.subtitles.kind import SUFFIXES
from app.ingest.formats.text.decoding import decoded
from model.messages import Message, msg, msg_n

_MOST_BYTES = 16 << 20
_MOST_ENTRIES = 20_000
"""Entries of a folder that are looked at."""

_MOST_BESIDE = 8


def read_text(path: Path) -> tuple[str, str, bool]:
    """The file's text, the encoding where it was guessed, and whether it was cut. Raises ``OSError``."""
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    text, guessed = decoded(data[:_MOST_BYTES])
    return text, guessed, len(data) > _MOST_BYTES


def beside(path: Path) -> list[Path]:
    """The subtitle files of a video or recording: ``clip.srt``, ``clip.en.vtt``; the shortest names first."""
    stem = path.stem.casefold()
    found: list[Path] = []
    try:
        with os.scandir(path.parent) as entries:
            for entry in islice(entries, _MOST_ENTRIES):
                name = entry.name.casefold()
                if name.startswith(f"{stem}.") and name.endswith(SUFFIXES) and entry.is_file():
                    between = name[len(stem) : -4]
                    if between.count(".") <= 2 and len(between) <= 24:
                        found.append(Path(entry.path))
    except OSError:
        return []
    return sorted(found, key=lambda one: (len(one.name), one.name))[:_MOST_BESIDE]


def guessed_note(encoding: str) -> Iterator[Message]:
    """A note where the encoding was guessed."""
    if encoding:
        yield msg(
            "text.encoding-guessed",
            "The file does not say how its characters are encoded; it was read as {encoding}.",
            encoding=encoding,
        )


def damaged_note(count: int) -> Iterator[Message]:
    """A note on cues that could not be read."""
    if count:
        yield msg_n(
            "subtitles.damaged",
            "{n} subtitle is damaged and was left out.",
            "{n} subtitles are damaged and were left out.",
            count,
        )
