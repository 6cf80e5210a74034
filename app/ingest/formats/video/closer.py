"""A part of a video's frame as an image, for a closer look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from app.ingest.formats.pictures import to_budget
from app.ingest.formats.region import Shares, cut
from app.ingest.formats.video.reader import Sampler, duration_of, open_container, video_stream
from model.errors import IngestError
from model.messages import msg


def part_of_frame(path: Path, form: str, request: dict[str, Any]) -> tuple[Image.Image, float]:
    """The part that ``request`` names, and the second by which to name it. Raises ``IngestError``."""
    return _drawn(path, form, request["time"], tuple(request["box"]), request["budget"])


def _drawn(path: Path, form: str, time_s: float, box: Shares, budget: int) -> tuple[Image.Image, float]:
    """The frame that is on the screen at ``time_s``, and the time by which to name it."""
    with open_container(path, form) as container:
        stream = video_stream(container)
        found = Sampler(container, stream).at(time_s)
        if found is None:
            raise IngestError(msg("video.no-frame-here", "There is no frame at this time that can be decoded."))
        image, _ = found.image(stream)
        end = max(found.time, duration_of(container, stream))
    # As for the frames of the whole video: the frame on the screen at 00:01 is named 00:01, though it begins before.
    return to_budget(cut(image, box), budget), min(max(0.0, time_s), end)
