"""One page as recognition sees it: pictures that may hold words, and where they are on the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from app.ingest.formats.policy import Recognised, beside_text
from app.ingest.ocr.engine import FoundLine
from app.ingest.ocr.reading import MOST_PIXELS, Hint, Reading, read_picture
from app.ingest.types import Box

_SURE_IN_PART = 0.7
"""In pictures within a page, which are photographs more often than not, less sure lines are no text."""

_SHARED = 0.3


@dataclass(slots=True)
class Sheet:
    """``parts``: each picture with its box in the page's unit. ``whole``: it is the page itself.

    ``taken``: boxes of lines that the text layer has already; nothing is read from under them. ``drawn`` gives the page
    as an RGB picture of (height, width) pixels. ``replaces``: what is read replaces the text layer.
    """

    width: float
    height: float
    parts: list[tuple[Image.Image, Box]]
    whole: bool
    replaces: bool
    drawn: Callable[[int, int], Image.Image]
    taken: Sequence[Box] = ()


def recognised(sheet: Sheet, engine: Any, hint: Hint, seconds: float) -> Reading:
    """What is read from all parts, in the page's unit; of parts of a page only what is certain to be print."""
    if sheet.whole:
        image, box = sheet.parts[0]
        found = read_picture(image, engine, hint, seconds)
        found.blocks = [[_scaled(line, image.size, box) for line in block] for block in found.blocks]
        return found
    result = Reading(language=hint.language)
    for image, box in sheet.parts:
        found = read_picture(image, engine, Hint(0, result.language), seconds / len(sheet.parts))
        result.language, result.complete = found.language, result.complete and found.complete
        for block in found.blocks:
            lines = [_scaled(line, image.size, box) for line in block if line.confidence >= _SURE_IN_PART]
            lines = [line for line in lines if not any(_shared(line.box, taken) for taken in sheet.taken)]
            result.blocks += [lines] if lines else []
    return result


def decided(sheet: Sheet, words: int, sure: float, turn: int, request: dict[str, Any]) -> Recognised:
    """How the page goes to the model now (``policy.beside_text``)."""
    return beside_text(
        words,
        sure,
        turn,
        mode=request["mode"],
        budget=request["budget"],
        chosen=request["chosen"],
        on_card=request["on_card"],
        whole=sheet.whole,
    )


def pixels_for(width: float, height: float, longest: float) -> tuple[int, int]:
    """Width and height in pixels at the given pixels a unit, within what is read at a time."""
    scale = min(longest, (MOST_PIXELS / max(1.0, width * height)) ** 0.5)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _scaled(line: FoundLine, size: tuple[int, int], box: Box) -> FoundLine:
    across, down = (box[2] - box[0]) / size[0], (box[3] - box[1]) / size[1]
    for word in line.words:
        x0, y0, x1, y1 = word.box
        word.box = (box[0] + x0 * across, box[1] + y0 * down, box[0] + x1 * across, box[1] + y1 * down)
    return line


def _shared(one: Box, other: Box) -> bool:
    """Whether a good part of ``one`` is under ``other``."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return False
    return width * height > _SHARED * max(1e-6, (one[2] - one[0]) * (one[3] - one[1]))
