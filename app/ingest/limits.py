"""How much one file may ask of us. Every limit is named in the message when it bites."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024

MAX_PAGES = 2000
MAX_PAGE_TEXT = 400_000
"""Characters of one page's text layer."""

MAX_LINES = 20_000
"""Lines of one page's text layer."""

MAX_WORDS = 50_000
"""Words that may be read from one page's picture."""

MAX_IMAGE_PIXELS = 50_000_000
MAX_RENDER_SIDE = 60_000
MAX_FRAMES = 512
MAX_SECONDS = 10_000_000
"""Seconds of a recording that progress may count."""
MAX_PIECES = 2000
"""Pieces of one file's sound that are given to a model at once."""
MAX_FRAME_PIXELS = 8192 * 4320
MAX_SKIPPED = 5000
"""Notes that one document may carry."""

THUMBNAIL_PX = 160
MAX_THUMBNAIL_BYTES = 256 * 1024
MAX_MESSAGE_BYTES = 32 * MIB
MAX_SENTENCE = 600
MAX_MESSAGE = 5 * MAX_SENTENCE
"""Characters of several sentences in a row."""
MAX_PASSWORD = 1000
"""Characters; PDF itself uses at most 127 bytes."""

SPOOL_BYTES = 6144 * MIB
"""Raw pictures that one reader may keep in the temporary folder at a time."""

MEMORY_BYTES = 3072 * MIB
"""Memory of the reading process."""

WRITTEN_FILE_BYTES = 64 * MIB
"""The longest file that it may write; a raw picture takes 8 MB at most."""

SAVED_FILE_BYTES = 8192 * MIB
"""The longest searchable PDF: about four times as large as the largest PDF that is read."""

NICENESS = 5
"""How far reading and drawing step back behind the window, as the engine's threads do (``app.engine.threads.machine``):
the window goes first, and beside pages that are drawn an answer keeps its share of the processor."""

CPU_CORES = 2
"""How many cores it may keep busy until its deadline: as many as decode a video."""

IDLE_CPU_S = 10.0
"""Seconds of processor time that it may use while nothing is asked of it."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. ``unit_s`` is for opening a file, for one page and for one frame; ``file_s`` for all of it."""

    start_s: float = 60.0
    unit_s: float = 20.0
    file_s: float = 1800.0
    alarm_margin_s: float = 10.0
    """How much later than ``unit_s`` a hung process ends by itself, should the app no longer be there."""


MAX_RESTARTS = 3
"""How many pages of one file may crash or hang before the file is given up."""


def megabytes(count: int) -> str:
    """A number of bytes for the user."""
    return f"{count // MIB} MB" if count < 1024 * MIB else f"{count // (1024 * MIB)} GB"
