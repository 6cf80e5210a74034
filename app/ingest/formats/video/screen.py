"""The pictures that a video shows, about two a second. In the recognising process only."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from app.ingest.formats.video.reader import Sampler, duration_of, open_container, video_stream
from app.ingest.ocr.screen import VERY_LONG_S
from app.ingest.ocr.watching import SMALL, Screen, Shown

STEP_S, LONG_STEP_S = 0.5, 1.0
LONG_S = 600.0
"""Longer videos are looked at every second."""

_LONGEST = 1920
"""Pixels of a frame's longer side: text on larger screens is larger, too."""


@contextmanager
def screen_of(path: Path, form: str, request: dict[str, Any]) -> Iterator[Screen]:
    """The frames from second ``request["from"]`` on. Raises ``IngestError``."""
    with open_container(path, form) as container:
        stream = video_stream(container)
        duration = duration_of(container, stream)
        stream.codec_context.skip_frame = "NONKEY" if duration > VERY_LONG_S else "NONREF"
        yield Screen(duration, _shown(container, stream, request["from"], duration))


def _shown(container: Any, stream: Any, start: float, duration: float) -> Iterator[Shown]:
    sampler = Sampler(container, stream)
    step = STEP_S if duration <= LONG_S else LONG_STEP_S
    last, small = -math.inf, None
    for number in range(max(1, math.ceil((duration - start) / step - 0.001))):
        at = start + number * step
        found = sampler.at(at)
        if found is None:
            return
        if small is None or found.time > last:
            at = min(at, max(start, found.time))  # since then it is there
            last, small = found.time, found.within(stream, SMALL).convert("L")
        yield Shown(at, small, partial(found.within, stream, _LONGEST))
